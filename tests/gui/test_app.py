"""The start of the window by `gui.app.main`, in this process and in another, and unexpected errors."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import WAIT_MS, app_threads
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gui import app as gui_app
from catdog_desktop.gui.dialogs import CrashDialog
from catdog_desktop.gui.gallery.row_painter import RowPainter
from catdog_desktop.gui.main_window import MainWindow
from catdog_desktop.paths import log_file, settings_file

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _log_of_its_own() -> Iterator[None]:
    log = logging.getLogger("catdog_desktop")
    before = log.handlers[:]
    yield
    for handler in [handler for handler in log.handlers if handler not in before]:
        log.removeHandler(handler)
        handler.close()


class WindowWatcher(QObject):
    """Checks the window of `main` every 20 ms and closes it when the check returns True."""

    def __init__(self, check: Callable[[MainWindow], bool]) -> None:
        super().__init__()
        self._check = check
        self._checks_left = WAIT_MS // 20
        self.passed = False
        self.error: BaseException | None = None
        self._timer = QTimer(self, interval=20)
        self._timer.timeout.connect(self._check_window)
        self._timer.start()

    def _check_window(self) -> None:
        windows = [w for w in QApplication.topLevelWidgets() if isinstance(w, MainWindow) and w.isVisible()]
        if not windows:
            return
        self._checks_left -= 1
        try:
            self.passed = self._check(windows[0])
        except BaseException as error:  # noqa: BLE001 Raised here, the window would show it.
            self.error = error
        if self.passed or self.error is not None or self._checks_left <= 0:
            self._timer.stop()
            windows[0].close()


@pytest.fixture
def start(qtbot: QtBot, model_folder: Path) -> Callable[..., int]:
    """Return a function that runs `main` and closes the window when the check returns True."""

    def run(check: Callable[[MainWindow], bool], *arguments: object, model: Path | None = None) -> int:
        watcher = WindowWatcher(check)
        status = gui_app.main(["--model", str(model or model_folder), *map(str, arguments)])
        if watcher.error is not None:
            raise watcher.error
        assert watcher.passed, "the check never returned True"
        qtbot.waitUntil(lambda: app_threads() == [], timeout=WAIT_MS)
        return status

    return run


def _done(window: MainWindow, photos: int) -> bool:
    return len(window.session.gallery.rows_in(State.DONE)) == photos and not window.session.busy


def test_start_with_paths_classifies_photos(
    start: Callable[..., int], make_photos: Callable[..., list[Path]], folder: Path
) -> None:
    paths = make_photos(2)
    inside = make_photos(2, below=folder / "inside")
    assert start(lambda window: _done(window, 4), paths[0], paths[1], folder / "inside") == 0
    assert inside[0].is_file()


def test_start_without_paths_creates_no_log(start: Callable[..., int]) -> None:
    assert start(lambda window: window.session.model is not None and window.empty.isVisible()) == 0
    assert settings_file().is_file()
    assert not log_file().exists()


def test_start_restores_exception_hooks(start: Callable[..., int]) -> None:
    before = sys.excepthook, threading.excepthook
    start(lambda window: True)
    assert (sys.excepthook, threading.excepthook) == before


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{ not json", "The settings file was damaged"),
        (b"[]", "The settings file was damaged"),
        (b"\xff\xfe\x00", "The settings could not be read"),
        (b'{"theme": "pink", "view": "list"}', "Invalid settings were reset: theme is &#x27;pink&#x27;"),
    ],
)
def test_start_invalid_settings_shows_warning(start: Callable[..., int], content: bytes, words: str) -> None:
    settings_file().parent.mkdir(parents=True)
    settings_file().write_bytes(content)
    said: list[str] = []

    def check(window: MainWindow) -> bool:
        said.append(window.status.message)
        return window.session.model is not None

    assert start(check) == 0
    assert said[0].replace("'", "&#x27;").startswith(words)
    aside = settings_file().with_name("settings.json.broken")
    assert aside.read_bytes() == content
    json.loads(settings_file().read_text(encoding="utf-8"))


def test_start_missing_model_opens_window(start: Callable[..., int], tmp_path: Path) -> None:
    def check(window: MainWindow) -> bool:
        return window.status.message.startswith("No photo can be classified. There is no model in")

    assert start(check, model=tmp_path / "nothing") == 0


class _Bomb(QObject):
    def go_off(self) -> None:
        raise LookupError("raised in a slot")


@pytest.mark.parametrize("where", ["slot", "thread"])
def test_unexpected_error_is_shown_and_logged(start: Callable[..., int], cat: Path, where: str) -> None:
    bomb = _Bomb()
    steps: list[str] = []

    def check(window: MainWindow) -> bool:
        dialogs = [dialog for dialog in window.findChildren(CrashDialog) if dialog.isVisible()]
        if not steps:
            if where == "slot":
                QTimer.singleShot(0, bomb.go_off)
            else:
                threading.Thread(target=bomb.go_off).start()
            steps.append("lit")
        elif len(steps) == 1 and dialogs:
            report = dialogs[0].findChild(QPlainTextEdit).toPlainText()
            assert "LookupError: raised in a slot" in report
            assert "go_off" in report
            dialogs[0].close()
            window.add([cat])
            steps.append("went on")
        return len(steps) == 2 and _done(window, 1)

    assert start(check) == 0
    log = log_file().read_text(encoding="utf-8")
    assert "ERROR unexpected error" in log
    assert "LookupError: raised in a slot" in log


def test_error_while_painting_is_shown_once_and_window_goes_on(
    start: Callable[..., int], cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A painter that was still active after the exception ended the program."""
    paint_name = RowPainter.name
    painted = 0
    closed: list[CrashDialog] = []

    def paint(parts: RowPainter, *given: object) -> None:
        nonlocal painted
        painted += 1
        if painted <= 4:
            raise LookupError("raised while painting")
        paint_name(parts, *given)

    monkeypatch.setattr(RowPainter, "name", paint)

    def check(window: MainWindow) -> bool:
        window.gallery.viewport().update()
        dialogs = [dialog for dialog in window.findChildren(CrashDialog) if dialog.isVisible()]
        assert len(dialogs) <= 1
        for dialog in dialogs:
            assert "LookupError: raised while painting" in dialog.report
            closed.append(dialog)
            dialog.close()
        return bool(closed) and painted > 6 and _done(window, 1)

    assert start(check, cat) == 0
    assert len(closed) == 1
    assert log_file().read_text(encoding="utf-8").count("ERROR unexpected error") == 1


