"""Read the features, scores and corrections of all photos at once, for learning and for similar photos."""

import os
import sqlite3
from pathlib import Path
from typing import Final

import numpy as np

from catdog_desktop.learning.lesson import JudgedPhotos
from catdog_desktop.store.result_codec import read_verdict

_JUDGED: Final = """
SELECT result.content, cat, dog, features, verdict FROM result
LEFT JOIN correction ON subject = result.content
WHERE model = ? AND cat IS NOT NULL AND features IS NOT NULL
"""


def read_judged(db: sqlite3.Connection, model: int) -> JudgedPhotos:
    """Return the photos that a model has judged and given features, each content once.

    A photo has its first path in the order of the alphabet, and the features of the size that most photos have.
    """
    paths: dict[bytes, bytes] = dict(db.execute("SELECT content, path FROM file ORDER BY path DESC"))
    rows = db.execute(_JUDGED, (model,)).fetchall()
    size = len(rows[0][3]) if rows else 0
    rows = [row for row in rows if len(row[3]) == size]
    return JudgedPhotos(
        [Path(os.fsdecode(paths[row[0]])) if row[0] in paths else None for row in rows],
        np.array([row[1:3] for row in rows], np.float64).reshape(-1, 2),
        np.frombuffer(b"".join(row[3] for row in rows), np.int8).reshape(len(rows), size),
        [read_verdict(row[4]) for row in rows],
    )
