"""What the store knows of photos, told in numbers, and forgotten so that nothing of it is left in its files.

Results are by content, and so are thumbnails and own verdicts: below a folder those are forgotten whose content is on
record nowhere else. Photos that are gone are forgotten as any others: they are only looked at for own verdicts of which
no place is on record.
"""

import contextlib
import os
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from catdog_desktop.discovery.skip_rules import EVERYTHING, Skipped
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.store.correction_rows import place_key
from catdog_desktop.store.fingerprint import file_fingerprint, file_signature
from catdog_desktop.store.result_codec import path_key
from catdog_desktop.store.store_file import StoreError, StoreFile
from catdog_desktop.store.thumbnail_store import ThumbnailStore


class Kind(StrEnum):
    """What can be forgotten by itself. The values are the options of the command line."""

    RESULTS = "results"
    """Names and places of photos, scores, heat maps, errors."""
    THUMBNAILS = "thumbnails"
    VERDICTS = "verdicts"
    """The user's own: no computer can make them again."""


ALL_KINDS: Final = frozenset(Kind)
_UNPLACED: Final = "SELECT subject FROM correction EXCEPT SELECT content FROM file"


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is known of photos, or was until it was forgotten."""

    where: Path
    """The folder in which the files of the store lie."""
    photos: int = 0
    """Equal ones count once."""
    thumbnails: int = 0
    thumbnail_bytes: int = 0
    verdicts: int = 0
    elsewhere: int = 0
    """Those of `photos` that are on record outside the folder too: only that they lie in the folder is forgotten."""
    file_bytes: int = 0
    """How much the files of the store take, whatever is in them."""
    set_aside: tuple[Path, ...] = ()
    """Files that were damaged: nobody can say what is in them."""

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to forget."""
        return not (self.photos or self.thumbnails or self.verdicts or self.set_aside)


@dataclass(frozen=True, slots=True)
class _Extent:
    """Of what is known: all of it, or what is below a folder."""

    known: set[bytes]
    """Contents."""
    elsewhere: set[bytes]
    only_here: set[bytes] | None
    """Contents of which all may go; None: of all photos."""
    subjects: set[bytes] | None
    """Under what the verdicts are kept that may go; None: all verdicts."""


def look(store: StoreFile, thumbnails: ThumbnailStore, folder: Path | None) -> Remembered:
    """Return what is known of all photos, or of those below `folder`. Raises `StoreError`."""
    for file in (store, thumbnails.file):
        if file.in_memory and file.complaint is not None:
            # It may be full of photos: nobody must be told that nothing is remembered.
            raise StoreError(f"What {file.path} holds cannot be looked up, and so it cannot be forgotten.")
    return _count(store, thumbnails, _extent(store, folder))


def forget(store: StoreFile, thumbnails: ThumbnailStore, kinds: Collection[Kind], folder: Path | None) -> Remembered:
    """Forget what is of these kinds, of all photos or of those below `folder`; return what it was.

    When it returns, nothing of it is left in the files or beside them. Raises `StoreError`: then some of it may be
    left, and the same call goes on where this one ended.
    """
    for file in (store, thumbnails.file):
        if file.in_memory and file.complaint is not None:
            raise StoreError(f"Nothing was forgotten. {file.complaint}")
    extent = _extent(store, folder)
    before = _count(store, thumbnails, extent)
    # First: below a folder, the results tell which they are.
    if Kind.THUMBNAILS in kinds:
        thumbnails.forget(extent.only_here)
        thumbnails.file.rewrite()

    def write(db: sqlite3.Connection) -> None:
        if Kind.VERDICTS in kinds:
            _delete(db, "correction", "subject", extent.subjects)
        if Kind.RESULTS in kinds:
            _delete(db, "result", "content", extent.only_here)
            _delete_places(db, folder)
            db.execute("DELETE FROM model WHERE id NOT IN (SELECT model FROM result)")

    if Kind.RESULTS in kinds or Kind.VERDICTS in kinds:
        store.write(write, at_once=True)
        store.rewrite()
    gone = () if folder is not None else tuple(_set_aside(store, thumbnails, kinds))
    _remove(gone)
    return _only(before, kinds, gone)


def _extent(store: StoreFile, folder: Path | None) -> _Extent:
    known, elsewhere = store.read(lambda db: _contents(db, folder))
    if folder is None:
        return _Extent(known, elsewhere, None, None)
    only_here = known - elsewhere
    return _Extent(known, elsewhere, only_here, only_here | _unplaced_verdicts(store, folder))


