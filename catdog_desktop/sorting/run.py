"""Doing what a sort plan says, finishing it after a crash, undoing it. One at a time, never without a journal."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.files.free_names import stems, with_other_stem
from catdog_desktop.paths import journals_folder
from catdog_desktop.progress import Progress
from catdog_desktop.sorting.history import last_sort
from catdog_desktop.sorting.journal import Journal, create_journal, find_journal
from catdog_desktop.sorting.journal_items import JournalItem, JournalState
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.sorting.new_sidecars import LateSidecars, follow
from catdog_desktop.sorting.options import Action, SortError
from catdog_desktop.sorting.plan import SortPlan
from catdog_desktop.sorting.transfer_errors import (
    DestinationGoneError,
    LeftError,
    NameTakenError,
    TransferError,
    in_words,
)
from catdog_desktop.sorting.transfers import make_folders, put, settle, take_back


@dataclass(frozen=True, slots=True)
class PhotoDone:
    """What became of one photo, and how far the run is."""

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
    """What a run has done, counted in photos; their companions are with them."""

    journal_id: str
    done: int = 0
    failed: list[tuple[Path, str]] = field(default_factory=list)
    """Photos that stayed as they were, with the reason, to be read after their name."""
    notes: list[tuple[Path, str]] = field(default_factory=list)
    """What is worth telling of others: a name that was taken, a copy that was left."""
    not_done: int = 0
    """Photos that the run did not come to."""
    cancelled: bool = False
    stopped: str = ""
    """Why the run ended early, as a sentence; empty if it did not."""
    moved: dict[Path, Path] = field(default_factory=dict)
    """Old and new place of every file that was moved, companions too."""


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
    """Do what `plan` says. What fails is in the outcome; `SortError` if nothing could begin or no journal be kept.

    `on_moved` is called once, at the end, with the files that were moved.
    """
    if not plan.steps:
        return SortOutcome("")
    folder = journal_folder or journals_folder()
    options = plan.options
    with one_writer(folder):
        files = [
            (number, file.source, file.target, file.looks)
            for number, step in enumerate(plan.steps)
            for file in step.files
        ]
        outputs = [output.absolute() for output in options.output_folders]
        with create_journal(folder, options.action, plan.place, outputs, files) as journal:
            return _Run(journal, on_photo, cancel_token).sort(on_moved)


def finish_sort(
    journal_id: str,
    journal_folder: Path | None = None,
    *,
    on_photo: OnPhoto | None = None,
    cancel_token: CancelToken | None = None,
    on_moved: OnMoved | None = None,
) -> SortOutcome:
    """Do what is left of a sort that was interrupted, stopped, or failed in part. Raises `SortError`."""
    folder = journal_folder or journals_folder()
    with one_writer(folder), find_journal(folder, journal_id) as journal:
        if journal.state in (JournalState.UNDOING, JournalState.UNDONE):
            raise SortError("This sort was undone, or is about to be: undo it to its end instead.")
        return _Run(journal, on_photo, cancel_token).sort(on_moved)


def undo_sort(
    journal_id: str | None = None,
    journal_folder: Path | None = None,
    *,
    on_photo: OnPhoto | None = None,
    cancel_token: CancelToken | None = None,
    on_moved: OnMoved | None = None,
) -> SortOutcome:
    """Bring everything back as it was before the sort (default: the last one that is not undone). `SortError`.

    Copies and links are removed if they are still what the sort made, photos moved go back, folders that the sort
    made go if they are empty. May be repeated after an interruption.
    """
    folder = journal_folder or journals_folder()
    with one_writer(folder):
        if journal_id is None:
            last = last_sort(folder)
            if last is None:
                raise SortError("There is no sort to undo.")
            journal_id = last.id
        with find_journal(folder, journal_id) as journal:
            if journal.state is JournalState.UNDONE:
                raise SortError("This sort is undone already.")
            return _Run(journal, on_photo, cancel_token).undo(on_moved)


class _Run:
    """One way through a journal, out or back."""

    def __init__(self, journal: Journal, on_photo: OnPhoto | None, cancel_token: CancelToken | None) -> None:
        self._journal = journal
        self._on_photo = on_photo or (lambda _: None)
        self._cancel_token = cancel_token or CancelToken()
        self._outcome = SortOutcome(journal.id)
        self._late: LateSidecars | None = None
        self._total = 0
        self._count = 0

    def sort(self, on_moved: OnMoved | None) -> SortOutcome:
        journal = self._journal
        try:
            self._settle_all()
            open_steps = [step for step in journal.steps if any(item.placed is None for item in step)]
            self._total = len(open_steps)
            if journal.state is not JournalState.UNFINISHED:
                journal.turn(JournalState.UNFINISHED)
            if open_steps:
                self._sort_steps(open_steps)
            self._remove_empty_folders()
            journal.turn(JournalState.CANCELLED if self._outcome.cancelled else JournalState.ENDED)
        finally:
            if journal.action is Action.MOVE:
                self._outcome.moved = {item.source: item.placed for item in journal.items if item.placed is not None}
                self._tell(on_moved)
        return self._outcome

    def undo(self, on_moved: OnMoved | None) -> SortOutcome:
        journal = self._journal
        try:
            self._settle_all()
            if journal.state is not JournalState.UNDOING:
                journal.turn(JournalState.UNDOING)
            if journal.action is Action.MOVE:
                self._late = LateSidecars(journal)
            steps = [step for step in reversed(journal.steps) if any(item.placed for item in step)]
            self._total = len(steps)
            for number, step in enumerate(steps):
                if self._outcome.stopped or self._cancel_token.cancelled:
                    self._outcome.cancelled = not self._outcome.stopped
                    self._outcome.not_done = len(steps) - number
                    break
                self._undo_step(step)
            kept = self._remove_empty_folders()
            if journal.folders and not journal.place.is_there():
                # Empty folders of ours may be on it.
                self._outcome.stopped = f"“{journal.destination}” cannot be found. Connect its disk, then undo again."
            elif not any((item.placed and not item.left) or item.leg for item in journal.items):
                journal.turn(JournalState.UNDONE)
                # What holds the user's other files now stays, and so does what holds that.
                self._outcome.notes += [(folder, "stays, as it holds other files.") for folder in kept]
        finally:
            if journal.action is Action.MOVE:
                self._outcome.moved = {
                    item.came_from: item.restored for item in journal.items if item.came_from and item.restored
                }
                self._tell(on_moved)
        return self._outcome

    def _tell(self, on_moved: OnMoved | None) -> None:
        if on_moved is not None and self._outcome.moved:
            on_moved(self._outcome.moved)

    def _settle_all(self) -> None:
        """After an interruption: bring every file that was on its way to one side or the other."""
        for item in self._journal.items:
            was_on_its_way = item.leg is not None
            try:
                settle(self._journal, item)
            except TransferError as error:
                raise SortError(f"“{item.source.name}” {error}") from error
            if was_on_its_way:
                self._tell_what_came_back(item)

    def _sort_steps(self, steps: Sequence[Sequence[JournalItem]]) -> None:
        self._make_destination()
        place = self._journal.place
        refusing: set[Path] = set()
        for number, step in enumerate(steps):
            if self._outcome.stopped or self._cancel_token.cancelled:
                self._outcome.cancelled = not self._outcome.stopped
                self._outcome.not_done = len(steps) - number
                return
            photo = step[0]
            try:
                if not place.is_there():
                    raise DestinationGoneError
                if photo.source.parent in refusing:
                    raise TransferError(f"cannot be moved: its folder “{photo.source.parent}” is protected.")
                self._put_step(step)
            except TransferError as error:
                failure = error
                if not place.is_there():
                    failure = DestinationGoneError()
                elif self._journal.action is Action.MOVE and _refuses(photo.source.parent):
                    refusing.add(photo.source.parent)
                self._fail(photo.source, failure)
                self._tell_what_is_beside(step)
            else:
                self._succeed(photo, photo.placed)

    def _tell_what_is_beside(self, step: Sequence[JournalItem]) -> None:
        """Note what a failed move had to bring back under another name."""
        for item in step:
            if item.restored is not None and item.restored != item.source:
                note = f"is what “{item.source.name}” was: that was changed or replaced meanwhile. Both are kept."
                self._outcome.notes.append((item.restored, note))

    def _put_step(self, step: Sequence[JournalItem]) -> None:
        """Bring a photo and its companions to their places, all of them or none."""
        photo = step[0]
        old = photo.target.stem
        tails = [item.target.name[len(old) :] for item in step]
        # After a crash in the middle of a step, the companions follow under the name that their photo got.
        stem = photo.placed.stem if photo.placed else old
        for candidate in stems(stem, max(tails, key=lambda tail: len(os.fsencode(tail)))):
            try:
                for item in step:
                    if item.placed is None:
                        put(
                            self._journal,
                            item,
                            item.target.with_name(with_other_stem(item.target.name, old, candidate)),
                        )
            except NameTakenError:
                self._withdraw(step)
                continue
            except TransferError:
                self._withdraw(step)
                raise
            if candidate != old and photo.placed is not None:
                note = f"was named “{photo.placed.name}”, as its name was taken meanwhile."
                self._outcome.notes.append((photo.source, note))
            return
        raise TransferError("has a name too long for a number to be added.")

    def _withdraw(self, step: Sequence[JournalItem]) -> None:
        """Take back what of a step had arrived before another of its files failed."""
        for item in reversed(step):
            if item.placed is not None:
                try:
                    take_back(self._journal, item)
                except (LeftError, TransferError) as error:
                    self._outcome.notes.append((item.placed or item.source, str(error)))

    def _undo_step(self, step: Sequence[JournalItem]) -> None:
        photo = step[0]
        was = photo.placed or photo.source
        planned = [item for item in step if not item.late]
        late = [item for item in step if item.late]
        if self._late is not None:
            late += self._late.announce(photo)
        for item in (*reversed(planned), *late):
            if item.placed is None:
                continue
            placed = item.placed
            try:
                if item.late:
                    if photo.placed is not None:
                        raise LeftError("stays with its photo.")
                    follow(item, photo)
                take_back(self._journal, item)
            except LeftError as error:
                self._journal.left(item, str(error))
                self._outcome.notes.append((placed, str(error)))
            except TransferError as error:
                if item is photo:
                    self._fail(placed, error)
                    return
                self._outcome.notes.append((placed, str(error)))
            else:
                self._tell_what_came_back(item)
        self._succeed(photo, photo.restored if self._journal.action is Action.MOVE else None, was)

    def _tell_what_came_back(self, item: JournalItem) -> None:
        """Note what its owner would not expect of a file that was moved and is back."""
        if self._journal.action is not Action.MOVE or item.restored is None or item.came_from is None:
            return
        if item.restored != item.source:
            note = f"came back as “{item.restored.name}”: something else has its old name."
            self._outcome.notes.append((item.source, note))
        if os.path.lexists(item.came_from):
            note = f"is still there, though it is back as “{item.restored}”: it was changed meanwhile. Both are kept."
            self._outcome.notes.append((item.came_from, note))

    def _succeed(self, photo: JournalItem, target: Path | None, source: Path | None = None) -> None:
        self._count += 1
        self._outcome.done += 1
        self._on_photo(PhotoDone(Progress(self._count, self._total), source or photo.source, target))

    def _fail(self, path: Path, error: TransferError) -> None:
        self._count += 1
        self._outcome.failed.append((path, str(error)))
        if error.ends_run:
            self._outcome.stopped = f"The run ended early: “{path.name}” {error}"
        self._on_photo(PhotoDone(Progress(self._count, self._total), path, None, str(error)))

    def _make_destination(self) -> None:
        """Make the destination if it is missing, on the disk that it was planned for. Raises `SortError`."""
        journal = self._journal
        try:
            if not journal.place.is_there():
                raise DestinationGoneError
            make_folders(journal, journal.destination)
        except (OSError, TransferError) as error:
            sentence = error if isinstance(error, TransferError) else in_words(error, journal.destination)
            raise SortError(f"The folder “{journal.destination}” {sentence}") from error
        journal.place.note_identity()

    def _remove_empty_folders(self) -> list[Path]:
        """Remove the folders that the sort made and that hold nothing; return those that hold something."""
        kept = []
        for folder in reversed(self._journal.folders):
            try:
                os.rmdir(folder)  # noqa: PTH106
            except FileNotFoundError:
                continue
            except OSError:
                kept.append(folder)
        return kept


def _refuses(folder: Path) -> bool:
    """Whether nothing can be taken out of `folder`, so that other photos in it need not be tried."""
    return not os.access(folder, os.W_OK | os.X_OK)
