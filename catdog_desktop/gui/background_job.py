"""Base class of the commands that run a job over the photos of the gallery: one job at a time, shown in a bar."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt

from catdog_desktop.gui.dialogs import ListDialog
from catdog_desktop.gui.jobs import Job
from catdog_desktop.gui.selection_scope import Scope, scopes
from catdog_desktop.gui.status_text import describe_progress
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.widgets.job_bar import JobBar
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.messages import _
from catdog_desktop.progress import Progress


class JobCommands(QObject):
    """Derive from it, bind the two actions, and `begin` what they ask for."""

    def __init__(self, context: WindowContext, bar: JobBar) -> None:
        super().__init__(context.window)
        self.bar = bar
        self._context = context
        self._errands = TaskQueue(context.report_error, self)
        self._job: Job | None = None
        self._doing_text = ""

    @property
    def is_running(self) -> bool:
        """Whether the work or its undoing is under way."""
        return self._job is not None

    def bind(self, action_id: str, run: Callable[[], object], undo_id: str, undo: Callable[[], object]) -> None:
        """Bind the action that begins the job and the one that undoes it."""
        self._context.actions.bind(action_id, run, enabled=self._can_begin)
        self._context.actions.bind(undo_id, undo, enabled=lambda: not self.is_running)

    def scopes(self) -> list[Scope]:
        """Return which photos it may be done with."""
        return scopes(self._context.session.gallery, self._context.gallery)

    def begin(self, job: Job, doing: str) -> None:
        """Start `job` and show its progress in the bar as "`doing`: 3 of 10"; no other may be running."""
        self._job, self._doing_text = job, doing
        job.advanced.connect(self._on_advanced)
        job.failed.connect(self._context.report_error)
        job.finished.connect(self._on_finished)
        self.bar.begin(f"{doing} …", (_("Stop"), job.cancel))
        self._context.actions.refresh()
        job.start()

    def finish(self) -> None:
        """Release the job, which has ended."""
        if self._job is not None:
            self._job.deleteLater()
            self._job = None
        self._context.actions.refresh()

    def show_list(self, title: str, sentence: str, items: Sequence[tuple[Path, str]]) -> None:
        """Show what is to be told of single files."""
        dialog = ListDialog(title, sentence, items, self._context.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def close(self) -> None:
        """End what is under way after the photo in hand."""
        if self._job is not None:
            self._job.begin_close()
            self._job.wait()
        self._errands.clear()
        self._errands.close()

    def _on_advanced(self, progress: Progress) -> None:
        if self._job is not None:
            self.bar.advance(progress.done, progress.total, f"{self._doing_text}: {describe_progress(progress)}")

    def _on_finished(self) -> None:
        self.finish()

    def _can_begin(self) -> bool:
        return self._context.session.gallery.total > 0 and not self.is_running
