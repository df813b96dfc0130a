"""Thumbnail cache on the disk, limited in size: the least recently used thumbnails are deleted.

One SQLite file instead of ten thousand small files. Measured with 10,000 thumbnails of 9 to 26 KB on ext4: reading one
takes as long (27 and 24 microseconds) and writing one twice as long (0.15 and 0.08 ms; classifying takes 4 to 17 ms).
But the total size, which the limit needs, is known in 1 ms instead of 50, the time of last use needs no write of its
own, and there is one file to back up, to delete and to scan for viruses.
"""

import contextlib
import io
import sqlite3
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PIL import Image

from catdog_desktop.decoding.decode import decode_for_view
from catdog_desktop.decoding.pixels import THUMBNAIL_EDGE, THUMBNAIL_QUALITY
from catdog_desktop.store.errors import StoreError
from catdog_desktop.store.store_file import THUMBNAILS, StoreFile

LIMIT_BYTES: Final = 500 * 10**6
"""Default limit, for some 27,000 thumbnails."""
_MEMORY_LIMIT_BYTES: Final = 32 * 2**20
"""The limit where thumbnails are only in memory."""
_KEPT_SHARE: Final = 0.9
"""The cache is reduced to this share of the limit, so that thumbnails are not deleted one by one."""
_CHECK_SHARE: Final = 1 / 32
"""Share of the limit that may be written before the total size is computed again. Other processes write too, but adding
up ten thousand sizes takes longer than writing one thumbnail."""
_MOST_UNWRITTEN_USES: Final = 500
"""After so many reads their times of last use are written."""


