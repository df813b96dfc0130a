"""Rows of corrections: the key of each, and how a correction stays with its photo."""

import hashlib
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from catdog_desktop.store.fingerprint import HASH_BYTES, FileSignature
from catdog_desktop.store.result_codec import path_key, read_verdict
from catdog_desktop.verdict import Result, Verdict

_OF_FORMER_CONTENT: Final = """
FROM file
JOIN result ON result.content = file.content
JOIN correction ON correction.subject = file.content
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
    for subject in subjects:
        row = db.execute("SELECT verdict FROM correction WHERE subject = ?", (subject,)).fetchone()
        if row is not None:
            return read_verdict(row[0])
    return None


def read_carried(db: sqlite3.Connection, result: Result, model: int) -> Verdict | None:
    """Return the correction that `carry_over` will give `result` when it is stored."""
    values = _former_content(result, model)
    row = None if values is None else db.execute(f"SELECT verdict {_OF_FORMER_CONTENT}", values).fetchone()
    return None if row is None else read_verdict(row[0])


def carry_over(db: sqlite3.Connection, result: Result, model: int) -> None:
    """Copy the correction of a photo into which another program wrote keywords: new fingerprint, same pixels.

    Call it while the file is still recorded with its former fingerprint. Another photo at its path has other scores.
    """
    values = _former_content(result, model)
    if values is not None:
        db.execute(
            f"INSERT OR IGNORE INTO correction (subject, verdict) SELECT ?, verdict {_OF_FORMER_CONTENT}",
            (bytes.fromhex(result.fingerprint), *values),
        )


def take_over(db: sqlite3.Connection, place: bytes, content: bytes) -> None:
    """Move a correction made while the file was unreadable from its place to its content."""
    db.execute("UPDATE OR IGNORE correction SET subject = ? WHERE subject = ?", (content, place))


def _former_content(result: Result, model: int) -> tuple[Any, ...] | None:
    """Return the parameters of `_OF_FORMER_CONTENT`; None if the result has too little to compare."""
    if result.scores is None or not result.info.width or not result.fingerprint:
        return None
    scores = result.scores
    return path_key(result.path), model, result.info.width, result.info.height, scores.cat, scores.dog
