"""Base class of the commands that run jobs over the photos of the gallery: one job at a time, shown in a bar."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal

from catdog_desktop.gui.jobs import Job
from catdog_desktop.gui.selection_scope import Scope, scopes
from catdog_desktop.gui.status_text import describe_progress
from catdog_desktop.gui.widgets.job_bar import JobBar
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.messages import _
from catdog_desktop.progress import Progress


class JobCommands(QObject):
    """Derive from it, bind the two actions and `begin` a job for each."""

    began = Signal()
    advanced = Signal(int, int)  # done, total
    ended = Signal(str)  # what the bar says at the end

    def __init__(self, context: WindowContext, bar: JobBar) -> None:
        super().__init__(context.window)
        self.bar = bar
        self._context = context
        self._job: Job | None = None
        self._label = ""

    @property
    def is_running(self) -> bool:
        """Whether a job is under way."""
        return self._job is not None

    def bind(self, action_id: str, run: Callable[[], object], undo_id: str, undo: Callable[[], object]) -> None:
        """Bind the action that begins a job and the one that undoes it. Neither is enabled while a job runs."""
        self._context.actions.bind(action_id, run, enabled=self._can_begin)
        self._context.actions.bind(undo_id, undo, enabled=lambda: not self.is_running)

    def scopes(self) -> list[Scope]:
        """Return the sets of photos that the user may choose from."""
        return scopes(self._context.session.gallery, self._context.gallery)

    def begin(self, job: Job, label: str) -> None:
        """Start `job` and show its progress as "`label`: 3 of 10" in the bar. No other job may be running."""
        self._job, self._label = job, label
        job.advanced.connect(self._on_advanced)
        job.failed.connect(self._context.report_error)
        job.finished.connect(self._on_finished)
        self.bar.begin(f"{label}…", (_("Stop"), job.cancel))
        self._context.actions.refresh()
        self.began.emit()
        job.start()

    def show_list(self, title: str, sentence: str, items: Sequence[tuple[Path, str]]) -> None:
        """Open a dialog with a sentence about each of several files."""
        from catdog_desktop.gui.dialogs import ListDialog

        dialog = ListDialog(title, sentence, items, self._context.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    def close(self) -> None:
        """End the job after the current photo, and wait for it."""
        if self._job is not None:
            self._job.begin_close()
            self._job.wait()

    def _on_advanced(self, progress: Progress) -> None:
        if self._job is not None:
            self.advanced.emit(progress.done, progress.total)
            self.bar.advance(progress.done, progress.total, f"{self._label}: {describe_progress(progress)}")

    def _on_finished(self) -> None:
        """Release the job, which has ended. Overrides call it."""
        if self._job is not None:
            self._job.deleteLater()
            self._job = None
            self.ended.emit(self.bar.text)
        self._context.actions.refresh()

    def _is_idle(self) -> bool:
        return not self.is_running

    def _can_begin(self) -> bool:
        return self._context.session.gallery.total > 0 and not self.is_running
