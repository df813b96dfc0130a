"""Results into a file, whole or not at all: a table for spreadsheets, lines for programs, a sheet to look at."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Final

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.exporting.contact_sheet import Thumbnail, contact_sheet
from catdog_desktop.exporting.lines import (
    COMMAS,
    FULL_CSV_HEADER,
    CsvStyle,
    as_full_csv_row,
    as_full_json_line,
    csv_row,
)
from catdog_desktop.files.atomic_write import atomic_write
from catdog_desktop.progress import Progress
from catdog_desktop.verdict import Result, Thresholds

OnProgress = Callable[[Progress], object]


class ExportFormat(StrEnum):
    """What an export can be. The values are what the command line calls them."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    CONTACT_SHEET = "html"
    XMP = "xmp"
    """Not one file, but a sidecar beside each photo: see `xmp_export`."""

    @property
    def suffix(self) -> str:
        """The ending of such a file's name."""
        return f".{self.value}"


_SUFFIXES: Final = {
    ".csv": ExportFormat.CSV,
    ".jsonl": ExportFormat.JSON_LINES,
    ".ndjson": ExportFormat.JSON_LINES,
    ".html": ExportFormat.CONTACT_SHEET,
    ".htm": ExportFormat.CONTACT_SHEET,
}


class ExportError(Exception):
    """The export cannot be made; the message is a sentence that says why and what to do. Nothing was written."""


class ExportExistsError(ExportError):
    """Something lies there already, and nobody said that it may go."""


@dataclass(frozen=True, slots=True)
class FileExport:
    """What goes into a file, and how."""

    results: Sequence[Result]
    thresholds: Thresholds
    format: ExportFormat
    thumbnail: Thumbnail = lambda result: result.thumbnail
    """For the contact sheet."""
    csv_style: CsvStyle = COMMAS
    title: str = "Cats and dogs"


def format_by_name(path: Path) -> ExportFormat | None:
    """Return the format that the ending of a file's name stands for."""
    return _SUFFIXES.get(path.suffix.lower())


def check_place(path: Path, *, replace: bool = False) -> None:
    """Raise `ExportError` if nothing can be written to `path`, as far as can be told without trying."""
    try:
        if path.is_dir():
            raise ExportError(f"“{path}” is a folder. Give the file a name.")
        if not replace and (path.exists() or path.is_symlink()):
            raise ExportExistsError(f"“{path}” exists already.")
        if not path.parent.is_dir():
            raise ExportError(f"There is no folder “{path.parent}”. Make it, or choose another.")
    except (OSError, ValueError) as error:
        raise _in_words(error, path) from error


def write_export(
    export: FileExport,
    path: Path,
    *,
    replace: bool = False,
    on_progress: OnProgress = lambda _: None,
    cancel_token: CancelToken | None = None,
) -> None:
    """Write `export` to `path`, calling `on_progress` after each photo.

    Raises `ExportError`, or `Cancelled` once `cancel_token` is set. A file that was at `path` is then unchanged.
    """
    check_place(path, replace=replace)
    try:
        with atomic_write(path, replace=replace) as file:
            for piece in _pieces(export, path, on_progress, cancel_token or CancelToken()):
                file.write(piece.encode("utf-8"))
    except FileExistsError as error:
        raise ExportExistsError(f"“{path}” exists already.") from error
    except (OSError, ValueError) as error:
        raise _in_words(error, path) from error


def _in_words(error: OSError | ValueError, path: Path) -> ExportError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ExportError(f"“{path}” could not be written ({reason}). Choose another place.")


def _pieces(export: FileExport, path: Path, on_progress: OnProgress, cancel_token: CancelToken) -> Iterator[str]:
    total = len(export.results)

    def counted() -> Iterator[Result]:
        for done, result in enumerate(export.results, 1):
            cancel_token.raise_if_cancelled()
            yield result
            on_progress(Progress(done, total))

    if export.format is ExportFormat.CONTACT_SHEET:
        yield from _sheet(export, path, on_progress, cancel_token)
    elif export.format is ExportFormat.CSV:
        yield "\ufeff"  # by this mark a spreadsheet knows UTF-8
        row = partial(as_full_csv_row, style=export.csv_style)
        yield csv_row(FULL_CSV_HEADER, export.csv_style)
        yield from (row(result, export.thresholds) for result in counted())
    elif export.format is ExportFormat.JSON_LINES:
        yield from (as_full_json_line(result, export.thresholds) for result in counted())
    else:
        raise ExportError("Keywords go into sidecars, not into a file.")


def _sheet(export: FileExport, path: Path, on_progress: OnProgress, cancel_token: CancelToken) -> Iterator[str]:
    """Yield the contact sheet. Progress counts thumbnails, since they take the time."""
    drawn, total = 0, len(export.results)

    def thumbnail(result: Result) -> bytes:
        nonlocal drawn
        cancel_token.raise_if_cancelled()
        jpeg = export.thumbnail(result)
        drawn += 1
        on_progress(Progress(drawn, total))
        return jpeg

    yield from contact_sheet(export.results, export.thresholds, thumbnail, path.parent, title=export.title)
    on_progress(Progress(total, total))  # Unreadable photos have no thumbnail and were not counted.
