"""Summarise and erase what the store has of photos, so that nothing of it is left in its files.

Results, thumbnails and corrections belong to fingerprints. Erasing a folder removes those whose fingerprint is recorded
nowhere else. Deleted photos are erased like any others. Files are only read to find corrections without a recorded
path.
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
from catdog_desktop.learning.learnt_file import learnt_files
from catdog_desktop.store.correction_rows import place_key
from catdog_desktop.store.errors import StoreError, StoreProblem
from catdog_desktop.store.fingerprint import file_fingerprint, file_signature
from catdog_desktop.store.result_codec import path_key
from catdog_desktop.store.store_file import StoreFile
from catdog_desktop.store.thumbnail_store import ThumbnailStore


class Kind(StrEnum):
    """A kind of data that can be erased by itself. The values are options of the command line."""

    RESULTS = "results"
    """Paths of photos, scores, heat maps, features, errors."""
    THUMBNAILS = "thumbnails"
    VERDICTS = "verdicts"
    """Corrections, ratings, and what was learnt from corrections. They cannot be computed again."""
    SESSION = "session"
    """The last session and the folders opened recently. Not in the store: see `privacy`."""
    PASTED = "pasted"
    """Images that were pasted, whose only copies they are. Not in the store: see `privacy`."""


ALL_KINDS: Final = frozenset(Kind)
_SUBJECTS: Final = "SELECT subject FROM correction UNION SELECT subject FROM rating"
"""Keys of the photos with a correction, a rating or both."""
_UNPLACED: Final = f"SELECT subject FROM ({_SUBJECTS}) EXCEPT SELECT content FROM file"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Remembered:
    """Summary of what is stored, or of what was erased."""

    where: Path
    """Folder of the store's files."""
    photos: int = 0
    """Duplicates count once."""
    thumbnails: int = 0
    thumbnail_bytes: int = 0
    verdicts: int = 0
    learnt: int = 0
    """Models that have learnt from corrections. They learn from those of all folders."""
    elsewhere: int = 0
    """Those of `photos` that are recorded outside the folder too: only their paths inside are erased."""
    file_bytes: int = 0
    """Size of the store's files on the disk."""
    set_aside: tuple[Path, ...] = ()
    """Damaged files, whose contents are unknown."""
    has_session: bool = False
    """Whether the last session or folders opened recently are stored."""
    pasted: int = 0
    """Pasted images."""
    pasted_bytes: int = 0

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to erase."""
        in_store = self.photos or self.thumbnails or self.verdicts or self.learnt or self.set_aside
        return not (in_store or self.has_session or self.pasted)


@dataclass(frozen=True, slots=True)
class _Extent:
    """The data to summarise or erase: all of it, or that below a folder."""

    known: set[bytes]
    """Fingerprints."""
    elsewhere: set[bytes]
    only_here: set[bytes] | None
    """Fingerprints whose data may all be erased; None: of all photos."""
    subjects: set[bytes] | None
    """Keys of corrections that may be erased; None: all."""


def look(store: StoreFile, thumbnails: ThumbnailStore, folder: Path | None) -> Remembered:
    """Return the summary for all photos, or for those below `folder`. Raises `StoreError`."""
    for file in (store, thumbnails.file):
        if file.in_memory and file.complaint is not None:
            # The file on the disk may hold photos: it must not be reported as empty.
            raise StoreError(StoreProblem.CONTENT_UNKNOWN, file.path)
    return _count(store, thumbnails, _extent(store, folder))


def forget(store: StoreFile, thumbnails: ThumbnailStore, kinds: Collection[Kind], folder: Path | None) -> Remembered:
    """Erase data of these kinds, for all photos or those below `folder`; return a summary of it.

    Afterwards nothing of it is left in the files or beside them. Raises `StoreError` if some of it may be left; the
    same call then erases the rest.
    """
    for file in (store, thumbnails.file):
        if file.in_memory and file.complaint is not None:
            raise StoreError(StoreProblem.NOTHING_FORGOTTEN, file.path, file.complaint)
    extent = _extent(store, folder)
    before = _count(store, thumbnails, extent)
    # Thumbnails first: below a folder, the results tell which ones to erase.
    if Kind.THUMBNAILS in kinds:
        thumbnails.forget(extent.only_here)
        thumbnails.file.rewrite()

    def write(db: sqlite3.Connection) -> None:
        if Kind.VERDICTS in kinds:
            _delete(db, "correction", "subject", extent.subjects)
            _delete(db, "rating", "subject", extent.subjects)
        if Kind.RESULTS in kinds:
            _delete(db, "result", "content", extent.only_here)
            _delete_places(db, folder)
            db.execute("DELETE FROM model WHERE id NOT IN (SELECT model FROM result)")

    if Kind.RESULTS in kinds or Kind.VERDICTS in kinds:
        store.write(write, at_once=True)
        store.rewrite()
    gone = () if folder is not None else tuple(_set_aside(store, thumbnails, kinds))
    _remove(gone)
    if Kind.VERDICTS in kinds:
        _remove(learnt_files(store.path.parent))
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
        learnt=len(learnt_files(store.path.parent)),
        elsewhere=len(extent.elsewhere),
        file_bytes=sum(_size(path) for path in files),
        set_aside=tuple(_set_aside(store, thumbnails, ALL_KINDS)) if extent.only_here is None else (),
    )


def _unplaced_verdicts(store: StoreFile, folder: Path) -> set[bytes]:
    """Return the keys of corrections of photos below `folder` that have no recorded path.

    The photos were unreadable, or their results were erased before.
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
    """Return the part of `before` that was erased."""
    erased = replace(before, set_aside=gone)
    if Kind.RESULTS not in kinds:
        erased = replace(erased, photos=0, elsewhere=0)
    if Kind.THUMBNAILS not in kinds:
        erased = replace(erased, thumbnails=0, thumbnail_bytes=0)
    return erased if Kind.VERDICTS in kinds else replace(erased, verdicts=0, learnt=0)


