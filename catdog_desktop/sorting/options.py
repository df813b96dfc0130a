"""Options of a sort: action, destination, folder names and layout."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Final

from catdog_desktop.messages import pgettext
from catdog_desktop.sorting.errors import SortError, SortProblem
from catdog_desktop.verdict import Verdict

_MAX_NAME_BYTES: Final = 255
"""The limit of ext4; other file systems allow as much or more."""


class Action(StrEnum):
    """What is done with each photo. The values are stored in journals."""

    COPY = "copy"
    MOVE = "move"
    HARD_LINK = "hard-link"
    SYMBOLIC_LINK = "symbolic-link"

    @property
    def label(self) -> str:
        """The action in words."""
        return {
            Action.COPY: pgettext("action of a sort", "copy"),
            Action.MOVE: pgettext("action of a sort", "move"),
            Action.HARD_LINK: pgettext("action of a sort", "hard link"),
            Action.SYMBOLIC_LINK: pgettext("action of a sort", "symbolic link"),
        }[self]

    @property
    def is_link(self) -> bool:
        """Whether the action makes a link instead of writing content."""
        return self in (Action.HARD_LINK, Action.SYMBOLIC_LINK)


class Layout(StrEnum):
    """The folders below the folder of a verdict."""

    FLAT = "flat"
    SUBFOLDERS = "subfolders"
    """The same sub-folders as below the source."""
    YEAR_MONTH = "year-month"
    """`2024/05`, by the date of the photo."""


DEFAULT_FOLDERS: Final[Mapping[Verdict, str | None]] = {
    Verdict.CAT: "cats",
    Verdict.DOG: "dogs",
    Verdict.BOTH: "both",
    Verdict.NEITHER: "neither",
    Verdict.UNSURE: "unsure",
}


@dataclass(frozen=True, slots=True)
class SortOptions:
    """The user's choices. Raises `SortError` if a folder name is invalid."""

    destination: Path
    action: Action = Action.COPY
    folders: Mapping[Verdict, str | None] = field(default_factory=lambda: dict(DEFAULT_FOLDERS))
    """The folder below the destination for each verdict. Photos stay in place where it is None or missing."""
    layout: Layout = Layout.FLAT
    sources: tuple[Path, ...] = ()
    """The files and folders that the user named. `Layout.SUBFOLDERS` is relative to them."""

    def __post_init__(self) -> None:
        """Reject invalid folder names."""
        for name in self.folders.values():
            if name is not None:
                check_folder_name(name)

    @property
    def output_folders(self) -> tuple[Path, ...]:
        """The folders that this sort fills."""
        return tuple(self.destination / name for name in self.folders.values() if name is not None)


def check_folder_name(name: str) -> None:
    """Raise `SortError` unless `name` ("cats" or "pets/cats") is a folder below the destination."""
    path = PurePath(name)
    if not name.strip() or "\0" in name or path.is_absolute() or path.drive or path == PurePath():
        raise SortError(SortProblem.INVALID_FOLDER_NAME, name)
    if ".." in path.parts:
        raise SortError(SortProblem.NAME_LEAVES_DESTINATION, name)
    if any(len(os.fsencode(part)) > _MAX_NAME_BYTES for part in path.parts):
        raise SortError(SortProblem.FOLDER_NAME_TOO_LONG, name)
