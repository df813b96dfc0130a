"""Open an SQLite file of the store, migrate it to the current schema, and rebuild it when it is damaged.

A damaged or foreign file is renamed, never deleted. Where no file can be written (no permission, a full disk) the same
tables are kept in memory, so that callers need not care.
"""

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final, TypeVar

from catdog_desktop.languages.formats import format_number, join_sentences
from catdog_desktop.messages import N_, _
from catdog_desktop.store.errors import StoreError, StoreProblem

_T = TypeVar("_T")
Work = Callable[[sqlite3.Connection], _T]

BUSY_SECONDS: Final = 10.0
"""How long to wait for another process that is writing."""
_COMPANIONS: Final = ("-wal", "-shm")
"""Suffixes of the files that SQLite keeps beside the database. They must be moved with it."""
_DAMAGED: Final = ".damaged-"
"""Follows the file's name in the name of a damaged file; the day follows."""
_DAMAGE: Final = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_WRITE_VERSION: Final = 18
"""Place of the write version in the header; SQLite opens a file read-only if it is above 2 (file format, 1.3.3)."""
_REASONS: Final = {
    sqlite3.SQLITE_FULL: N_("the disk is full"),
    sqlite3.SQLITE_READONLY: N_("it may not be written to"),
    sqlite3.SQLITE_PERM: N_("it may not be written to"),
    sqlite3.SQLITE_CANTOPEN: N_("it cannot be opened"),
    sqlite3.SQLITE_BUSY: N_("another program has been using it for too long"),
    sqlite3.SQLITE_LOCKED: N_("another program has been using it for too long"),
    sqlite3.SQLITE_IOERR: N_("the disk cannot be read or written"),
}


@dataclass(frozen=True, slots=True)
class Schema:
    """Schema of one kind of file."""

    application_id: int
    """SQLite's `application_id` in the header of the file."""
    steps: tuple[str, ...]
    """`steps[n]` migrates from version n to n + 1. A shipped step never changes. A new file takes them all."""
    precious: tuple[tuple[str, str], ...] = ()
    """Tables (name, columns) that cannot be computed again: they are saved from a damaged file."""

    @property
    def version(self) -> int:
        """The version that this app reads and writes."""
        return len(self.steps)


_STORE_1: Final = """
CREATE TABLE file (
    path BLOB NOT NULL PRIMARY KEY,  -- os.fsencode of the absolute path: names need not be text
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,       -- 0: not to be trusted, see Stamp.is_fresh
    content BLOB NOT NULL            -- the quick hash
);
CREATE INDEX file_size ON file (size);
CREATE TABLE model (id INTEGER PRIMARY KEY, sha256 TEXT NOT NULL UNIQUE);
CREATE TABLE result (
    content BLOB NOT NULL,
    model INTEGER NOT NULL REFERENCES model (id),
    cat REAL CHECK (cat BETWEEN 0 AND 1),
    dog REAL CHECK (dog BETWEEN 0 AND 1),
    error TEXT,
    damaged INTEGER NOT NULL,
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    taken TEXT,                      -- ISO 8601, local; NULL: when the file was last changed
    maps BLOB,
    map_rows INTEGER,
    PRIMARY KEY (content, model),
    CHECK ((cat IS NULL) = (dog IS NULL) AND (cat IS NULL) <> (error IS NULL))
) WITHOUT ROWID;
CREATE TABLE correction (
    subject BLOB NOT NULL PRIMARY KEY,  -- a content, or the place of a file that nobody can read
    verdict TEXT NOT NULL
) WITHOUT ROWID;
"""

_STORE_2: Final = """
-- What one version of the app cannot decode, the next one may: an error counts for the version that met it.
ALTER TABLE result ADD COLUMN decoder TEXT NOT NULL DEFAULT '';
"""

_STORE_3: Final = """
ALTER TABLE result ADD COLUMN features BLOB;  -- one signed byte a number; NULL: the model gives none
ALTER TABLE result ADD COLUMN looked_closer INTEGER NOT NULL DEFAULT 0;
"""

