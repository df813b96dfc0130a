"""Run the window through a fixed course, with an exception in one function of the app. For the trials of the window.

There are two courses. The tour adds photos, goes through gallery, viewer and dialogs by key and by action, and closes
the window. The jobs move photos to the trash, write keywords and sort by moving, and undo each.
"""

import faulthandler
import functools
import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Final, TypeVar

from fault_hooks import counter, name_of, tracer
from PySide6.QtCore import QObject, QRunnable, Qt, QThread, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMessageBox, QWidget

from catdog_desktop.exporting.export_file import ExportFormat
from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gui import app
from catdog_desktop.gui.dialogs import CrashDialog
from catdog_desktop.gui.exporting.export_dialog import ExportDialog
from catdog_desktop.gui.job_commands import JobCommands
from catdog_desktop.gui.main_window import MainWindow
from catdog_desktop.gui.self_test import drop_on
from catdog_desktop.gui.sorting.sort_dialog import SortDialog
from catdog_desktop.sorting.options import Action

_TICK_MS: Final = 10
_WAIT_SECONDS: Final = 4.0
"""How long the course waits for a condition. After a fault it may never come true, and the course goes on."""
_CLOSE_SECONDS: Final = 10.0
DID_NOT_CLOSE: Final = 78
"""Exit status."""
STUCK: Final = "STUCK"
"""Is printed if photos wait for ever: they have neither a result nor an error, and are not stopped."""
_ACTIONS: Final = (
    *("view.list", "view.grid", "edit.select_all", "photos.mark.cat", "edit.undo", "edit.redo", "edit.undo"),
    *("photos.rate.five", "edit.undo", "view.stacks", "view.stacks", "view.larger", "view.smaller"),
    "view.sort.descending",
)
_DIALOGS: Final = (
    *("edit.settings", "help.shortcuts", "help.about", "help.command_palette", "file.skipped_files", "file.sort"),
    *("file.export", "view.statistics", "edit.select_duplicates", "file.locate_folder", "photos.learn"),
)
_VIEWER: Final = ("view.photo", "view.information", "view.zoom_in", "view.zoom_out", "view.why", "view.next_heat_map")
_LAST: Final = (
    *("view.compare", "view.back", "photos.similar", "view.clear_filters", "view.full_screen", "view.full_screen"),
    *("edit.remove_from_list", "edit.clear_list", "edit.undo"),
)
_Dialog = TypeVar("_Dialog", bound=QDialog)
_Step = Callable[[], bool] | None
"""What the course waits for; None: only for the next tick."""


def run(photos: str, home: str, where: str, seen: str, threads: str, course: str = "tour") -> None:
    """Run the course in this process, which it ends.

    `where` is JSON: file, qualified name, line and the number of the call that fails; "null" for none. Then the
    functions that are called are written to the file `seen`, with the number of calls. `threads` says whose calls
    count: "gui" (that thread, from the moment the window is shown), "others" or "all". The trash is below `home`.
    """
    os.environ["CATDOG_HOME"] = home
    os.environ["XDG_DATA_HOME"] = str(Path(home, "xdg"))
    output = os.open(Path(home) / "output.txt", os.O_CREAT | os.O_TRUNC | os.O_WRONLY)
    os.dup2(output, 1)
    os.dup2(output, 2)
    faulthandler.enable()
    place = json.loads(where)
    calls: dict[CodeType, int] = {}
    if place is None:
        begin, hook, threads_begin = sys.setprofile, counter(calls), threading.setprofile
    else:
        begin, hook, threads_begin = sys.settrace, tracer(*place), threading.settrace
    if threads != "others":
        _before(MainWindow, "show", lambda: None, lambda: begin(hook))
    if threads != "gui":
        threads_begin(hook)
        for thread in _qt_threads():
            _before(thread, "run", lambda: begin(hook), lambda: None)
    _application = QApplication([])
    driver = _Tour(Path(photos)) if course == "tour" else _Jobs(Path(photos))
    status = 1
    try:
        status = app.main(["--new-window"])
    except Exception:  # noqa: BLE001  A fault in the start ends the program, with a message.
        traceback.print_exc()
    begin(None)
    if seen:
        Path(seen).write_text(json.dumps([[*name_of(code), count] for code, count in dict(calls).items()]))
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status if driver.is_closed or status else DID_NOT_CLOSE)


def _before(cls: type, name: str, before: Callable[[], None], after: Callable[[], None]) -> None:
    """Let a method of `cls` do something before and after."""
    method = getattr(cls, name)

    @functools.wraps(method)
    def call(self: object, *given: object) -> object:
        before()
        result = method(self, *given)
        after()
        return result

    setattr(cls, name, call)


def _qt_threads() -> list[type]:
    """Return the classes of the app whose `run` Qt calls in another thread."""
    return [
        each
        for base in (QThread, QRunnable)
        for each in base.__subclasses__()
        if each.__module__.startswith("catdog_desktop.")
    ]


