"""The window for the soak: opened and closed again and again, with the watch on, other models and corrections.

Arguments: the file of the clock, the seconds that a window stays open, two model folders, and the watched folders with
colons between them. It writes a line of JSON for each window that was closed. After a line on standard input, the last
window stays open until every photo in the folders has a verdict.
"""

import gc
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import soak_clock
from PySide6.QtCore import QEvent, QEventLoop, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from soak_process import usage_of

from catdog_desktop.file_kinds import has_photo_suffix
from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gui.main_window import MainWindow
from catdog_desktop.paths import settings_file
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Verdict

LAST_SECONDS = 180.0
"""How long the last window waits for the verdicts."""


class Soak:
    def __init__(self, app: QApplication, seconds: float, models: list[Path], folders: list[Path]) -> None:
        self._app = app
        self._seconds = seconds
        self._models = models
        self._folders = folders
        self._chance = random.Random(3)
        self._problems: list[str] = []
        self.is_ending = False
        MainWindow.show_problem = lambda _window, error: self._problems.append(repr(error))  # type: ignore[method-assign]
        qInstallMessageHandler(self._on_qt_message)

    def open_and_close(self) -> None:
        """Use a window for a while, close it, and say what is left of it."""
        window = MainWindow(self._models[0], Settings(watch=True, jobs=1), settings_file())
        window.show()
        window.session.start()
        window.add(self._folders)
        self._run(self._seconds / 3)
        window.session.use_model(self._models[1])
        self._run(self._seconds / 3)
        done = window.session.gallery.rows_in(State.DONE)
        if done:
            window.session.correct([self._chance.choice(done).path], Verdict.DOG)
            self._run(0.5)
            window.session.undo_correction()
        window.session.use_model(self._models[0])
        self._run(self._seconds / 3, until=lambda: False)
        missing: list[str] = []
        if self.is_ending:
            self._run(LAST_SECONDS, until=lambda: not self._missing(window))
            missing = self._missing(window)
        photos = window.session.gallery.total
        window.close()
        window.deleteLater()
        self._app.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        self._run(0.5)
        gc.collect()
        left = {"photos": photos, "missing": missing, "problems": self._problems, "is_last": self.is_ending}
        print(json.dumps({**left, **asdict(usage_of(os.getpid()))}), flush=True)

    def _run(self, seconds: float, until: Callable[[], bool] | None = None) -> None:
        """Handle events for a time, or until something is true."""
        end, loop = time.monotonic() + seconds, QEventLoop()
        while time.monotonic() < end and not (until is not None and until()):
            loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 100)
            if self.is_ending and until is None:
                return
            threading.Event().wait(0.02)

    def _missing(self, window: MainWindow) -> list[str]:
        """Return the photos that have no verdict in the window."""
        done = {row.path for row in window.session.gallery.rows_in(State.DONE)}
        there = {path for folder in self._folders for path in folder.rglob("*") if has_photo_suffix(path)}
        return sorted(str(path) for path in there - done if path.is_file())

    def _on_qt_message(self, kind: QtMsgType, _context: object, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and "This plugin does not support" not in text:
            self._problems.append(text)


def main() -> None:
    clock, seconds, one, other, folders = sys.argv[1:]
    soak_clock.install(Path(clock))
    app = QApplication([])
    soak = Soak(app, float(seconds), [Path(one), Path(other)], [Path(folder) for folder in folders.split(":")])

    def listen() -> None:
        sys.stdin.readline()
        soak.is_ending = True

    threading.Thread(target=listen, daemon=True).start()
    sys.excepthook = lambda _kind, error, _trace: soak._problems.append(repr(error))
    is_last = False
    while not is_last:
        is_last = soak.is_ending
        soak.open_and_close()


if __name__ == "__main__":
    main()
