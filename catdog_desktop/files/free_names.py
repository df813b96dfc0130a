"""Free file names: how file systems compare names, numbered names, names taken or promised in a folder."""

import itertools
import os
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from typing import Final

_MAX_NAME_BYTES: Final = 255
"""The limit of ext4 in bytes. NTFS and APFS allow 255 UTF-16 units or more, which is never less."""
_NUMBERED: Final = re.compile(r"(.+) \(([1-9][0-9]*)\)", re.DOTALL)
_IPHONE_LETTERS: Final = "OE"
"""In the names of the original edits of an iPhone (`IMG_O1234.AAE`) and of edited photos (`IMG_E1234.JPG`)."""
_TAKEOUT_NUMBER: Final = re.compile(r"\(\d+\)(?=\.json$)", re.IGNORECASE)
_ZERO_WIDTH_JOINER: Final = "\u200d"
"""Joins the parts of an emoji. A name is cut neither before nor after it."""
_EXTENDS_PREVIOUS: Final = frozenset(_ZERO_WIDTH_JOINER + "\ufe0e\ufe0f")


def same_name_key(name: str) -> str:
    """Return a key that is equal for names that some file system treats as one: `É.JPG` in NFC and `é.jpg` in NFD."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def numbered_stem(stem: str, number: int, longest_tail: str) -> str | None:
    """Return `stem (number)`, with `stem` cut if needed so that `longest_tail` still fits; None if nothing fits."""
    suffix = f" ({number})"
    max_bytes = _MAX_NAME_BYTES - len(os.fsencode(suffix + longest_tail))
    end = len(stem)
    while end and (len(os.fsencode(stem[:end])) > max_bytes or _splits_character(stem, end)):
        end -= 1
    return stem[:end] + suffix if end else None


def stems(stem: str, longest_tail: str, first: int = 1) -> Iterator[str]:
    """Yield `stem`, `stem (2)`, `stem (3)` and so on, from number `first`, until nothing fits."""
    if first == 1:
        yield stem
    for number in itertools.count(max(2, first)):
        numbered = numbered_stem(stem, number, longest_tail)
        if numbered is None:
            return
        yield numbered


def with_other_stem(name: str, stem: str, other: str) -> str:
    """Return `name` with its leading `stem`, in any case, replaced by `other`.

    On iPhones `IMG_O1234.AAE` and `IMG_E1234.JPG` belong to `IMG_1234.HEIC`. They become `IMG_O1234 (2).AAE` and so on.
    The clip `PXL_1.MP` of `PXL_1.MP.jpg` becomes `PXL_1.MP (2).MP`. JSON files of Google Takeout may have a number in
    another place than their photo, or a cut name. They get the name of the photo.
    """
    letter, tail = _letter_and_tail(name, stem)
    renamed = _with_letter(other, letter)
    return name if stem == other or tail is None or not renamed else renamed + tail


def companion_tail(name: str, stem: str) -> str:
    """Return what `with_other_stem` adds to a new stem. Only its length matters, not the order."""
    letter, tail = _letter_and_tail(name, stem)
    return letter + (tail or "")


def free_path(wanted: Path) -> Path:
    """Return `wanted`, or the first numbered name beside it that does not exist. Raises `OSError` if all are taken."""
    for stem in stems(wanted.stem, wanted.suffix):
        path = wanted.with_name(stem + wanted.suffix)
        if not os.path.lexists(path):
            return path
    raise OSError(f"no free name beside {wanted}")


class FolderNames:
    """The names in folders by `same_name_key`. Lists each folder once, so use one instance for one task."""

    def __init__(self) -> None:
        self._names: dict[Path, dict[str, list[str]]] = {}

    def of(self, folder: Path) -> Mapping[str, Sequence[str]]:
        """Return the sorted names in `folder` by key; empty if it cannot be listed."""
        if folder not in self._names:
            by_key: dict[str, list[str]] = {}
            try:
                names = os.listdir(folder)
            except OSError:  # Reading or writing a file there reports the reason.
                names = []
            for name in sorted(names):
                by_key.setdefault(same_name_key(name), []).append(name)
            self._names[folder] = by_key
        return self._names[folder]


class NameAllocator:
    """Tracks the names that exist or were promised below a folder. Lists each folder once."""

    def __init__(self, top: Path) -> None:
        self._promised: set[tuple[str, ...]] = set()
        self._folders: dict[tuple[str, ...], list[Path]] = {(): [top]}
        self._listings: dict[Path, dict[str, list[os.DirEntry[str]]]] = {}
        self._by_name_and_size: dict[Path, dict[tuple[str, int], list[Path]]] = {}

    def existing(self, *parts: str) -> list[Path]:
        """Return the paths that exist at `parts` below the top, by `same_name_key`."""
        keys = tuple(map(same_name_key, parts))
        return [Path(entry.path) for entry in self._entries(keys)]

    def possible_copies(self, *parts: str, size: int) -> list[Path]:
        """Return the files of `size` bytes at `parts` below the top whose names differ by a number at most."""
        keys = tuple(map(same_name_key, parts))
        found = []
        for folder in self._real_folders(keys[:-1]):
            if folder not in self._by_name_and_size:
                index = self._by_name_and_size[folder] = {}
                for entry in itertools.chain.from_iterable(self._listing(folder).values()):
                    if (entry_size := _file_size(entry)) is not None:
                        index.setdefault((_without_number(entry.name), entry_size), []).append(Path(entry.path))
            found += self._by_name_and_size[folder].get((_without_number(parts[-1]), size), [])
        return found

    def is_promised(self, *parts: str) -> bool:
        """Whether `promise` was called with this name, by `same_name_key`."""
        return tuple(map(same_name_key, parts)) in self._promised

    def promise(self, *parts: str) -> None:
        """Reserve a name for a file that does not exist yet."""
        self._promised.add(tuple(map(same_name_key, parts)))

    def _entries(self, keys: tuple[str, ...]) -> list[os.DirEntry[str]]:
        return [entry for folder in self._real_folders(keys[:-1]) for entry in self._listing(folder).get(keys[-1], ())]

    def _real_folders(self, keys: tuple[str, ...]) -> list[Path]:
        """Return the folders below the top whose names have these keys: at most one on most file systems."""
        if keys not in self._folders:
            self._folders[keys] = [Path(entry.path) for entry in self._entries(keys) if _is_folder(entry)]
        return self._folders[keys]

    def _listing(self, folder: Path) -> dict[str, list[os.DirEntry[str]]]:
        if folder not in self._listings:
            by_key: dict[str, list[os.DirEntry[str]]] = {}
            try:
                with os.scandir(folder) as entries:
                    for entry in entries:
                        by_key.setdefault(same_name_key(entry.name), []).append(entry)
            except FileNotFoundError:
                pass  # The folder will be created.
            self._listings[folder] = by_key
        return self._listings[folder]


def _letter_and_tail(name: str, stem: str) -> tuple[str, str | None]:
    """Return the letter that `name` has in addition to `stem`, and what follows; None if its stem cannot change."""
    for letter in ("", *_IPHONE_LETTERS):
        beginning = _with_letter(stem, letter)
        if beginning and same_name_key(name[: len(beginning)]) == same_name_key(beginning):
            return letter, name[len(beginning) :] or PurePath(name).suffix
    is_json = name.lower().endswith(".json")
    return "", _TAKEOUT_NUMBER.sub("", name[name.index(".") :]) if is_json else None


def _with_letter(stem: str, letter: str) -> str:
    """Return `IMG_O1234` for `IMG_1234` and "O"; an empty string for other names. Return `stem` without a letter."""
    if not letter:
        return stem
    return stem[:4] + letter + stem[4:] if stem[:4].upper() == "IMG_" and stem[4:8].isdigit() else ""


def _splits_character(text: str, at: int) -> bool:
    """Whether a cut at `at` would split a character as users see it, such as a letter and its accent."""
    if not 0 < at < len(text):
        return False
    following = text[at]
    return text[at - 1] == _ZERO_WIDTH_JOINER or following in _EXTENDS_PREVIOUS or unicodedata.combining(following) != 0


def _without_number(name: str) -> str:
    """Return a key that is equal for `IMG.jpg` and `img (2).JPG`."""
    stem, dot, suffix = same_name_key(name).rpartition(".")
    numbered = _NUMBERED.fullmatch(stem)
    return (numbered[1] if numbered else stem) + dot + suffix


def _file_size(entry: os.DirEntry[str]) -> int | None:
    try:
        return entry.stat().st_size if entry.is_file() else None
    except OSError:
        return None


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
