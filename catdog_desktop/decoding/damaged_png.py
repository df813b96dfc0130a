"""Repair PNGs for Pillow, which refuses some that every viewer shows.

Wrong checksums in ancillary chunks, chunks of text that unpack to megabytes, and chunks out of order cost no pixel. The
repaired file has the chunks that pixels need, with right checksums: zlib has a checksum of its own for the pixels.
"""

import io
import struct
import zlib
from collections.abc import Iterator
from typing import IO, Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_NEEDED: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
TRANSPARENCY: Final = frozenset({b"tRNS"})
ANCILLARY: Final = TRANSPARENCY | {b"iCCP", b"eXIf"}
"""Ancillary chunks that are worth keeping. Animation is left out: the first picture counts."""
LARGEST_CHUNK: Final = 2**31 - 1


def without_damaged_chunks(file: IO[bytes], kept: frozenset[bytes] = ANCILLARY) -> io.BytesIO | None:
    """Return a PNG with the same pixels as `file`, and those of the chunks `kept` that have the right checksum.

    None if `file` is not a PNG. Raises `OSError`.
    """
    file.seek(0)
    if file.read(8) != SIGNATURE:
        return None
    repaired = io.BytesIO()
    repaired.write(SIGNATURE)
    seen: set[bytes] = set()
    for kind, content, is_right in _chunks(file):
        if kind in _NEEDED or (kind in kept and is_right and kind not in seen and b"IDAT" not in seen):
            repaired.write(struct.pack(">I", len(content)) + kind + content)
            repaired.write(struct.pack(">I", zlib.crc32(kind + content)))
            seen.add(kind)
        if kind == b"IEND":
            break
    repaired.seek(0)
    return repaired if b"IDAT" in seen else None


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, bytes, bool]]:
    """Yield name and content of each chunk, and whether its checksum is right. Ends where a chunk is not whole."""
    while len(head := file.read(8)) == 8:
        length, kind = struct.unpack(">I4s", head)
        if length > LARGEST_CHUNK or not kind.isalpha():
            return
        content = file.read(length)
        checksum = file.read(4)
        if len(content) < length:
            return
        yield kind, content, checksum == struct.pack(">I", zlib.crc32(kind + content))
