"""Move photos with their companions to the trash and back. Nothing is ever deleted.

The move itself is the system's (the window passes a function of Qt); everything else is here.
"""

import contextlib
import errno
import os
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.files.safe_copy import (
    CopyError,
    FileStat,
    copy_verified,
    fsync_folder,
    remove,
    rename_without_replacing,
)
from catdog_desktop.messages import _
from catdog_desktop.paths import journals_folder
from catdog_desktop.progress import Progress
from catdog_desktop.sorting.companions import Companions
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.trashing.trash_journal import (
    TrashedFile,
    TrashError,
    TrashJournal,
    TrashProblem,
    create_trash_journal,
    delete_trash_journal,
    find_trash_journal,
    list_trash_journals,
    read_trash_journal,
    trash_journals_folder,
)


class NoTrashError(Exception):
    """The system has no trash for this file. The file is where it was."""


MoveFile = Callable[[Path], Path | None]
"""Moves one file to the trash and returns its path there, None if that is unknown. Raises `NoTrashError`."""
OnProgress = Callable[[Progress], object]


@dataclass(frozen=True, slots=True)
class TrashPlan:
    """Photos to move to the trash, each with its companions."""

    steps: tuple[tuple[Path, ...], ...]
    """A photo, then its companions."""

    @property
    def companions(self) -> tuple[Path, ...]:
        """The files that go along."""
        return tuple(path for _photo, *others in self.steps for path in others)


@dataclass(slots=True)
class TrashOutcome:
    """What a move to the trash, or its undo, has done."""

    journal_id: str
    photos: list[Path] = field(default_factory=list)
    """Photos that were moved, at their paths outside the trash."""
    companions: list[Path] = field(default_factory=list)
    failed: list[tuple[Path, str]] = field(default_factory=list)
    """Files that are where they were, with the reason, to be read after their names."""
    not_done: int = 0
    """Photos that the run did not reach."""


@dataclass(frozen=True, slots=True)
class TrashInfo:
    """Summary of a move to the trash."""

    id: str
    started: datetime
    moved: int
    """How many photos were moved to the trash."""
    photos: int
    """How many are still in the trash."""


def plan_trash(photos: Collection[Path]) -> TrashPlan:
    """Find the companions of `photos`. Only reads the disk."""
    companions = Companions(photos)
    return TrashPlan(tuple((photo, *companions.take(photo)) for photo in photos))


def move_to_trash(
    plan: TrashPlan,
    move: MoveFile,
    *,
    obstacle: Callable[[Path], str] = lambda _photo: "",
    on_progress: OnProgress = lambda _progress: None,
    cancel_token: CancelToken | None = None,
) -> TrashOutcome:
    """Move the files of `plan` to the trash with `move`.

    `obstacle` returns why a photo must stay, empty if it may go; it is asked just before the photo is moved. Files that
    stay are in the outcome. Raises `TrashError` if the journal cannot be written; then no further file is moved.
    """
    token = cancel_token or CancelToken()
    with _one_writer():
        files, failed = _look_at(plan)
        if not files:
            return TrashOutcome("", failed=failed)
        with create_trash_journal(trash_journals_folder(), files) as journal:
            outcome = TrashOutcome(journal.id, failed=failed)
            steps = _steps(journal.files)
            for number, (photo, *companions) in enumerate(steps):
                if token.cancelled:
                    outcome.not_done = len(steps) - number
                    break
                reason = obstacle(photo.source) or _move_one(journal, photo, move)
                if reason:
                    outcome.failed.append((photo.source, reason))
                else:
                    outcome.photos.append(photo.source)
                    _move_companions(journal, companions, move, outcome)
                on_progress(Progress(number + 1, len(steps)))
            return outcome


def undo_trash(
    journal_id: str,
    *,
    on_progress: OnProgress = lambda _progress: None,
    cancel_token: CancelToken | None = None,
) -> TrashOutcome:
    """Move back what is still in the trash and whose path there is known. Raises `TrashError`. May be repeated."""
    token = cancel_token or CancelToken()
    with _one_writer(), find_trash_journal(trash_journals_folder(), journal_id) as journal:
        outcome = TrashOutcome(journal_id)
        steps = _steps(journal.in_trash)
        photos = {files[0].number for files in _steps(journal.files)}
        for number, files in enumerate(steps):
            if token.cancelled:
                outcome.not_done = len(steps) - number
                break
            for file in files:
                reason = _move_back(journal, file)
                if reason:
                    outcome.failed.append((file.source, reason))
                else:
                    (outcome.photos if file.number in photos else outcome.companions).append(file.source)
            on_progress(Progress(number + 1, len(steps)))
        return outcome


def list_trash() -> Iterator[TrashInfo]:
    """Yield the moves to the trash, the newest first. Skips journals that cannot be read."""
    for path in list_trash_journals(trash_journals_folder()):
        with contextlib.suppress(TrashError):
            journal = read_trash_journal(path)
            yield TrashInfo(journal.id, journal.started, journal.photos_moved, journal.photos_in_trash)


