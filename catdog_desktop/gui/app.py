"""Start: from the arguments to a window on the screen, and whatever goes wrong on the way or later."""

import argparse
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from catdog_desktop import __version__
from catdog_desktop.commands.arguments import model_folder as named_model
from catdog_desktop.file_kinds import has_model_suffix
from catdog_desktop.gui.display_check import display_problem
from catdog_desktop.inference.installed_models import find_model
from catdog_desktop.inference.model_file import ModelError
from catdog_desktop.paths import default_model, log_file, settings_file, shipped
from catdog_desktop.settings import Settings, load_settings

if TYPE_CHECKING:
    from catdog_desktop.gui.main_window import MainWindow

_log = logging.getLogger("catdog_desktop")


def main(argv: Sequence[str] | None = None) -> int:
    """Open the window with the photos named in `argv` and return the exit status when it is closed."""
    arguments = _parse(sys.argv[1:] if argv is None else argv)
    problem = display_problem()
    if problem is not None:
        print(problem, file=sys.stderr)  # noqa: T201
        return 1
    _start_log()
    # Only now: what comes before must work, or be said, without Qt.
    from PySide6.QtGui import QIcon
    from PySide6.QtWidgets import QApplication

    from catdog_desktop.gui.main_window import MainWindow

    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("CatDog")
    app.setApplicationDisplayName("CatDog")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("catdog-desktop")
    app.setWindowIcon(QIcon(str(shipped("resources", "icons", "catdog-256.png"))))
    settings, complaint = load_settings(settings_file())
    model, missing = model_folder(arguments.model, settings)
    complaint = complaint or missing
    window = MainWindow(model, settings, settings_file())
    with _unexpected_errors(window):
        window.show()
        if complaint is not None:
            window.status.say(complaint)
        window.session.start()
        self_test = _self_test(window, arguments.photos)
        if self_test is None:
            open_given(window, arguments.photos)
        return app.exec()


def _parse(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="catdog-desktop", description="Tell cats from dogs in your photos, offline. Opens a window."
    )
    parser.add_argument(
        "photos", nargs="*", type=Path, metavar="PHOTO", help="photos or folders to classify, or a model to import"
    )
    parser.add_argument("--model", type=Path, metavar="NAME", help="use this model: its name, or its folder")
    parser.add_argument("--version", action="version", version=f"CatDog {__version__}")
    return parser.parse_args(argv)


def model_folder(given: Path | None, settings: Settings) -> tuple[Path, str | None]:
    """Return where the model lies that was given or chosen, and what to say if the chosen one is not there."""
    if given is not None:
        try:
            return named_model(given), None
        except ModelError:  # the window says what is wrong with it, as soon as it is loaded
            return given, None
    if not settings.model:
        return default_model(), None
    try:
        return find_model(settings.model), None
    except ModelError:
        return default_model(), f"The model {settings.model!r} is no longer there; the app's own is used."


def open_given(window: "MainWindow", given: Sequence[Path]) -> None:
    """Add the photos and folders that were named at the start; import a model among them."""
    models = [path for path in given if has_model_suffix(path)]
    window.add([path for path in given if path not in models])
    if models:
        window.models.import_model(models[0].absolute())


def _start_log() -> None:
    """Write warnings and errors to a file; where that cannot be, go without."""
    with contextlib.suppress(OSError):
        path = log_file()
        path.parent.mkdir(parents=True, exist_ok=True)
        # delay=True: a start without errors leaves no file and costs no opening of one.
        handler = RotatingFileHandler(path, maxBytes=500_000, backupCount=1, encoding="utf-8", delay=True)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        _log.addHandler(handler)
        _log.setLevel(logging.WARNING)


@contextlib.contextmanager
def _unexpected_errors(window: "MainWindow") -> Iterator[None]:
    """While the window is open: log errors that nobody caught and show them, instead of ending the app."""

    def on_error(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            window.close()
            return
        _log.error("unexpected error", exc_info=(kind, error or kind(), trace))
        # By signal: the error may come from any thread, a dialog only from this one.
        window.session.failed.emit(error or kind())

    hooks = sys.excepthook, threading.excepthook
    sys.excepthook = on_error
    threading.excepthook = lambda args: on_error(args.exc_type, args.exc_value, args.exc_traceback)
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = hooks


def _self_test(window: "MainWindow", photos: list[Path]) -> object | None:
    """Start the self-test if the environment asks for it (see `gui/self_test.py`)."""
    report = os.environ.get("CATDOG_SELF_TEST")
    if not report:
        return None
    from catdog_desktop.gui.self_test import SelfTest

    return SelfTest(window, photos, Path(report))
