"""Why files and folders that are found in a folder are skipped."""

from dataclasses import dataclass
from enum import Enum
from pathlib import Path


class SkipReason(Enum):
    """Why a file or a folder within a folder was skipped."""

    SYSTEM_FILE = "system files"
    NOT_A_PHOTO = "not photos"
    UNREADABLE = "could not be looked into"
    LOOP = "links back to a folder already seen"
    REPEATED = "given more than once"


@dataclass(frozen=True, slots=True)
class Skipped:
    """A path that is not classified, and why."""

    path: Path
    reason: SkipReason
    detail: str = ""
    """More about the reason, for the user: "it holds text"; empty if there is nothing more to say."""
