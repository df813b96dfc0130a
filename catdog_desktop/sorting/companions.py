"""Companions: the files that travel with a photo. Edits, raw originals, clips of live photos, new sidecars."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from catdog_desktop.file_kinds import PHOTO_SUFFIXES, RAW_SUFFIXES, is_raw
from catdog_desktop.files.free_names import FolderNames, same_name_key, with_other_stem
from catdog_desktop.files.safe_copy import FileStat
from catdog_desktop.sorting.journal import Journal
from catdog_desktop.sorting.journal_items import JournalItem
from catdog_desktop.xmp.packet import MAX_BYTES, XmpError, sidecar_for

_XMP: Final = ".xmp"
SIDECARS: Final = (_XMP, ".aae")
_LIVE_CLIP: Final = ".mov"
"""A live photo is two files with one stem. Cameras do not give a separate clip the number of a photo."""
_LIVE_PHOTOS: Final = frozenset({".heic", ".heif", ".jpg", ".jpeg"})
_COARSEST_CLOCK_NS: Final = 2 * 10**9
"""FAT keeps times to two seconds."""


class Companions:
    """Finds the companions of photos. Lists each folder once, and assigns each file to one photo only."""

    def __init__(self, photos: Iterable[Path]) -> None:
        """Use `photos` as the photos that are no companions themselves."""
        self._photos = {os.fspath(photo) for photo in photos}
        self._names = FolderNames()
        self._photo_by_companion: dict[Path, Path] = {}

    def photo_of(self, companion: Path) -> Path | None:
        """Return the photo that `companion` was assigned to, or None."""
        return self._photo_by_companion.get(companion)

    def take(self, photo: Path) -> list[Path]:
        """Assign to `photo` its companions that no other photo has, and return them sorted by name."""
        taken = []
        for key in sorted(_companion_keys(photo)):
            for name in self._names.of(photo.parent).get(key, ()):
                path = photo.with_name(name)
                if path == photo or os.fspath(path) in self._photos or path in self._photo_by_companion:
                    continue
                # Not Path.is_file(), which raises where the folder can be listed but not searched.
                if os.path.isfile(path) and not path.is_symlink() and self._belongs_to(photo, path):  # noqa: PTH113
                    self._photo_by_companion[path] = photo
                    taken.append(path)
        return taken

    def _belongs_to(self, photo: Path, companion: Path) -> bool:
        """Whether `companion` belongs to `photo` rather than to another photo with the same stem, sorted or not."""
        names = self._names.of(photo.parent)
        is_xmp = companion.suffix.lower() == _XMP
        if is_xmp:
            owner = photo.with_name(companion.stem)
            key = same_name_key(owner.name)
            if key == same_name_key(photo.name):  # IMG_1.jpg.xmp. IMG_1.JPG may exist beside IMG_1.jpg.
                return owner == photo or owner.name not in names.get(key, ())
            if os.fspath(owner) in self._photos:  # IMG_1.cr2.xmp belongs to a raw file that is sorted by itself.
                return False
        candidates = self._photos_with_stem(photo, names)
        if len(candidates) == 1:
            return True
        if is_xmp:
            extension = _declared_extension(companion)
            named = [candidate for candidate in candidates if candidate.suffix.lower() == extension]
            if named:
                return photo in named and (len(named) == 1 or photo == min(named, key=_rank(companion)))
        return is_raw(photo) or photo == min(candidates, key=_rank(companion))

    def _photos_with_stem(self, photo: Path, names: Mapping[str, Sequence[str]]) -> list[Path]:
        """Return the photos in the folder that share the stem of `photo`, itself included."""
        stem = same_name_key(photo.stem)
        found = {photo}
        for suffix in PHOTO_SUFFIXES | RAW_SUFFIXES:
            for path in map(photo.with_name, names.get(stem + suffix, ())):
                if not is_raw(path) or os.fspath(path) in self._photos:
                    found.add(path)
        return sorted(found)


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


def _rank(companion: Path) -> Callable[[Path], tuple[bool, bool, bool, Path]]:
    """Return a sort key for photos of one stem: formats that cameras write beside raw files and clips come first."""

    def rank(photo: Path) -> tuple[bool, bool, bool, Path]:
        return (is_raw(photo), photo.stem != companion.stem, photo.suffix.lower() not in _LIVE_PHOTOS, photo)

    return rank


def _declared_extension(sidecar: Path) -> str:
    """Return the extension (with dot) of the file that `sidecar` says it belongs to; empty if it does not say."""
    try:
        with sidecar.open("rb") as file:
            extension = sidecar_for(file.read(MAX_BYTES + 1))
    except (OSError, XmpError):
        return ""
    return f".{extension.lstrip('.').lower()}" if extension else ""


def _companion_keys(photo: Path) -> set[str]:
    """Return the possible names of companions of `photo`, as `same_name_key`."""
    stem, suffix = same_name_key(photo.stem), photo.suffix.lower()
    names = {stem + sidecar for sidecar in SIDECARS} | {same_name_key(photo.name) + _XMP}
    if stem.startswith("img_") and stem[4:].isdigit():
        names.add(f"img_o{stem[4:]}.aae")  # Camera effects of an iPhone, kept beside the user's own edits.
    if not is_raw(photo):
        names |= {stem + raw for raw in RAW_SUFFIXES} | {stem + raw + _XMP for raw in RAW_SUFFIXES}
    if suffix in _LIVE_PHOTOS:
        names.add(stem + _LIVE_CLIP)
    return names
