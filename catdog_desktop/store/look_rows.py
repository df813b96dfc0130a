"""How photos look (perceptual hashes and sharpness), kept beside the thumbnails from which they are computed."""

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.decoding.pixels import open_thumbnail
from catdog_desktop.learning.perceptual_hash import PARTS, WORDS, Look, look_of
from catdog_desktop.store.thumbnail_store import ThumbnailStore, make_thumbnail

_HASH_BYTES: Final = PARTS * WORDS * 8
_LOOK_BYTES: Final = _HASH_BYTES + 4


def find_looks(thumbnails: ThumbnailStore, photos: Mapping[str, Path]) -> tuple[dict[str, Look], dict[str, Look]]:
    """Return the looks of photos (path by fingerprint), and those of them that are not kept yet.

    A photo whose thumbnail was deleted is decoded. Unreadable photos are left out. Raises `StoreError`.
    """
    kept = thumbnails.file.read(lambda db: _read(db, photos))
    new = {}
    for content, path in photos.items():
        if content not in kept and (look := _compute(thumbnails.get(content), path)) is not None:
            new[content] = look
    return kept | new, new


def keep_looks(db: sqlite3.Connection, looks: Mapping[str, Look]) -> None:
    """Write looks by fingerprint."""
    rows = [(bytes.fromhex(content), _packed(look)) for content, look in looks.items()]
    db.executemany("INSERT OR REPLACE INTO look (content, look) VALUES (?, ?)", rows)


def _read(db: sqlite3.Connection, contents: Iterable[str]) -> dict[str, Look]:
    found = {}
    for content in contents:
        row = db.execute("SELECT look FROM look WHERE content = ?", (bytes.fromhex(content),)).fetchone()
        # One of another length is of another version of the app.
        if row is not None and len(row[0]) == _LOOK_BYTES:
            found[content] = _unpacked(row[0])
    return found


def _compute(jpeg: bytes, path: Path) -> Look | None:
    try:
        with open_thumbnail(jpeg or make_thumbnail(path)) as opened:
            return look_of(np.asarray(opened.convert("L")))
    except (OSError, ValueError, SyntaxError, PhotoError, Image.DecompressionBombError):
        return None


def _packed(look: Look) -> bytes:
    return look.hashes.astype("<u8").tobytes() + np.array([look.sharpness], "<f4").tobytes()


def _unpacked(data: bytes) -> Look:
    hashes = np.frombuffer(data, "<u8", PARTS * WORDS).astype(np.uint64).reshape(PARTS, WORDS)
    return Look(hashes, float(np.frombuffer(data, "<f4", 1, _HASH_BYTES)[0]))
