"""Convert results to rows of the store and back."""

import os
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from catdog_desktop import __version__
from catdog_desktop.decoding.photo_date import modified_date
from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.inference.features import pack_features, unpack_features
from catdog_desktop.store.fingerprint import FileSignature
from catdog_desktop.verdict import Result, Scores, Verdict

_COLUMNS: Final = "cat, dog, error, damaged, width, height, taken, maps, map_rows, decoder, features, looked_closer"

BY_PATH: Final = f"""
SELECT size, mtime_ns, file.content, verdict, model, {_COLUMNS} FROM file
LEFT JOIN result ON result.content = file.content AND model = ?
LEFT JOIN correction ON subject = file.content
WHERE path = ?
"""  # noqa: S608  Names of our own.
"""Parameters: id of the model, key of the path. `model` is null without a result. `read_result` takes columns 2 on."""

BY_CONTENT: Final = f"""
SELECT content, verdict, model, {_COLUMNS} FROM result
LEFT JOIN correction ON subject = content
WHERE content = ? AND model = ?
"""  # noqa: S608
"""Parameters: fingerprint, id of the model."""

KEEP: Final = f"""
INSERT OR REPLACE INTO result (content, model, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608
"""Parameters: what `result_values` returns."""

_VERDICTS: Final[dict[str | None, Verdict]] = {verdict.value: verdict for verdict in Verdict}


def path_key(path: Path) -> bytes:
    """Return the key of a path in the store: absolute, and as bytes, since names need not be valid text."""
    return os.fsencode(os.path.abspath(path))  # noqa: PTH100  Path.absolute() keeps ".."


def result_values(result: Result, model: int, signature: FileSignature) -> tuple[Any, ...]:
    """Return the parameters of `KEEP`; `model` is the id of the model."""
    scores, maps = result.scores, result.heat_maps
    # The file's own time is not kept with the content: a copy has another.
    info = result.info
    taken = None if info.date is None or _is_time_of(signature, info.date) else info.date.isoformat()
    return (
        bytes.fromhex(result.fingerprint),
        model,
        scores.cat if scores is not None else None,
        scores.dog if scores is not None else None,
        result.error,
        info.damaged,
        info.width,
        info.height,
        taken,
        maps.tobytes() if maps is not None else None,
        maps.shape[0] if maps is not None else None,
        __version__,
        pack_features(result.features) if result.features is not None else None,
        result.looked_closer,
    )


def read_result(path: Path, signature: FileSignature, values: tuple[Any, ...], thumbnail: bytes = b"") -> Result | None:
    """Return the result of the file at `path` from `values` (content, verdict, model, and so on).

    None if no result is stored, if it is an error of another version of the app, or if it is invalid.
    """
    content, verdict, model, cat, dog, error, damaged, width, height, taken, maps, map_rows, decoder = values[:13]
    features, looked_closer = values[13:]
    if model is None or (error is not None and decoder != __version__):
        return None
    try:
        date = modified_date(signature.mtime_ns) if taken is None else datetime.fromisoformat(taken)
        return Result(
            path,
            scores=None if error is not None else Scores(cat, dog),
            error=error,
            info=PhotoInfo() if error is not None else PhotoInfo(width, height, date, signature.size, bool(damaged)),
            thumbnail=thumbnail,
            heat_maps=None if maps is None else np.frombuffer(maps, np.uint8).reshape(map_rows, -1, 2),
            features=None if features is None else unpack_features(features),
            looked_closer=bool(looked_closer),
            correction=read_verdict(verdict),
            fingerprint=content.hex(),
        )
    except (ValueError, TypeError, AttributeError):
        return None


def read_verdict(word: str | None) -> Verdict | None:
    """Return the verdict of a row; None for none, and for a word of a later version."""
    return _VERDICTS.get(word)


def _is_time_of(signature: FileSignature, taken: datetime) -> bool:
    changed = modified_date(signature.mtime_ns)
    # Not quite equal: one is made from whole nanoseconds, the other from a float of seconds.
    return changed is not None and abs((changed - taken).total_seconds()) < 1e-3
