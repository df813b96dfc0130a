"""Thumbnails on the disk: those used last, up to so many megabytes. A cache: all of it can be made again.

One SQLite file rather than ten thousand small ones. Measured with 10,000 thumbnails of 9 to 26 KB on ext4: to read one
takes as long (27 against 24 microseconds), to write one twice as long (0.15 against 0.08 ms, beside the 4 to 17 ms of
classifying), but the size of all, on which the limit hangs, is known in 1 ms against 50, when a thumbnail was used
last needs no write of its own, and there is one file to back up, to delete and to scan for viruses.
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
from catdog_desktop.store.store_file import THUMBNAILS, StoreError, StoreFile

LIMIT_BYTES: Final = 500 * 10**6
"""Room for some 27,000 thumbnails, unless the user has chosen another limit."""
_MEMORY_LIMIT_BYTES: Final = 32 * 2**20
"""The limit where they cannot be kept on the disk."""
_KEPT_SHARE: Final = 0.9
"""How much of the limit is left full when the oldest go, so that they do not go one by one."""
_LOOKED_AFTER_SHARE: Final = 1 / 32
"""How much of the limit may be written before the size of all is looked at again: other processes write too, and to
add up ten thousand sizes for each photo takes longer than to write it."""
_MOST_NOTED: Final = 500
"""After so many readings, note on the disk which they were."""


class ThumbnailStore:
    """JPEGs by the quick hash of the photo's content. May be used from any thread.

    All methods but `close` raise `StoreError`.
    """

    def __init__(self, path: Path, limit_bytes: int | None = None) -> None:
        """Open or make the file at `path`; where that cannot be, thumbnails are kept in memory, and fewer of them.

        Without `limit_bytes` the limit is the one that `set_limit` has left in the file.
        """
        self._file = StoreFile(path, THUMBNAILS)
        self._own_limit = limit_bytes
        self._unlooked = 0
        """How many bytes may still be written before the size of all is looked at again."""
        self._used: dict[str, int] = {}
        self._lock = threading.Lock()

    def get(self, content: str) -> bytes:
        """Return the thumbnail of a photo, empty if there is none."""
        row = self._file.read(
            lambda db: db.execute("SELECT jpeg FROM thumbnail WHERE content = ?", (bytes.fromhex(content),)).fetchone()
        )
        if row is None:
            return b""
        with self._lock:
            self._used[content] = time.time_ns()
            many = len(self._used) >= _MOST_NOTED
        if many:
            self._note_used()
        return bytes(row[0])

    def among(self, contents: Iterable[str]) -> dict[str, bytes]:
        """Return the thumbnails that there are of many photos."""
        return {content: jpeg for content in contents if content and (jpeg := self.get(content))}

    def keep(self, thumbnails: dict[str, bytes]) -> None:
        """Keep thumbnails; those unused the longest go when there is no more room."""
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
            self._unlooked -= sum(map(len, thumbnails.values()))
            if self._unlooked < 0:
                self._make_room(db)

        self._file.write(write)

    def size_bytes(self) -> int:
        """Return how much all thumbnails take."""
        return self._file.read(_size)

    @property
    def file(self) -> StoreFile:
        """The file itself."""
        return self._file

    def set_limit(self, limit_bytes: int) -> None:
        """Let all thumbnails take so much from now on, in every process; what is too much goes at once."""
        if self._file.read(self._limit) == limit_bytes:
            return

        def write(db: sqlite3.Connection) -> bool:
            db.execute("DELETE FROM room")
            db.execute("INSERT INTO room (bytes) VALUES (?)", (limit_bytes,))
            size = _size(db)
            self._make_room(db)
            return _size(db) < size

        if self._file.write(write):
            self._file.rewrite()  # the disk is to have it back

    def count(self, contents: Iterable[bytes] | None = None) -> tuple[int, int]:
        """Return how many thumbnails there are, of all photos or of those of `contents`, and how much they take."""
        if contents is None:
            whole = "SELECT count(*), coalesce(sum(bytes), 0) FROM thumbnail"
            count, size = self._file.read(lambda db: db.execute(whole).fetchone())
            return int(count), int(size)
        one = "SELECT bytes FROM thumbnail WHERE content = ?"
        rows = self._file.read(lambda db: [db.execute(one, (content,)).fetchone() for content in contents])
        sizes = [size for (size,) in filter(None, rows)]
        return len(sizes), sum(sizes)

    def forget(self, contents: Iterable[bytes] | None = None) -> None:
        """Delete all thumbnails, or those of `contents`. The file still holds them until it is written anew."""
        with self._lock:
            self._used.clear()
        if contents is None:
            self._file.write(lambda db: db.execute("DELETE FROM thumbnail"))
        else:
            keys = [(content,) for content in contents]
            self._file.write(lambda db: db.executemany("DELETE FROM thumbnail WHERE content = ?", keys))

    def close(self) -> None:
        """Note what was used, and close. Never raises."""
        if self._used:
            self._note_used()
        self._file.close()

    def _note_used(self) -> None:
        """Note on the disk which were used, if it takes it: only which of them go first hangs on it."""
        with contextlib.suppress(StoreError):
            self.keep({})

    def _make_room(self, db: sqlite3.Connection) -> None:
        """Delete those unused the longest if all together are too many, and note when to look again."""
        size, limit = _size(db), self._limit(db)
        too_many = size - limit
        if too_many > 0:
            too_many += int(limit * (1 - _KEPT_SHARE))
            oldest: list[tuple[bytes]] = []
            for content, its_bytes in db.execute("SELECT content, bytes FROM thumbnail ORDER BY used"):
                oldest.append((content,))
                size -= its_bytes
                too_many -= its_bytes
                if too_many <= 0:
                    break
            db.executemany("DELETE FROM thumbnail WHERE content = ?", oldest)
        self._unlooked = min(limit - size, int(limit * _LOOKED_AFTER_SHARE))

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
