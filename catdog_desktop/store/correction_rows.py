"""Rows of corrections and ratings: the key of each, and how they stay with their photo."""

import hashlib
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from catdog_desktop.store.fingerprint import HASH_BYTES, FileSignature
from catdog_desktop.store.result_codec import path_key, read_verdict
from catdog_desktop.verdict import Result, Verdict

_COLUMNS: Final = {"correction": "verdict", "rating": "stars"}
"""The tables of the user's own data, and the column with the value. Both have the same keys, in `subject`."""
_OF_FORMER_CONTENT: Final = """
FROM file
JOIN result ON result.content = file.content
JOIN {table} ON {table}.subject = file.content
WHERE path = ? AND model = ? AND width = ? AND height = ? AND abs(cat - ?) < 1e-6 AND abs(dog - ?) < 1e-6
"""


def place_key(path: Path, signature: FileSignature | None) -> bytes:
    """Return the key of an unreadable file, from its path, size and time. A file that replaces it has another key."""
    size, mtime_ns = (signature.size, signature.mtime_ns) if signature is not None else (-1, -1)
    digest = hashlib.blake2b(path_key(path), digest_size=HASH_BYTES, person=b"place")
    digest.update(f"\0{size}\0{mtime_ns}".encode())
    return digest.digest()


def read_correction(db: sqlite3.Connection, subjects: Iterable[bytes]) -> Verdict | None:
    """Return the correction of the first of `subjects` (keys) that has one."""
    return read_verdict(_read(db, "correction", subjects))


def read_rating(db: sqlite3.Connection, subjects: Iterable[bytes]) -> int | None:
    """Return the rating, 1..5, of the first of `subjects` (keys) that has one."""
    stars: int | None = _read(db, "rating", subjects)
    return stars


def write_rows(
    db: sqlite3.Connection, table: str, values: Mapping[Path, Any], subjects: Mapping[Path, list[bytes]]
) -> None:
    """Store the values of `table` ("correction" or "rating"), or delete them (None). `subjects` are keys by path."""
    for path, value in values.items():
        db.executemany(f"DELETE FROM {table} WHERE subject = ?", [(key,) for key in subjects[path]])  # noqa: S608
        if value is not None:
            db.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (subjects[path][0], value))  # noqa: S608


def add_rows(db: sqlite3.Connection, table: str, values: Mapping[bytes, Any], *, replace: bool) -> int:
    """Add values of `table` by key; return the number of rows added or changed. Existing ones are kept or replaced."""
    column = _COLUMNS[table]
    on_conflict = (
        f"ON CONFLICT (subject) DO UPDATE SET {column} = excluded.{column} WHERE {column} <> excluded.{column}"
        if replace
        else "ON CONFLICT (subject) DO NOTHING"
    )
    query = f"INSERT INTO {table} (subject, {column}) VALUES (?, ?) {on_conflict}"  # noqa: S608  Names of our own.
    return db.executemany(query, values.items()).rowcount if values else 0


def read_carried(db: sqlite3.Connection, result: Result, model: int) -> tuple[Verdict | None, int | None]:
    """Return the correction and the rating that `carry_over` will give `result` when it is stored."""
    values = _former_content(result, model)
    if values is None:
        return None, None
    found = {}
    for table, column in _COLUMNS.items():
        former = _OF_FORMER_CONTENT.format(table=table)
        found[table] = db.execute(f"SELECT {table}.{column} {former}", values).fetchone() or (None,)
    return read_verdict(found["correction"][0]), found["rating"][0]


def carry_over(db: sqlite3.Connection, result: Result, model: int) -> None:
    """Copy correction and rating of a photo into which another program wrote: new fingerprint, same pixels.

    Call it while the file is still recorded with its former fingerprint. Another photo at its path has other scores.
    """
    values = _former_content(result, model)
    if values is not None:
        for table, column in _COLUMNS.items():
            former = _OF_FORMER_CONTENT.format(table=table)
            db.execute(
                f"INSERT OR IGNORE INTO {table} (subject, {column}) SELECT ?, {table}.{column} {former}",
                (bytes.fromhex(result.fingerprint), *values),
            )


def take_over(db: sqlite3.Connection, place: bytes, content: bytes) -> None:
    """Move correction and rating made while the file was unreadable from its place to its content."""
    for table in _COLUMNS:
        db.execute(f"UPDATE OR IGNORE {table} SET subject = ? WHERE subject = ?", (content, place))  # noqa: S608


def move_place(db: sqlite3.Connection, old: bytes, new: bytes) -> None:
    """Move correction and rating of an unreadable file that was moved."""
    for table in _COLUMNS:
        db.execute(f"UPDATE OR REPLACE {table} SET subject = ? WHERE subject = ?", (new, old))  # noqa: S608


def _read(db: sqlite3.Connection, table: str, subjects: Iterable[bytes]) -> Any:
    query = f"SELECT {_COLUMNS[table]} FROM {table} WHERE subject = ?"  # noqa: S608  Names of our own.
    for subject in subjects:
        row = db.execute(query, (subject,)).fetchone()
        if row is not None:
            return row[0]
    return None


def _former_content(result: Result, model: int) -> tuple[Any, ...] | None:
    """Return the parameters of `_OF_FORMER_CONTENT`; None if the result has too little to compare."""
    if result.scores is None or not result.info.width or not result.fingerprint:
        return None
    scores = result.scores
    return path_key(result.path), model, result.info.width, result.info.height, scores.cat, scores.dog
