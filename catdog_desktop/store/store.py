"""The store: results of photos for each model, corrections, features and thumbnails.

A file is recognised by its path, size and time, and after a move, renaming or copy by its fingerprint. All data belongs
to the fingerprint: duplicates share it, and it survives a move. Corrections hold for all models.

Scores are stored, and errors that lie in the file itself (damaged, not a photo). Such an error counts only for the
version of the app that met it, since the next may decode more. Errors that may pass (no permission, a missing drive)
are not stored (`Result.error_is_temporary`).
"""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.decoding.photo_date import FolderListing
from catdog_desktop.inference.features import unpack_all
from catdog_desktop.paths import data_folder
from catdog_desktop.store.correction_rows import (
    add_rows,
    carry_over,
    move_place,
    place_key,
    read_carried,
    read_correction,
    read_rating,
    take_over,
    write_rows,
)
from catdog_desktop.store.errors import StoreError
from catdog_desktop.store.file_rows import (
    PUT_FILE,
    contents_of,
    file_rows,
    model_id,
    signatures_of,
    unchanged_rows,
    unpacked_features,
)
from catdog_desktop.store.fingerprint import FileSignature, file_fingerprint, fingerprint_and_signature
from catdog_desktop.store.result_codec import (
    BY_CONTENT,
    KEEP,
    KEEP_DATE,
    date_values,
    features_by_path,
    needs_date_source,
    path_key,
    read_result,
    read_verdict,
    result_values,
    with_date,
)
from catdog_desktop.store.store_erasure import Kind, Remembered, below_folder, forget, look
from catdog_desktop.store.store_file import STORE, StoreFile
from catdog_desktop.store.thumbnail_store import ThumbnailStore, make_thumbnail
from catdog_desktop.verdict import Result, Verdict

if TYPE_CHECKING:
    from catdog_desktop.learning.lesson import JudgedPhotos
    from catdog_desktop.learning.perceptual_hash import Look

__all__ = ["Store", "StoreError", "file_fingerprint"]

_ANY_RESULT: Final = "SELECT 1 FROM result WHERE content = ? LIMIT 1"
_MANY_PHOTOS: Final = 20
"""From so many photos on their folders are listed to find files beside them, which may have dates."""