def _count(store: StoreFile, thumbnails: ThumbnailStore, extent: _Extent) -> Remembered:
    count, size = thumbnails.count(extent.only_here)
    files = [*_files_of(store), *_files_of(thumbnails.file)]
    return Remembered(
        store.path.parent,
        photos=len(extent.known),
        thumbnails=count,
        thumbnail_bytes=size,
        verdicts=store.read(lambda db: _count_verdicts(db, extent.subjects)),
        elsewhere=len(extent.elsewhere),
        file_bytes=sum(_size(path) for path in files),
        set_aside=tuple(_set_aside(store, thumbnails, ALL_KINDS)) if extent.only_here is None else (),
    )


def _unplaced_verdicts(store: StoreFile, folder: Path) -> set[bytes]:
    """Return under what verdicts of photos below `folder` are kept of which no place is on record.

    They were given to photos that could not be read, or their results were forgotten before them.
    """
    unplaced = store.read(lambda db: {subject for (subject,) in db.execute(_UNPLACED)})
    found: set[bytes] = set()
    for photo in find_photos([folder], EVERYTHING) if unplaced else ():
        with contextlib.suppress(OSError, ValueError):
            if not isinstance(photo, Skipped):
                found.add(place_key(photo, file_signature(photo)))
                found.add(bytes.fromhex(file_fingerprint(photo)))
    return found & unplaced


def _only(before: Remembered, kinds: Collection[Kind], gone: tuple[Path, ...]) -> Remembered:
    """Return what of `before` was forgotten."""
    told = replace(before, set_aside=gone)
    if Kind.RESULTS not in kinds:
        told = replace(told, photos=0, elsewhere=0)
    if Kind.THUMBNAILS not in kinds:
        told = replace(told, thumbnails=0, thumbnail_bytes=0)
    return told if Kind.VERDICTS in kinds else replace(told, verdicts=0)


def _contents(db: sqlite3.Connection, folder: Path | None) -> tuple[set[bytes], set[bytes]]:
    """Return the contents on record, or those below `folder`; and those of them that are on record elsewhere too."""
    if folder is None:
        rows = db.execute("SELECT content FROM file UNION SELECT content FROM result")
        return {content for (content,) in rows}, set()
    below, bounds = _below(folder)
    here = {content for (content,) in db.execute(f"SELECT content FROM file WHERE {below}", bounds)}  # noqa: S608
    others = db.execute(f"SELECT content FROM file WHERE NOT ({below})", bounds)  # noqa: S608  Words of our own.
    return here, {content for (content,) in others if content in here}


def _below(folder: Path) -> tuple[str, tuple[bytes, bytes, bytes]]:
    """Return a condition on `file` for `folder` itself and what lies below it, and its values."""
    key = path_key(folder)
    separator = os.fsencode(os.sep)
    first = key if key.endswith(separator) else key + separator
    after = first[:-1] + bytes([first[-1] + 1])
    return "path = ? OR (path >= ? AND path < ?)", (key, first, after)


def _count_verdicts(db: sqlite3.Connection, subjects: set[bytes] | None) -> int:
    if subjects is None:
        (count,) = db.execute("SELECT count(*) FROM correction").fetchone()
        return int(count)
    one = "SELECT 1 FROM correction WHERE subject = ?"
    return sum(db.execute(one, (subject,)).fetchone() is not None for subject in subjects)


def _delete(db: sqlite3.Connection, table: str, column: str, keys: set[bytes] | None) -> None:
    if keys is None:
        db.execute(f"DELETE FROM {table}")  # noqa: S608  Names of our own.
    else:
        db.executemany(f"DELETE FROM {table} WHERE {column} = ?", [(key,) for key in keys])  # noqa: S608


def _delete_places(db: sqlite3.Connection, folder: Path | None) -> None:
    if folder is None:
        db.execute("DELETE FROM file")
    else:
        below, bounds = _below(folder)
        db.execute(f"DELETE FROM file WHERE {below}", bounds)  # noqa: S608  Words of our own.


# The files.


def _files_of(file: StoreFile) -> list[Path]:
    return [file.path, *file.companions]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # it comes and goes as the file is used
        return 0


def _set_aside(store: StoreFile, thumbnails: ThumbnailStore, kinds: Collection[Kind]) -> Iterator[Path]:
    """Yield the damaged files that go with `kinds`: one of the store may hold results, and own verdicts as well."""
    if Kind.THUMBNAILS in kinds:
        yield from thumbnails.file.set_aside
    if Kind.RESULTS in kinds and Kind.VERDICTS in kinds:
        yield from store.set_aside


def _remove(paths: Collection[Path]) -> None:
    for path in paths:
        try:
            with contextlib.suppress(FileNotFoundError):
                path.unlink()
        except OSError as error:
            raise StoreError(f"{path} could not be deleted ({error.strerror or error}).") from error
