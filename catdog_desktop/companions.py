"""The files that go wherever their photo goes: edits, raw originals, the clip of a live photo."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from catdog_desktop.free_names import same_name_key

RAW_SUFFIXES: Final = frozenset(
    {".cr2", ".cr3", ".crw", ".nef", ".nrw", ".arw", ".srf", ".sr2", ".dng", ".orf", ".rw2", ".raf", ".pef", ".srw"}
)
"""What cameras write beside a JPEG under the same stem."""
_SIDECARS: Final = (".xmp", ".aae")
_LIVE_CLIP: Final = ".mov"
"""A live photo is two files of one stem. Cameras never give a clip of its own the number of a photo."""
_LIVE_PHOTOS: Final = frozenset({".heic", ".heif", ".jpg", ".jpeg"})


def is_raw(path: Path) -> bool:
    """Whether the name is that of a camera's raw file."""
    return path.suffix.lower() in RAW_SUFFIXES


class Companions:
    """Finds the companions of photos; each folder is listed once, and each file goes with one photo only."""

    def __init__(self, photos: Iterable[Path]) -> None:
        """Take the photos that are no companions of others."""
        self._photos = {os.fspath(photo) for photo in photos}
        self._names: dict[Path, dict[str, list[str]]] = {}
        self._given: dict[Path, Path] = {}

    def photo_of(self, companion: Path) -> Path | None:
        """Return the photo that `companion` was given to, if it was."""
        return self._given.get(companion)

    def take(self, photo: Path) -> list[Path]:
        """Return the companions of `photo` that no photo before it has taken, in order of their names."""
        taken = []
        for name in sorted(_names_of_companions(photo)):
            for real in self._listing(photo.parent).get(name, ()):
                path = photo.with_name(real)
                if path == photo or os.fspath(path) in self._photos or path in self._given:
                    continue
                if path.is_file() and not path.is_symlink():
                    self._given[path] = photo
                    taken.append(path)
        return taken

    def _listing(self, folder: Path) -> dict[str, list[str]]:
        if folder not in self._names:
            by_key: dict[str, list[str]] = {}
            try:
                names = os.listdir(folder)
            except OSError:  # the photo itself will tell, when it is read
                names = []
            for name in sorted(names):
                by_key.setdefault(same_name_key(name), []).append(name)
            self._names[folder] = by_key
        return self._names[folder]


def _names_of_companions(photo: Path) -> set[str]:
    """Return what the companions of `photo` may be called, as keys."""
    stem, suffix = same_name_key(photo.stem), photo.suffix.lower()
    names = {stem + sidecar for sidecar in _SIDECARS} | {same_name_key(photo.name) + ".xmp"}
    if stem.startswith("img_") and stem[4:].isdigit():
        names.add(f"img_o{stem[4:]}.aae")  # what the iPhone's own camera effects were, beside the user's edits
    if not is_raw(photo):
        names |= {stem + raw for raw in RAW_SUFFIXES}
    if suffix in _LIVE_PHOTOS:
        names.add(stem + _LIVE_CLIP)
    return names