class Store:
    """The store of all photos. May be used from any thread, and by several processes at once.

    Opening never fails: see `complaint`. All other methods raise `StoreError` and then change nothing.
    """

    def __init__(self, path: Path) -> None:
        """Open or create the store at `path`, and `thumbnails.sqlite` beside it."""
        self._file = StoreFile(path, STORE)
        self._thumbnails = ThumbnailStore(path.with_name("thumbnails.sqlite"))

    @classmethod
    def open(cls, path: Path | None = None) -> Self:
        """Open the user's store, or the one at `path`."""
        return cls(path or data_folder() / "store.sqlite")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the files."""
        self._thumbnails.close()
        self._file.close()

    @property
    def complaint(self) -> str | None:
        """A sentence for the user if the store was damaged and set aside, or if nothing can be stored."""
        return self._file.complaint

    # Results.

    def known(
        self, paths: Iterable[Path], model_identity: str, *, thumbnails: bool = False, features: bool = False
    ) -> dict[Path, Result]:
        """Return the stored results of `paths`, of those that have one.

        Unchanged files are only looked up by size and time. The fingerprint of others is computed if a known file has
        their size. Thumbnails and features are omitted by default: of ten thousand photos, they are 180 and 10 MB.
        """
        signatures = signatures_of(paths)
        rows, suspects = self._file.read(lambda db: unchanged_rows(db, signatures, model_identity, features=features))
        listing = FolderListing() if len(rows) >= _MANY_PHOTOS else None
        vectors = unpacked_features(rows) if features else {}
        found = {}
        for path, row in rows.items():
            result = read_result(path, signatures[path], row, features=vectors.get(path), listing=listing)
            if result is not None:
                found[path] = result
        if suspects:
            found |= self._recognised(suspects, model_identity, features=features)
        found = self._with_dates(found, signatures, model_identity)
        return self._with_thumbnails(found) if thumbnails else found

    def keep(
        self, results: Iterable[Result], model_identity: str, signatures: Mapping[Path, FileSignature] | None = None
    ) -> None:
        """Store results with their thumbnails in one transaction.

        `signatures` are those of the files when they were read; the results then have their fingerprints. Without them
        both are computed now: the files must not have changed since.
        """
        kept: list[tuple[Result, FileSignature]] = []
        for result in results:
            try:
                if result.error_is_temporary:
                    continue
                if signatures is None:
                    content, signature = fingerprint_and_signature(result.path)
                    kept.append((replace(result, fingerprint=content), signature))
                elif result.fingerprint and result.path in signatures:
                    kept.append((result, signatures[result.path]))
            except (OSError, ValueError):
                continue  # gone since
        if not kept:
            return

        def write(db: sqlite3.Connection) -> None:
            model = model_id(db, model_identity, make=True)
            db.executemany(KEEP, [result_values(result, model, signature) for result, signature in kept])
            for result, _ in kept:
                carry_over(db, result, model)
            db.executemany(
                PUT_FILE,
                file_rows([(path_key(result.path), signature, result.fingerprint) for result, signature in kept]),
            )
            for result, signature in kept:
                take_over(db, place_key(result.path, signature), bytes.fromhex(result.fingerprint))

        try:
            # Thumbnails first: a process killed in between then leaves no stored result without its thumbnail.
            self._thumbnails.keep({result.fingerprint: result.thumbnail for result, _ in kept if result.thumbnail})
        finally:
            self._file.write(write)

    def moved(self, places: Mapping[Path, Path]) -> None:
        """Record that the app moved files, from the keys to the values. No file is read."""
        signatures = signatures_of(places.values())

        def write(db: sqlite3.Connection) -> None:
            rows = []
            for old, new in places.items():
                key = path_key(old)
                row = db.execute("SELECT size, mtime_ns, content FROM file WHERE path = ?", (key,)).fetchone()
                if row is not None:
                    db.execute("DELETE FROM file WHERE path = ?", (key,))
                    rows.append((path_key(new), *row))
                if new in signatures:
                    move_place(db, place_key(old, signatures[new]), place_key(new, signatures[new]))
            db.executemany(PUT_FILE, rows)  # after all deletions: files may have swapped their names

        self._file.write(write)

    def files_below(self, folder: Path | None) -> dict[Path, str]:
        """Return the recorded files in `folder` and below, or all, with their fingerprints. No file is read."""
        below, bounds = below_folder(folder) if folder is not None else ("TRUE", ())
        query = f"SELECT path, content FROM file WHERE {below} ORDER BY path"  # noqa: S608  Words of our own.
        rows = self._file.read(lambda db: db.execute(query, bounds).fetchall())
        return {Path(os.fsdecode(path)): content.hex() for path, content in rows}

    def located(self, places: Mapping[Path, Path]) -> None:
        """Record that the files at the keys are now at the values, as `moved` does, with their new size and time."""
        signatures = signatures_of(places.values())

        def write(db: sqlite3.Connection) -> None:
            rows = []
            for old, new in places.items():
                query = "SELECT size, mtime_ns, content FROM file WHERE path = ?"
                row = db.execute(query, (path_key(old),)).fetchone()
                if row is None or new not in signatures:
                    continue
                db.execute("DELETE FROM file WHERE path = ?", (path_key(old),))
                rows.append((path_key(new), signatures[new], row[2].hex()))
                move_place(db, place_key(old, FileSignature(*row[:2])), place_key(new, signatures[new]))
            db.executemany(PUT_FILE, file_rows(rows))

        self._file.write(write)

    def features(self, paths: Iterable[Path], model_identity: str) -> dict[Path, NDArray[np.float32]]:
        """Return the features (D,), L2-normalised, of those of `paths` that `model_identity` gave some.

        Files are not read: their fingerprints are those last recorded.
        """
        paths = list(dict.fromkeys(paths))

        def look_up(db: sqlite3.Connection) -> dict[Path, NDArray[np.float32]]:
            keys = {path: path_key(path) for path in paths}
            found = features_by_path(db, model_id(db, model_identity), list(keys.values()))
            packed = {path: found[key] for path, key in keys.items() if key in found}
            return dict(zip(packed, unpack_all(list(packed.values())), strict=True))

        return self._file.read(look_up)

    def judged_photos(self, model_identity: str) -> "JudgedPhotos":
        """Return all photos that a model has judged and given features, with their corrections. No file is read."""
        from catdog_desktop.store.feature_rows import read_judged  # Only learning needs it.

        return self._file.read(lambda db: read_judged(db, model_id(db, model_identity)))

    def equal_photos(self, paths: Iterable[Path]) -> list[list[Path]]:
        """Return groups of duplicates among `paths`, by the fingerprints last recorded."""
        paths = list(dict.fromkeys(paths))
        groups: dict[bytes, list[Path]] = {}
        for path, content in self._file.read(lambda db: contents_of(db, paths)).items():
            groups.setdefault(content, []).append(path)
        return [group for group in groups.values() if len(group) > 1]

    # Corrections.

    def correct(self, verdicts: Mapping[Path, Verdict | None]) -> dict[Path, Verdict | None]:
        """Store corrections, or remove them (None); return the former ones, for undo.

        They belong to the fingerprint, and so to all duplicates. The correction of an unreadable file belongs to its
        path, size and time until it can be read.
        """
        subjects = self._subjects(verdicts)

        def write(db: sqlite3.Connection) -> dict[Path, Verdict | None]:
            before = {path: read_correction(db, subjects[path]) for path in verdicts}
            write_rows(db, "correction", verdicts, subjects)
            return before

        return self._file.write(write, at_once=True)

    def corrections(self, paths: Iterable[Path]) -> dict[Path, Verdict]:
        """Return the corrections of those of `paths` that have one."""
        subjects = self._subjects(paths)
        found = self._file.read(lambda db: {path: read_correction(db, keys) for path, keys in subjects.items()})
        return {path: verdict for path, verdict in found.items() if verdict is not None}

    def rate(self, ratings: Mapping[Path, int | None]) -> dict[Path, int | None]:
        """Store ratings of 1 to 5 stars, or remove them (None); return the former ones. Keyed as corrections are."""
        subjects = self._subjects(ratings)

        def write(db: sqlite3.Connection) -> dict[Path, int | None]:
            before = {path: read_rating(db, subjects[path]) for path in ratings}
            write_rows(db, "rating", ratings, subjects)
            return before

        return self._file.write(write, at_once=True)

    def own_marks(self) -> tuple[dict[bytes, Verdict], dict[bytes, int]]:
        """Return all corrections and all ratings, by their keys, for a backup."""
        verdicts = dict(self._file.read(lambda db: db.execute("SELECT subject, verdict FROM correction").fetchall()))
        ratings = dict(self._file.read(lambda db: db.execute("SELECT subject, stars FROM rating").fetchall()))
        known = {key: read_verdict(word) for key, word in verdicts.items()}
        return {key: verdict for key, verdict in known.items() if verdict is not None}, ratings

    def add_marks(
        self, verdicts: Mapping[bytes, Verdict], ratings: Mapping[bytes, int], *, replace: bool
    ) -> tuple[int, int]:
        """Add corrections and ratings of a backup; return how many of each were added or changed.

        Those that exist already are kept, or replaced if `replace` is true.
        """
        return self._file.write(
            lambda db: (
                add_rows(db, "correction", verdicts, replace=replace),
                add_rows(db, "rating", ratings, replace=replace),
            ),
            at_once=True,
        )

    def own_data_of(
        self, result: Result, signature: FileSignature | None, model_identity: str
    ) -> tuple[Verdict | None, int | None]:
        """Return correction and rating of a file just classified; its `signature` and fingerprint may be unknown."""
        subjects = ([bytes.fromhex(result.fingerprint)] if result.fingerprint else []) + [
            place_key(result.path, signature)
        ]

        def look_up(db: sqlite3.Connection) -> tuple[Verdict | None, int | None]:
            correction, rating = read_carried(db, result, model_id(db, model_identity))
            return read_correction(db, subjects) or correction, read_rating(db, subjects) or rating

        return self._file.read(look_up)

    # Thumbnails.

    def thumbnail(self, path: Path, content: str = "") -> bytes:
        """Return the stored thumbnail of a photo, else a new one, which is stored if the photo has a result.

        `content` is the fingerprint; without it the file is read. Empty if the photo is unreadable. Takes as long as
        decoding the photo if nothing is stored. Never raises.
        """
        try:
            content = content or file_fingerprint(path)
            with contextlib.suppress(StoreError):  # only a cache: what is missing is made
                if kept := self._thumbnails.get(content):
                    return kept
            made = make_thumbnail(path)
        except (OSError, ValueError, PhotoError):
            return b""
        with contextlib.suppress(StoreError):
            # A photo that was forgotten in the meantime stays forgotten.
            if self._file.read(lambda db: db.execute(_ANY_RESULT, (bytes.fromhex(content),)).fetchone()):
                self._thumbnails.keep({content: made})
        return made

    def looks(self, photos: Mapping[str, Path]) -> "dict[str, Look]":
        """Return how photos look: path by fingerprint. What is new is stored if the photo has a result.

        Unreadable photos are left out. Takes as long as decoding a photo if nothing of it is stored. Never raises for
        the content of the disk.
        """
        # Imported here: without stacks it is not needed, and the window starts sooner.
        from catdog_desktop.store.look_rows import find_looks, keep_looks

        with contextlib.suppress(StoreError):
            looks, new = find_looks(self._thumbnails, photos)
            # A photo that was forgotten in the meantime stays forgotten.
            stays = self._file.read(
                lambda db: [content for content in new if db.execute(_ANY_RESULT, (bytes.fromhex(content),)).fetchone()]
            )
            if stays:
                self._thumbnails.file.write(lambda db: keep_looks(db, {content: new[content] for content in stays}))
            return looks
        return {}

    def limit_thumbnails(self, limit_bytes: int) -> None:
        """Set the size limit of all thumbnails, and delete the excess."""
        self._thumbnails.set_limit(limit_bytes)

    # Summary and erasure.

    def remembered(self, folder: Path | None = None) -> Remembered:
        """Return a summary of what is stored for all photos, or for those below `folder`."""
        return look(self._file, self._thumbnails, folder)

    def forget(self, kinds: Collection[Kind], folder: Path | None = None) -> Remembered:
        """Erase data of these kinds, for all photos or those below `folder`; return a summary of what was erased."""
        return forget(self._file, self._thumbnails, kinds, folder)

    # Implementation.

    def _recognised(self, paths: Iterable[Path], model_identity: str, *, features: bool) -> dict[Path, Result]:
        """Return the results of files that are recognised by their fingerprint, and record their paths."""
        hashes: dict[Path, tuple[str, FileSignature]] = {}
        for path in paths:
            try:
                hashes[path] = fingerprint_and_signature(path)
            except (OSError, ValueError):
                continue  # the reason is reported when the photo is decoded

        def by_content(db: sqlite3.Connection) -> dict[Path, tuple[Any, ...]]:
            model = model_id(db, model_identity)
            found = {}
            for path, (content, _) in hashes.items():
                row = db.execute(BY_CONTENT, (bytes.fromhex(content), model)).fetchone()
                if row is not None:
                    found[path] = row
            return found

        known = self._file.read(by_content)
        vectors = unpacked_features(known) if features else {}
        found = {}
        for path, row in known.items():
            result = read_result(path, hashes[path][1], row, features=vectors.get(path))
            if result is not None:
                found[path] = result
        if found:
            rows = file_rows([(path_key(path), hashes[path][1], hashes[path][0]) for path in found])
            self._file.write(lambda db: db.executemany(PUT_FILE, rows))
        return found

    def _with_dates(
        self, found: Mapping[Path, Result], signatures: Mapping[Path, FileSignature], model_identity: str
    ) -> dict[Path, Result]:
        """Complete the dates. The date inside a photo that an earlier version stored is read once, and kept."""
        dated = {
            path: with_date(result, signatures[path])
            for path, result in found.items()
            if result.info.date is None or result.info.date_source is None
        }
        new = [dated[path] for path in dated if needs_date_source(found[path])]
        if new:

            def write(db: sqlite3.Connection) -> None:
                model = model_id(db, model_identity)
                db.executemany(KEEP_DATE, [date_values(result, model) for result in new])

            with contextlib.suppress(StoreError):  # the results are known all the same
                self._file.write(write)
        return {**found, **dated}

    def _with_thumbnails(self, found: Mapping[Path, Result]) -> dict[Path, Result]:
        kept = self._thumbnails.among({result.fingerprint for result in found.values()})
        return {path: replace(result, thumbnail=kept.get(result.fingerprint, b"")) for path, result in found.items()}

    def _subjects(self, paths: Iterable[Path]) -> dict[Path, list[bytes]]:
        """Return for each file the keys its correction may have; the first is the one to write."""
        paths = list(paths)
        signatures = signatures_of(paths)

        def unchanged(db: sqlite3.Connection) -> dict[Path, bytes]:
            return contents_of(db, paths, signatures)

        contents = self._file.read(unchanged)
        subjects = {}
        for path in paths:
            content = contents.get(path)
            if content is None:
                try:
                    content = bytes.fromhex(file_fingerprint(path))
                except (OSError, ValueError):
                    content = None
            place = place_key(path, signatures.get(path))
            subjects[path] = [place] if content is None else [content, place]
        return subjects


def remember_moves(store: Store | None) -> Callable[[Mapping[Path, Path]], None]:
    """Return a callback that records moved files in `store`. If that fails they are recognised by fingerprint."""

    def remember(places: Mapping[Path, Path]) -> None:
        if store is not None:
            with contextlib.suppress(StoreError):
                store.moved(places)

    return remember
