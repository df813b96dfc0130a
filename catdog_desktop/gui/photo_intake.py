"""The doors by which photos come in: the pickers, the clipboard, and drops on the window."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from catdog_desktop.file_kinds import PHOTO_SUFFIXES
from catdog_desktop.gui.mime_parsing import describe_drop, read_dropped
from catdog_desktop.gui.settings.kept_settings import KeptSettings
from catdog_desktop.gui.widgets.drop_overlay import DropOverlay


class Doors(QObject):
    """Tells what came in; what becomes of it is the window's."""

    given = Signal(object)  # Dropped: what was dropped or pasted
    chosen = Signal(object)  # list[Path]: what was picked

    def __init__(self, window: QWidget, kept: KeptSettings) -> None:
        super().__init__(window)
        self._window = window
        self._kept = kept
        window.setAcceptDrops(True)

    def open_photos(self) -> None:
        """Let the user choose photos."""
        dialog = self._picker("Open photos", QFileDialog.FileMode.ExistingFiles)
        patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(PHOTO_SUFFIXES))
        dialog.setNameFilters([f"Photos ({patterns})", "All files (*)"])
        dialog.open()

    def open_folder(self) -> None:
        """Let the user choose a folder."""
        dialog = self._picker("Open folder", QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.open()

    def paste(self) -> None:
        """Take what is on the clipboard."""
        self.given.emit(read_dropped(QGuiApplication.clipboard().mimeData()))

    def drag_enter(self, event: QDragEnterEvent, frame: DropOverlay) -> None:
        """Say what a drop would do."""
        welcome, text = describe_drop(event.mimeData())
        frame.show_text(text, accepted=welcome)
        # Taken even if it will be refused: only a drop that arrives can be answered kindly.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def drop(self, event: QDropEvent, frame: DropOverlay) -> None:
        """Take what was dropped. The source keeps its files: they are only read."""
        frame.hide()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.given.emit(read_dropped(event.mimeData()))

    def _picker(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self._window, title, self._kept.current.last_folder)
        dialog.setFileMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(partial(self._on_picked, dialog))
        return dialog

    def _on_picked(self, dialog: QFileDialog, names: list[str]) -> None:
        self._kept.change(last_folder=dialog.directory().absolutePath())
        self.chosen.emit([Path(name) for name in names])
