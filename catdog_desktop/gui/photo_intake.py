"""How photos come into the window: file dialogs, the clipboard and drops."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QFileDialog

from catdog_desktop.file_kinds import PHOTO_SUFFIXES, RAW_SUFFIXES
from catdog_desktop.gui.mime_parsing import MimeContent, content_of, describe_drop, parse_mime
from catdog_desktop.gui.widgets.drop_overlay import DropOverlay
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.messages import _


class PhotoIntake(QObject):
    """Reports what the user opened, pasted or dropped; the window decides what to do with it."""

    dropped = Signal(object)  # MimeContent: what was dropped or pasted
    opened = Signal(object)  # list[Path]: what was chosen in a file dialog

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self._window = context.window
        self._settings = context.settings
        self._tasks = context.tasks
        self._window.setAcceptDrops(True)
        context.actions.bind("file.open_photos", self.open_photos)
        context.actions.bind("file.open_folder", self.open_folder)
        context.actions.bind("edit.paste", self.paste)

    def open_photos(self) -> None:
        """Let the user choose photos."""
        dialog = self._file_dialog(_("Open photos"), QFileDialog.FileMode.ExistingFiles)
        patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in sorted(PHOTO_SUFFIXES | RAW_SUFFIXES))
        dialog.setOption(QFileDialog.Option.HideNameFilterDetails)  # a hundred suffixes
        dialog.setNameFilters([f"{_('Photos')} ({patterns})", f"{_('All files')} (*)"])
        dialog.open()

    def open_folder(self) -> None:
        """Let the user choose a folder."""
        dialog = self._file_dialog(_("Open folder"), QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.open()

    def paste(self) -> None:
        """Take what is on the clipboard."""
        self._take(parse_mime(QGuiApplication.clipboard().mimeData()))

    def drag_enter(self, event: QDragEnterEvent, overlay: DropOverlay) -> None:
        """Show what a drop would do."""
        accepted, text = describe_drop(event.mimeData())
        overlay.show_text(text, accepted=accepted)
        # Accept even what will be refused: only a drop that arrives can be answered with a reason.
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()

    def drop(self, event: QDropEvent, overlay: DropOverlay) -> None:
        """Take what was dropped. Always a copy: the source must not delete its files."""
        overlay.hide()
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self._take(parse_mime(event.mimeData()))

    def _take(self, content: MimeContent) -> None:
        if content.portal_key:
            from catdog_desktop.gui.desktop.file_portal import files_of_key

            self._tasks.run(partial(files_of_key, content.portal_key), self._take_from_portal)
        else:
            self.dropped.emit(content)

    def _take_from_portal(self, paths: tuple[Path, ...]) -> None:
        from catdog_desktop.gui.desktop.file_portal import portal_refusal

        self.dropped.emit(content_of(paths) if paths else MimeContent(refusal=portal_refusal()))

    def _file_dialog(self, title: str, mode: QFileDialog.FileMode) -> QFileDialog:
        dialog = QFileDialog(self._window, title, self._settings.current.last_folder)
        dialog.setFileMode(mode)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(partial(self._on_selected, dialog))
        return dialog

    def _on_selected(self, dialog: QFileDialog, names: list[str]) -> None:
        self._settings.change(last_folder=dialog.directory().absolutePath())
        self.opened.emit([Path(name) for name in names])
