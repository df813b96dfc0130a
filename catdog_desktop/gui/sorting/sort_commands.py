"""Sorting in the window: from *Sort into folders…* to the bar that tells what became of it, and back again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.background_job import JobCommands
from catdog_desktop.gui.file_manager import reveal
from catdog_desktop.gui.jobs import Job
from catdog_desktop.gui.selection_scope import not_classified, results_of
from catdog_desktop.gui.sorting.plan_model import Stay
from catdog_desktop.gui.sorting.sort_dialog import SortDialog
from catdog_desktop.gui.sorting.sort_job import MoveReporter, SortFunction, sort_work
from catdog_desktop.gui.sorting.sort_text import (
    describe_details,
    describe_end,
    describe_last,
    describe_unfinished,
    doing,
)
from catdog_desktop.gui.widgets.job_bar import Choice, JobBar
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.sorting.history import forget_sort, last_sort, open_sorts
from catdog_desktop.sorting.journal_items import JournalInfo, JournalState
from catdog_desktop.sorting.options import Action, SortError, SortOptions
from catdog_desktop.sorting.plan import SortPlan, make_plan
from catdog_desktop.sorting.run import SortOutcome, finish_sort, run_sort, undo_sort
from catdog_desktop.verdict import Result, Thresholds

_NOT_YET = "is not classified yet"


@dataclass(frozen=True, slots=True)
class _Run:
    """A sort, the rest of one, or an undo that is under way."""

    action: Action
    destination: Path
    is_undo: bool
    moves: MoveReporter


class SortCommands(JobCommands):
    """The actions, the dialog, the thread and the bar, and how they follow from each other. One sort at a time."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context, JobBar("Sorting"))
        self._run: _Run | None = None
        self._dialog: SortDialog | None = None
        self._plan_token = CancelToken()  # Set when the user goes back or closes the window.
        self._has_failed = False
        self._reported_moves: Mapping[Path, Path] = {}
        """Moves of the last sort that the gallery knows, should the rest of it be done."""
        self._last_sort_id = ""
        """The sort that ended last in this window: it is undone without asking."""
        self.bind("file.sort", self.open_dialog, "file.undo_sort", self.undo_last)
        self._look_for_unfinished()

    # What the actions do.

    def open_dialog(self) -> None:
        """Let the user choose, and see the plan."""
        if self._dialog is not None or self.is_running:
            return
        context = self._context
        self._dialog = SortDialog(
            self.scopes(), context.settings.current, tuple(context.session.sources), context.window
        )
        self._dialog.plan_wanted.connect(self._make_plan)
        self._dialog.back.clicked.connect(self._stop_planning)
        self._dialog.started.connect(self._start)
        self._dialog.finished.connect(self._on_dialog_closed)
        self._dialog.open()

    def undo_last(self) -> None:
        """Undo the last sort that is not undone, if there is one; ask first unless it has just ended here."""
        if not self.is_running:
            self._errands.run(_find_last, self._undo_found)

    def close(self) -> None:
        """End what is under way after the photo in hand; the next start offers the rest."""
        self._stop_planning()
        super().close()

    # The dialog.

    def _make_plan(self, rows: Sequence[Row], options: SortOptions) -> None:
        waiting = [(row.path, _NOT_YET) for row in not_classified(rows)]
        dialog = self._dialog
        assert dialog is not None
        self._context.settings.change(
            sort_into=str(options.destination),
            sort_layout=options.layout.value,
            sort_folders=dialog.choices.kept_folders(),
        )
        thresholds = self._context.session.gallery.thresholds
        self._stop_planning()
        self._plan_token = CancelToken()
        plan = partial(_plan_or_sentence, results_of(rows), options, thresholds, self._plan_token)
        self._errands.run(plan, partial(self._show_plan, waiting, options))

    def _stop_planning(self) -> None:
        self._plan_token.cancel()

    def _show_plan(self, waiting: list[Stay], options: SortOptions, plan: SortPlan | str | None) -> None:
        if self._dialog is None or plan is None:
            return
        if isinstance(plan, str):
            self._dialog.show_refusal(plan, options)
        else:
            self._dialog.show_plan(plan, (*plan.skipped, *waiting))

    def _on_dialog_closed(self) -> None:
        assert self._dialog is not None
        self._stop_planning()
        self._dialog.deleteLater()
        self._dialog = None

    # Doing it.

    def _start(self, plan: SortPlan) -> None:
        action, destination = plan.options.action, plan.options.destination
        self._begin(partial(run_sort, plan), action, destination, doing(action))

    def _finish(self, journal_id: str, action: Action, destination: Path) -> None:
        self._begin(partial(finish_sort, journal_id), action, destination, doing(action), reported=self._reported_moves)

    def _undo(self, journal_id: str, action: Action, destination: Path) -> None:
        self._begin(partial(undo_sort, journal_id), action, destination, "Undoing", is_undo=True)

    def _begin(
        self,
        sort: SortFunction,
        action: Action,
        destination: Path,
        verb: str,
        *,
        is_undo: bool = False,
        reported: Mapping[Path, Path] | None = None,
    ) -> None:
        if self.is_running:
            return
        moves = MoveReporter(reported, self)
        moves.moved.connect(self._context.session.move)
        self._run = _Run(action, destination, is_undo, moves)
        # The next start finishes a sort that is left in the middle: its journal stays open.
        job = Job(
            sort_work(sort, moves if action is Action.MOVE else None),
            name="sort",
            expected=(SortError,),
            resumable=True,
            parent=self,
        )
        job.ended.connect(self._on_ended)
        job.refused.connect(self._on_refused)
        job.failed.connect(self._on_failed)
        self.begin(job, verb)

    def _on_ended(self, outcome: SortOutcome) -> None:
        run = self._run
        assert run is not None
        what = outcome.journal_id, run.action, run.destination
        self._last_sort_id = "" if run.is_undo else outcome.journal_id
        choices: list[Choice] = []
        if describe_details(outcome):
            choices.append(("Details", partial(self._show_details, outcome)))
        if run.is_undo and (outcome.not_done or outcome.failed or outcome.stopped):
            choices.append(("Undo the rest", partial(self._undo, *what)))
        if not run.is_undo:
            if outcome.not_done:
                choices.append(("Go on", partial(self._finish, *what)))
            if outcome.done:
                choices.append(("Show the folder", partial(reveal, run.destination)))
                choices.append(("Undo", partial(self._undo, *what)))
        self.bar.say(describe_end(outcome, run.action, run.destination, undone=run.is_undo), choices)

    def _on_refused(self, error: SortError) -> None:
        self.bar.say(str(error), [("Look again", self._look_for_unfinished)])

    def _on_failed(self, _error: BaseException) -> None:
        self._has_failed = True

    def _on_finished(self) -> None:
        if self._run is not None:
            # The rest of a sort reports all its moves, those of its first part too.
            self._reported_moves = {} if self._run.is_undo else self._run.moves.reported
            self._run.moves.deleteLater()
            self._run = None
        self.finish()
        if self._has_failed:
            self._has_failed = False
            self._look_for_unfinished()

    def _show_details(self, outcome: SortOutcome) -> None:
        sentence = "What could not be done, and what else is worth knowing."
        if not outcome.failed and not outcome.stopped:
            sentence = "What is worth knowing. No photo is lost."
        self.show_list("Sort into folders", sentence, describe_details(outcome))

    # What earlier sorts have left.

    def _look_for_unfinished(self) -> None:
        self.bar.hide()
        self._errands.run(_find_unfinished, self._offer)

    def _offer(self, found: JournalInfo | tuple[str, str] | None) -> None:
        if self.is_running or found is None:
            return
        if not isinstance(found, JournalInfo):
            journal_id, sentence = found
            self.bar.say(sentence, [("Set aside", partial(self._forget, journal_id))])
            return
        what = found.id, found.action, found.destination
        choices: list[Choice] = []
        if found.state is JournalState.UNDOING:
            choices.append(("Undo the rest", partial(self._undo, *what)))
        else:
            choices += [("Finish it", partial(self._finish, *what)), ("Undo it", partial(self._undo, *what))]
        choices.append(("Set aside", partial(self._forget, found.id)))
        self.bar.say(describe_unfinished(found), choices)

    def _forget(self, journal_id: str) -> None:
        self._errands.run(partial(_forget_or_sentence, journal_id), self._on_forgotten)

    def _on_forgotten(self, complaint: str | None) -> None:
        if complaint is not None:
            self.bar.say(complaint)
        else:
            self._look_for_unfinished()

    def _undo_found(self, found: JournalInfo | str) -> None:
        if isinstance(found, str):
            self.bar.say(found)
            return
        undo = partial(self._undo, found.id, found.action, found.destination)
        if found.id == self._last_sort_id:
            undo()
        else:
            self.bar.say(describe_last(found), [("Undo", undo)])


def _plan_or_sentence(
    results: Sequence[Result], options: SortOptions, thresholds: Thresholds, cancel_token: CancelToken
) -> SortPlan | str | None:
    """Return the plan, why there can be none, or nothing if it is not wanted any more."""
    try:
        return make_plan(results, options, thresholds, cancel_token=cancel_token)
    except SortError as error:
        return str(error)
    except Cancelled:
        return None


def _find_unfinished() -> JournalInfo | tuple[str, str] | None:
    """Return the newest sort that was interrupted, else name and sentence of a journal that is damaged."""
    unfinished, damaged = open_sorts()
    return unfinished[0] if unfinished else next(iter(damaged.items()), None)


def _find_last() -> JournalInfo | str:
    try:
        return last_sort() or "There is no sort to undo."
    except SortError as error:
        return str(error)


def _forget_or_sentence(journal_id: str) -> str | None:
    try:
        forget_sort(journal_id)
    except SortError as error:
        return str(error)
    return None
