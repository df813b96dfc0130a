"""What a journal holds: files on their way, and how far a sort has come."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from pathlib import Path

from catdog_desktop.files.safe_copy import Content, FileStat
from catdog_desktop.sorting.options import Action


class Way(StrEnum):
    """Where a file is going."""

    OUT = "out"
    BACK = "back"


class JournalState(Enum):
    """How far a sort has come. The values are what the user reads."""

    UNFINISHED = "was interrupted"
    ENDED = "done"
    CANCELLED = "stopped by you"
    UNDOING = "undone in part"
    UNDONE = "undone"
    FORGOTTEN = "set aside"


@dataclass(slots=True)
class Leg:
    """One way of one file that was begun and is not known to have ended."""

    way: Way
    source: Path
    target: Path
    inode: int
    """Of the source, for a file that is renamed keeps it."""
    copied: Content | None = None
    """Once the temporary file is whole and compared: what it holds."""
    placeholder: bool = False
    """An empty file of ours may hold the target's name."""


@dataclass(slots=True)
class JournalItem:
    """One file of the plan, a photo or a companion, and what has become of it. Or a sidecar that came later."""

    number: int
    step: int
    source: Path
    target: Path
    looks: FileStat
    """Of the source, when the plan was made."""
    placed: Path | None = None
    """Where it lies, once it is there: another name than planned, if that was taken meanwhile."""
    content: Content | None = None
    """What was written, if content was written."""
    leg: Leg | None = None
    left: str = ""
    """Why undoing left it where it is."""
    restored: Path | None = None
    """Where undoing put it."""
    came_from: Path | None = None
    """Where it lay before undoing put it there."""
    late: bool = False
    """It is no file of the plan, but a sidecar that was made beside its photo after the sort."""


@dataclass(frozen=True, slots=True)
class JournalInfo:
    """A sort of some day, as a list shows it. `photos` and `done` count photos, not their companions."""

    id: str
    started: datetime
    action: Action
    destination: Path
    photos: int
    done: int
    state: JournalState
    outputs: tuple[Path, ...]
    """The folders that it fills."""
