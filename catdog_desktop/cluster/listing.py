"""Listings of photos: a text file with one path per line, a Parquet file with a column of paths, or a folder.

Listings are streamed and never held in memory: a million paths take hundreds of megabytes.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from catdog_desktop.cluster.errors import ClusterError, ClusterProblem
from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.file_kinds import describe_content
from catdog_desktop.formatting import encodable

PATH, PATH_BYTES = "path", "path_bytes"
_HEAD_BYTES: Final = 2**16
_PARQUET: Final = b"PAR1"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
"""Byte order marks of text files written by older shells of Windows."""
_ROWS_AT_ONCE: Final = 10_000
_FOLDER_KEY: Final = b"catdog.folder"
_SCHEMA: Final = pa.schema([pa.field(PATH, pa.string(), nullable=False), (PATH_BYTES, pa.binary())])


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing that was read once and found valid."""

    source: Path
    column: str
    photos: int
    digest: str
    """SHA-256 of all paths in order. Shows whether the listing is that of an earlier run."""

    def paths(self) -> Iterator[Path]:
        """Yield the photos as absolute paths. Raises `ClusterError`."""
        return _read(self.source, self.column)


def open_listing(source: Path, column: str = PATH) -> Listing:
    """Read the listing at `source`. Raises `ClusterError` if it is invalid or empty."""
    digest = hashlib.sha256()
    photos = 0
    for path in _read(source, column):
        digest.update(os.fsencode(path) + b"\0")
        photos += 1
    if not photos:
        raise ClusterError(ClusterProblem.NO_PHOTOS, source)
    return Listing(source, column, photos, digest.hexdigest())


def walk_folder(
    folder: Path, target: Path, on_skipped: Callable[[Skipped], object], on_found: Callable[[int], object]
) -> None:
    """Write the photos below `folder` as a Parquet listing to `target`, atomically, unless `target` exists.

    Calls `on_skipped` for each skipped file and `on_found` with the number of photos found. Raises `ClusterError`.
    """
    folder = Path(os.path.abspath(folder))  # noqa: PTH100  resolve() would follow links
    if target.exists():
        _check_walked(folder, target)
        return
    temporary = target.with_name(f"{target.name}.tmp")
    schema = _SCHEMA.with_metadata({_FOLDER_KEY: os.fsencode(folder)})
    try:
        with pq.ParquetWriter(temporary, schema, compression="zstd") as writer:
            found = 0
            for paths in _in_batches(find_photos([folder]), on_skipped):
                writer.write_table(pa.table(path_columns(paths), schema))
                found += len(paths)
                on_found(found)
        os.replace(temporary, target)  # noqa: PTH105
    except (OSError, pa.ArrowException) as error:
        raise ClusterError(ClusterProblem.LISTING_NOT_WRITTEN, target, error) from error


def path_columns(paths: list[Path]) -> dict[str, list[str] | list[bytes | None]]:
    """Return the columns for paths: readable text, and the bytes of names that are not valid UTF-8."""
    texts = [encodable(str(path)) for path in paths]
    raw = [None if text == str(path) else os.fsencode(path) for text, path in zip(texts, paths, strict=True)]
    return {PATH: texts, PATH_BYTES: raw}


def _check_walked(folder: Path, target: Path) -> None:
    walked = (_parquet(target).schema_arrow.metadata or {}).get(_FOLDER_KEY)
    if walked != os.fsencode(folder):
        raise ClusterError(ClusterProblem.OTHER_FOLDER, target, os.fsdecode(walked or b"?"))


def _in_batches(found: Iterator[Path | Skipped], on_skipped: Callable[[Skipped], object]) -> Iterator[list[Path]]:
    batch: list[Path] = []
    for photo in found:
        if not isinstance(photo, Skipped):
            batch.append(photo)
        elif photo.reason is not SkipReason.REPEATED:
            on_skipped(photo)
        if len(batch) == _ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _read(source: Path, column: str) -> Iterator[Path]:
    here = Path.cwd()
    try:
        with source.open("rb") as file:
            head = file.read(_HEAD_BYTES)
        if head.startswith(_PARQUET):
            names = _from_parquet(source, column)
        elif head.startswith(_UTF_16):
            names = _from_utf_16(source)
        elif b"\0" in head and describe_content(head) != "it holds other data":
            raise ClusterError(ClusterProblem.NOT_A_LISTING, source)
        else:
            names = _from_text(source, head)
        for name in names:
            yield here / name
    except (OSError, UnicodeError) as error:
        raise ClusterError(ClusterProblem.LISTING_UNREADABLE, source, error) from error


def _from_text(source: Path, head: bytes) -> Iterator[str]:
    """Read one path per line, or NUL-separated paths as written by `find -print0`."""
    end = b"\0" if b"\0" in head else b"\n"
    rest = b""
    with source.open("rb") as file:
        file.seek(3 if head.startswith(b"\xef\xbb\xbf") else 0)
        while block := file.read(_HEAD_BYTES):
            *names, rest = (rest + block).split(end)
            yield from _names(names, end)
    yield from _names([rest], end)


def _names(names: list[bytes], end: bytes) -> Iterator[str]:
    for name in names:
        name = name.removesuffix(b"\r") if end == b"\n" else name
        if name:
            yield os.fsdecode(name)


def _from_utf_16(source: Path) -> Iterator[str]:
    with source.open(encoding="utf-16") as file:
        for line in file:
            if name := line.rstrip("\r\n"):
                yield name


def _from_parquet(source: Path, column: str) -> Iterator[str]:
    file = _parquet(source)
    schema = file.schema_arrow
    if column not in schema.names:
        names = ", ".join(map(repr, schema.names))
        raise ClusterError(ClusterProblem.NO_COLUMN, source, names, column=column)
    raw = PATH_BYTES if column == PATH and PATH_BYTES in schema.names else column
    try:
        for batch in file.iter_batches(_ROWS_AT_ONCE, columns=list({column, raw})):
            for name, raw_name in zip(batch[column].to_pylist(), batch[raw].to_pylist(), strict=True):
                name = raw_name or name
                if isinstance(name, bytes):
                    name = os.fsdecode(name)
                elif not isinstance(name, str | None):
                    raise ClusterError(ClusterProblem.COLUMN_WITHOUT_PATHS, source, column=column)
                if name:
                    yield name
    except pa.ArrowException as error:
        raise ClusterError(ClusterProblem.LISTING_DAMAGED, source, error) from error


def _parquet(source: Path) -> pq.ParquetFile:
    try:
        return pq.ParquetFile(source)
    except pa.ArrowException as error:
        raise ClusterError(ClusterProblem.LISTING_DAMAGED, source, error) from error
