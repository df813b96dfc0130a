"""What the parts of the window share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtWidgets import QMainWindow

from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.gallery.gallery_view import GalleryView
from catdog_desktop.gui.session import Session
from catdog_desktop.gui.settings.settings_store import SettingsStore
from catdog_desktop.gui.status_line import StatusLine
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.undo_stack import UndoStack
from catdog_desktop.gui.viewer.preview import Preview
from catdog_desktop.gui.window_actions import WindowActions
from catdog_desktop.languages.formats import format_number


@dataclass(frozen=True, slots=True, weakref_slot=True)
class WindowContext:
    """Made once by `MainWindow` and passed to every part that has actions.

    Its methods may be connected to signals, for which Qt needs weak references.
    """

    window: QMainWindow
    """The parent of dialogs."""
    session: Session
    gallery: GalleryView
    preview: Preview
    status: StatusLine
    settings: SettingsStore
    actions: WindowActions
    tasks: TaskQueue
    """For short work beside the GUI thread."""
    undo: UndoStack
    """Whoever changes something pushes a change."""
    report_error: Callable[[BaseException], None]
    """Shows an unexpected error."""

    def say(self, sentence: str, links: dict[str, str] | None = None) -> None:
        """Show a sentence in the status line, followed by links (target and words)."""
        self.status.say(sentence, links)

    def select_and_say(self, rows: Sequence[Row], sentence: str) -> None:
        """Select `rows` in the gallery, which gets the keyboard, and show a sentence with their number, `{count}`."""
        self.gallery.select_rows(rows)
        self.gallery.setFocus()
        self.say(sentence.format(count=format_number(len(rows))))
