"""Convert results to rows of the store and back."""

import os
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop import __version__
from catdog_desktop.decoding.decode import read_embedded_date
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.decoding.photo_date import FolderListing, date_outside
from catdog_desktop.decoding.photo_info import DateSource, PhotoInfo
from catdog_desktop.inference.features import pack_features
from catdog_desktop.store.fingerprint import FileSignature
from catdog_desktop.verdict import Result, Scores, Verdict

_COLUMNS: Final = (
    "cat, dog, error, damaged, width, height, taken, maps, map_rows, decoder, features, looked_closer, date_source"
)

_PATHS_AT_ONCE: Final = 100
"""Paths of one query: half the time of a query for each."""
_BY_PATHS: Final = f"""
SELECT path, size, mtime_ns, file.content, verdict, model, {_COLUMNS}, stars, NULL FROM file
LEFT JOIN result ON result.content = file.content AND model = ?
LEFT JOIN correction ON correction.subject = file.content
LEFT JOIN rating ON rating.subject = file.content
WHERE path IN ({", ".join("?" * _PATHS_AT_ONCE)})
"""  # noqa: S608  Names of our own.
# The last column makes 21 columns. CPython up to 3.12 keeps freed tuples of exactly 20 items and never uses them again.
_FEATURES_BY_PATHS: Final = f"""
SELECT path, features FROM file
JOIN result ON result.content = file.content AND model = ?
WHERE path IN ({", ".join("?" * _PATHS_AT_ONCE)}) AND features IS NOT NULL
"""  # noqa: S608
_BY_PATHS_WITHOUT_FEATURES: Final = _BY_PATHS.replace("features", "NULL")

BY_CONTENT: Final = f"""
SELECT content, verdict, model, {_COLUMNS}, stars FROM result
LEFT JOIN correction ON correction.subject = content
LEFT JOIN rating ON rating.subject = content
WHERE content = ? AND model = ?
"""  # noqa: S608
"""Parameters: fingerprint, id of the model."""

