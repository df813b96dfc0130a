"""What the user may choose of a sort: what is done with the photos, where to, and into which folders."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path, PurePath
from typing import Final

from catdog_desktop.verdict import Verdict


class SortError(Exception):
    """The sort cannot be planned, begun, finished or undone; the message is a full sentence for the user."""


class Action(StrEnum):
    """What is done with each photo. The values are what journals hold."""

    COPY = "copy"
    MOVE = "move"
    HARD_LINK = "hard-link"
    SYMBOLIC_LINK = "symbolic-link"

    @property
    def is_link(self) -> bool:
        """Whether no content is written, only another way to it."""
        return self in (Action.HARD_LINK, Action.SYMBOLIC_LINK)


class Layout(StrEnum):
    """How the photos lie within the folder of their verdict."""

    FLAT = "flat"
    SUBFOLDERS = "subfolders"
    """As they lie below the source they were found in."""
    YEAR_MONTH = "year-month"
    """`2024/05`, by when the photo was taken."""


DEFAULT_FOLDERS: Final[Mapping[Verdict, str | None]] = {
    Verdict.CAT: "cats",
    Verdict.DOG: "dogs",
    Verdict.BOTH: "both",
    Verdict.NEITHER: "neither",
    Verdict.UNSURE: "unsure",
}


@dataclass(frozen=True, slots=True)
class SortOptions:
    """The user's choices. Raises `SortError` if a folder's name leads out of the destination."""

    destination: Path
    action: Action = Action.COPY
    folders: Mapping[Verdict, str | None] = field(default_factory=lambda: dict(DEFAULT_FOLDERS))
    """The folder below the destination for each verdict; None or no entry: such photos stay where they are."""
    layout: Layout = Layout.FLAT
    sources: tuple[Path, ...] = ()
    """The files and folders that the user gave: sub-folders are kept relative to them."""

    def __post_init__(self) -> None:
        """Refuse folder names that are none."""
        for name in self.folders.values():
            if name is not None:
                check_folder_name(name)

    @property
    def output_folders(self) -> tuple[Path, ...]:
        """The folders that this sort fills."""
        return tuple(self.destination / name for name in self.folders.values() if name is not None)


def check_folder_name(name: str) -> None:
    """Raise `SortError` unless `name` ("cats", or "pets/cats") names a folder below the destination."""
    path = PurePath(name)
    if not name.strip() or "\0" in name or path.is_absolute() or path.drive or path == PurePath():
        raise SortError(f"“{name}” cannot be the name of a folder. Choose a plain name, such as “cats”.")
    if ".." in path.parts:
        raise SortError(f"“{name}” leads out of the destination. Choose a plain name, such as “cats”.")
    if any(len(os.fsencode(part)) > 255 for part in path.parts):
        raise SortError("The name of a folder is too long. Choose one of at most 255 bytes.")