class _Course(QObject):
    """Goes one step further at each tick."""

    def __init__(self, photos: Path) -> None:
        super().__init__()
        self._photos = photos
        self._steps: Iterator[_Step] | None = None
        self._condition: _Step = None
        self._until = 0.0
        self.is_closed = False
        self._timer = QTimer(self, interval=_TICK_MS)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, CrashDialog) and widget.isVisible():
                widget.close()
        window = next((each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow)), None)
        if self._steps is None:
            if window is None or not window.isVisible():
                return
            self._steps = self._course(window)
        if self._condition is not None and not self._condition() and time.monotonic() < self._until:
            return
        self._condition, self._until = None, time.monotonic() + _WAIT_SECONDS
        try:
            self._condition = next(self._steps)
        except StopIteration:
            self._timer.stop()
            QApplication.exit(0 if self.is_closed else DID_NOT_CLOSE)
        except Exception:  # noqa: BLE001  Events that the course sends raise here what would end in Qt's loop.
            sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
            self._steps = self._close(window) if window is not None else iter(())

    def _course(self, window: MainWindow) -> Iterator[_Step]:
        raise NotImplementedError

    def _actions(self, window: MainWindow, actions: tuple[str, ...]) -> Iterator[_Step]:
        for action in actions:
            window.action_table.run(action)
            yield None

    def _close(self, window: MainWindow) -> Iterator[_Step]:
        """Close the window as a user does: again if it is still there."""
        began = time.monotonic()
        while time.monotonic() - began < _CLOSE_SECONDS:
            self.is_closed = window.close()
            if self.is_closed:
                return
            for _ in range(20):
                yield None


class _Tour(_Course):
    """Looks at everything."""

    def _course(self, window: MainWindow) -> Iterator[_Step]:
        session, gallery = window.session, window.gallery
        yield lambda: session.model is not None
        drop_on(window, [self._photos])
        yield lambda: not session.busy and bool(session.gallery.rows_in(State.DONE))
        gallery.setFocus()
        for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_End, Qt.Key.Key_Home):
            QTest.keyClick(gallery, key)
            yield None
        yield from self._actions(window, _ACTIONS)
        QTest.mouseMove(gallery.viewport())
        QTest.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=gallery.viewport().rect().center())
        yield None
        for action in _DIALOGS:
            yield from self._actions(window, (action,))
            yield None
            _leave_dialogs(window)
            yield None
        yield from self._actions(window, ("view.clear_filters", "edit.find"))
        for key in (Qt.Key.Key_S, Qt.Key.Key_M, Qt.Key.Key_Escape):
            QTest.keyClick(QApplication.focusWidget() or window, key)
            yield None
        gallery.setFocus()
        QTest.keyClick(gallery, Qt.Key.Key_Home)
        yield from self._actions(window, _VIEWER)
        QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Right)
        yield from self._actions(window, ("view.back", "photos.classify_again", "file.stop", "file.resume"))
        yield lambda: not session.busy and not session.gallery.rows_in(State.WAITING)
        if session.busy or session.gallery.rows_in(State.WAITING):
            print(STUCK, session.busy, [row.name for row in session.gallery.rows_in(State.WAITING)], flush=True)
        gallery.selectAll()
        yield from self._actions(window, _LAST)
        for width, height in ((1400, 900), (700, 500)):
            window.resize(width, height)
            yield None
        yield from self._close(window)


class _Jobs(_Course):
    """Changes files, and undoes it."""

    def _course(self, window: MainWindow) -> Iterator[_Step]:
        session, gallery = window.session, window.gallery
        yield lambda: session.model is not None
        drop_on(window, [self._photos])
        yield lambda: not session.busy and bool(session.gallery.rows_in(State.DONE))
        gallery.selectAll()
        yield from self._actions(window, ("edit.trash",))
        yield lambda: bool(_visible(QMessageBox))  # Companions go along.
        for question in _visible(QMessageBox):
            button = question.defaultButton()
            if button is not None:
                button.click()
        yield from self._undo(window.trash)
        yield lambda: not session.busy
        yield from self._actions(window, ("file.export",))
        yield from self._in_dialog(ExportDialog, self._export)
        yield from self._undo(window.exports)
        yield from self._actions(window, ("file.sort",))
        yield from self._in_dialog(SortDialog, self._sort)
        yield from self._undo(window.sort)
        yield lambda: not session.busy
        yield from self._close(window)

    def _export(self, dialog: ExportDialog) -> Iterator[_Step]:
        dialog.formats[ExportFormat.XMP].click()
        yield None
        dialog.export.click()

    def _sort(self, dialog: SortDialog) -> Iterator[_Step]:
        dialog.choices.action_buttons[Action.MOVE].click()
        dialog.choices.destination.setText(str(self._photos.with_name("sorted")))
        dialog.preview.click()
        yield lambda: dialog.is_planned
        dialog.start.click()

    def _in_dialog(self, kind: type[_Dialog], use: Callable[[_Dialog], Iterator[_Step]]) -> Iterator[_Step]:
        yield lambda: bool(_visible(kind))
        for dialog in _visible(kind)[:1]:
            yield from use(dialog)
            yield None
        for dialog in _visible(kind):
            dialog.close()

    def _undo(self, job: JobCommands) -> Iterator[_Step]:
        """Wait for the end of a job and undo it, with the button of its bar."""
        yield lambda: not job.is_running and "Undo" in job.bar.button_texts
        if "Undo" in job.bar.button_texts:
            job.bar.button("Undo").click()
            yield None
        yield lambda: not job.is_running


def _visible(kind: type[_Dialog]) -> list[_Dialog]:
    return [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, kind) and widget.isVisible()]


def _leave_dialogs(window: QWidget) -> None:
    for widget in QApplication.topLevelWidgets():
        if widget is not window and widget.isWindow() and widget.isVisible():
            QTest.keyClick(widget, Qt.Key.Key_Tab)
            QTest.keyClick(widget, Qt.Key.Key_Escape)
            widget.close()
