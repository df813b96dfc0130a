"""Drive the window in tests: send real events, read what is shown and what a screen reader says."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from pytestqt.qtbot import QtBot

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.gallery.gallery_model import ROW_ROLE
from catdog_desktop.gui.main_window import MainWindow
from catdog_desktop.verdict import Result, Scores

WAIT_MS = 120_000
"""Timeout of all waiting: longer than anything takes on a busy computer."""
_NO_KEYS = Qt.KeyboardModifier.NoModifier
_Widget = TypeVar("_Widget", bound=QWidget)


def files(paths: Iterable[Path]) -> QMimeData:
    """Return the data of a file manager when `paths` are dragged or copied."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return mime


def pixels(colour: Qt.GlobalColor = Qt.GlobalColor.darkGreen) -> QImage:
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(colour)
    return image


def scored(path: Path, cat: float, dog: float, *, day: int = 1, thumbnail: bytes = b"") -> Result:
    """Return a result of the pipeline."""
    return Result(
        path,
        scores=Scores(cat, dog),
        info=PhotoInfo(640, 480, datetime(2024, 5, day), 54_321),
        thumbnail=thumbnail,
    )


def app_threads() -> list[str]:
    """Return the names of the running threads of the app: Linux names of Qt threads, Python names of others."""
    names = [thread.name for thread in threading.enumerate() if thread.name.startswith("photos-")]
    # The deadline of a decoder stays as long as its process. Linux gives it the name of the thread that began it.
    others = {str(thread.native_id) for thread in threading.enumerate() if thread.name == "decoder-deadline"}
    for task in Path("/proc/self/task").glob("*/comm"):
        if task.parent.name in others:
            continue
        try:
            names.append(task.read_text(encoding="utf-8").strip())
        except OSError:  # The thread has ended.
            continue
    # Linux truncates thread names to 15 characters. Jobs have names that are set in the code.
    ours = ("photos-", "ClassifyThread"[:15], "sort", "export", "import", "watch", "_Decoder")
    return [name for name in names if name.startswith(ours)]


class App:
    """An open window and functions to use it."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self.qtbot = qtbot

    # Wait.

    def wait_for(self, condition: Callable[[], object], *, at_most: int = WAIT_MS) -> None:
        self.qtbot.waitUntil(lambda: bool(condition()), timeout=at_most)

    def wait_done(self, photos: int, *, at_most: int = WAIT_MS) -> None:
        """Wait until `photos` photos are listed and all have results."""
        gallery = self.window.session.gallery
        self.wait_for(
            lambda: (
                gallery.total == photos
                and len(gallery.rows_in(State.DONE)) + len(gallery.rows_in(State.FAILED)) == photos
                and not self.window.session.busy
            ),
            at_most=at_most,
        )

    # Add photos.

    def drag(self, mime: QMimeData) -> QDragEnterEvent:
        event = QDragEnterEvent(
            self.window.rect().center(), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, _NO_KEYS
        )
        QApplication.sendEvent(self.window, event)
        return event

    def leave(self) -> None:
        QApplication.sendEvent(self.window, QDragLeaveEvent())

    def drop(self, mime: QMimeData) -> QDropEvent:
        """Drag `mime` over the window and drop it."""
        self.drag(mime)
        event = QDropEvent(
            QPointF(self.window.rect().center()), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, _NO_KEYS
        )
        QApplication.sendEvent(self.window, event)
        return event

    def add(self, *paths: Path) -> None:
        """Drop `paths` and wait until the job has ended."""
        with self.qtbot.waitSignal(self.window.session.job_ended, timeout=WAIT_MS):
            self.drop(files(paths))

    def paste(self, mime: QMimeData) -> None:
        QGuiApplication.clipboard().setMimeData(mime)
        self.key(Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)

    # Use keyboard, mouse and actions.

    def key(self, key: Qt.Key, modifiers: Qt.KeyboardModifier = _NO_KEYS, *, on: QWidget | None = None) -> None:
        """Press a key in the widget with the focus, or in `on`."""
        self.qtbot.keyClick(on or self.window.focusWidget() or self.window, key, modifiers)

    def click(self, widget: QWidget) -> None:
        assert widget.isVisible()
        assert widget.isEnabled()
        self.qtbot.mouseClick(widget, Qt.MouseButton.LeftButton)

    def action(self, action_id: str) -> QAction:
        """Return an action of the table."""
        return self.window.action_table[action_id]

    def run(self, action_id: str) -> None:
        """Run an action of the table, which must be enabled."""
        assert self.window.action_table.run(action_id), f"{action_id} is disabled"

    def follow(self, target: str) -> None:
        """Choose a link of the status line, which must exist."""
        assert f"href='{target}'" in self.message
        self.window.status.link_chosen.emit(target)

    def dialog(self, kind: type[QDialog]) -> QDialog:
        """Return the only open dialog of this class."""
        found = [dialog for dialog in self.window.findChildren(kind) if dialog.isVisible()]
        assert len(found) == 1, found
        return found[0]

    # Read what is shown.

    @property
    def message(self) -> str:
        return self.window.status.message

    @property
    def shown(self) -> list[Row]:
        """The rows that the gallery shows, in order."""
        model = self.window.session.gallery
        return [model.index(number, 0).data(ROW_ROLE) for number in range(model.rowCount())]

    @property
    def names(self) -> list[str]:
        return [row.name for row in self.shown]

    def row(self, path: Path) -> Row:
        row = self.window.session.gallery.row_of(path)
        assert row is not None
        return row

    def heard(self, path: Path) -> str:
        """Return what a screen reader says of a photo."""
        return str(self._data(path, Qt.ItemDataRole.AccessibleTextRole))

    def tooltip(self, path: Path) -> str:
        return str(self._data(path, Qt.ItemDataRole.ToolTipRole))

    def select(self, paths: Sequence[Path]) -> None:
        """Click photos, all but the first with Ctrl."""
        for number, path in enumerate(paths):
            gallery = self.window.gallery
            index = self.window.session.gallery.index_of(path)
            gallery.scrollTo(index)
            keys = Qt.KeyboardModifier.ControlModifier if number else _NO_KEYS
            place = gallery.visualRect(index).center()
            self.qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, keys, place)

    def _data(self, path: Path, role: Qt.ItemDataRole) -> object:
        index = self.window.session.gallery.index_of(path)
        assert index.isValid()
        return index.data(role)


def grab(widget: QWidget) -> QImage:
    return widget.grab().toImage()