_STORE_4: Final = """
-- Where `taken` was read inside the file; '': it has no date inside; NULL: written by an earlier version.
ALTER TABLE result ADD COLUMN date_source TEXT;
"""

_STORE_5: Final = """
CREATE TABLE rating (
    subject BLOB NOT NULL PRIMARY KEY,  -- as in `correction`
    stars INTEGER NOT NULL CHECK (stars BETWEEN 1 AND 5)
) WITHOUT ROWID;
"""

STORE: Final = Schema(
    0x43617444,
    (_STORE_1, _STORE_2, _STORE_3, _STORE_4, _STORE_5),
    precious=(("correction", "subject, verdict"), ("rating", "subject, stars")),
)

_THUMBNAILS_1: Final = """
CREATE TABLE thumbnail (
    content BLOB NOT NULL PRIMARY KEY,
    used INTEGER NOT NULL,           -- larger is later
    bytes INTEGER NOT NULL,
    jpeg BLOB NOT NULL
);
CREATE INDEX thumbnail_used ON thumbnail (used, bytes);
"""

_THUMBNAILS_2: Final = """
-- How much the user lets them take; empty: as the app has it. Here, so that it holds for every process.
CREATE TABLE room (bytes INTEGER NOT NULL CHECK (bytes > 0));
"""

_THUMBNAILS_3: Final = """
-- Perceptual hashes and sharpness, see `look_rows`. They are small and outlive the thumbnail.
CREATE TABLE look (content BLOB NOT NULL PRIMARY KEY, look BLOB NOT NULL) WITHOUT ROWID;
"""

THUMBNAILS: Final = Schema(0x43617454, (_THUMBNAILS_1, _THUMBNAILS_2, _THUMBNAILS_3))


class _ForeignError(Exception):
    """The file belongs to another application."""


class _NewerError(Exception):
    """The file was written by a newer version of the app."""


