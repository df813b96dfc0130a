"""Sorting in the window: the dialog, the job, the bar that says what was done, and what earlier sorts have left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.file_manager import reveal
from catdog_desktop.gui.job_commands import JobCommands
from catdog_desktop.gui.jobs import Job, OnProgress
from catdog_desktop.gui.selection_scope import not_classified, results_of
from catdog_desktop.gui.undo_stack import Change, ChangeKind
from catdog_desktop.gui.widgets.job_bar import Choice, JobBar
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _, ngettext
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.journal_items import JournalInfo, JournalState
from catdog_desktop.sorting.options import Action, SortOptions

if TYPE_CHECKING:
    from catdog_desktop.gui.sorting.plan_model import SkippedFile
    from catdog_desktop.gui.sorting.sort_dialog import SortDialog
    from catdog_desktop.gui.sorting.sort_job import MoveReporter, SortFunction
    from catdog_desktop.sorting.plan import SortPlan
    from catdog_desktop.sorting.run import SortOutcome


@dataclass(frozen=True, slots=True)
class _Run:
    """What the current job does: a sort, the rest of one, or an undo."""

    action: Action
    destination: Path
    is_undo: bool
    moves: MoveReporter
    plan: SortPlan | None
    """The plan of a new sort."""


class SortCommands(JobCommands):
    """*Sort into folders* and *Undo last sort*. One sort at a time."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context, JobBar(_("Sorting")))
        self._run: _Run | None = None
        self._dialog: SortDialog | None = None
        self._plan_jobs: list[Job] = []
        """The job that makes the plan, and those before it that were cancelled and have not ended yet."""
        self._has_failed = False
        """The current job has failed unexpectedly."""
        self._reported_moves: Mapping[Path, Path] = {}
        """Moves of the last sort that the gallery knows, in case the rest of that sort follows."""
        self._last_sort_id = ""
        """The sort that this window did last: it is undone without asking."""
        self.bind("file.sort", self.open_dialog, "file.undo_sort", self.undo_last)
        self._find_unfinished()

    # The dialog and the plan.

    def open_dialog(self) -> None:
        """Open the dialog; nothing is sorted before the user has seen the plan."""
        from catdog_desktop.gui.sorting.sort_dialog import SortDialog

        if self._dialog is not None or self.is_running:
            return
        context = self._context
        sources = tuple(context.session.sources)
        self._dialog = SortDialog(self.scopes(), context.settings.current, sources, context.window)
        self._dialog.plan_requested.connect(self._make_plan)
        self._dialog.back.clicked.connect(self._cancel_plan)
        self._dialog.started.connect(self.start)
        self._dialog.finished.connect(self._on_dialog_closed)
        self._dialog.open()

    def close(self) -> None:
        """End the job after the current photo; the next start offers to finish the sort."""
        self._cancel_plan()
        for job in self._plan_jobs:
            job.wait()
        super().close()

    def _make_plan(self, rows: Sequence[Row], options: SortOptions) -> None:
        from catdog_desktop.sorting.plan import make_plan, system_folders_left

        assert self._dialog is not None
        self._context.settings.change(
            sort_into=str(options.destination),
            sort_layout=options.layout.value,
            sort_folders=self._dialog.choices.kept_folders(),
        )
        results, thresholds = results_of(rows), self._context.session.gallery.thresholds
        waiting = tuple((row.path, _("is not classified yet")) for row in not_classified(rows))

        def work(_on_progress: OnProgress, cancel_token: CancelToken) -> tuple[SortPlan, dict[Path, str]]:
            plan = make_plan(results, options, thresholds, cancel_token=cancel_token)
            return plan, system_folders_left(plan)

        self._cancel_plan()
        job = Job(work, name="sort-plan", expected=(SortError,), parent=self)
        job.ended.connect(partial(self._show_plan, waiting))
        job.refused.connect(partial(self._show_refusal, options))
        job.failed.connect(self._context.report_error)
        job.finished.connect(partial(self._on_plan_job_finished, job))
        self._plan_jobs.append(job)
        job.start()

    def _cancel_plan(self) -> None:
        for job in self._plan_jobs:
            job.cancel()

    def _show_plan(self, waiting: tuple[SkippedFile, ...], planned: tuple[SortPlan, dict[Path, str]]) -> None:
        plan, system_folders = planned
        if self._dialog is not None:
            self._dialog.show_plan(plan, (*plan.skipped, *waiting), system_folders)

    def _show_refusal(self, options: SortOptions, error: SortError) -> None:
        if self._dialog is not None:
            self._dialog.show_refusal(str(error), options)

    def _on_plan_job_finished(self, job: Job) -> None:
        self._plan_jobs.remove(job)
        job.deleteLater()

    def _on_dialog_closed(self) -> None:
        assert self._dialog is not None
        self._cancel_plan()
        self._dialog.deleteLater()
        self._dialog = None

    # The job.

    def start(self, plan: SortPlan) -> None:
        """Sort by `plan`."""
        from catdog_desktop.gui.sorting.sort_text import progress_label
        from catdog_desktop.sorting.run import run_sort

        action = plan.options.action
        self._begin(partial(run_sort, plan), action, plan.options.destination, progress_label(action), plan=plan)

    def _finish(self, journal_id: str, action: Action, destination: Path) -> None:
        from catdog_desktop.gui.sorting.sort_text import progress_label
        from catdog_desktop.sorting.run import finish_sort

        sort = partial(finish_sort, journal_id)
        self._begin(sort, action, destination, progress_label(action), reported=self._reported_moves)

    def _undo(self, journal_id: str, action: Action, destination: Path) -> None:
        from catdog_desktop.sorting.run import undo_sort

        self._begin(partial(undo_sort, journal_id), action, destination, _("Undoing"), is_undo=True)

    def _begin(
        self,
        sort: SortFunction,
        action: Action,
        destination: Path,
        label: str,
        *,
        is_undo: bool = False,
        reported: Mapping[Path, Path] | None = None,
        plan: SortPlan | None = None,
    ) -> None:
        from catdog_desktop.gui.sorting.sort_job import MoveReporter, sort_work

        if self.is_running:
            return
        moves = MoveReporter(reported, self)
        moves.moved.connect(self._context.session.move)
        self._run = _Run(action, destination, is_undo, moves, plan)
        work = sort_work(sort, moves if action is Action.MOVE else None)
        # Resumable: its journal stays open when the window closes, and the next start offers to finish it.
        job = Job(work, name="sort", expected=(SortError,), resumable=True, parent=self)
        job.ended.connect(self._on_ended)
        job.refused.connect(self._on_refused)
        job.failed.connect(self._on_failed)
        self.begin(job, label)

    def _on_ended(self, outcome: SortOutcome) -> None:
        from catdog_desktop.gui.sorting.sort_text import describe_details, describe_end

        run = self._run
        assert run is not None
        sort = outcome.journal_id, run.action, run.destination
        self._last_sort_id = "" if run.is_undo else outcome.journal_id
        self._note_change(run, outcome)
        choices: list[Choice] = []
        if run.is_undo:
            if outcome.not_done or outcome.failed or outcome.stopped:
                choices.append((_("Undo the rest"), partial(self._undo, *sort)))
        else:
            if outcome.done:
                choices.append((_("Undo"), partial(self._undo, *sort)))
            if outcome.not_done:
                choices.append((_("Resume"), partial(self._finish, *sort)))
        if describe_details(outcome):
            choices.append((_("Details"), partial(self._show_details, outcome)))
        if outcome.done and not run.is_undo:
            choices.append((_("Show folder"), partial(reveal, run.destination, self._context.say)))
        sentence = describe_end(outcome, run.action, run.destination, is_undo=run.is_undo)
        self.bar.say(sentence, choices, stays=bool(outcome.failed or outcome.not_done or outcome.stopped))

    def _note_change(self, run: _Run, outcome: SortOutcome) -> None:
        """Note for *Undo* in the Edit menu what can be undone now."""
        undo = self._context.undo
        undo.discard(outcome.journal_id)
        if run.is_undo or not outcome.done:
            return
        count = outcome.done
        match run.action:
            case Action.COPY:
                question = ngettext("{count} copy is affected.", "{count} copies are affected.", count)
            case Action.MOVE:
                question = ngettext("{count} photo is moved.", "{count} photos are moved.", count)
            case _:
                question = ngettext("{count} link is affected.", "{count} links are affected.", count)
        undo.push(
            Change(
                ChangeKind.SORT,
                ngettext("sort {count} photo", "sort {count} photos", count).format(count=format_number(count)),
                partial(self._undo, outcome.journal_id, run.action, run.destination),
                None if run.plan is None else partial(self.start, run.plan),
                question.format(count=format_number(count)),
                outcome.journal_id,
                self._is_idle,
            )
        )

    def _on_refused(self, error: SortError) -> None:
        self.bar.say(str(error), [(_("Check again"), self._find_unfinished)], stays=True)

    def _on_failed(self, _error: BaseException) -> None:
        self._has_failed = True

    def _on_finished(self) -> None:
        if self._run is not None:
            # The rest of a sort reports all its moves again, those of the first part included.
            self._reported_moves = {} if self._run.is_undo else self._run.moves.reported
            self._run.moves.deleteLater()
            self._run = None
        super()._on_finished()
        if self._has_failed:
            self._has_failed = False
            self._find_unfinished()

    def _show_details(self, outcome: SortOutcome) -> None:
        from catdog_desktop.gui.sorting.sort_text import describe_details

        if outcome.failed or outcome.stopped:
            sentence = _("What failed, and notes on other photos.")
        else:
            sentence = _("Notes on single photos. No photo is lost.")
        self.show_list(_("Sort into folders"), sentence, describe_details(outcome))

    # Earlier sorts.

    def undo_last(self) -> None:
        """Undo the last sort that is not undone; ask first unless this window did it last."""
        if not self.is_running:
            self._context.tasks.run(_last_sort, self._on_last_found)

    def _on_last_found(self, found: JournalInfo | str) -> None:
        from catdog_desktop.gui.sorting.sort_text import describe_last

        if isinstance(found, str):
            self.bar.say(found)
            return
        undo = partial(self._undo, found.id, found.action, found.destination)
        if found.id == self._last_sort_id:
            undo()
        else:
            self.bar.say(describe_last(found), [(_("Undo"), undo)], stays=True)

    def _find_unfinished(self) -> None:
        self.bar.hide()
        self._context.tasks.run(_newest_unfinished, self._offer)

    def _offer(self, found: JournalInfo | tuple[str, str] | None) -> None:
        """Offer what can be done with an interrupted sort, or with a damaged journal (its id and a sentence)."""
        if self.is_running or found is None:
            return
        from catdog_desktop.gui.sorting.sort_text import describe_unfinished

        if not isinstance(found, JournalInfo):
            journal_id, sentence = found
            self.bar.say(sentence, [(_("Leave as is"), partial(self._forget, journal_id))], stays=True)
            return
        sort = found.id, found.action, found.destination
        choices: list[Choice] = []
        if found.state is JournalState.UNDOING:
            choices.append((_("Undo the rest"), partial(self._undo, *sort)))
        else:
            choices += [(_("Finish"), partial(self._finish, *sort)), (_("Undo"), partial(self._undo, *sort))]
        choices.append((_("Leave as is"), partial(self._forget, found.id)))
        self.bar.say(describe_unfinished(found), choices, stays=True)

    def _forget(self, journal_id: str) -> None:
        self._context.tasks.run(partial(_forget, journal_id), self._on_forgotten)

    def _on_forgotten(self, error: str | None) -> None:
        if error is not None:
            self.bar.say(error)
        else:
            self._find_unfinished()


def _newest_unfinished() -> JournalInfo | tuple[str, str] | None:
    """Return the newest sort that was interrupted, else id and error of a damaged journal."""
    from catdog_desktop.sorting.history import open_sorts

    unfinished, damaged = open_sorts()
    return unfinished[0] if unfinished else next(iter(damaged.items()), None)


def _last_sort() -> JournalInfo | str:
    """Return the last sort that is not undone, or a sentence."""
    from catdog_desktop.sorting.history import last_sort

    try:
        return last_sort() or _("There is no sort to undo.")
    except SortError as error:
        return str(error)


def _forget(journal_id: str) -> str | None:
    """Mark a sort so that it is not offered again; return a sentence if that fails."""
    from catdog_desktop.sorting.history import forget_sort

    try:
        forget_sort(journal_id)
    except SortError as error:
        return str(error)
    return None
