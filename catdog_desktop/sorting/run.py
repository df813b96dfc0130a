"""Run a sort plan, finish it after an interruption, or undo it. One run at a time, always with a journal."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.files.free_names import companion_tail, stems, with_other_stem
from catdog_desktop.messages import _
from catdog_desktop.paths import journals_folder
from catdog_desktop.progress import Progress
from catdog_desktop.sorting.companions import NewSidecars, follow
from catdog_desktop.sorting.errors import SortError, SortProblem
from catdog_desktop.sorting.history import last_sort
from catdog_desktop.sorting.journal import Journal, create_journal, find_journal
from catdog_desktop.sorting.journal_items import JournalItem, JournalState
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.plan import SortPlan
from catdog_desktop.sorting.resume import settle_all
from catdog_desktop.sorting.transfer_errors import (
    DestinationGoneError,
    KeepReason,
    KeptError,
    NameTakenError,
    Problem,
    TransferError,
    from_oserror,
)
from catdog_desktop.sorting.transfers import make_folders, put, take_back


@dataclass(frozen=True, slots=True)
class PhotoDone:
    """What became of one photo, and the progress of the run."""

    progress: Progress
    """In photos, this one and the failed ones included."""
    source: Path
    """Where the photo was before this run."""
    target: Path | None = None
    """Where the photo, or its copy, is now; None if it failed, or if a copy was removed."""
    error: str = ""
    """Why it failed, to be read after its name; empty if it did not."""


@dataclass(slots=True)
class SortOutcome:
    """The outcome of a run. Counts are photos, without their companions."""

    journal_id: str
    done: int = 0
    failed: list[tuple[Path, str]] = field(default_factory=list)
    """Photos that are unchanged because of an error, with the reason, to be read after their name."""
    notes: list[tuple[Path, str]] = field(default_factory=list)
    """Other files worth reporting: a photo that got another name, a copy that was kept."""
    not_done: int = 0
    """Photos that the run did not reach."""
    cancelled: bool = False
    stopped: str = ""
    """Why the run ended early, as a sentence; empty if it did not."""
    moved: dict[Path, Path] = field(default_factory=dict)
    """Old and new path of every file that was moved, companions included."""


OnPhoto = Callable[[PhotoDone], None]
OnMoved = Callable[[Mapping[Path, Path]], object]


def run_sort(
    plan: SortPlan,
    journal_folder: Path | None = None,
    *,
    on_photo: OnPhoto | None = None,
    cancel_token: CancelToken | None = None,
    on_moved: OnMoved | None = None,
) -> SortOutcome:
    """Run `plan`. Failed photos are in the outcome.

    Raises `SortError` if the run cannot start or the journal cannot be written. `on_moved` is called once, at the end,
    with the files that were moved.
    """
    if not plan.steps:
        return SortOutcome("")
    folder = journal_folder or journals_folder()
    options = plan.options
    with one_writer(folder):
        files = [
            (number, file.source, file.target, file.stat)
            for number, step in enumerate(plan.steps)
            for file in step.files
        ]
        outputs = [output.absolute() for output in options.output_folders]
        with create_journal(folder, options.action, plan.destination, outputs, files) as journal:
            return _Run(journal, on_photo, cancel_token).sort(on_moved)


def finish_sort(
    journal_id: str,
    journal_folder: Path | None = None,
    *,
    on_photo: OnPhoto | None = None,
    cancel_token: CancelToken | None = None,
    on_moved: OnMoved | None = None,
) -> SortOutcome:
    """Finish a sort that was interrupted, cancelled, or failed in part. Raises `SortError`. See `resume`."""
    folder = journal_folder or journals_folder()
    with one_writer(folder), find_journal(folder, journal_id) as journal:
        if journal.state in (JournalState.UNDOING, JournalState.UNDONE):
            raise SortError(SortProblem.UNDONE_IN_PART)
        return _Run(journal, on_photo, cancel_token).sort(on_moved)


def undo_sort(
    journal_id: str | None = None,
    journal_folder: Path | None = None,
    *,
    on_photo: OnPhoto | None = None,
    cancel_token: CancelToken | None = None,
    on_moved: OnMoved | None = None,
) -> SortOutcome:
    """Undo a sort (default: the last one that is not undone). Raises `SortError`.

    Moved photos go back. Copies and links are removed if they are still what the sort made. Folders that the sort
    created are removed if they are empty. Undo can be repeated after an interruption.
    """
    folder = journal_folder or journals_folder()
    with one_writer(folder):
        if journal_id is None:
            last = last_sort(folder)
            if last is None:
                raise SortError(SortProblem.NOTHING_TO_UNDO)
            journal_id = last.id
        with find_journal(folder, journal_id) as journal:
            if journal.state is JournalState.UNDONE:
                raise SortError(SortProblem.UNDONE)
            return _Run(journal, on_photo, cancel_token).undo(on_moved)


class _Run:
    """One pass through a journal, to the destination or back."""

    def __init__(self, journal: Journal, on_photo: OnPhoto | None, cancel_token: CancelToken | None) -> None:
        self._journal = journal
        self._on_photo = on_photo or (lambda _photo: None)
        self._cancel_token = cancel_token or CancelToken()
        self._outcome = SortOutcome(journal.id)
        self._new_sidecars: NewSidecars | None = None
        self._total = 0
        self._count = 0

    def sort(self, on_moved: OnMoved | None) -> SortOutcome:
        journal = self._journal
        try:
            self._settle_all()
            open_steps = [step for step in journal.steps if any(item.placed is None for item in step)]
            self._total = len(open_steps)
            if journal.state is not JournalState.UNFINISHED:
                journal.set_state(JournalState.UNFINISHED)
            if open_steps:
                self._sort_steps(open_steps)
            self._remove_empty_folders()
            journal.set_state(JournalState.CANCELLED if self._outcome.cancelled else JournalState.ENDED)
        finally:
            if journal.action is Action.MOVE:
                self._outcome.moved = {item.source: item.placed for item in journal.items if item.placed is not None}
                self._report_moved(on_moved)
        return self._outcome

    def undo(self, on_moved: OnMoved | None) -> SortOutcome:
        journal = self._journal
        try:
            self._settle_all()
            if journal.state is not JournalState.UNDOING:
                journal.set_state(JournalState.UNDOING)
            if journal.action is Action.MOVE:
                self._new_sidecars = NewSidecars(journal)
            steps = [step for step in reversed(journal.steps) if any(item.placed for item in step)]
            self._total = len(steps)
            for number, step in enumerate(steps):
                if self._should_stop(len(steps) - number):
                    break
                self._undo_step(step)
            kept = self._remove_empty_folders()
            if journal.folders and not journal.destination.is_there():
                # The disk may hold empty folders of this sort.
                self._outcome.stopped = _("“{folder}” cannot be found. Connect its disk, then undo again.").format(
                    folder=journal.destination.folder
                )
            elif not any((item.placed and not item.kept_reason) or item.transfer for item in journal.items):
                journal.set_state(JournalState.UNDONE)
                self._outcome.notes += [(folder, _("stays, since it contains other files.")) for folder in kept]
        finally:
            if journal.action is Action.MOVE:
                self._outcome.moved = {
                    item.came_from: item.restored for item in journal.items if item.came_from and item.restored
                }
                self._report_moved(on_moved)
        return self._outcome

    def _report_moved(self, on_moved: OnMoved | None) -> None:
        if on_moved is not None and self._outcome.moved:
            on_moved(self._outcome.moved)

    def _settle_all(self) -> None:
        for item in settle_all(self._journal):
            self._note_restored(item)

    def _should_stop(self, steps_left: int) -> bool:
        """Whether to end the run before the next step; if so, note it in the outcome."""
        if not self._outcome.stopped and not self._cancel_token.cancelled:
            return False
        self._outcome.cancelled = not self._outcome.stopped
        self._outcome.not_done = steps_left
        return True

    def _sort_steps(self, steps: Sequence[Sequence[JournalItem]]) -> None:
        self._make_destination()
        destination = self._journal.destination
        protected: set[Path] = set()
        for number, step in enumerate(steps):
            if self._should_stop(len(steps) - number):
                return
            photo = step[0]
            try:
                if not destination.is_there():
                    raise DestinationGoneError
                if photo.source.parent in protected:
                    raise TransferError(Problem.SOURCE_FOLDER_PROTECTED, photo.source.parent)
                self._put_step(step)
            except TransferError as error:
                failure = error
                if not destination.is_there():
                    failure = DestinationGoneError()
                elif self._journal.action is Action.MOVE and _is_protected(photo.source.parent):
                    protected.add(photo.source.parent)
                self._fail(photo.source, failure)
                self._note_renamed_originals(step)
            else:
                self._succeed(photo, photo.placed)

    def _note_renamed_originals(self, step: Sequence[JournalItem]) -> None:
        """Note the files that a failed move had to restore under another name."""
        for item in step:
            if item.restored is not None and item.restored != item.source:
                note = _("was “{name}”, which was changed or replaced meanwhile. Both are kept.")
                self._outcome.notes.append((item.restored, note.format(name=item.source.name)))

    def _put_step(self, step: Sequence[JournalItem]) -> None:
        """Transfer a photo and its companions, all of them or none."""
        photo = step[0]
        old = photo.target.stem
        tails = [companion_tail(item.target.name, old) for item in step]
        # After a crash in the middle of a step, the companions get the stem that their photo got.
        stem = photo.placed.stem if photo.placed else old
        for candidate in stems(stem, max(tails, key=lambda tail: len(os.fsencode(tail)))):
            try:
                for item in step:
                    if item.placed is None:
                        name = with_other_stem(item.target.name, old, candidate)
                        put(self._journal, item, item.target.with_name(name))
            except NameTakenError:
                self._withdraw(step)
                continue
            except TransferError:
                self._withdraw(step)
                raise
            if candidate != old and photo.placed is not None:
                note = _("was named “{name}”, since its name was taken meanwhile.").format(name=photo.placed.name)
                self._outcome.notes.append((photo.source, note))
            return
        raise TransferError(Problem.NAME_TOO_LONG)

    def _withdraw(self, step: Sequence[JournalItem]) -> None:
        """Take back the files of a step that arrived before another of its files failed."""
        for item in reversed(step):
            if item.placed is not None:
                try:
                    take_back(self._journal, item)
                except (KeptError, TransferError) as error:
                    self._outcome.notes.append((item.placed or item.source, str(error)))

    def _undo_step(self, step: Sequence[JournalItem]) -> None:
        photo = step[0]
        was = photo.placed or photo.source
        planned = [item for item in step if not item.is_new_sidecar]
        new_sidecars = [item for item in step if item.is_new_sidecar]
        if self._new_sidecars is not None:
            new_sidecars += self._new_sidecars.record(photo)
        for item in (*reversed(planned), *new_sidecars):
            if item.placed is None:
                continue
            placed = item.placed
            try:
                if item.is_new_sidecar:
                    if photo.placed is not None:
                        raise KeptError(KeepReason.PHOTO_STAYS)
                    follow(item, photo)
                take_back(self._journal, item)
            except KeptError as error:
                self._journal.note_kept(item, str(error))
                self._outcome.notes.append((placed, str(error)))
            except TransferError as error:
                if item is photo:
                    self._fail(placed, error)
                    return
                self._outcome.notes.append((placed, str(error)))
            else:
                self._note_restored(item)
        self._succeed(photo, photo.restored if self._journal.action is Action.MOVE else None, was)

    def _note_restored(self, item: JournalItem) -> None:
        """Note what is unexpected about a moved file that is back: another name, or a file left behind."""
        if self._journal.action is not Action.MOVE or item.restored is None or item.came_from is None:
            return
        if item.restored != item.source:
            note = _("came back as “{name}”: another file has its old name.").format(name=item.restored.name)
            self._outcome.notes.append((item.source, note))
        if os.path.lexists(item.came_from):
            note = _("is still there, although it is back as “{path}”: it was changed meanwhile. Both are kept.")
            self._outcome.notes.append((item.came_from, note.format(path=item.restored)))

    def _succeed(self, photo: JournalItem, target: Path | None, source: Path | None = None) -> None:
        self._count += 1
        self._outcome.done += 1
        self._on_photo(PhotoDone(Progress(self._count, self._total), source or photo.source, target))

    def _fail(self, path: Path, error: TransferError) -> None:
        self._count += 1
        self._outcome.failed.append((path, str(error)))
        if error.ends_run:
            self._outcome.stopped = _("The run ended early: “{name}” {reason}").format(name=path.name, reason=error)
        self._on_photo(PhotoDone(Progress(self._count, self._total), path, None, str(error)))

    def _make_destination(self) -> None:
        """Create the destination if it is missing, on the disk that it was planned for. Raises `SortError`."""
        journal = self._journal
        folder = journal.destination.folder
        try:
            if not journal.destination.is_there():
                raise DestinationGoneError
            make_folders(journal, folder)
        except (OSError, TransferError) as error:
            reason = error if isinstance(error, TransferError) else from_oserror(error, folder)
            raise SortError(SortProblem.DESTINATION_FAILED, folder, reason) from error
        journal.destination.remember_identity()

    def _remove_empty_folders(self) -> list[Path]:
        """Remove the empty ones of the folders that the sort created; return the others."""
        kept = []
        for folder in reversed(self._journal.folders):
            try:
                os.rmdir(folder)  # noqa: PTH106
            except FileNotFoundError:
                continue
            except OSError:
                kept.append(folder)
        return kept


def _is_protected(folder: Path) -> bool:
    """Whether nothing can be moved out of `folder`, so that other photos in it need not be tried."""
    return not os.access(folder, os.W_OK | os.X_OK)
