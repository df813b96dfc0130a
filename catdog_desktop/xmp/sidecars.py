"""Which file is the sidecar of a photo: the one that is there, by either of the two names in use, else a new one.

darktable, digiKam and Immich write `IMG_1.jpg.xmp`. Adobe's programs, and digiKam if told so, write `IMG_1.xmp`: that
may as well belong to `IMG_1.cr2` beside it, and then it is not touched for the sake of the JPEG.
"""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from catdog_desktop.file_kinds import PHOTO_SUFFIXES, RAW_SUFFIXES
from catdog_desktop.files.free_names import FolderNames, same_name_key

SUFFIX: Final = ".xmp"
_MAY_OWN_ONE: Final = PHOTO_SUFFIXES | RAW_SUFFIXES | {".mov", ".mp4", ".psd", ".jxl"}
_IPTC_KEYWORDS: Final = (2, 25)


class Sidecars:
    """Finds sidecars; each folder is listed once, so one object serves one export."""

    def __init__(self) -> None:
        self._names = FolderNames()

    def of(self, photo: Path) -> tuple[Path, Path]:
        """Return the sidecar of `photo`, there or to be made, and the one to take if that belongs to another file.

        The second differs only where the first is `IMG_1.xmp`: its content may say for which file it was written.
        """
        names = self._names.of(photo.parent)
        own = self._named(photo, photo.name + SUFFIX, names)
        if own is not None:
            return own, own
        fresh = photo.with_name(photo.name + SUFFIX)
        shared = self._named(photo, photo.stem + SUFFIX, names)
        if shared is None or self._is_wanted_by_another(photo, names):
            return fresh, fresh
        return shared, fresh

    def _named(self, photo: Path, name: str, names: Mapping[str, Sequence[str]]) -> Path | None:
        """Return what has that name: exactly, else but for upper and lower case, if no other photo has it exactly."""
        found = names.get(same_name_key(name), [])
        if name in found:
            return photo.with_name(name)
        twins = [twin for twin in names.get(same_name_key(photo.name), ()) if twin != photo.name]
        theirs = {owner for twin in twins for owner in (twin, Path(twin).stem)}
        return next((photo.with_name(other) for other in found if Path(other).stem not in theirs), None)

    def _is_wanted_by_another(self, photo: Path, names: Mapping[str, Sequence[str]]) -> bool:
        stem, own = same_name_key(photo.stem), same_name_key(photo.name)
        if any(Path(twin).stem == photo.stem for twin in names.get(own, ()) if twin != photo.name):
            return True  # where case counts, A.jpg and A.JPG
        return any(stem + suffix in names and stem + suffix != own for suffix in _MAY_OWN_ONE)


def belongs_to(photo: Path, extension: str | None) -> bool:
    """Whether a sidecar written for files of `extension` (None: it does not say) may be that of `photo`."""
    return extension is None or extension.lstrip(".").casefold() == photo.suffix.lstrip(".").casefold()


def embedded_keywords(photo: Path) -> list[str]:
    """Return the keywords in the photo itself, from its XMP packet and its IPTC record. Never raises."""
    from PIL import Image, IptcImagePlugin

    from catdog_desktop.xmp.packet import XmpError, keywords_in

    found: list[str] = []
    try:
        with Image.open(photo) as image:
            packet = image.info.get("xmp", b"")
            iptc = IptcImagePlugin.getiptcinfo(image) or {}
    except Exception:  # noqa: BLE001  A photo without keywords is the usual one, and why not does not matter here.
        return []
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "replace")
    with contextlib.suppress(XmpError):
        found += keywords_in(packet) if packet else []
    raw = iptc.get(_IPTC_KEYWORDS, [])
    for keyword in raw if isinstance(raw, list) else [raw]:
        found.append(_decoded(keyword))
    return list(dict.fromkeys(_without_blanks(found)))


def _decoded(keyword: bytes) -> str:
    try:
        return keyword.decode("utf-8")
    except UnicodeDecodeError:
        return keyword.decode("latin-1")


def _without_blanks(keywords: Iterable[str]) -> list[str]:
    return [keyword.strip("\0 \t\r\n") for keyword in keywords if keyword.strip("\0 \t\r\n")]
