"""The names of rows: their natural order, made in slices of idle time, and the search for one that is typed."""

from collections.abc import Sequence
from itertools import chain

from catdog_desktop.gallery.natural_sort import natural_key, search_key


class NameOrder:
    """Names by row number."""

    def __init__(self, count: int = 0) -> None:
        """Make place for the names of `count` rows."""
        self.names = [""] * count
        """In the form in which they are searched."""
        self._keys: list[str] = []
        self._runs: list[list[int]] = []
        """Row numbers sorted by name, as sorted runs that `prepare` merges."""

    def extend(self, count: int) -> None:
        """Make place for the names of `count` more rows."""
        self.names += [""] * count

    def put(self, number: int, name: str) -> None:
        """Set the name of a row."""
        self.names[number] = search_key(name)
        if number < len(self._keys):
            self._keys.clear()
            self._runs.clear()

    def prepare(self, most: int) -> bool:
        """Sort up to `most` more rows; return whether there is more to do."""
        start = len(self._keys)
        end = min(len(self.names), start + most)
        if start < end:
            self._keys += [natural_key(name) for name in self.names[start:end]]
            self._runs.append(sorted(range(start, end), key=self._keys.__getitem__))
        elif len(self._runs) > 1:
            # Timsort merges two sorted runs in linear time.
            later, earlier = self._runs.pop(), self._runs.pop()
            self._runs.append(sorted(earlier + later, key=self._keys.__getitem__))
        return end < len(self.names) or len(self._runs) > 1

    def numbers(self) -> list[int]:
        """Return all row numbers in the natural order of the names."""
        while self.prepare(len(self.names)):
            pass
        return self._runs[0] if self._runs else []

    def find(self, numbers: Sequence[int], start: str, position: int) -> int | None:
        """Return the index in `numbers` of a row whose name starts with `start`, in any case; None without any.

        The search begins at `position` and wraps around at the end.
        """
        wanted = search_key(start)
        around = chain(range(position, len(numbers)), range(min(position, len(numbers))))
        return next((at for at in around if self.names[numbers[at]].startswith(wanted)), None)
