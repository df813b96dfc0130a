"""The window for the soak, with the watch on, other models and corrections.

Arguments: the file of the clock, how long the window stays open (in seconds; 0: until a line on standard input, and
then until every photo in the folders has a verdict), two model folders, and the watched folders with colons between
them. It writes a line when the window has a model, and a line of JSON when the window is closed.
"""

import json
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import soak_clock
from PySide6.QtCore import QEventLoop, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication
from soak_caches import fill_interpreter_caches_soon

from catdog_desktop.quick_start import skip_feature_search

skip_feature_search()  # As `app` does, before the other modules: else their sources stay in memory, 11 MB.
from catdog_desktop.file_kinds import has_photo_suffix  # noqa: E402
from catdog_desktop.freed_memory import limit_kept_memory  # noqa: E402
from catdog_desktop.gallery.photo_row import State  # noqa: E402
from catdog_desktop.gui.main_window import MainWindow  # noqa: E402
from catdog_desktop.paths import settings_file  # noqa: E402
from catdog_desktop.settings import Settings  # noqa: E402
from catdog_desktop.verdict import Verdict  # noqa: E402

LAST_SECONDS = 240.0
"""How long the last window waits for the verdicts."""
_TICK_SECONDS = 5.0
_TICKS_OF_A_MODEL = 6


class Soak:
    def __init__(self, models: list[Path], folders: list[Path]) -> None:
        self._models = models
        self._folders = folders
        self._chance = random.Random(3)
        self._problems: list[str] = []
        self.is_ending = False
        MainWindow.show_problem = lambda _window, error: self._problems.append(repr(error))  # type: ignore[method-assign]
        sys.excepthook = lambda _kind, error, _trace: self._problems.append(repr(error))
        qInstallMessageHandler(self._on_qt_message)

    def use_window(self, seconds: float) -> None:
        """Open a window, use it, close it, and say what was wrong."""
        self._window = window = MainWindow(self._models[0], Settings(watch=True, jobs=1), settings_file())
        window.show()
        window.session.start()
        window.add(self._folders)
        self._run(LAST_SECONDS, lambda: window.session.model is not None)
        print("open", flush=True)
        ends = time.monotonic() + seconds
        ticks = 0
        while not self.is_ending and (not seconds or time.monotonic() < ends):
            self._run(_TICK_SECONDS, lambda: self.is_ending)
            ticks += 1
            self._remove_deleted()
            self._correct_and_undo()
            if ticks % _TICKS_OF_A_MODEL == 0:
                window.session.use_model(self._models[ticks // _TICKS_OF_A_MODEL % 2])
        missing: list[str] = []
        if self.is_ending:
            self._run(LAST_SECONDS, lambda: not self._missing())
            missing = self._missing()
        photos = window.session.gallery.total
        window.close()
        print(json.dumps({"photos": photos, "missing": missing, "problems": self._problems}), flush=True)

    def _run(self, seconds: float, until: Callable[[], bool]) -> None:
        """Handle events for a time, or until something is true."""
        end, loop = time.monotonic() + seconds, QEventLoop()
        while time.monotonic() < end and not until():
            loop.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 100)
            threading.Event().wait(0.02)

    def _remove_deleted(self) -> None:
        """Keep the gallery at its size: without this its rows would be the growth that is measured."""
        before = {folder: _last_change(folder) for folder in self._folders}
        gone = [row for row in self._window.session.gallery.rows() if not row.path.exists()]
        # A folder that was taken away or brought back meanwhile says nothing about its photos.
        there = [folder for folder, change in before.items() if change and _last_change(folder) == change]
        gone = [row for row in gone if any(row.path.is_relative_to(folder) for folder in there)]
        self._window.session.remove(gone)

    def _correct_and_undo(self) -> None:
        done = self._window.session.gallery.rows_in(State.DONE)
        if done:
            self._window.session.correct([self._chance.choice(done).path], Verdict.DOG)
            self._window.undo.undo()

    def _missing(self) -> list[str]:
        """Return the photos that have no verdict in the window."""
        done = {row.path for row in self._window.session.gallery.rows_in(State.DONE)}
        there = {path for folder in self._folders for path in folder.rglob("*") if has_photo_suffix(path)}
        return sorted(str(path) for path in there - done if path.is_file())

    def _on_qt_message(self, kind: QtMsgType, _context: object, text: str) -> None:
        if kind is not QtMsgType.QtDebugMsg and "This plugin does not support" not in text:
            self._problems.append(text)


def _last_change(folder: Path) -> int:
    """Return when a folder was changed or renamed, in nanoseconds; 0 if it is not there."""
    try:
        return folder.stat().st_ctime_ns
    except OSError:
        return 0


def main() -> None:
    clock, seconds, one, other, folders = sys.argv[1:]
    soak_clock.install(Path(clock))
    limit_kept_memory()  # As `app` does.
    fill_interpreter_caches_soon()
    app = QApplication([])
    soak = Soak([Path(one), Path(other)], [Path(folder) for folder in folders.split(":")])

    def listen() -> None:
        if sys.stdin.readline():
            soak.is_ending = True

    threading.Thread(target=listen, daemon=True).start()
    soak.use_window(float(seconds))
    app.quit()


if __name__ == "__main__":
    main()