def _contents(db: sqlite3.Connection, folder: Path | None) -> tuple[set[bytes], set[bytes]]:
    """Return the recorded fingerprints (below `folder`), and those of them that are recorded elsewhere too."""
    if folder is None:
        rows = db.execute("SELECT content FROM file UNION SELECT content FROM result")
        return {content for (content,) in rows}, set()
    below, bounds = below_folder(folder)
    here = {content for (content,) in db.execute(f"SELECT content FROM file WHERE {below}", bounds)}  # noqa: S608
    others = db.execute(f"SELECT content FROM file WHERE NOT ({below})", bounds)  # noqa: S608  Words of our own.
    return here, {content for (content,) in others if content in here}


def below_folder(folder: Path) -> tuple[str, tuple[bytes, bytes, bytes]]:
    """Return an SQL condition on `file` for `folder` and everything below it, and its parameters."""
    key = path_key(folder)
    separator = os.fsencode(os.sep)
    first = key if key.endswith(separator) else key + separator
    after = first[:-1] + bytes([first[-1] + 1])
    return "path = ? OR (path >= ? AND path < ?)", (key, first, after)


def _count_verdicts(db: sqlite3.Connection, subjects: set[bytes] | None) -> int:
    if subjects is None:
        (count,) = db.execute(f"SELECT count(*) FROM ({_SUBJECTS})").fetchone()  # noqa: S608  Words of our own.
        return int(count)
    one = "SELECT 1 FROM correction WHERE subject = ?1 UNION SELECT 1 FROM rating WHERE subject = ?1"
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
        below, bounds = below_folder(folder)
        db.execute(f"DELETE FROM file WHERE {below}", bounds)  # noqa: S608  Words of our own.


# The files.


def _files_of(file: StoreFile) -> list[Path]:
    return [file.path, *file.companions]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:  # SQLite creates and deletes it as needed
        return 0


def _set_aside(store: StoreFile, thumbnails: ThumbnailStore, kinds: Collection[Kind]) -> Iterator[Path]:
    """Yield the damaged files that may hold `kinds`. One of the store may hold results and corrections."""
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
            raise StoreError(StoreProblem.FILE_NOT_DELETED, path, error.strerror or error) from error
