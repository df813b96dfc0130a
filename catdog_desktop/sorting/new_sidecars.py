"""Sidecars that an editor made beside photos after a sort had moved these: where a photo goes back, they go with it."""

from collections.abc import Iterator
from pathlib import Path

from catdog_desktop.files.free_names import with_other_stem
from catdog_desktop.files.safe_copy import FileStat
from catdog_desktop.sorting.companions import SIDECARS, Companions
from catdog_desktop.sorting.journal import Journal
from catdog_desktop.sorting.journal_items import JournalItem

_COARSEST_NS = 2 * 10**9
"""A stick keeps times to two seconds."""


class LateSidecars:
    """Finds them, and has them in the journal before their photo goes, so that a crash does not part them."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._known = {item.placed for item in journal.items}
        self._companions = Companions(step[0].placed for step in journal.steps if step[0].placed is not None)
        self._began_ns = int(journal.started.timestamp() * 1e9)

    def announce(self, photo: JournalItem) -> list[JournalItem]:
        """Return those that lie beside `photo` where the sort has put it, now written in the journal. `SortError`."""
        if photo.placed is None:
            return []
        return [
            self._journal.also(photo.step, _home_of(path, photo.placed, photo.source), path, looks)
            for path, looks in self._beside(photo.placed)
        ]

    def _beside(self, placed: Path) -> Iterator[tuple[Path, FileStat]]:
        for path in self._companions.take(placed):
            if path.suffix.lower() not in SIDECARS or path in self._known:
                continue
            try:
                looks = FileStat.of(path)
            except OSError:
                continue  # gone again, or not ours to look at
            if looks.modified_ns >= self._began_ns - _COARSEST_NS:  # an older one is of another photo of that name
                yield path, looks


def follow(sidecar: JournalItem, photo: JournalItem) -> None:
    """Let `sidecar` go home under the name that `photo` has come home under, which may not be its old one."""
    if sidecar.placed is not None and photo.came_from is not None and photo.restored is not None:
        sidecar.source = _home_of(sidecar.placed, photo.came_from, photo.restored)


def _home_of(sidecar: Path, photo: Path, home: Path) -> Path:
    """Return what `sidecar` of `photo` is called beside `home`."""
    return home.with_name(with_other_stem(sidecar.name, photo.stem, home.stem))
