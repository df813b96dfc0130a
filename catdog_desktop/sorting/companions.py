"""The files that go wherever their photo goes: edits, raw originals, the clip of a live photo."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from catdog_desktop.file_kinds import PHOTO_SUFFIXES, RAW_SUFFIXES, is_raw
from catdog_desktop.files.folder_names import FolderNames
from catdog_desktop.files.free_names import same_name_key
from catdog_desktop.xmp.packet import MAX_BYTES, XmpError, sidecar_for

_XMP: Final = ".xmp"
SIDECARS: Final = (_XMP, ".aae")
_LIVE_CLIP: Final = ".mov"
"""A live photo is two files of one stem. Cameras never give a clip of its own the number of a photo."""
_LIVE_PHOTOS: Final = frozenset({".heic", ".heif", ".jpg", ".jpeg"})


class Companions:
    """Finds the companions of photos; each folder is listed once, and each file goes with one photo only."""

    def __init__(self, photos: Iterable[Path]) -> None:
        """Take the photos that are no companions of others."""
        self._photos = {os.fspath(photo) for photo in photos}
        self._names = FolderNames()
        self._given: dict[Path, Path] = {}

    def photo_of(self, companion: Path) -> Path | None:
        """Return the photo that `companion` was given to, if it was."""
        return self._given.get(companion)

    def take(self, photo: Path) -> list[Path]:
        """Return the companions of `photo` that no photo before it has taken, in order of their names."""
        taken = []
        for name in sorted(_names_of_companions(photo)):
            for real in self._names.of(photo.parent).get(name, ()):
                path = photo.with_name(real)
                if path == photo or os.fspath(path) in self._photos or path in self._given:
                    continue
                # Not Path.is_file(), which raises where the folder may be listed but not looked into.
                if os.path.isfile(path) and not path.is_symlink() and self._goes_with(photo, path):  # noqa: PTH113
                    self._given[path] = photo
                    taken.append(path)
        return taken

    def _goes_with(self, photo: Path, companion: Path) -> bool:
        """Whether no other file of that stem has more right to `companion`: also one that stays where it is."""
        names = self._names.of(photo.parent)
        is_xmp = companion.suffix.lower() == _XMP
        if is_xmp:
            owner = photo.with_name(companion.stem)
            key = same_name_key(owner.name)
            if key == same_name_key(photo.name):  # IMG_1.jpg.xmp; where case counts, IMG_1.JPG may lie beside it
                return owner == photo or owner.name not in names.get(key, ())
            if os.fspath(owner) in self._photos:  # IMG_1.cr2.xmp goes with the raw file that goes its own way
                return False
        mates = self._mates(photo, names)
        if len(mates) == 1:
            return True
        if is_xmp:
            extension = _extension_wanted(companion)
            named = [mate for mate in mates if mate.suffix.lower() == extension]
            if named:
                return photo in named and (len(named) == 1 or photo == min(named, key=_rank(companion)))
        return is_raw(photo) or photo == min(mates, key=_rank(companion))

    def _mates(self, photo: Path, names: Mapping[str, Sequence[str]]) -> list[Path]:
        """Return the photos in that folder that share the stem of `photo`, and itself."""
        stem = same_name_key(photo.stem)
        found = {photo}
        for suffix in PHOTO_SUFFIXES | RAW_SUFFIXES:
            for path in map(photo.with_name, names.get(stem + suffix, ())):
                if not is_raw(path) or os.fspath(path) in self._photos:
                    found.add(path)
        return sorted(found)


def _rank(companion: Path) -> Callable[[Path], tuple[bool, bool, bool, Path]]:
    """Return how to order photos of one stem: first the one that cameras write beside raw files and clips."""

    def rank(photo: Path) -> tuple[bool, bool, bool, Path]:
        return (is_raw(photo), photo.stem != companion.stem, photo.suffix.lower() not in _LIVE_PHOTOS, photo)

    return rank


def _extension_wanted(sidecar: Path) -> str:
    """Return the ending of the files that `sidecar` says it is for, with its dot; nothing if it does not say."""
    try:
        with sidecar.open("rb") as file:
            extension = sidecar_for(file.read(MAX_BYTES + 1))
    except (OSError, XmpError):
        return ""
    return f".{extension.lstrip('.').lower()}" if extension else ""


def _names_of_companions(photo: Path) -> set[str]:
    """Return what the companions of `photo` may be called, as keys."""
    stem, suffix = same_name_key(photo.stem), photo.suffix.lower()
    names = {stem + sidecar for sidecar in SIDECARS} | {same_name_key(photo.name) + _XMP}
    if stem.startswith("img_") and stem[4:].isdigit():
        names.add(f"img_o{stem[4:]}.aae")  # what the iPhone's own camera effects were, beside the user's edits
    if not is_raw(photo):
        names |= {stem + raw for raw in RAW_SUFFIXES} | {stem + raw + _XMP for raw in RAW_SUFFIXES}
    if suffix in _LIVE_PHOTOS:
        names.add(stem + _LIVE_CLIP)
    return names