def test_version_option_opens_no_window(capsys: pytest.CaptureFixture[str]) -> None:
    from catdog_desktop import __version__

    with pytest.raises(SystemExit) as ended:
        gui_app.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"CatDog {__version__}\n"


# In a separate process.


def _run(home: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "CATDOG_SELF_TEST")
    }
    return subprocess.run(
        [sys.executable, "-m", "catdog_desktop", *arguments],
        env=kept | {"CATDOG_HOME": str(home), "PYTHONPATH": str(ROOT)} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_program_classifies_dropped_photo_and_exits(
    home: Path, cat: Path, folder: Path, tmp_path: Path, model_folder: Path
) -> None:
    text = folder / "letter.jpg"
    text.write_text("Dear diary", encoding="utf-8")
    report = tmp_path / "report.json"
    ended = _run(
        home,
        "--model",
        str(model_folder),
        str(cat),
        str(text),
        QT_QPA_PLATFORM="offscreen",
        CATDOG_SELF_TEST=str(report),
    )
    assert (ended.returncode, ended.stdout) == (0, "")
    noise = [line for line in ended.stderr.splitlines() if "propagateSizeHints" not in line]
    assert noise == []
    content = json.loads(report.read_text(encoding="utf-8"))
    rows = {Path(row["path"]).name: row for row in content["rows"]}
    assert set(rows) == {"cat.jpg", "letter.jpg"}
    assert 0 < rows["cat.jpg"]["cat"] < 1
    assert rows["cat.jpg"]["verdict"] in ("cat", "dog", "both", "neither", "unsure")
    assert rows["letter.jpg"]["error"] == "is not a photo (it holds text)"
    assert content["platform"] == "offscreen"
    assert content["first_verdict_ms"] >= content["window_ms"] > 0
    assert content["shown_after_drop_ms"] >= content["all_after_drop_ms"] > 0
    assert content["thumbnails_in_sight"] == 1, "the end waits for it"
    assert content["latest_ms"] >= content["late_ms"] >= 0


linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X and Wayland only")


@linux_only
def test_start_without_display_reports_it(home: Path) -> None:
    ended = _run(home)
    assert ended.returncode == 1
    (sentence,) = ended.stderr.strip().splitlines()
    assert "`catdog classify PHOTO...`" in sentence
    assert "`make demo`" in sentence
    assert ended.stdout == ""


@linux_only
def test_start_unreachable_display_reports_it(home: Path) -> None:
    ended = _run(home, DISPLAY=":4711")
    assert ended.returncode == 1
    (sentence,) = ended.stderr.strip().splitlines()
    assert ":4711" in sentence
    assert "make demo" in sentence
