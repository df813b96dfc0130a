"""Which photo of a folder a file belongs to, by its name. docs/sorting.md has the table of kinds.

A name states its photo in one of two ways: the whole name of the photo and a suffix more (`IMG_1.jpg.xmp`), or the stem
of the photo with another suffix (`IMG_1.xmp`). A companion may itself belong to a companion: `IMG_1.cr2.xmp` to the
raw file `IMG_1.cr2`, and that to `IMG_1.jpg`.
"""

import bisect
import json
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from catdog_desktop.file_kinds import PHOTO_SUFFIXES, RAW_SUFFIXES, is_raw
from catdog_desktop.files.free_names import same_name_key
from catdog_desktop.xmp.packet import MAX_BYTES, XmpError, sidecar_for

XMP: Final = ".xmp"
AAE: Final = ".aae"
"""Edits of Apple's Photos."""
_JSON: Final = ".json"
_EDITS: Final = frozenset({XMP, ".pp3", ".arp", ".dop", ".on1", ".cos"})
"""XMP, RawTherapee, ART, DxO PhotoLab, ON1 and Capture One. Added to the photo's name or in place of its suffix."""
_CLIPS: Final = frozenset({".mov", ".mp4", ".mp"})
"""The clip of a live or motion photo. Cameras do not give a separate clip the number of a photo."""
_OF_CAMERA: Final = frozenset({".wav", ".thm"})
"""Voice memos, and thumbnails that old cameras write beside raw files."""
_LIVE_PHOTOS: Final = frozenset({".heic", ".heif", ".jpg", ".jpeg"})
_WITH_COMPANIONS: Final = PHOTO_SUFFIXES | RAW_SUFFIXES | _CLIPS
_DARKTABLE_COPY: Final = re.compile(r"(.+)_\d\d", re.DOTALL)
"""darktable stores the edits of the second version of IMG_1.jpg in IMG_1_01.jpg.xmp."""
_OF_IPHONE: Final = re.compile(r"(img_)[oe](\d.*)", re.DOTALL)
"""IMG_O1234.AAE has the camera effects of IMG_1234, kept beside the user's own edits in IMG_1234.AAE."""
_EDITED_PHOTO: Final = re.compile(r"(img_)e(\d.*)", re.DOTALL)
"""IMG_E1234.JPG is IMG_1234.HEIC as edited on the phone."""

_TAKEOUT: Final = ".supplemental-metadata"
_TAKEOUT_CUT: Final = range(40, 52)
"""Google Takeout cuts a name with this suffix to 46 characters, or to 51 with ".json". Wider, since versions differ."""
_NUMBER: Final = re.compile(r"(.+?)(\(\d+\))?", re.DOTALL)
_ENDS_IN_NUMBER: Final = re.compile(r"\(\d+\)$")
_EDITED_SUFFIXES: Final = ("-edited", "-bearbeitet", "-modifié", "-editado", "-modificato")
_MAX_JSON_BYTES: Final = 2**20


def may_be_companion(photo: Path) -> bool:
    """Whether a photo goes with another photo if that one is in its folder: raw files and edited photos of iPhones."""
    return is_raw(photo) or _EDITED_PHOTO.fullmatch(same_name_key(photo.stem)) is not None


