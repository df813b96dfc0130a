"""The start of the window: arguments, log, model, and handling of unexpected errors."""

import argparse
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from catdog_desktop import __version__
from catdog_desktop.build_info import version_text
from catdog_desktop.file_kinds import has_model_suffix
from catdog_desktop.freed_memory import limit_kept_memory
from catdog_desktop.gui.display_check import display_problem
from catdog_desktop.inference.installed_models import find_model
from catdog_desktop.inference.model_file import ModelError
from catdog_desktop.languages.argparse_texts import translate_argparse
from catdog_desktop.languages.choice import start_language
from catdog_desktop.messages import _
from catdog_desktop.paths import default_model, log_file, settings_file, shipped
from catdog_desktop.quick_start import skip_feature_search
from catdog_desktop.settings import Settings, load_settings
from catdog_desktop.single_instance import OpenRequest, RequestListener, claim_window

if TYPE_CHECKING:
    from catdog_desktop.gui.main_window import MainWindow

_log = logging.getLogger("catdog_desktop")


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window with the photos in `argv`. Return the exit status when it is closed."""
    start_language()
    translate_argparse()
    arguments = make_parser().parse_args(sys.argv[1:] if argv is None else argv)
    problem = display_problem()
    if problem is not None:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    listener = None
    if _is_shared(arguments):
        claim = claim_window(
            OpenRequest(tuple(path.absolute() for path in arguments.photos), os.environ.get("XDG_ACTIVATION_TOKEN", ""))
        )
        if claim.handed_over:
            return 0
        listener = claim.listener
    try:
        status = _run(arguments, listener)
    finally:
        if listener is not None:
            listener.close()
    from catdog_desktop.gui.language import RESTART, start_again

    if status == RESTART:
        start_again(sys.argv[1:] if argv is None else argv)
        return 0
    return status


def _is_shared(arguments: argparse.Namespace) -> bool:
    """Whether an open window may take the photos: not if this start asks for a window or a model of its own."""
    return not arguments.new_window and arguments.model is None and not os.environ.get("CATDOG_SELF_TEST")


def _run(arguments: argparse.Namespace, listener: RequestListener | None) -> int:
    """Open the window; return the exit status when it is closed."""
    _start_log()
    limit_kept_memory()
    # Imported here: the checks above must work without Qt.
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    skip_feature_search()
    from catdog_desktop.gui.language import apply_language, system_languages
    from catdog_desktop.gui.main_window import MainWindow
    from catdog_desktop.gui.open_requests import OpenRequests

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("CatDog")
    app.setApplicationDisplayName("CatDog")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("catdog-desktop")
    if sys.platform == "darwin":
        start_language(system_languages())
    apply_language(app)
    app.setWindowIcon(QIcon(str(shipped("resources", "icons", "catdog-256.png"))))
    settings, settings_warning = load_settings(settings_file())
    model, model_warning = model_folder(arguments.model, settings)
    warning = settings_warning or model_warning
    window = MainWindow(model, settings, settings_file())
    with _unexpected_errors(window):
        window.show()
        if warning is not None:
            window.status.say(warning)
        window.session.start()
        self_test = _self_test(window, arguments.photos)
        if self_test is None:
            open_paths(window, arguments.photos)
            if listener is not None:
                OpenRequests(listener, window, open_paths)
            if not settings.tour_seen:
                window.tour.begin()
        return app.exec()


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the window's arguments."""
    parser = argparse.ArgumentParser(
        prog="catdog-desktop", description=_("Find cats and dogs in your photos, offline. Opens a window.")
    )
    parser.add_argument(
        "photos", nargs="*", type=Path, metavar="PHOTO", help=_("photos or folders to classify, or a model to import")
    )
    parser.add_argument("--model", type=Path, metavar="NAME", help=_("use this model: its name or its folder"))
    parser.add_argument(
        "--new-window",
        action="store_true",
        help=_("open another window even if one is open (--model does so, too)"),
    )
    parser.add_argument("--version", action="version", version=version_text(), help=_("show the version and exit"))
    return parser


def model_folder(argument: Path | None, settings: Settings) -> tuple[Path, str | None]:
    """Return the folder of the model in `argument` or in the settings, and a warning if the latter is missing."""
    if argument is not None:
        from catdog_desktop.commands.arguments import model_folder as named_model

        try:
            return named_model(argument), None
        except ModelError:  # Reported by the window when it loads the model.
            return argument, None
    if not settings.model:
        return default_model(), None
    try:
        return find_model(settings.model), None
    except ModelError:
        return default_model(), _("The model {name} was not found. The model of the app is used.").format(
            name=settings.model
        )


def open_paths(window: "MainWindow", paths: Sequence[Path]) -> None:
    """Add the photos and folders among the arguments; import the first model."""
    models = [path for path in paths if has_model_suffix(path)]
    window.add([path for path in paths if path not in models])
    if models:
        window.models.import_model(models[0].absolute())


class _LogFile(logging.Handler):
    """A log of limited size. A start without errors creates no file, and does not import what writes it."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._file: logging.Handler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record to the file."""
        if self._file is None:
            from logging.handlers import RotatingFileHandler

            self._file = RotatingFileHandler(self._path, maxBytes=500_000, backupCount=1, encoding="utf-8")
            self._file.setFormatter(self.formatter)
        self._file.emit(record)

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
        super().close()


def _start_log() -> None:
    """Write warnings and errors to a file, if it can be written."""
    with contextlib.suppress(OSError):
        path = log_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = _LogFile(path)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        _log.addHandler(handler)
        _log.setLevel(logging.WARNING)


@contextlib.contextmanager
def _unexpected_errors(window: "MainWindow") -> Iterator[None]:
    """Log and show exceptions that nobody caught while the window is open, instead of ending the app."""

    def on_error(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        window.show_problem((error or kind()).with_traceback(trace))

    hooks = sys.excepthook, threading.excepthook
    sys.excepthook = on_error
    threading.excepthook = lambda args: on_error(args.exc_type, args.exc_value, args.exc_traceback)
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = hooks


def _self_test(window: "MainWindow", photos: list[Path]) -> object | None:
    """Start the self-test if CATDOG_SELF_TEST is set (see `gui/self_test.py`)."""
    report = os.environ.get("CATDOG_SELF_TEST")
    if not report:
        return None
    from catdog_desktop.gui.self_test import SelfTest

    return SelfTest(window, photos, Path(report))
