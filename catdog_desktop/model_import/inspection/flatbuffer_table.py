"""Tables of a flatbuffer, read by offsets that are each checked: the file may be damaged or malicious."""

import struct
from typing import Final

MAX_ITEMS: Final = 200_000
"""Entries of a list of tables. Models have some thousands of tensors."""


class FlatbufferTable:
    """Table in the buffer. Fields are found by their index through its vtable; nothing outside the buffer is read.

    All methods raise `struct.error` if the table is damaged.
    """

    def __init__(self, data: bytes, position: int) -> None:
        self.data = data
        self.position = position
        self._vtable = position - self._read("<i", position)
        self._fields = (self._read("<H", self._vtable) - 4) // 2

    def _read(self, kind: str, position: int) -> int:
        if position < 0:
            raise struct.error("an offset is negative")
        value: int = struct.unpack_from(kind, self.data, position)[0]
        return value

    def _place(self, index: int) -> int | None:
        if index >= self._fields:
            return None
        offset = self._read("<H", self._vtable + 4 + 2 * index)
        return self.position + offset if offset else None

    def number(self, index: int, kind: str, default: int = 0) -> int:
        """Return a number; `kind` is its type as `struct` names it."""
        place = self._place(index)
        return default if place is None else self._read(kind, place)

    def _vector(self, index: int) -> tuple[int, int]:
        """Return where the elements of a vector begin, and how many there are."""
        place = self._place(index)
        if place is None:
            return 0, 0
        start = place + self._read("<I", place)
        count = self._read("<I", start)
        if count > len(self.data):
            raise struct.error("a list is longer than the file")
        return start + 4, count

    def integers(self, index: int) -> tuple[int, ...]:
        """Return a vector of int32."""
        start, count = self._vector(index)
        return struct.unpack_from(f"<{count}i", self.data, start) if count else ()

    def floats(self, index: int) -> tuple[float, ...]:
        """Return a vector of float32."""
        start, count = self._vector(index)
        return struct.unpack_from(f"<{count}f", self.data, start) if count else ()

    def octets(self, index: int) -> bytes:
        """Return a vector of bytes."""
        start, count = self._vector(index)
        if start + count > len(self.data):
            raise struct.error("a list is longer than the file")
        return self.data[start : start + count]

    def first(self, index: int, kind: str, default: float) -> float:
        """Return the first of a vector of numbers."""
        start, count = self._vector(index)
        return self._read(kind, start) if count else default

    def table(self, index: int) -> "FlatbufferTable | None":
        """Return the table in a field, or None without one."""
        place = self._place(index)
        return None if place is None else FlatbufferTable(self.data, place + self._read("<I", place))

    def text(self, index: int) -> str:
        """Return a text, with a replacement character for what is not UTF-8."""
        start, count = self._vector(index)
        return self.data[start : start + count].decode("utf-8", "replace")

    def tables(self, index: int) -> list["FlatbufferTable"]:
        """Return a vector of tables, up to `MAX_ITEMS`."""
        start, count = self._vector(index)
        if count > MAX_ITEMS:
            raise struct.error(f"a list has {count} entries")
        places = range(start, start + 4 * count, 4)
        return [FlatbufferTable(self.data, place + self._read("<I", place)) for place in places]
