"""The journal of one move to the trash: what is moved is recorded before each step, so that undo knows where it is.

A JSON lines file: a head, one line for each file, then one line for each event. A "begin" line is fsynced before its
file is moved. "done" holds the path in the trash, if the system reports one.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto
from pathlib import Path
from typing import Final, Self

from catdog_desktop import __version__
from catdog_desktop.files.atomic_write import reason_of
from catdog_desktop.files.journal_file import JournalFile, Line, name_for, newest_first, path_of, read_lines
from catdog_desktop.files.safe_copy import FileStat
from catdog_desktop.messages import _
from catdog_desktop.paths import data_folder

ID_PREFIX: Final = "trash-"
_FORMAT: Final = 1


class TrashProblem(Enum):
    """Why files cannot be moved to the trash or back."""

    JOURNAL_NOT_READ = auto()
    JOURNAL_NOT_WRITTEN = auto()
    JOURNAL_DAMAGED = auto()
    UNKNOWN_ID = auto()
    NO_LOCK = auto()


class TrashError(Exception):
    """Files cannot be moved to the trash or back. `str` is a sentence for the user."""

    def __init__(self, problem: TrashProblem, detail: object = "", *, path: Path | None = None) -> None:
        super().__init__(problem, detail, path)
        self.problem = problem
        self.detail = detail
        """The system's reason, the damage, the unknown id, or the `SortError` that says who holds the lock."""
        self.path = path
        """The damaged journal."""

    def __str__(self) -> str:
        match self.problem:
            case TrashProblem.JOURNAL_NOT_READ:
                return f"{_('The journal of the trash cannot be read')} ({self.detail})."
            case TrashProblem.JOURNAL_NOT_WRITTEN:
                return f"{_('The journal of the trash cannot be written')} ({self.detail})."
            case TrashProblem.JOURNAL_DAMAGED:
                sentence = _("The journal {path} is damaged ({error}). The files are where they are.")
                return sentence.format(path=self.path, error=self.detail)
            case TrashProblem.UNKNOWN_ID:
                sentence = _("There is no move to the trash “{id}”. “catdog undo --list” lists all.")
                return sentence.format(id=self.detail)
            case TrashProblem.NO_LOCK:
                return str(self.detail)


@dataclass(slots=True)
class TrashedFile:
    """One file of a move to the trash, a photo or a companion."""

    number: int
    step: int
    """The same for a photo and its companions; the photo comes first."""
    source: Path
    stat: FileStat
    """Before the file was moved."""
    is_begun: bool = False
    """Whether the file may be in the trash."""
    place: Path | None = None
    """Its path in the trash; None if the system does not report it."""
    is_back: bool = False

    @property
    def is_in_trash(self) -> bool:
        """Whether the file was moved, or may have been when the app was killed, and is not back."""
        return self.is_begun and not self.is_back


@dataclass(slots=True)
class TrashJournal:
    """The journal of one move to the trash. Methods that write raise `TrashError`."""

    file: JournalFile
    started: datetime
    files: list[TrashedFile]

    @property
    def id(self) -> str:
        """The id of this move."""
        return self.file.name

    @property
    def in_trash(self) -> list[TrashedFile]:
        """The files that are still in the trash."""
        return [file for file in self.files if file.is_in_trash]

    @property
    def photos_in_trash(self) -> int:
        """How many photos are still in the trash, without their companions."""
        return sum(photo.is_in_trash for photo in self._photos)

    @property
    def photos_moved(self) -> int:
        """How many photos were moved to the trash, without their companions, also if they are back."""
        return sum(photo.is_begun for photo in self._photos)

    @property
    def _photos(self) -> Iterable[TrashedFile]:
        return {file.step: file for file in reversed(self.files)}.values()

    def __enter__(self) -> Self:
        """Open for appending."""
        with _reraise_as(TrashProblem.JOURNAL_NOT_WRITTEN):
            self.file.open()
        return self

    def __exit__(self, *_: object) -> None:
        """Fsync and close."""
        self.file.close()

    def begin(self, file: TrashedFile) -> None:
        """Record that `file` is about to be moved to the trash."""
        self._append({"event": "begin", "file": file.number}, fsync=True)
        file.is_begun = True

    def note_done(self, file: TrashedFile, place: Path | None) -> None:
        """Record that `file` is in the trash, and where."""
        self._append({"event": "done", "file": file.number, "place": _text(place)}, fsync=True)
        file.place = place

    def note_not_done(self, file: TrashedFile) -> None:
        """Record that `file` could not be moved and is where it was."""
        self._append({"event": "not-done", "file": file.number}, fsync=False)
        file.is_begun = False

    def note_back(self, file: TrashedFile) -> None:
        """Record that `file` was moved back."""
        self._append({"event": "back", "file": file.number}, fsync=False)
        file.is_back = True

    def _append(self, line: Line, *, fsync: bool) -> None:
        with _reraise_as(TrashProblem.JOURNAL_NOT_WRITTEN):
            self.file.append(line, fsync=fsync)


