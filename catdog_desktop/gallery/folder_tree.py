"""The folders of the gallery's photos as a tree, for the folder filter."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from catdog_desktop.gallery.natural_sort import natural_key


@dataclass(frozen=True, slots=True)
class Folder:
    """One folder of the tree."""

    path: Path
    depth: int
    """Number of its ancestors in the tree."""
    photos: int
    """Number of photos in it and in its subfolders."""


def folder_tree(photos: Mapping[str, int], opened: Iterable[Path]) -> list[Folder]:
    """Return the `opened` folders and their subfolders that hold photos, each before its subfolders, by name.

    `photos` maps a folder to the number of photos directly in it. A folder outside all opened folders, because its
    photos were opened one by one, is a root of its own.
    """
    tops = {os.fspath(path) for path in opened}
    counts: dict[str, int] = {}
    roots: dict[str, str] = {}
    for folder, count in photos.items():
        lineage = _lineage(folder, tops)
        for one in lineage:
            counts[one] = counts.get(one, 0) + count
            roots[one] = lineage[-1]
    keys = {folder: (_sort_key(roots[folder]), _sort_key(folder)) for folder in counts}
    return [
        Folder(Path(folder), len(Path(folder).parts) - len(Path(roots[folder]).parts), counts[folder])
        for folder in sorted(counts, key=keys.__getitem__)
    ]


def _lineage(folder: str, tops: set[str]) -> list[str]:
    """Return `folder` and its ancestors, up to the topmost one in `tops`; only `folder` if none is in `tops`."""
    lineage, last = [folder], 0
    while (above := os.path.dirname(lineage[-1])) != lineage[-1]:  # noqa: PTH120  As in `Columns.put_path`.
        lineage.append(above)
        if above in tops:
            last = len(lineage) - 1
    return lineage[: last + 1]


def _sort_key(folder: str) -> list[str]:
    return [natural_key(part) for part in Path(folder).parts]