KEEP: Final = f"""
INSERT OR REPLACE INTO result (content, model, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""  # noqa: S608
"""Parameters: what `result_values` returns."""

EMBEDDED_SOURCES: Final = frozenset({DateSource.TAKEN, DateSource.DIGITIZED, DateSource.EXIF, DateSource.XMP})
"""Sources of dates inside the file, which are stored with its content."""
_NOT_EMBEDDED: Final = ""
"""In the column `date_source`: the file has no date inside. NULL: a row of an earlier version, not yet known."""

KEEP_DATE: Final = "UPDATE result SET taken = ?, date_source = ? WHERE content = ? AND model = ?"
"""Takes what `date_values` returns."""

_IS_POSIX: Final = os.name == "posix"
_VERDICTS: Final[dict[str | None, Verdict]] = {verdict.value: verdict for verdict in Verdict}


def path_key(path: Path) -> bytes:
    """Return the key of a path in the store: absolute, and as bytes, since names need not be valid text."""
    text = os.fspath(path)
    if _IS_POSIX and text[:1] == "/" and "/." not in text and "//" not in text:
        return os.fsencode(text)  # What the line below returns, in a third of the time.
    return os.fsencode(os.path.abspath(text))  # noqa: PTH100  Path.absolute() keeps ".."


def rows_by_path(
    db: sqlite3.Connection, model: int, keys: Sequence[bytes], *, features: bool = True
) -> dict[bytes, tuple[Any, ...]]:
    """Return the rows of files by the keys of their paths, of those that are in the store.

    A row has the path, size and time of the file, and then what `read_result` takes. The id of the model in it is null
    if `model` has not judged the file. Without `features` these are null.
    """
    query = _BY_PATHS if features else _BY_PATHS_WITHOUT_FEATURES
    rows = {}
    for start in range(0, len(keys), _PATHS_AT_ONCE):
        some = keys[start : start + _PATHS_AT_ONCE]
        # No path is null. SQLite compiles a query of always the same length once.
        for row in db.execute(query, (model, *some, *[None] * (_PATHS_AT_ONCE - len(some)))):
            rows[row[0]] = row
    return rows


def features_by_path(db: sqlite3.Connection, model: int, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    """Return the packed features that `model` gave files, by the keys of their paths, of those that have some."""
    packed: dict[bytes, bytes] = {}
    for start in range(0, len(keys), _PATHS_AT_ONCE):
        some = keys[start : start + _PATHS_AT_ONCE]
        packed.update(db.execute(_FEATURES_BY_PATHS, (model, *some, *[None] * (_PATHS_AT_ONCE - len(some)))))
    return packed


def result_values(result: Result, model: int, signature: FileSignature) -> tuple[Any, ...]:
    """Return the parameters of `KEEP`; `model` is the id of the model."""
    scores, maps = result.scores, result.heat_maps
    info = result.info
    taken, date_source = _embedded_values(result)
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
        date_source,
    )


def read_result(
    path: Path,
    signature: FileSignature,
    values: tuple[Any, ...],
    *,
    features: NDArray[np.float32] | None = None,
    listing: FolderListing | None = None,
) -> Result | None:
    """Return the result of the file at `path` from `values` (content, verdict, model, and so on), but see `with_date`.

    `features` are those of `packed_features`, if they are wanted. With `listing`, a photo without a date
    inside has its date already, as `with_date` would give it. None if no result is stored, if it is an
    error of another version of the app, or if it is invalid.
    """
    content, verdict, model, cat, dog, error, damaged, width, height, taken, maps, map_rows, decoder = values[:13]
    _packed, looked_closer, date_source, stars = values[13:17]
    if model is None or (error is not None and decoder != __version__):
        return None
    try:
        date, source = _stored_date(taken, date_source)
        if listing is not None and date is None and source is not None and error is None:
            date, source = date_outside(path, signature.mtime_ns, listing) or (None, source)
        info = PhotoInfo(width, height, date, signature.size, bool(damaged), source)
        return Result(
            path,
            scores=None if error is not None else Scores(cat, dog),
            error=error,
            info=info if error is None else PhotoInfo(),
            heat_maps=None if maps is None else _heat_maps(maps, map_rows),
            features=features,
            looked_closer=bool(looked_closer),
            correction=read_verdict(verdict),
            rating=stars,
            fingerprint=content.hex(),
        )
    except (ValueError, TypeError, AttributeError):
        return None


def _heat_maps(maps: bytes, rows: int) -> NDArray[np.uint8]:
    """Return heat maps (rows, columns, 2). One array object, where `np.frombuffer` and a reshape keep two."""
    columns, rest = divmod(len(maps), 2 * rows) if rows else (0, 1)
    if rest:
        raise ValueError(rows)
    return np.ndarray((rows, columns, 2), np.uint8, maps)


def packed_features(values: tuple[Any, ...]) -> bytes | None:
    """Return the packed features in the values of `read_result`; None if the model gave none."""
    packed = values[13]
    return packed if isinstance(packed, bytes) else None


def read_verdict(word: str | None) -> Verdict | None:
    """Return the verdict of a row; None for none, and for a word of a later version."""
    return _VERDICTS.get(word)


def _stored_date(taken: str | None, source: str | None) -> tuple[datetime | None, DateSource | None]:
    date = None if taken is None else datetime.fromisoformat(taken)
    if source is None:
        return date, None
    return (None, DateSource.FILE_TIME) if source == _NOT_EMBEDDED or date is None else (date, DateSource(source))


def needs_date_source(result: Result) -> bool:
    """Whether a row of an earlier version gave `result`, which did not store where the date comes from."""
    return result.error is None and result.info.date_source is None


def with_date(result: Result, signature: FileSignature) -> Result:
    """Return a result of `read_result` with the photo's date; may open the photo and files beside it.

    A row of an earlier version has no source for its date. The photo is opened to find it, but not classified again.
    """
    info = result.info
    if result.error is not None or (info.date_source is not None and info.date is not None):
        return result
    found = None
    if info.date_source is None:
        try:
            found = read_embedded_date(result.path)
        except PhotoError:  # it cannot be read now; the date that the earlier version found is kept
            found = None if info.date is None else (info.date, DateSource.EXIF)
    date, source = found or date_outside(result.path, signature.mtime_ns) or (None, DateSource.FILE_TIME)
    dated = PhotoInfo(info.width, info.height, date, info.file_bytes, info.damaged, source)
    return replace(result, info=dated)


def date_values(result: Result, model: int) -> tuple[str | None, str, bytes, int]:
    """Return the values for `KEEP_DATE`."""
    return (*_embedded_values(result), bytes.fromhex(result.fingerprint), model)


def _embedded_values(result: Result) -> tuple[str | None, str]:
    """Return the columns `taken` and `date_source`.

    Only a date inside the file belongs to its content: a copy has another time, another name, and other sidecars.
    """
    info = result.info
    if info.date is None or info.date_source not in EMBEDDED_SOURCES:
        return None, _NOT_EMBEDDED
    return info.date.isoformat(), str(info.date_source)