def trash_journals_folder() -> Path:
    """Return the folder of the journals."""
    return data_folder() / "trash-journals"


def create_trash_journal(folder: Path, files: Sequence[tuple[int, Path, FileStat]]) -> TrashJournal:
    """Write the journal before a file is moved. Each of `files` is (step, source, stat). Raises `TrashError`."""
    started = datetime.now(UTC)
    head: Line = {"journal": _FORMAT, "app": __version__, "started": started.isoformat(), "files": len(files)}
    lines = [head]
    entries = []
    for number, (step, source, stat) in enumerate(files):
        looks = [stat.size, stat.modified_ns, stat.inode, stat.mode]
        lines.append({"step": step, "source": str(source), "looks": looks})
        entries.append(TrashedFile(number, step, source, stat))
    with _reraise_as(TrashProblem.JOURNAL_NOT_WRITTEN):
        file = JournalFile.create(folder, ID_PREFIX + name_for(started), lines)
    return TrashJournal(file, started, entries)


def find_trash_journal(folder: Path, journal_id: str) -> TrashJournal:
    """Return the journal `journal_id`. Raises `TrashError` if it does not exist or is damaged."""
    return read_trash_journal(_find(folder, journal_id))


def delete_trash_journal(folder: Path, journal_id: str) -> None:
    """Delete the journal `journal_id`, also if it is damaged. Raises `TrashError`."""
    path = _find(folder, journal_id)
    with _reraise_as(TrashProblem.JOURNAL_NOT_WRITTEN):
        path.unlink()


def list_trash_journals(folder: Path) -> list[Path]:
    """Return the journals in `folder`, the newest first."""
    return newest_first(folder, ID_PREFIX)


def read_trash_journal(path: Path) -> TrashJournal:
    """Read the journal at `path`. Raises `TrashError`."""
    try:
        with _reraise_as(TrashProblem.JOURNAL_NOT_READ):
            lines, file = read_lines(path)
        head, count = lines[0], lines[0]["files"]
        if head["journal"] != _FORMAT or len(lines) < count + 1:
            raise ValueError("files are missing")
        files = [
            TrashedFile(number, line["step"], Path(line["source"]), FileStat(*line["looks"]))
            for number, line in enumerate(lines[1 : count + 1])
        ]
        for event in lines[count + 1 :]:
            _replay(files[event["file"]], event)
        return TrashJournal(file, datetime.fromisoformat(head["started"]), files)
    except (ValueError, KeyError, IndexError, TypeError) as error:
        damage = f"{type(error).__name__}: {error}"
        raise TrashError(TrashProblem.JOURNAL_DAMAGED, damage, path=path) from error


def _find(folder: Path, journal_id: str) -> Path:
    path = path_of(folder, journal_id)
    if path not in list_trash_journals(folder):
        raise TrashError(TrashProblem.UNKNOWN_ID, journal_id)
    return path


def _replay(file: TrashedFile, event: Line) -> None:
    kind = event["event"]
    if kind == "begin":
        file.is_begun = True
    elif kind == "done":
        file.place = None if event["place"] is None else Path(event["place"])
    elif kind == "not-done":
        file.is_begun = False
    elif kind == "back":
        file.is_back = True
    else:
        raise ValueError(f"unknown event {kind}")


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)


@contextlib.contextmanager
def _reraise_as(problem: TrashProblem) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise TrashError(problem, reason_of(error)) from error
