"""The folders that the gallery's photos lie in, as a tree to choose from. Plain data: no Qt in here."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from catdog_desktop.gallery.photo_row import natural_key


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of the tree."""

    path: Path
    depth: int
    """How many folders are above it in the tree."""
    photos: int
    """How many photos lie in it and below it."""


def folder_tree(photos: Mapping[str, int], given: Iterable[Path]) -> list[Folder]:
    """Return the folders below those that were given, each before its sub-folders, by name.

    `photos` says how many photos lie in each folder itself. A folder that lies in none of the given ones, because its
    photos were given one by one, stands for itself.
    """
    tops = {os.fspath(path) for path in given}
    counts: dict[str, int] = {}
    roots: dict[str, str] = {}
    for folder, count in photos.items():
        line = _line_of(folder, tops)
        for one in line:
            counts[one] = counts.get(one, 0) + count
            roots[one] = line[-1]
    keys = {folder: (_key(roots[folder]), _key(folder)) for folder in counts}
    return [
        Folder(Path(folder), len(Path(folder).parts) - len(Path(roots[folder]).parts), counts[folder])
        for folder in sorted(counts, key=keys.__getitem__)
    ]


def _line_of(folder: str, tops: set[str]) -> list[str]:
    """Return `folder` and those above it, up to the uppermost that was given."""
    line, last = [folder], 0 if folder in tops else None
    while (above := os.path.dirname(line[-1])) != line[-1]:  # noqa: PTH120  As in `Columns.put_place`.
        line.append(above)
        if above in tops:
            last = len(line) - 1
    return line[: (last or 0) + 1]


def _key(folder: str) -> list[str]:
    return [natural_key(part) for part in Path(folder).parts]
