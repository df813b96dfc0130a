"""The folders that sorts have filled: the copies in them are no photos of their own, and are not read again."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.paths import journals_folder
from catdog_desktop.sorting.journal import list_journals, read_outputs
from catdog_desktop.sorting.options import Action

ALREADY_SORTED: Final = "lies in a folder that a sort has filled"


def own_output_folders(
    sources: Iterable[Path], outputs: Iterable[Path] = (), journal_folder: Path | None = None
) -> tuple[Path, ...]:
    """Return the folders that are left out below `sources`: `outputs`, and what earlier sorts copied or linked to.

    An earlier sort's folders count only where they were met by the way: who gives its destination, or something in
    it, as a source wants just these photos. Photos that were moved are no copies; they are read as any others.
    """
    own = [_real(folder) for folder in outputs]
    real_sources = [_real(source) for source in sources]
    for path in list_journals(journal_folder or journals_folder()):
        head = read_outputs(path)
        if head is None or head[0] is Action.MOVE:
            continue
        destination = _real(head[1])
        if not any(source.is_relative_to(destination) for source in real_sources):
            own += [_real(output) for output in head[2]]
    return tuple(dict.fromkeys(own))


def skip_sorted(
    found: Iterable[Path | Skipped], sources: Sequence[Path], outputs: Iterable[Path] = ()
) -> Iterator[Path | Skipped]:
    """Pass on what was found below `sources`, but photos in folders that a sort has filled as left out."""
    own = own_output_folders(sources, outputs)
    within: dict[Path, bool] = {}
    for photo in found:
        if own and not isinstance(photo, Skipped):
            folder = photo.parent
            if folder not in within:
                real = _real(folder)
                within[folder] = any(real.is_relative_to(one) for one in own)
            if within[folder]:
                yield Skipped(photo, SkipReason.REPEATED, ALREADY_SORTED)
                continue
        yield photo


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))
