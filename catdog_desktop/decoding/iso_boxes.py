"""Read the boxes of ISO base media files (ISO/IEC 14496-12), without their content."""

import io
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Final

MOST_BOXES: Final = 200
"""Read of one level."""


@dataclass(frozen=True, slots=True)
class Box:
    """One box; `start` and `end` enclose its content, after the header and the identifier of a `uuid` box."""

    kind: bytes
    start: int
    end: int
    uuid: bytes = b""


def boxes(file: IO[bytes], start: int = 0, end: int | None = None) -> Iterator[Box]:
    """Yield the boxes between two places, the whole file by default. Ends at the first that is damaged."""
    if end is None:
        end = file.seek(0, io.SEEK_END)
    for _ in range(MOST_BOXES):
        if start + 8 > end:
            return
        file.seek(start)
        head = file.read(32)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head[:8])
        header = 8
        if size == 1 and len(head) >= 16:
            (size,) = struct.unpack(">Q", head[8:16])
            header = 16
        elif size == 0:  # to the end of the file
            size = end - start
        uuid = b""
        if kind == b"uuid":
            uuid = head[header : header + 16]
            header += 16
        if size < header:
            return
        yield Box(kind, start + header, min(start + size, end), uuid)
        start += size


def find_box(among: Sequence[Box], kind: bytes) -> Box | None:
    """Return the first box of a kind."""
    return next((box for box in among if box.kind == kind), None)


def sample_ranges(file: IO[bytes], track: Box) -> list[tuple[int, int]]:
    """Return offset and length of the first sample of a track; empty if its tables cannot be read."""
    inside = track
    for kind in (b"mdia", b"minf", b"stbl"):
        below = find_box(list(boxes(file, inside.start, inside.end)), kind)
        if below is None:
            return []
        inside = below
    tables = list(boxes(file, inside.start, inside.end))
    sizes, offsets = find_box(tables, b"stsz"), find_box(tables, b"co64")
    short_offsets = find_box(tables, b"stco")
    if sizes is None or (offsets is None and short_offsets is None):
        return []
    file.seek(sizes.start)
    _flags, size, count, *_rest = struct.unpack(">IIII", file.read(16).ljust(16, b"\0"))
    if size == 0 and count:
        size = _rest[0]
    if offsets is not None:
        file.seek(offsets.start + 8)
        (offset,) = struct.unpack(">Q", file.read(8))
    else:
        assert short_offsets is not None
        file.seek(short_offsets.start + 8)
        (offset,) = struct.unpack(">I", file.read(4))
    return [(offset, size)]
