"""What all work with the photos of the gallery has in common: one piece at a time, and a bar that tells of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from catdog_desktop.gui.actions import ActionFactory
from catdog_desktop.gui.dialogs import ListDialog
from catdog_desktop.gui.gallery.gallery import Gallery
from catdog_desktop.gui.jobs import WorkThread
from catdog_desktop.gui.selection_scope import Scope, scopes
from catdog_desktop.gui.session import Session
from catdog_desktop.gui.settings.kept_settings import KeptSettings
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.widgets.job_bar import WorkBar


@dataclass(frozen=True, slots=True)
class WindowContext:
    """What of the window such work needs."""

    window: QWidget
    session: Session
    gallery: Gallery
    kept: KeptSettings
    make: ActionFactory
    on_problem: Callable[[BaseException], None]
    """Shows an error that nobody expected."""


class PhotoWork(QObject):
    """Derive from it, make the two actions, and `begin` what they ask for."""

    def __init__(self, parts: WindowContext, bar: WorkBar) -> None:
        super().__init__(parts.window)
        self.bar = bar
        self._parts = parts
        self._errands = TaskQueue(parts.on_problem, self)
        self._thread: WorkThread | None = None
        self._doing: QAction | None = None
        self._undoing: QAction | None = None
        parts.session.counts_changed.connect(self._enable)

    @property
    def is_running(self) -> bool:
        """Whether the work or its undoing is under way."""
        return self._thread is not None

    def offer(self, doing: QAction, undoing: QAction) -> None:
        """Put two actions into *File*, above what ends the menu; each can be chosen when it can be done."""
        self._doing, self._undoing = doing, undoing
        self._parts.make.above_quit(doing, undoing)
        self._enable()

    def scopes(self) -> list[Scope]:
        """Return which photos it may be done with."""
        return scopes(self._parts.session.gallery, self._parts.gallery)

    def begin(self, thread: WorkThread, doing: str) -> None:
        """Start `thread`, of which the bar tells until it has ended; nothing else may be running."""
        self._thread = thread
        thread.failed.connect(self._parts.on_problem)
        thread.finished.connect(self._on_finished)
        self.bar.begin(f"{doing} …", ("Stop", thread.cancel))
        self._enable()
        thread.start()

    def finish(self) -> None:
        """Let the thread go that has ended."""
        if self._thread is not None:
            self._thread.deleteLater()
            self._thread = None
        self._enable()

    def show_list(self, title: str, sentence: str, items: Sequence[tuple[Path, str]]) -> None:
        """Show what is to be told of single files."""
        dialog = ListDialog(title, sentence, items, self._parts.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def close(self) -> None:
        """End what is under way after the photo in hand."""
        if self._thread is not None:
            self._thread.close()
            self._thread.wait()
        self._errands.clear()
        self._errands.close()

    def _on_finished(self) -> None:
        self.finish()

    def _enable(self) -> None:
        if self._doing is not None and self._undoing is not None:
            self._doing.setEnabled(self._parts.session.gallery.total > 0 and not self.is_running)
            self._undoing.setEnabled(not self.is_running)
