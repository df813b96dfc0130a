"""Names that are free: as a file system that ignores case and accents' spelling would see it, and never too long."""

import itertools
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_MOST_BYTES: Final = 255
"""What a name may have on every file system we know; Windows and macOS count in larger units, never smaller ones."""
_NUMBERED: Final = re.compile(r"(.+) \(([1-9][0-9]*)\)", re.DOTALL)
_JOINER: Final = "\u200d"
"""What holds the parts of an emoji together: a name is cut neither before nor behind it."""
_SIGNS_FOR_THE_LETTER_BEFORE: Final = frozenset(_JOINER + "\ufe0e\ufe0f")


def same_name_key(name: str) -> str:
    """Return what is equal for names that some file system takes for one: `É.JPG` in NFC and `é.jpg` in NFD."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def numbered_stem(stem: str, number: int, longest_tail: str) -> str | None:
    """Return `stem` with `number`, cut if needed so that `longest_tail` still fits; None if it cannot."""
    mark = f" ({number})"
    room = _MOST_BYTES - len(os.fsencode(mark + longest_tail))
    end = len(stem)
    while end and (len(os.fsencode(stem[:end])) > room or _is_within_a_letter(stem, end)):
        end -= 1
    return stem[:end] + mark if end else None


def stems(stem: str, longest_tail: str, first: int = 1) -> Iterator[str]:
    """Yield `stem`, `stem (2)`, `stem (3)` and so on, as long as they are names; from the `first` on."""
    if first == 1:
        yield stem
    for number in itertools.count(max(2, first)):
        numbered = numbered_stem(stem, number, longest_tail)
        if numbered is None:
            return
        yield numbered


def with_other_stem(name: str, stem: str, other: str) -> str:
    """Return `name` with `stem`, with which it begins in whatever case, replaced by `other`.

    An iPhone's `IMG_O1234.AAE` belongs to `IMG_1234.HEIC`, and becomes `IMG_O1234 (2).AAE`.
    """
    for old, new in ((stem, other), (_original_of(stem), _original_of(other))):
        if old and new and same_name_key(name[: len(old)]) == same_name_key(old):
            return name if stem == other else new + name[len(old) :]
    return name


def free_path(wanted: Path) -> Path:
    """Return `wanted`, or the first numbered name beside it that nothing has. Raises `OSError` if there is none."""
    for stem in stems(wanted.stem, wanted.suffix):
        path = wanted.with_name(stem + wanted.suffix)
        if not os.path.lexists(path):
            return path
    raise OSError(f"no free name beside {wanted}")


def _original_of(stem: str) -> str:
    """Return `IMG_O1234` for `IMG_1234`, nothing for other names."""
    return stem[:4] + "O" + stem[4:] if stem[:4].upper() == "IMG_" and stem[4:8].isdigit() else ""


def _is_within_a_letter(text: str, at: int) -> bool:
    """Whether what its owner sees as one letter begins before `at` and ends behind it."""
    if not 0 < at < len(text):
        return False
    behind = text[at]
    return text[at - 1] == _JOINER or behind in _SIGNS_FOR_THE_LETTER_BEFORE or unicodedata.combining(behind) != 0


class NameAllocator:
    """Which names are taken below a folder: by what lies there, and by what has been promised to others."""

    def __init__(self, top: Path) -> None:
        self._top = top
        self._promised: set[tuple[str, ...]] = set()
        self._folders: dict[tuple[str, ...], list[Path]] = {(): [top]}
        self._listings: dict[Path, dict[str, list[os.DirEntry[str]]]] = {}
        self._alike: dict[Path, dict[tuple[str, int], list[Path]]] = {}

    def there(self, *parts: str) -> list[Path]:
        """Return what lies at `parts` below the top, or at what may be the same name."""
        keys = tuple(map(same_name_key, parts))
        return [Path(entry.path) for entry in self._entries(keys)]

    def alike(self, *parts: str, size: int) -> list[Path]:
        """Return the files at `parts` below the top, numbers in their names apart, that have `size` bytes."""
        keys = tuple(map(same_name_key, parts))
        found = []
        for folder in self._real_folders(keys[:-1]):
            if folder not in self._alike:
                alike = self._alike[folder] = {}
                for entry in itertools.chain.from_iterable(self._listing(folder).values()):
                    if (entry_size := _file_size(entry)) is not None:
                        alike.setdefault((_without_number(entry.name), entry_size), []).append(Path(entry.path))
            found += self._alike[folder].get((_without_number(parts[-1]), size), [])
        return found

    def is_promised(self, *parts: str) -> bool:
        """Whether `promise` was called for that name, or for what may be the same."""
        return tuple(map(same_name_key, parts)) in self._promised

    def promise(self, *parts: str) -> None:
        """Note that something will lie there."""
        self._promised.add(tuple(map(same_name_key, parts)))

    def _entries(self, keys: tuple[str, ...]) -> list[os.DirEntry[str]]:
        return [entry for folder in self._real_folders(keys[:-1]) for entry in self._listing(folder).get(keys[-1], ())]

    def _real_folders(self, keys: tuple[str, ...]) -> list[Path]:
        """Return the folders whose names below the top have these keys: on most file systems one at most."""
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
                pass  # it will be made
            self._listings[folder] = by_key
        return self._listings[folder]


def _without_number(name: str) -> str:
    """Return what is equal for `IMG.jpg` and `img (2).JPG`."""
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


__all__ = ["NameAllocator", "free_path", "numbered_stem", "same_name_key", "stems", "with_other_stem"]
