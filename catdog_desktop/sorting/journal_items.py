"""The data of a sort's journal: files, transfers in progress, and the state of the sort.

These types are apart from `journal`, so that the window and the command line can list sorts without the code that
reads and writes journals.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, StrEnum
from pathlib import Path

from catdog_desktop.files.safe_copy import Content, FileStat
from catdog_desktop.messages import _
from catdog_desktop.sorting.options import Action


class Direction(StrEnum):
    """The direction of a transfer. The values are stored in journals."""

    OUT = "out"
    """To the destination."""
    BACK = "back"
    """Undo."""


class JournalState(Enum):
    """The state of a sort. Journals store the names in lower case."""

    UNFINISHED = "unfinished"
    ENDED = "ended"
    CANCELLED = "cancelled"
    UNDOING = "undoing"
    UNDONE = "undone"
    FORGOTTEN = "forgotten"
    """Left as it is: never offered to be finished or undone again."""

    @property
    def label(self) -> str:
        """The state in the user's language."""
        return {
            JournalState.UNFINISHED: _("was interrupted"),
            JournalState.ENDED: _("done"),
            JournalState.CANCELLED: _("stopped by you"),
            JournalState.UNDOING: _("partly undone"),
            JournalState.UNDONE: _("undone"),
            JournalState.FORGOTTEN: _("left as it is"),
        }[self]


@dataclass(slots=True)
class Transfer:
    """One transfer of one file that was begun, and whose end is not in the journal."""

    direction: Direction
    source: Path
    target: Path
    inode: int
    """Inode of the source. A rename keeps it."""
    copied: Content | None = None
    """The content of the temporary file, once that is complete and verified."""
    has_placeholder: bool = False
    """Whether an empty file made by the sort may exist at `target`."""


@dataclass(slots=True)
class JournalItem:
    """One file of a sort, a photo or a companion, and its current place."""

    number: int
    step: int
    """Files with the same step number belong together: a photo and its companions."""
    source: Path
    target: Path
    stat: FileStat
    """Of the source when the plan was made."""
    placed: Path | None = None
    """Where the sort put the file; None before that and after undo. Its name may differ from `target`."""
    content: Content | None = None
    """The content that was written, if the file was copied."""
    transfer: Transfer | None = None
    """The transfer in progress."""
    kept_reason: str = ""
    """Why undo left the file in place, as a sentence; empty if it did not."""
    restored: Path | None = None
    """Where undo put the file."""
    came_from: Path | None = None
    """Where the file was before undo put it back."""
    is_new_sidecar: bool = False
    """Whether the file is not in the plan, but is a sidecar that was made beside its photo after the sort."""


@dataclass(frozen=True, slots=True)
class JournalInfo:
    """Summary of a sort for lists. `photos` and `done` count photos, without their companions."""

    id: str
    started: datetime
    action: Action
    destination: Path
    photos: int
    done: int
    state: JournalState
    outputs: tuple[Path, ...]
    """The folders that the sort filled."""