class CompanionRules:
    """The rules applied to one folder. Reads files only if names do not decide."""

    def __init__(self, folder: Path, names: Mapping[str, Sequence[str]], photos: Container[str]) -> None:
        """Use the `names` in `folder` by `same_name_key`. `photos` are those that are sorted by themselves."""
        self._folder = folder
        self._names = names
        self._photos = photos
        self._by_stem: dict[str, list[str]] = {}
        for name in (name for same in names.values() for name in same):
            if self._has_companions(name):
                self._by_stem.setdefault(same_name_key(Path(name).stem), []).append(name)
        self._sorted_keys: list[str] | None = None

    def by_owner(self) -> dict[str, list[str]]:
        """Return the companions of each file, also those that belong to its companions, in the order of names."""
        owners: dict[str, list[str]] = {}
        for same in self._names.values():
            for name in same:
                if name not in self._photos:
                    owners[name] = [owner for owner in self._owners(name) if owner != name]
        found: dict[str, list[str]] = {}
        for name in sorted(owners, key=same_name_key):
            for owner in _closure(name, owners):
                found.setdefault(owner, []).append(name)
        return found

    def _owners(self, name: str) -> list[str]:
        """Return the files that `name` belongs to, the best first."""
        path = Path(name)
        suffix, stem = path.suffix.lower(), path.stem
        owner = None
        if suffix in _EDITS or suffix == _JSON:
            owner = self._named(stem) or (self._of_takeout(name, stem) if suffix == _JSON else None)
            if owner is None and Path(stem).suffix.lower() in _WITH_COMPANIONS:
                return self._of_absent(Path(stem))
        if owner is not None:
            return [owner]
        key = same_name_key(stem)
        if suffix in _EDITS or suffix == _JSON or suffix in _OF_CAMERA:
            return self._choose(name, self._with_stem(key))
        if suffix == AAE:
            return self._choose(name, self._with_stem(key) or self._with_stem(_without_letter(key)))
        if suffix in _CLIPS:  # PXL_1.MP belongs to PXL_1.MP.jpg.
            for stem_key in (same_name_key(name), key, _without_letter(key)):
                photos = [photo for photo in self._with_stem(stem_key) if Path(photo).suffix.lower() in _LIVE_PHOTOS]
                if photos:
                    return self._choose(name, photos)
            return []
        if suffix in RAW_SUFFIXES:
            return self._choose(name, [photo for photo in self._with_stem(key) if not is_raw(Path(photo))])
        if suffix in PHOTO_SUFFIXES and _EDITED_PHOTO.fullmatch(key):
            return self._choose(name, self._with_stem(_without_letter(key)))
        return []

    def _has_companions(self, name: str) -> bool:
        return Path(name).suffix.lower() in _WITH_COMPANIONS or name in self._photos

    def _with_stem(self, key: str) -> list[str]:
        """Return the photos and raw files with this stem."""
        return [name for name in self._by_stem.get(key, ()) if Path(name).suffix.lower() not in _CLIPS]

    def _named(self, name: str) -> str | None:
        """Return the file with this name in any case, the exact one first; None if none can have companions."""
        found = [other for other in self._names.get(same_name_key(name), ()) if self._has_companions(other)]
        return name if name in found else next(iter(found), None)

    def _of_absent(self, absent: Path) -> list[str]:
        """Return the owner of a file that names another file, which does not exist."""
        suffix = absent.suffix.lower()
        copy = _DARKTABLE_COPY.fullmatch(absent.stem)
        if copy is not None and (owner := self._named(copy[1] + absent.suffix)) is not None:
            return [owner]
        if suffix in RAW_SUFFIXES or suffix in _CLIPS:
            return self._choose(absent.name, self._with_stem(same_name_key(absent.stem)))
        return []

    def _choose(self, companion: str, candidates: Sequence[str]) -> list[str]:
        """Return the best of several photos with one stem, then the raw files among them."""
        if len(candidates) < 2:
            return list(candidates)
        if companion.lower().endswith(XMP):
            extension = _declared_extension(self._folder / companion)
            candidates = [name for name in candidates if Path(name).suffix.lower() == extension] or candidates
        stem = Path(companion).stem
        best = min(candidates, key=lambda name: _rank(name, stem))
        return [best, *(name for name in candidates if is_raw(Path(name)) and name != best)]

    def _of_takeout(self, name: str, text: str) -> str | None:
        """Return the photo of a JSON file of Google Takeout; `text` is its name without ".json"."""
        match = _NUMBER.fullmatch(text)
        assert match is not None
        base, number = match[1], match[2] or ""
        for length in range(len(_TAKEOUT), -1, -1):
            if base.casefold().endswith(_TAKEOUT[:length]):
                owner = self._numbered(base[: len(base) - length], number)
                if owner is not None:
                    return owner
        if len(base) not in _TAKEOUT_CUT:
            return None
        cut = [other for other in self._beginning_with(base) if Path(other).stem.endswith(number)]
        cut = [other for other in cut if number or not _ENDS_IN_NUMBER.search(Path(other).stem)] or cut
        if len(cut) > 1:
            title = same_name_key(_takeout_title(self._folder / name))
            cut = [other for other in cut if title and title.startswith(same_name_key(Path(other).stem))]
        return cut[0] if len(cut) == 1 else None

    def _numbered(self, name: str, number: str) -> str | None:
        """Return the photo `name` with `number` before its suffix, or the edited version of it."""
        path = Path(name)
        for edited in ("", *_EDITED_SUFFIXES):
            for stem in dict.fromkeys((f"{path.stem}{edited}{number}", f"{path.stem}{number}{edited}")):
                owner = self._named(stem + path.suffix)
                if owner is not None:
                    return owner
        return None

    def _beginning_with(self, base: str) -> list[str]:
        if self._sorted_keys is None:
            self._sorted_keys = sorted(self._names)
        key = same_name_key(base)
        found: list[str] = []
        for other in self._sorted_keys[bisect.bisect_left(self._sorted_keys, key) :]:
            if not other.startswith(key):
                break
            found += [name for name in self._names[other] if self._has_companions(name)]
        return found


def _without_letter(key: str) -> str:
    """Return `img_1234` for `img_o1234` and `img_e1234`; other keys unchanged."""
    match = _OF_IPHONE.fullmatch(key)
    return "".join(match.groups()) if match else key


def _closure(name: str, owners: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the owners of a file, their owners, and so on."""
    found: list[str] = []
    waiting = [name]
    while waiting:
        for owner in owners.get(waiting.pop(), ()):
            if owner != name and owner not in found:
                found.append(owner)
                waiting.append(owner)
    return found


def _rank(name: str, companion_stem: str) -> tuple[bool, bool, bool, str]:
    """Return a sort key for photos of one stem: formats that cameras write beside raw files and clips come first."""
    path = Path(name)
    return (is_raw(path), path.stem != companion_stem, path.suffix.lower() not in _LIVE_PHOTOS, name)


def _declared_extension(sidecar: Path) -> str:
    """Return the extension (with dot) of the file that `sidecar` says it belongs to; empty if it does not say."""
    try:
        with sidecar.open("rb") as file:
            extension = sidecar_for(file.read(MAX_BYTES + 1))
    except (OSError, XmpError):
        return ""
    return f".{extension.lstrip('.').lower()}" if extension else ""


def _takeout_title(path: Path) -> str:
    """Return the original name of the photo, as a JSON file of Google Takeout states it; empty if it does not."""
    try:
        with path.open("rb") as file:
            content: Any = json.loads(file.read(_MAX_JSON_BYTES))
        title = content["title"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return title if isinstance(title, str) else ""
