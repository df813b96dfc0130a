"""The folders of rows, each with a number: their natural order, the text that searches look at, what is below one."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.gallery.natural_sort import natural_key, search_key


class FolderTable:
    """Paths of folders by number, in the order of their first row. What is derived is made again for new folders."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._numbers: dict[str, int] = {}
        self._paths: dict[int, Path] = {}
        self._ranks: NDArray[np.int32] = np.zeros(0, np.int32)
        self._texts: list[str] = []

    def __len__(self) -> int:
        return len(self._names)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    @property
    def names(self) -> list[str]:
        """The paths as text, by number."""
        return self._names

    def number_of(self, folder: str) -> int:
        """Return the number of a folder, a new one if it is not known."""
        number = self._numbers.setdefault(folder, len(self._names))
        if number == len(self._names):
            self._names.append(folder)
        return number

    def path(self, number: int) -> Path:
        """Return the path of a folder. The same object each time: groups are compared."""
        if number not in self._paths:
            self._paths[number] = Path(self._names[number])
        return self._paths[number]

    def ranks(self) -> NDArray[np.int32]:
        """Return the place of each folder in their natural order, by number."""
        if len(self._ranks) != len(self._names):
            keys = [[natural_key(part) for part in Path(folder).parts] for folder in self._names]
            order = sorted(range(len(keys)), key=keys.__getitem__)
            self._ranks = np.empty(len(keys), np.int32)
            self._ranks[order] = np.arange(len(keys), dtype=np.int32)
        return self._ranks

    def texts(self) -> list[str]:
        """Return the text of each folder for searches: its path from the folder on that all of them are in."""
        if len(self._texts) != len(self._names):
            try:
                shared = os.path.dirname(os.path.commonpath(self._names))  # noqa: PTH120  As in `Columns.put_path`.
            except ValueError:  # Relative and absolute paths, or different drives.
                shared = ""
            self._texts = [search_key(folder[len(shared) :]) for folder in self._names]
        return self._texts

    def within(self, folder: Path) -> NDArray[np.bool_]:
        """Return for each folder whether it is `folder` or below it."""
        whole = os.fspath(folder)
        prefix = whole if whole.endswith(os.sep) else whole + os.sep
        return np.array([name == whole or name.startswith(prefix) for name in self._names], np.bool_)