class StoreFile:
    """An SQLite file with one connection, which threads use one at a time."""

    def __init__(self, path: Path, schema: Schema) -> None:
        """Open or create the file at `path`. Never raises: see `complaint`."""
        self.path = path
        self.complaint: str | None = None
        """A sentence for the user if the file was set aside, or if nothing is written to the disk."""
        self.in_memory = False
        """Whether the tables are only in memory."""
        self._schema = schema
        self._lock = threading.Lock()
        self._closed = False
        self._opened: tuple[int, int] | None = None
        self._connection = self._open_or_else(self._open)

    def read(self, work: Work[_T]) -> _T:
        """Return the result of `work`. Raises `StoreError`."""
        with self._lock:
            return self._guarded(work)

    def write(self, work: Work[_T], *, at_once: bool = False) -> _T:
        """Execute `work` in one transaction. Raises `StoreError`.

        After a power cut the last transactions may be missing, but never half of one. With `at_once` this one is
        forced to the disk.
        """

        def in_transaction(connection: sqlite3.Connection) -> _T:
            connection.execute(f"PRAGMA synchronous = {'FULL' if at_once else 'NORMAL'}")
            connection.execute("BEGIN IMMEDIATE")
            try:
                answer = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return answer

        with self._lock:
            return self._guarded(in_transaction)

    def rewrite(self) -> None:
        """Rewrite the file (VACUUM), so that nothing is left of deleted rows. Raises `StoreError`.

        SQLite only marks deleted rows as free, and its log beside the file has old pages. Takes as long as writing the
        remaining rows.
        """

        def anew(connection: sqlite3.Connection) -> bool:
            connection.execute("VACUUM")
            (busy, _, _) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

        with self._lock:
            if not self._guarded(anew):
                raise StoreError(StoreProblem.NOT_REWRITTEN, self.path)

    @property
    def companions(self) -> list[Path]:
        """The files that SQLite keeps beside it while it is open."""
        return [Path(f"{self.path}{companion}") for companion in _COMPANIONS]

    @property
    def set_aside(self) -> list[Path]:
        """Damaged files beside it that were renamed, with their companions."""
        stem = f"{self.path.stem}{_DAMAGED}"
        with contextlib.suppress(OSError):
            return sorted(path for path in self.path.parent.iterdir() if path.name.startswith(stem))
        return []

    def close(self) -> None:
        """Close the file; afterwards nothing can be read or written."""
        with self._lock:
            self._closed = True
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()

    def _guarded(self, work: Work[_T]) -> _T:
        if self._closed:
            raise StoreError(StoreProblem.CLOSED)
        try:
            try:
                return work(self._connection)
            except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
                if self.in_memory or not self._is_damage(error):
                    raise
                self._connection.close()
                self._connection = self._open_or_else(lambda: self._rebuild(_damaged()))
                return work(self._connection)
        except sqlite3.Error as error:
            raise StoreError(StoreProblem.UNUSABLE, self.path, _reason(error)) from error

    # Opening.

    def _open(self) -> sqlite3.Connection:
        try:
            return self._connect()
        except _ForeignError:
            return self._rebuild(
                _("{path} is no file of this app's; it was set aside as {aside} and a new one was begun.")
            )
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            if not self._is_damage(error):
                raise
            return self._rebuild(_damaged())

    def _open_or_else(self, opening: Callable[[], sqlite3.Connection]) -> sqlite3.Connection:
        """Open with `opening`; if that fails, in memory."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            return opening()
        except _NewerError:
            reason = _("it was written by a newer version of this app")
        except OSError as error:
            reason = error.strerror or str(error)
        except sqlite3.Error as error:
            reason = _reason(error)
        self.in_memory = True
        sentence = _("Nothing is remembered for the next time: {path} cannot be used ({reason}).")
        self.complaint = sentence.format(path=self.path, reason=reason)
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        self._migrate(connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        """Open the file and migrate it. Raises `sqlite3.Error`, `_ForeignError` and `_NewerError`."""
        until = time.monotonic() + BUSY_SECONDS
        while True:
            self._opened = _identity(self.path)
            connection = sqlite3.connect(
                self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False, cached_statements=32
            )
            try:
                self._check_owner(connection)
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
                self._migrate(connection)
            except BaseException as error:
                connection.close()
                # Two processes create the file at once: in SQLite one of them fails instead of waiting.
                if (
                    isinstance(error, sqlite3.Error)
                    and _code(error) == sqlite3.SQLITE_BUSY
                    and time.monotonic() < until
                ):
                    time.sleep(0.02)
                    continue
                raise
            self._opened = self._opened or _identity(self.path)
            return connection

    def _check_owner(self, connection: sqlite3.Connection) -> None:
        (application_id,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if application_id != self._schema.application_id and (application_id or version or tables):
            raise _ForeignError
        if version > self._schema.version:
            raise _NewerError

    def _migrate(self, connection: sqlite3.Connection) -> None:
        """Execute the missing steps in one transaction. A second process finds them done."""
        if _version(connection) == self._schema.version:
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            for step in self._schema.steps[_version(connection) :]:
                for statement in _statements(step):
                    connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {self._schema.application_id}")
            connection.execute(f"PRAGMA user_version = {self._schema.version}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _is_damage(self, error: sqlite3.Error | UnicodeDecodeError) -> bool:
        """Whether the file itself is to blame: it would fail in the same way at every start."""
        match _code(error):
            case sqlite3.SQLITE_ERROR:
                return self._has_other_tables()
            case sqlite3.SQLITE_READONLY:
                with contextlib.suppress(OSError), self.path.open("rb") as file:
                    return file.read(_WRITE_VERSION + 1)[_WRITE_VERSION:] > b"\x02"
                return False
            case code:
                return code in _DAMAGE

    def _has_other_tables(self) -> bool:
        """Whether the tables are not those of the version that the file claims to have, or cannot be read."""
        try:
            with contextlib.closing(sqlite3.connect(self.path, timeout=BUSY_SECONDS)) as there:
                version, found = _version(there), _tables(there)
        except (sqlite3.Error, UnicodeDecodeError) as error:
            return _code(error) in (*_DAMAGE, sqlite3.SQLITE_ERROR, 0)  # 0: names that are no text
        with contextlib.closing(sqlite3.connect(":memory:")) as new:
            for step in self._schema.steps[:version]:
                new.executescript(step)
            return found != _tables(new)

    # Rebuilding.

    def _rebuild(self, what_is_wrong: str) -> sqlite3.Connection:
        """Rename the file, create a new one, and copy the precious tables as far as they can be read."""
        if _identity(self.path) != self._opened:
            return self._connect()  # another process has rebuilt it already
        aside = self._set_aside()
        connection = self._connect()
        saved = sum(self._take_over(aside, connection, table, columns) for table, columns in self._schema.precious)
        self.complaint = what_is_wrong.format(path=self.path, aside=aside.name)
        if saved:
            sentence = _("Your own verdicts and ratings were taken over from it: {count}.")
            self.complaint = join_sentences([self.complaint, sentence.format(count=format_number(saved))])
        return connection

    def _set_aside(self) -> Path:
        """Rename the file and its companions; return the new path. Raises `OSError`."""
        stem = f"{self.path.stem}{_DAMAGED}{date.today().isoformat()}"
        number = 1
        while True:
            aside = self.path.with_name(f"{stem}{'' if number == 1 else f'-{number}'}{self.path.suffix}")
            if not os.path.lexists(aside):
                break
            number += 1
        for companion in _COMPANIONS:
            # Companions first: SQLite would apply an old log to a new file of the same name.
            with contextlib.suppress(FileNotFoundError):
                os.rename(f"{self.path}{companion}", f"{aside}{companion}")  # noqa: PTH104
        self.path.rename(aside)
        return aside

    def _take_over(self, aside: Path, connection: sqlite3.Connection, table: str, columns: str) -> int:
        """Copy rows one by one until damaged data; return their number."""
        copied = 0
        marks = ", ".join("?" * len(columns.split(",")))
        try:
            with contextlib.closing(sqlite3.connect(aside, isolation_level=None)) as old:
                (application_id,) = old.execute("PRAGMA application_id").fetchone()
                if application_id != self._schema.application_id:
                    return 0
                for row in old.execute(f"SELECT {columns} FROM {table}"):  # noqa: S608  Names of our own.
                    connection.execute(f"INSERT OR IGNORE INTO {table} ({columns}) VALUES ({marks})", row)  # noqa: S608
                    copied += 1
        except (sqlite3.Error, UnicodeDecodeError):
            pass  # the rows before the damage are copied
        return copied


def _identity(path: Path) -> tuple[int, int] | None:
    """Return (st_dev, st_ino) of a file, or None if it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _tables(connection: sqlite3.Connection) -> list[tuple[str, list[Any]]]:
    """Return the names of tables and indexes with the columns of the tables."""
    named = connection.execute("SELECT name FROM sqlite_master ORDER BY name").fetchall()
    columns = 'SELECT name, type, "notnull", dflt_value, pk FROM pragma_table_info(?)'
    return [(name, connection.execute(columns, (name,)).fetchall()) for (name,) in named]


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)


def _statements(script: str) -> list[str]:
    """Split a script into statements: `executescript` would commit the transaction."""
    statements, pending = [], ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            statements.append(pending)
            pending = ""
    return statements


def _code(error: sqlite3.Error | UnicodeDecodeError) -> int:
    """Return SQLite's primary result code; 0 where the error is Python's own."""
    if isinstance(error, UnicodeDecodeError):  # of SQLite's message, which cites a damaged schema
        return sqlite3.SQLITE_CORRUPT
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _damaged() -> str:
    return _("{path} was damaged; it was set aside as {aside} and a new one was begun.")


def _reason(error: sqlite3.Error) -> str:
    reason = _REASONS.get(_code(error))
    return _(reason) if reason else str(error)