def last_trash() -> TrashInfo | None:
    """Return the newest move with photos still in the trash."""
    return next((info for info in list_trash() if info.photos), None)


def forget_trash(journal_id: str) -> None:
    """Delete the journal of a move to the trash, which then cannot be undone. Moves no file. Raises `TrashError`."""
    with _one_writer():
        delete_trash_journal(trash_journals_folder(), journal_id)


def _look_at(plan: TrashPlan) -> tuple[list[tuple[int, Path, FileStat]], list[tuple[Path, str]]]:
    """Return the files for the journal, and those that cannot be moved. Companions stay with such a photo."""
    files: list[tuple[int, Path, FileStat]] = []
    failed: list[tuple[Path, str]] = []
    for step, (photo, *companions) in enumerate(plan.steps):
        try:
            files.append((step, photo, FileStat.from_stat(os.lstat(photo))))
        except (FileNotFoundError, NotADirectoryError):
            failed.append((photo, _("is no longer there")))
            continue
        except (OSError, ValueError) as error:
            failed.append((photo, _("cannot be accessed ({reason})").format(reason=_reason(error))))
            continue
        for companion in companions:
            with contextlib.suppress(OSError):
                files.append((step, companion, FileStat.from_stat(os.lstat(companion))))
    return files, failed


def _move_companions(
    journal: TrashJournal, companions: Sequence[TrashedFile], move: MoveFile, outcome: TrashOutcome
) -> None:
    for companion in companions:
        reason = _move_one(journal, companion, move)
        if reason:
            outcome.failed.append((companion.source, reason))
        else:
            outcome.companions.append(companion.source)


def _move_one(journal: TrashJournal, file: TrashedFile, move: MoveFile) -> str:
    """Move one file to the trash; return why it stays, empty if it was moved."""
    journal.begin(file)
    try:
        place = move(file.source)
    except (NoTrashError, OSError) as error:
        journal.note_not_done(file)
        if isinstance(error, OSError):
            return _("was not moved to the trash ({reason})").format(reason=_reason(error))
        return _("was not moved: there is no trash for this folder")
    if os.path.lexists(file.source):
        journal.note_not_done(file)
        return _("was not moved to the trash")
    journal.note_done(file, place)
    return ""


def _move_back(journal: TrashJournal, file: TrashedFile) -> str:
    """Move one file out of the trash; return why it stays there, empty if it is back."""
    place = file.place
    if place is None:
        if os.path.lexists(file.source):  # The app was killed before the file was moved.
            journal.note_not_done(file)
            return ""
        return _("is in the trash of the system, and only that can restore it")
    try:
        found = FileStat.from_stat(os.lstat(place))
    except OSError:
        return _("is no longer in the trash")
    if (found.size, found.modified_ns) != (file.stat.size, file.stat.modified_ns):
        return _("was changed in the trash, at {place}").format(place=place)
    try:
        os.makedirs(file.source.parent, exist_ok=True)  # noqa: PTH103
        _rename_or_copy(place, file.source)
    except FileExistsError:
        return _("is in the trash, since another file has its name by now")
    except (OSError, CopyError) as error:
        return _("is in the trash, at {place} ({reason})").format(place=place, reason=_reason(error))
    journal.note_back(file)
    _remove_record(place)
    return ""


def _rename_or_copy(place: Path, target: Path) -> None:
    """Move without replacing. Raises `OSError` or `CopyError`; the file is then still at `place`."""
    try:
        rename_without_replacing(place, target, lambda: None)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
    else:
        return
    temporary = target.with_name(f".catdog-trash-{os.getpid()}.part")
    try:
        copy_verified(place, temporary)
        rename_without_replacing(temporary, target, lambda: None)
    except BaseException:
        with contextlib.suppress(OSError):
            remove(temporary)
        raise
    fsync_folder(target.parent)
    remove(place)


def _remove_record(place: Path) -> None:
    """Remove what the trash of Linux desktops notes about a file that is no longer in it (best effort)."""
    if place.parent.name == "files":
        record = place.parent.parent / "info" / f"{place.name}.trashinfo"
        with contextlib.suppress(OSError):
            record.unlink(missing_ok=True)


def _steps(files: Sequence[TrashedFile]) -> list[list[TrashedFile]]:
    steps: dict[int, list[TrashedFile]] = {}
    for file in files:
        steps.setdefault(file.step, []).append(file)
    return list(steps.values())


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)


@contextlib.contextmanager
def _one_writer() -> Iterator[None]:
    """Hold the lock of the sorts: a sort must not move a photo that goes to the trash."""
    try:
        with one_writer(journals_folder()):
            yield
    except SortError as error:
        raise TrashError(TrashProblem.NO_LOCK, error) from error
