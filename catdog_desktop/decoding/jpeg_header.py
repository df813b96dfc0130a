"""Read the markers of a JPEG, without decoding it."""

import struct
from collections.abc import Iterator
from typing import IO, Final

MOST_MARKERS: Final = 500
FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive: what decoders can read. Raw data are often stored as lossless JPEG (0xC3)."""
_OTHER_FRAMES: Final = frozenset(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SCAN: Final = 0xDA


def jpeg_size(file: IO[bytes], offset: int, length: int) -> tuple[int, int] | None:
    """Return width and height of the JPEG at `offset`; None if none that can be decoded begins there.

    Raises `OSError`.
    """
    for marker, at, _segment in segments(file, offset, length):
        if marker in FRAMES:
            file.seek(at)
            content = file.read(9)
            if len(content) < 9:
                return None
            height, width = struct.unpack(">HH", content[5:9])
            return (width, height) if width and height else None
        if marker in _OTHER_FRAMES:
            return None
    return None


def segments(file: IO[bytes], offset: int, length: int) -> Iterator[tuple[int, int, int]]:
    """Yield marker, place in the file and length of the segments up to the first scan. Raises `OSError`."""
    if length < 4 or offset < 0:
        return
    file.seek(offset)
    if file.read(2) != b"\xff\xd8":
        return
    at, end = offset + 2, offset + length
    for _ in range(MOST_MARKERS):
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or at + 4 > end or head[0] != 0xFF:
            return
        if head[1] == 0xFF:  # fill bytes may stand before a marker
            at += 1
            continue
        (size,) = struct.unpack(">H", head[2:4])
        yield head[1], at, size + 2
        if head[1] == _SCAN or size < 2:
            return
        at += 2 + size
