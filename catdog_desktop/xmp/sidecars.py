"""Find the sidecar of a photo under one of the two usual names, or the name for a new one.

darktable, digiKam and Immich write `IMG_1.jpg.xmp`. Adobe's programs, and digiKam as an option, write `IMG_1.xmp`. That
file may belong to `IMG_1.cr2` instead; then it is not used for the JPEG.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Final

from catdog_desktop.file_kinds import PHOTO_SUFFIXES, RAW_SUFFIXES, is_raw
from catdog_desktop.files.free_names import FolderNames, same_name_key

SUFFIX: Final = ".xmp"


class SidecarNames(StrEnum):
    """Names of new sidecars. An existing sidecar is used under either name."""

    AS_FOUND = "as-found"
    """As most sidecars in the folder are named; `IMG_1.jpg.xmp` in a folder without any."""
    DIGIKAM = "digikam"
    """`IMG_1.jpg.xmp`, also read by darktable and Immich."""
    ADOBE = "adobe"
    """`IMG_1.xmp`, unless another photo has that stem; that of a raw file is read by Adobe's programs."""


_MAY_OWN_ONE: Final = PHOTO_SUFFIXES | RAW_SUFFIXES | {".mov", ".mp4", ".psd", ".jxl"}


class Sidecars:
    """Finds sidecars. Lists each folder once, so use one instance for one export."""

    def __init__(self, new_names: SidecarNames = SidecarNames.AS_FOUND) -> None:
        self._names = FolderNames()
        self._new_names = new_names
        self._found_by_stem: dict[Path, bool] = {}

    def of(self, photo: Path) -> tuple[Path, Path]:
        """Return the sidecar of `photo`, existing or new, and the alternative if that one belongs to another file.

        The two differ only if the first is `IMG_1.xmp`, whose content may name the file that it belongs to.
        """
        names = self._names.of(photo.parent)
        own = self._named(photo, photo.name + SUFFIX, names)
        if own is not None:
            return own, own
        fresh = photo.with_name(photo.name + SUFFIX)
        if self._is_wanted_by_another(photo, names):
            return fresh, fresh
        shared = self._named(photo, photo.stem + SUFFIX, names)
        if shared is None and same_name_key(photo.stem + SUFFIX) not in names and self._names_by_stem(photo, names):
            shared = photo.with_name(photo.stem + SUFFIX)
        return shared or fresh, fresh

    def _names_by_stem(self, photo: Path, names: Mapping[str, Sequence[str]]) -> bool:
        """Whether a new sidecar of `photo` is named `IMG_1.xmp`."""
        if self._new_names is not SidecarNames.AS_FOUND:
            return self._new_names is SidecarNames.ADOBE
        folder = photo.parent
        if folder not in self._found_by_stem:
            stems = [key.removesuffix(SUFFIX) for key in names if key.endswith(SUFFIX)]
            full = sum(Path(stem).suffix in _MAY_OWN_ONE for stem in stems)
            self._found_by_stem[folder] = len(stems) - full > full
        return self._found_by_stem[folder]

    def _named(self, photo: Path, name: str, names: Mapping[str, Sequence[str]]) -> Path | None:
        """Return the file with that name: the exact one, or else one that differs in case and is no other photo's."""
        found = names.get(same_name_key(name), [])
        if name in found:
            return photo.with_name(name)
        twins = [twin for twin in names.get(same_name_key(photo.name), ()) if twin != photo.name]
        theirs = {owner for twin in twins for owner in (twin, Path(twin).stem)}
        return next((photo.with_name(other) for other in found if Path(other).stem not in theirs), None)

    def _is_wanted_by_another(self, photo: Path, names: Mapping[str, Sequence[str]]) -> bool:
        """Whether `IMG_1.xmp` may belong to another file. Of a raw file and a JPEG, it belongs to the raw file."""
        stem, own = same_name_key(photo.stem), same_name_key(photo.name)
        if any(Path(twin).stem == photo.stem for twin in names.get(own, ()) if twin != photo.name):
            return True  # A.jpg and A.JPG on a case-sensitive file system.
        rivals = RAW_SUFFIXES if is_raw(photo) else _MAY_OWN_ONE
        return any(stem + suffix in names and stem + suffix != own for suffix in rivals)


def belongs_to(photo: Path, extension: str | None) -> bool:
    """Whether a sidecar that names `extension` (None if it names none) can belong to `photo`."""
    return extension is None or extension.lstrip(".").casefold() == photo.suffix.lstrip(".").casefold()


def embedded_keywords(photo: Path) -> list[str]:
    """Return the keywords in the photo itself, from its XMP packet and its IPTC record. Never raises."""
    from catdog_desktop.decoding.decode import read_embedded_keywords
    from catdog_desktop.decoding.errors import PhotoError
    from catdog_desktop.xmp.packet import XmpError, keywords_in

    found: list[str] = []
    try:
        packet, iptc = read_embedded_keywords(photo)
    except PhotoError:  # reported when it is classified
        return []
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "replace")
    with contextlib.suppress(XmpError):
        found += keywords_in(packet) if packet else []
    found += [_decoded(keyword) for keyword in iptc]
    return list(dict.fromkeys(_without_blanks(found)))


def _decoded(keyword: bytes) -> str:
    try:
        return keyword.decode("utf-8")
    except UnicodeDecodeError:
        return keyword.decode("latin-1")


def _without_blanks(keywords: Iterable[str]) -> list[str]:
    return [keyword.strip("\0 \t\r\n") for keyword in keywords if keyword.strip("\0 \t\r\n")]
