"""Sampled content fingerprint of a file, by which a photo is recognised wherever it is, and its signature."""

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from catdog_desktop.files.drive_calls import call_drive, open_on_drive

BLOCK_BYTES: Final = 64 * 2**10
HASH_BYTES: Final = 16
_COMPARE_BYTES: Final = 2**20
_UNCOMPRESSED: Final = (b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""How BMP, TIFF and BigTIFF begin."""
_MOST_NS: Final = 2**63 - 1
"""The largest integer of SQLite."""
_FRESH_NS: Final = 2 * 10**9
"""Resolution of the coarsest file system clock in use (FAT: two seconds). Within it a change may not show."""


@dataclass(frozen=True, slots=True)
class FileSignature:
    """Size and time of a file: if they differ, it has changed."""

    size: int
    mtime_ns: int
    """Last change, nanoseconds since 1970, clamped to what SQLite can hold. A FILETIME of 0 is the year 1601."""

    @classmethod
    def of(cls, status: os.stat_result) -> Self:
        """Return the signature of a file from its `os.stat` result."""
        mtime_ns = status.st_mtime_ns
        if not -_MOST_NS <= mtime_ns <= _MOST_NS:
            mtime_ns = _MOST_NS if mtime_ns > 0 else -_MOST_NS
        return cls(status.st_size, mtime_ns)

    def is_fresh(self, now_ns: int) -> bool:
        """Whether the file was changed so recently that another change might leave the same signature."""
        return self.mtime_ns > now_ns - _FRESH_NS


def file_signature(path: Path) -> FileSignature:
    """Return the signature of the file at `path`. Raises `OSError`, and `ValueError` for a name with a NUL."""
    status = call_drive(path, os.stat, path)  # Faster than Path.stat(), which counts for ten thousand files.
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "is no regular file", str(path))
    return FileSignature.of(status)


def file_fingerprint(path: Path) -> str:
    """Return a hash of the file's size and of its head, middle and tail, 64 KB each, as 32 hexadecimal digits.

    Files up to 192 KB are read completely, and so are formats that may be uncompressed (TIFF, BMP): a retouched one
    keeps its size and most of its bytes. In a compressed photo everything after a change differs too, down to the tail.
    Files with the same fingerprint are treated as duplicates. That is no proof: before one of them is deleted they must
    be compared with `same_content`.

    Raises `OSError`, and `ValueError` for a name with a NUL.
    """
    return fingerprint_and_signature(path)[0]


def fingerprint_and_signature(path: Path) -> tuple[str, FileSignature]:
    """Return the fingerprint, and the signature of the same open file. Raises as `file_fingerprint`."""
    file_signature(path)  # opening a pipe without a writer would block forever
    with open_on_drive(path) as file:
        status = call_drive(path, os.fstat, file.fileno())
        size = status.st_size
        digest = hashlib.blake2b(size.to_bytes(8, "little"), digest_size=HASH_BYTES)
        head = file.read(BLOCK_BYTES)
        digest.update(head)
        if size <= 3 * BLOCK_BYTES or head.startswith(_UNCOMPRESSED):
            while block := file.read(_COMPARE_BYTES):
                digest.update(block)
        else:
            for start in ((size - BLOCK_BYTES) // 2, size - BLOCK_BYTES):
                file.seek(start)
                digest.update(file.read(BLOCK_BYTES))
    return digest.hexdigest(), FileSignature.of(status)


def same_content(one: Path, other: Path) -> bool:
    """Compare two files byte by byte. Raises `OSError`."""
    with open_on_drive(one) as first, open_on_drive(other) as second:
        if os.fstat(first.fileno()).st_size != os.fstat(second.fileno()).st_size:
            return False
        while block := first.read(_COMPARE_BYTES):
            if block != second.read(_COMPARE_BYTES):
                return False
        return not second.read(1)
