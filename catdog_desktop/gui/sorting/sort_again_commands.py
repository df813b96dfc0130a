"""*Sort again* in the window: finds the folders that sorts have filled, makes the plan, and hands it to the sort."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.gui.jobs import Job, OnProgress
from catdog_desktop.gui.selection_scope import results_of
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.messages import _
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Thresholds

if TYPE_CHECKING:
    from catdog_desktop.gui.sorting.plan_model import SkippedFile
    from catdog_desktop.gui.sorting.sort_again_dialog import SortAgainDialog
    from catdog_desktop.sorting.plan import SortPlan


class SortAgainCommands(QObject):
    """Binds the action."""

    def __init__(
        self, context: WindowContext, start: Callable[[SortPlan], None], is_running: Callable[[], bool]
    ) -> None:
        """`start` sorts by a plan; `is_running` is whether a sort is under way."""
        super().__init__(context.window)
        self._context = context
        self._start = start
        self._dialog: SortAgainDialog | None = None
        self._job: Job | None = None
        context.actions.bind(
            "file.sort_again",
            self.open_dialog,
            enabled=lambda: context.session.model is not None and not is_running(),
        )

    def open_dialog(self) -> None:
        """Open the dialog, or say that no sort has filled a folder."""
        if self._dialog is None:
            self._context.tasks.run(_destinations, self._show_dialog)

    def close(self) -> None:
        """Stop making a plan."""
        if self._job is not None:
            self._job.cancel()
            self._job.wait()

    def _show_dialog(self, destinations: list[Path]) -> None:
        from catdog_desktop.gui.sorting.sort_again_dialog import SortAgainDialog

        if not destinations:
            self._context.say(_("No sort has filled a folder yet."))
            return
        self._dialog = SortAgainDialog(destinations, self._context.window)
        self._dialog.plan_requested.connect(self._make_plan)
        self._dialog.started.connect(self._start)
        self._dialog.finished.connect(self._on_closed)
        self._dialog.request()
        self._dialog.open()

    def _make_plan(self, destination: Path) -> None:
        self.close()
        session = self._context.session
        assert session.model is not None
        listed = {result.path: result for result in results_of(session.gallery.rows())}
        work = partial(_plan, destination, listed, session.model.identity, session.gallery.thresholds)
        job = self._job = Job(work, name="sort-plan", expected=(SortError,), parent=self)
        job.ended.connect(self._on_planned)
        job.refused.connect(self._on_refused)
        job.failed.connect(self._context.report_error)
        job.finished.connect(job.deleteLater)
        job.finished.connect(partial(self._release, job))
        job.start()

    def _release(self, job: Job) -> None:
        if self._job is job:
            self._job = None

    def _on_planned(self, planned: tuple[SortPlan, tuple[SkippedFile, ...]]) -> None:
        if self._dialog is not None:
            self._dialog.show_plan(*planned)

    def _on_refused(self, error: SortError) -> None:
        if self._dialog is not None:
            self._dialog.show_refusal(str(error))

    def _on_closed(self) -> None:
        assert self._dialog is not None
        self.close()
        self._dialog.deleteLater()
        self._dialog = None


def _destinations() -> list[Path]:
    """Return the folders that sorts have filled, the newest first."""
    from catdog_desktop.sorting.history import list_sorts

    gone = (JournalState.UNDONE, JournalState.FORGOTTEN)
    return list(dict.fromkeys(info.destination for info in list_sorts() if info.done and info.state not in gone))


def _plan(
    destination: Path,
    listed: Mapping[Path, Result],
    model_identity: str,
    thresholds: Thresholds,
    _on_progress: OnProgress,
    cancel_token: CancelToken,
) -> tuple[SortPlan, tuple[SkippedFile, ...]]:
    """Plan by the results in the list, and by stored ones of photos that are not in the list."""
    from catdog_desktop.sorting.plan import make_plan
    from catdog_desktop.sorting.sort_again import sorted_photos

    again = sorted_photos(destination)
    others = [path for path in again.photos if path not in listed]
    with Store.open() as store:
        known = store.known(others, model_identity)
    results = [listed.get(path) or known[path] for path in again.photos if path in listed or path in known]
    plan = make_plan(results, again.options, thresholds, cancel_token=cancel_token)
    unknown = tuple((path, _("is not classified yet")) for path in others if path not in known)
    return plan, (*plan.skipped, *unknown)
