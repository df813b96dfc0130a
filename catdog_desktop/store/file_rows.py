"""Rows of the table of files: which files are as they were when they were recorded, and their fingerprints."""

import sqlite3
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.inference.features import unpack_all
from catdog_desktop.store.fingerprint import FileSignature, file_signature
from catdog_desktop.store.result_codec import packed_features, path_key, rows_by_path

PUT_FILE: Final = "INSERT OR REPLACE INTO file (path, size, mtime_ns, content) VALUES (?, ?, ?, ?)"
"""Parameters: what `file_rows` returns."""
_UNTRUSTED: Final = 0
"""Stored in place of the time of a file that was changed just before it was read: next time the fingerprint decides."""


def signatures_of(paths: Iterable[Path]) -> dict[Path, FileSignature]:
    """Return the signatures of the files that exist."""
    signatures = {}
    for path in paths:
        try:
            signatures[path] = file_signature(path)
        except (OSError, ValueError):
            continue
    return signatures


def unchanged_rows(
    db: sqlite3.Connection, signatures: Mapping[Path, FileSignature], model_identity: str, *, features: bool
) -> tuple[dict[Path, tuple[Any, ...]], list[Path]]:
    """Return the rows of unchanged files for `read_result`, and the files that may be known ones at another path."""
    model = model_id(db, model_identity)
    keys = [path_key(path) for path in signatures]
    rows = rows_by_path(db, model, keys, features=features)
    found, suspects = {}, []
    for (path, signature), key in zip(signatures.items(), keys, strict=True):
        row = rows.get(key)
        if row is not None and row[1] == signature.size and row[2] == signature.mtime_ns:
            found[path] = row[3:]
        elif db.execute("SELECT 1 FROM file WHERE size = ?", (signature.size,)).fetchone() is not None:
            suspects.append(path)
    return found, suspects


def unpacked_features(rows: Mapping[Path, tuple[Any, ...]]) -> dict[Path, NDArray[np.float32]]:
    """Return the features in rows for `read_result`, of those that have some."""
    packed = {path: data for path, row in rows.items() if (data := packed_features(row)) is not None}
    return dict(zip(packed, unpack_all(list(packed.values())), strict=True))


def file_rows(files: Iterable[tuple[bytes, FileSignature, str]]) -> list[tuple[bytes, int, int, bytes]]:
    """Return rows for `PUT_FILE` from path keys, signatures and fingerprints."""
    now = time.time_ns()
    return [
        (key, signature.size, _UNTRUSTED if signature.is_fresh(now) else signature.mtime_ns, bytes.fromhex(content))
        for key, signature, content in files
    ]


def contents_of(
    db: sqlite3.Connection, paths: Iterable[Path], signatures: Mapping[Path, FileSignature] | None = None
) -> dict[Path, bytes]:
    """Return the recorded fingerprints; with `signatures`, only of files that are unchanged."""
    contents = {}
    for path in paths:
        row = db.execute("SELECT size, mtime_ns, content FROM file WHERE path = ?", (path_key(path),)).fetchone()
        if row is None:
            continue
        signature = None if signatures is None else signatures.get(path)
        if signature is None or row[:2] == (signature.size, signature.mtime_ns):
            contents[path] = row[2]
    return contents


def model_id(db: sqlite3.Connection, sha256: str, *, make: bool = False) -> int:
    """Return the id of a model in the store; -1 if it has none. With `make` it gets one."""
    if make:
        db.execute("INSERT OR IGNORE INTO model (sha256) VALUES (?)", (sha256,))
    row = db.execute("SELECT id FROM model WHERE sha256 = ?", (sha256,)).fetchone()
    return -1 if row is None else int(row[0])
