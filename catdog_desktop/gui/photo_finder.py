"""The photos of the gallery in the order found, and the walk through folders that finds more."""

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason, SkipRules
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.file_kinds import PAIRED_SUFFIXES, is_raw, pair_key
from catdog_desktop.files.drive_calls import is_deleted_below


@dataclass(slots=True)
class Found:
    """What a slice of a walk has found."""

    photos: list[Path] = field(default_factory=list)
    """New to the gallery."""
    skipped: list[Skipped] = field(default_factory=list)
    error: Exception | None = None
    """An unexpected exception, which has ended the walk."""


class PhotoFinder:
    """Finds photos for the classifying thread, which alone uses it. A walk goes on in slices, between commands."""

    def __init__(self, rules: SkipRules) -> None:
        self._rules = rules
        self._walk: Iterator[Path | Skipped] | None = None
        self.paths: dict[Path, None] = {}
        """Every photo in the gallery, in the order found."""
        self._removed: set[Path] = set()
        """Photos that the user removed from the gallery: a rescan does not bring them back."""
        self._sources: set[Path] = set()
        """What was searched, and may be again."""

    @property
    def is_walking(self) -> bool:
        """Whether there is more to find."""
        return self._walk is not None

    def find(self, paths: tuple[Path, ...], removed: tuple[Path, ...] = ()) -> None:
        """Find the photos in files and folders, except `removed`, after what is being found."""
        self._removed.update(removed)
        self._sources.update(paths)
        self._walk = _chain(self._walk, _without(_find(paths, self._rules), frozenset(removed)))

    def find_new(self, paths: tuple[Path, ...]) -> None:
        """Find the photos that the gallery does not have and that were not removed from it."""
        self._walk = _chain(self._walk, self._only_new(_find(paths, self._rules)))

    def stop(self) -> bool:
        """Stop the walk; return whether there was one."""
        was_walking, self._walk = self.is_walking, None
        return was_walking

    def remove(self, paths: Iterable[Path]) -> None:
        """Note that photos were removed from the gallery."""
        for path in paths:
            self.paths.pop(path, None)
            # A deleted one is new when it comes back. In a watched folder photos come and go for weeks.
            if not is_deleted_below(path, self._sources):
                self._removed.add(path)

    def move(self, new_paths: Mapping[Path, Path]) -> None:
        """Note that files were moved: new path by old path."""
        moved = [path for path in new_paths if path in self.paths]
        for path in moved:
            del self.paths[path]
        # Only after all old paths are gone: files may have swapped their names.
        self.paths.update((new_paths[path], None) for path in moved)

    def walk_on(self, seconds: float, is_stopped: Callable[[], bool]) -> Found:
        """Walk for `seconds` or until `is_stopped`, and note what was found."""
        found = Found()
        if self._walk is None:
            return found
        until = time.monotonic() + seconds
        try:
            for item in self._walk:
                if isinstance(item, Skipped):
                    found.skipped.append(item)
                elif item in self.paths:
                    found.skipped.append(Skipped(item, SkipReason.REPEATED))
                else:
                    self.paths[item] = None
                    if self._removed:
                        self._removed.discard(item)
                    found.photos.append(item)
                if time.monotonic() > until or is_stopped():
                    break
            else:
                self._walk = None
        except Exception as error:  # noqa: BLE001  The edge of a walk: the rest of it is lost, what it found counts.
            self._walk = None
            found.error = error
        return found

    def _only_new(self, found: Iterable[Path | Skipped]) -> Iterator[Path | Skipped]:
        """Yield photos that are neither in the gallery nor removed from it. Skipped files were reported before.

        A raw file in the gallery whose JPEG is new is skipped from now on.
        """
        raws: dict[tuple[Path, str | None], list[Path]] | None = None
        for item in found:
            if isinstance(item, Skipped) or item in self.paths or item in self._removed:
                continue
            yield item
            if not self._rules.join_raw or not item.name.lower().endswith(PAIRED_SUFFIXES):
                continue
            if raws is None:
                raws = {}
                for path in filter(is_raw, self.paths):
                    raws.setdefault((path.parent, pair_key(path.name)), []).append(path)
            for raw in raws.pop((item.parent, pair_key(item.name)), ()):
                yield Skipped(raw, SkipReason.RAW_OF_PAIR)


def _find(paths: tuple[Path, ...], rules: SkipRules) -> Iterator[Path | Skipped]:
    """Find photos, except the copies of them that a sort has made below `paths`."""
    from catdog_desktop.sorting.sorted_folders import skip_sorted

    return skip_sorted(find_photos(list(paths), rules), list(paths))


def _without(found: Iterator[Path | Skipped], removed: frozenset[Path]) -> Iterator[Path | Skipped]:
    """Yield what was found, except the photos in `removed`."""
    return (item for item in found if isinstance(item, Skipped) or item not in removed) if removed else found


def _chain(first: Iterator[Path | Skipped] | None, then: Iterator[Path | Skipped]) -> Iterator[Path | Skipped]:
    """Yield from both: a second drop waits for the first."""
    return then if first is None else itertools.chain(first, then)
