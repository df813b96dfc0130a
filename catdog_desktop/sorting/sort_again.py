"""Sort photos again that earlier sorts put into a folder which is wrong now, because a verdict has changed.

Nothing is sorted again by itself: this module only finds the photos and the options for a new plan, which can be shown,
carried out and undone like any other sort.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catdog_desktop.paths import journals_folder
from catdog_desktop.sorting.errors import SortError, SortProblem
from catdog_desktop.sorting.journal import list_journals, read_journal, read_outputs
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.options import DEFAULT_FOLDERS, Action, Layout, SortOptions
from catdog_desktop.verdict import Verdict


@dataclass(frozen=True, slots=True)
class SortedPhotos:
    """Photos that sorts have put into the folders of a destination, and the options to sort them again."""

    options: SortOptions
    """Moves each photo to the folder of its verdict; the folders below that stay."""
    photos: tuple[Path, ...]
    """Where they were put; each still exists."""


def sorted_photos(
    destination: Path, folders: Mapping[Verdict, str | None] | None = None, journal_folder: Path | None = None
) -> SortedPhotos:
    """Return the photos that earlier sorts put into `destination`.

    `folders` are the folders by verdict; without them they are those of the newest sort. Raises `SortError` if no sort
    has filled the destination, or if it is not known which of its folders belongs to which verdict.
    """
    wanted = Path(os.path.realpath(destination))
    journals = [
        path
        for path in list_journals(journal_folder or journals_folder())
        if (head := read_outputs(path)) is not None and Path(os.path.realpath(head[1])) == wanted
    ]
    photos: dict[Path, None] = {}
    outputs: tuple[Path, ...] = ()
    for path in journals:
        journal = read_journal(path)
        if journal.state in (JournalState.UNDONE, JournalState.FORGOTTEN):
            continue
        outputs = outputs or journal.outputs
        for first, *_companions in journal.steps:
            if first.placed is not None and os.path.lexists(first.placed):
                photos[first.placed] = None
    if not outputs:
        raise SortError(SortProblem.NOTHING_SORTED, destination)
    by_verdict = folders if folders is not None else _folders_of(outputs, destination)
    options = SortOptions(destination, Action.MOVE, by_verdict, Layout.SUBFOLDERS, outputs)
    return SortedPhotos(options, tuple(photos))


def _folders_of(outputs: tuple[Path, ...], destination: Path) -> dict[Verdict, str | None]:
    """Return which verdict each output folder belongs to. A journal has the folders in the order of the verdicts."""
    names = [os.path.relpath(output, destination) for output in outputs]
    if len(names) == len(DEFAULT_FOLDERS):
        return dict(zip(DEFAULT_FOLDERS, names, strict=True))
    known = {verdict: name if name in names else None for verdict, name in DEFAULT_FOLDERS.items()}
    if set(names) != set(filter(None, known.values())):
        raise SortError(SortProblem.VERDICTS_UNKNOWN, destination)
    return known
