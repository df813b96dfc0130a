"""Companions: the files that travel with a photo. Edits, metadata, raw originals, clips of live photos."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from catdog_desktop.files.free_names import FolderNames, with_other_stem
from catdog_desktop.files.safe_copy import FileStat
from catdog_desktop.sorting.companion_rules import AAE, XMP, CompanionRules
from catdog_desktop.sorting.journal import Journal
from catdog_desktop.sorting.journal_items import JournalItem

SIDECARS: Final = (XMP, AAE)
_COARSEST_CLOCK_NS: Final = 2 * 10**9
"""FAT keeps times to two seconds."""


class Companions:
    """Finds the companions of photos. Lists each folder once, and assigns each file to one photo only."""

    def __init__(self, photos: Iterable[Path]) -> None:
        """Use `photos` as the photos that are no companions themselves."""
        self._photos: dict[Path, set[str]] = {}
        for photo in photos:
            self._photos.setdefault(photo.parent, set()).add(photo.name)
        self._names = FolderNames()
        self._by_owner: dict[Path, dict[str, list[str]]] = {}
        self._photo_by_companion: dict[Path, Path] = {}

    def photo_of(self, companion: Path) -> Path | None:
        """Return the photo that `companion` was assigned to, or None."""
        return self._photo_by_companion.get(companion)

    def take(self, photo: Path) -> list[Path]:
        """Assign to `photo` its companions that no other photo has, and return them sorted by name."""
        folder = photo.parent
        if folder not in self._by_owner:
            rules = CompanionRules(folder, self._names.of(folder), self._photos.get(folder, ()))
            self._by_owner[folder] = rules.by_owner()
        taken = []
        for name in self._by_owner[folder].get(photo.name, ()):
            path = photo.with_name(name)
            # Not Path.is_file(), which raises where the folder can be listed but not searched.
            if path not in self._photo_by_companion and os.path.isfile(path) and not path.is_symlink():  # noqa: PTH113
                self._photo_by_companion[path] = photo
                taken.append(path)
        return taken


class NewSidecars:
    """Sidecars that an editor made beside moved photos after the sort. Undo moves them back with their photo."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known = {item.placed for item in journal.items}
        self._companions = Companions(step[0].placed for step in journal.steps if step[0].placed is not None)
        self._started_ns = int(journal.started.timestamp() * 1e9)

    def record(self, photo: JournalItem) -> list[JournalItem]:
        """Find the new sidecars of `photo` and record them in the journal. Raises `SortError`.

        They are recorded before their photo moves back, so that a crash does not separate them.
        """
        if photo.placed is None:
            return []
        return [
            self._journal.add_new_sidecar(photo.step, _name_beside(path, photo.placed, photo.source), path, stat)
            for path, stat in self._beside(photo.placed)
        ]

    def _beside(self, placed: Path) -> Iterator[tuple[Path, FileStat]]:
        for path in self._companions.take(placed):
            if path.suffix.lower() not in SIDECARS or path in self._known:
                continue
            try:
                stat = FileStat.of(path)
            except OSError:
                continue  # Removed meanwhile, or not readable.
            # An older sidecar belonged to another photo of the same name.
            if stat.modified_ns >= self._started_ns - _COARSEST_CLOCK_NS:
                yield path, stat


def follow(sidecar: JournalItem, photo: JournalItem) -> None:
    """Give a new sidecar the name that matches the name under which undo restored its photo."""
    if sidecar.placed is not None and photo.came_from is not None and photo.restored is not None:
        sidecar.source = _name_beside(sidecar.placed, photo.came_from, photo.restored)


def _name_beside(sidecar: Path, photo: Path, renamed_photo: Path) -> Path:
    """Return the path of `sidecar` after its `photo` became `renamed_photo`."""
    return renamed_photo.with_name(with_other_stem(sidecar.name, photo.stem, renamed_photo.stem))