class ThumbnailStore:
    """JPEG thumbnails by the fingerprint of their photo. May be used from any thread.

    All methods but `close` raise `StoreError`.
    """

    def __init__(self, path: Path, limit_bytes: int | None = None) -> None:
        """Open or create the file at `path`. If that fails, fewer thumbnails are kept in memory.

        Without `limit_bytes` the limit is the one that `set_limit` wrote into the file.
        """
        self._file = StoreFile(path, THUMBNAILS)
        self._own_limit = limit_bytes
        self._unchecked_bytes = 0
        """Bytes that may be written before the total size is computed again."""
        self._used: dict[str, int] = {}
        self._lock = threading.Lock()

    def get(self, content: str) -> bytes:
        """Return the thumbnail of a photo; empty if it has none."""
        row = self._file.read(
            lambda db: db.execute("SELECT jpeg FROM thumbnail WHERE content = ?", (bytes.fromhex(content),)).fetchone()
        )
        if row is None:
            return b""
        with self._lock:
            self._used[content] = time.time_ns()
            many = len(self._used) >= _MOST_UNWRITTEN_USES
        if many:
            self._write_last_uses()
        return bytes(row[0])

    def among(self, contents: Iterable[str]) -> dict[str, bytes]:
        """Return the thumbnails of those of `contents` (fingerprints) that have one."""
        return {content: jpeg for content in contents if content and (jpeg := self.get(content))}

    def keep(self, thumbnails: dict[str, bytes]) -> None:
        """Store thumbnails by fingerprint; delete the least recently used ones above the limit."""
        with self._lock:
            used, self._used = self._used, {}
        now = time.time_ns()

        def write(db: sqlite3.Connection) -> None:
            db.executemany(
                "UPDATE thumbnail SET used = ? WHERE content = ?",
                [(when, bytes.fromhex(content)) for content, when in used.items()],
            )
            db.executemany(
                "INSERT OR REPLACE INTO thumbnail (content, used, bytes, jpeg) VALUES (?, ?, ?, ?)",
                [(bytes.fromhex(content), now, len(jpeg), jpeg) for content, jpeg in thumbnails.items()],
            )
            self._unchecked_bytes -= sum(map(len, thumbnails.values()))
            if self._unchecked_bytes < 0:
                self._delete_excess(db)

        self._file.write(write)

    def size_bytes(self) -> int:
        """Return the total size of all thumbnails."""
        return self._file.read(_size)

    @property
    def file(self) -> StoreFile:
        """The file itself."""
        return self._file

    def set_limit(self, limit_bytes: int) -> None:
        """Set the limit for all processes, and delete the excess."""
        if self._file.read(self._limit) == limit_bytes:
            return

        def write(db: sqlite3.Connection) -> bool:
            db.execute("DELETE FROM room")
            db.execute("INSERT INTO room (bytes) VALUES (?)", (limit_bytes,))
            size = _size(db)
            self._delete_excess(db)
            return _size(db) < size

        if self._file.write(write):
            self._file.rewrite()  # return the space to the disk

    def count(self, contents: Iterable[bytes] | None = None) -> tuple[int, int]:
        """Return number and total bytes of the thumbnails of all photos, or of `contents`."""
        if contents is None:
            whole = "SELECT count(*), coalesce(sum(bytes), 0) FROM thumbnail"
            count, size = self._file.read(lambda db: db.execute(whole).fetchone())
            return int(count), int(size)
        one = "SELECT bytes FROM thumbnail WHERE content = ?"
        rows = self._file.read(lambda db: [db.execute(one, (content,)).fetchone() for content in contents])
        sizes = [size for (size,) in filter(None, rows)]
        return len(sizes), sum(sizes)

    def forget(self, contents: Iterable[bytes] | None = None) -> None:
        """Delete all thumbnails, or those of `contents`, and how these photos look.

        The file still holds their bytes until it is rewritten.
        """
        with self._lock:
            self._used.clear()
        keys = None if contents is None else [(content,) for content in contents]

        def write(db: sqlite3.Connection) -> None:
            for table in ("thumbnail", "look"):
                if keys is None:
                    db.execute(f"DELETE FROM {table}")  # noqa: S608  A name from above.
                else:
                    db.executemany(f"DELETE FROM {table} WHERE content = ?", keys)  # noqa: S608

        self._file.write(write)

    def close(self) -> None:
        """Write the times of last use, and close. Never raises."""
        if self._used:
            self._write_last_uses()
        self._file.close()

    def _write_last_uses(self) -> None:
        """Write the times of last use, best effort: only the order of deletion depends on them."""
        with contextlib.suppress(StoreError):
            self.keep({})

    def _delete_excess(self, db: sqlite3.Connection) -> None:
        """Delete the least recently used thumbnails above the limit, and set when to check again."""
        size, limit = _size(db), self._limit(db)
        excess = size - limit
        if excess > 0:
            excess += int(limit * (1 - _KEPT_SHARE))
            oldest: list[tuple[bytes]] = []
            for content, its_bytes in db.execute("SELECT content, bytes FROM thumbnail ORDER BY used"):
                oldest.append((content,))
                size -= its_bytes
                excess -= its_bytes
                if excess <= 0:
                    break
            db.executemany("DELETE FROM thumbnail WHERE content = ?", oldest)
        self._unchecked_bytes = min(limit - size, int(limit * _CHECK_SHARE))

    def _limit(self, db: sqlite3.Connection) -> int:
        if self._own_limit is not None:
            limit = self._own_limit
        else:
            row = db.execute("SELECT bytes FROM room").fetchone()
            limit = LIMIT_BYTES if row is None else int(row[0])
        return min(limit, _MEMORY_LIMIT_BYTES) if self._file.in_memory else limit


def make_thumbnail(path: Path) -> bytes:
    """Return the thumbnail of the photo at `path`, as `decode_photo` makes it. Raises `PhotoError`."""
    buffer = io.BytesIO()
    Image.fromarray(decode_for_view(path, THUMBNAIL_EDGE)).save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return buffer.getvalue()


def _size(db: sqlite3.Connection) -> int:
    (size,) = db.execute("SELECT coalesce(sum(bytes), 0) FROM thumbnail").fetchone()
    return int(size)
