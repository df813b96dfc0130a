"""Read the directories of TIFF files, of those of cameras too, without their pixels."""

import struct
from dataclasses import dataclass, field
from typing import IO, Final

MOST_ENTRIES: Final = 1_000
MOST_BYTES: Final = 2**20
"""Read of one value."""
_SIZES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_NUMBERS: Final = {1: "B", 3: "H", 4: "I", 8: "h", 9: "i", 13: "I"}
_ORDINARY: Final = (b"II*\0", b"MM\0*")
_RAW: Final = (b"IIRO", b"IIRS", b"MMOR", b"IIU\0")
"""First bytes of ORF and RW2."""


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory: values by tag. Values that cannot be read count as missing."""

    reader: "TiffReader"
    base: int
    """What its offsets count from, in the file."""
    entries: dict[int, tuple[int, int, bytes]] = field(repr=False)
    """By tag: type, count, and the four bytes that are the value or its offset."""
    next: int = 0
    """Offset of the next directory; 0 in the last one."""

    def has(self, tag: int) -> bool:
        """Whether there is an entry."""
        return tag in self.entries

    def place(self, tag: int) -> tuple[int, int] | None:
        """Return offset (in the file) and length in bytes of a value that does not fit into its entry."""
        if tag not in self.entries:
            return None
        kind, count, value = self.entries[tag]
        length = _SIZES.get(kind, 1) * count
        if length <= 4:
            return None
        return self.base + struct.unpack(self.reader.order + "I", value)[0], length

    def numbers(self, tag: int, most: int) -> tuple[int, ...]:
        """Return the first `most` whole numbers of an entry; fractions (type 5) are rounded down. Empty if missing."""
        if tag not in self.entries:
            return ()
        kind, count, _value = self.entries[tag]
        count = min(count, most)
        if kind == 5:
            content = self._content(tag)[: 8 * count]
            pairs = struct.iter_unpack(self.reader.order + "II", content[: len(content) // 8 * 8])
            return tuple(above // below for above, below in pairs if below)
        if kind not in _NUMBERS:
            return ()
        content = self._content(tag)[: _SIZES[kind] * count]
        count = len(content) // _SIZES[kind]
        return struct.unpack(f"{self.reader.order}{count}{_NUMBERS[kind]}", content[: count * _SIZES[kind]])

    def number(self, tag: int) -> int | None:
        """Return the first number of an entry; None if it is missing."""
        found = self.numbers(tag, 1)
        return found[0] if found else None

    def text(self, tag: int) -> str:
        """Return a text; empty if it is missing."""
        if tag not in self.entries or self.entries[tag][0] not in (2, 7):
            return ""
        return self._content(tag)[:1_000].split(b"\0")[0].decode("ascii", "replace").strip()

    def _content(self, tag: int) -> bytes:
        kind, count, value = self.entries[tag]
        place = self.place(tag)
        if place is None:
            return value[: _SIZES.get(kind, 1) * count]
        return self.reader.read(place[0], min(place[1], MOST_BYTES))


class TiffReader:
    """A TIFF in a file, or in a part of it."""

    def __init__(self, file: IO[bytes], start: int, end: int | None, order: str, head: bytes) -> None:
        self._file = file
        self._start = start
        self._end = end
        self.order = order
        """"<" or ">", as in `struct`."""
        self.is_raw_by_signature = head[:4] in _RAW or head[8:10] == b"CR"
        """Whether the first bytes are those of ORF, RW2 or CR2."""
        self.first = struct.unpack(order + "I", head[4:8])[0]
        """Offset of the first directory."""

    @classmethod
    def open(cls, file: IO[bytes], start: int = 0, end: int | None = None) -> "TiffReader | None":
        """Return a reader for the TIFF that begins at `start`; None if none does. Raises `OSError`."""
        file.seek(start)
        head = file.read(16)
        if len(head) < 8 or head[:4] not in _ORDINARY + _RAW:
            return None
        return cls(file, start, end, "<" if head[:1] == b"I" else ">", head)

    def read(self, at: int, length: int) -> bytes:
        """Return what stands at a place in the file; less at its end."""
        if self._end is not None:
            length = min(length, self._end - at)
        if length <= 0:
            return b""
        self._file.seek(at)
        return self._file.read(length)

    def directory(self, offset: int, base: int | None = None) -> Directory | None:
        """Return the directory at `offset`; None if no valid one starts there.

        `offset` counts from the beginning of the TIFF, or from that of the file if `base` is given. `base` is what the
        offsets in the directory count from.
        """
        at = offset if base is not None else self._start + offset
        if offset <= 0:
            return None
        start = self.read(at, 2)
        if len(start) < 2:
            return None
        (count,) = struct.unpack(self.order + "H", start)
        if not 0 < count <= MOST_ENTRIES:
            return None
        content = self.read(at + 2, 12 * count + 4)
        entries: dict[int, tuple[int, int, bytes]] = {}
        for number in range(min(count, len(content) // 12)):
            tag, kind, values, value = struct.unpack_from(self.order + "HHI4s", content, 12 * number)
            entries.setdefault(tag, (kind, values, value))
        rest = content[12 * count :]
        following = struct.unpack(self.order + "I", rest)[0] if len(rest) == 4 else 0
        return Directory(self, self._start if base is None else base, entries, following)
