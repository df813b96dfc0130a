"""The user's own verdicts as rows of the store: under what one is kept, and how it stays with its photo."""

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
    """Return what stands for a content that cannot be read: another file at this place has another."""
    size, mtime_ns = (signature.size, signature.mtime_ns) if signature is not None else (-1, -1)
    digest = hashlib.blake2b(path_key(path), digest_size=HASH_BYTES, person=b"place")
    digest.update(f"\0{size}\0{mtime_ns}".encode())
    return digest.digest()


def read_correction(db: sqlite3.Connection, subjects: Iterable[bytes]) -> Verdict | None:
    """Return the verdict that is kept under the first of `subjects` that has one."""
    for subject in subjects:
        row = db.execute("SELECT verdict FROM correction WHERE subject = ?", (subject,)).fetchone()
        if row is not None:
            return read_verdict(row[0])
    return None


def read_carried(db: sqlite3.Connection, result: Result, model: int) -> Verdict | None:
    """Return the verdict that `carry_over` will let `result` have when it is kept."""
    values = _former_content(result, model)
    row = None if values is None else db.execute(f"SELECT verdict {_OF_FORMER_CONTENT}", values).fetchone()
    return None if row is None else read_verdict(row[0])


def carry_over(db: sqlite3.Connection, result: Result, model: int) -> None:
    """Let a verdict stay with a photo into which another program wrote keywords: new content, the same pixels.

    Called while the file is still on record with its former content. Another photo in its place has other scores.
    """
    values = _former_content(result, model)
    if values is not None:
        db.execute(
            f"INSERT OR IGNORE INTO correction (subject, verdict) SELECT ?, verdict {_OF_FORMER_CONTENT}",
            (bytes.fromhex(result.fingerprint), *values),
        )


def take_over(db: sqlite3.Connection, place: bytes, content: bytes) -> None:
    """Let a verdict given while the file could not be read belong to its content, now that it can."""
    db.execute("UPDATE OR IGNORE correction SET subject = ? WHERE subject = ?", (content, place))


def _former_content(result: Result, model: int) -> tuple[Any, ...] | None:
    """Return the values for `_OF_FORMER_CONTENT`; None for a result that says too little to compare."""
    if result.scores is None or not result.info.width or not result.fingerprint:
        return None
    scores = result.scores
    return path_key(result.path), model, result.info.width, result.info.height, scores.cat, scores.dog
