"""What the commands of the window share: the window, its parts, and where to show sentences and errors."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QMainWindow

from catdog_desktop.gui.actions import ActionFactory
from catdog_desktop.gui.gallery.gallery_view import GalleryView
from catdog_desktop.gui.session import Session
from catdog_desktop.gui.settings.kept_settings import KeptSettings
from catdog_desktop.gui.status_line import StatusLine
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.viewer.preview import Preview


@dataclass(frozen=True, slots=True)
class WindowContext:
    """The parts of the window that commands (sort, export, watch, models, photos) work with."""

    window: QMainWindow
    session: Session
    gallery: GalleryView
    preview: Preview
    status: StatusLine
    kept: KeptSettings
    """The user's settings, written in the background."""
    make: ActionFactory
    tasks: TaskQueue
    """Short calls that touch the disk, one after the other."""
    on_problem: Callable[[BaseException], None]
    """Shows an unexpected error."""
