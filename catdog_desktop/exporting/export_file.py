"""Export results to one file, atomically: CSV for spreadsheets, JSON lines for programs, a contact sheet."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from functools import partial
from pathlib import Path
from typing import Final

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.exporting.contact_sheet import Thumbnail, contact_sheet
from catdog_desktop.exporting.text_formats import (
    COMMAS,
    FULL_CSV_HEADER,
    CsvStyle,
    as_full_csv_row,
    as_full_json_line,
    csv_row,
)
from catdog_desktop.files.atomic_write import atomic_write
from catdog_desktop.messages import _
from catdog_desktop.progress import Progress
from catdog_desktop.verdict import Result, Thresholds

OnProgress = Callable[[Progress], object]


class ExportFormat(StrEnum):
    """Format of an export. The values are the names on the command line."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    CONTACT_SHEET = "html"
    XMP = "xmp"
    """One sidecar beside each photo instead of one file; see `xmp_export`."""

    @property
    def suffix(self) -> str:
        """The file name extension."""
        return f".{self.value}"


_SUFFIXES: Final = {
    ".csv": ExportFormat.CSV,
    ".jsonl": ExportFormat.JSON_LINES,
    ".ndjson": ExportFormat.JSON_LINES,
    ".html": ExportFormat.CONTACT_SHEET,
    ".htm": ExportFormat.CONTACT_SHEET,
}


class ExportProblem(Enum):
    """Why an export failed."""

    EXISTS = auto()
    """The target exists, and the user did not allow it to be replaced."""
    IS_A_FOLDER = auto()
    NO_FOLDER = auto()
    NOT_WRITTEN = auto()
    NEEDS_SIDECARS = auto()
    """Keywords cannot be written to one file."""
    CANCELLED = auto()


class ExportError(Exception):
    """The export failed and nothing was written. `str` is a sentence with the reason and what to do."""

    def __init__(self, problem: ExportProblem, path: Path, detail: str = "") -> None:
        super().__init__(problem, path, detail)
        self.problem = problem
        self.path = path
        """The file to write."""
        self.detail = detail
        """The reason that the system gives, if it gives one."""

    def __str__(self) -> str:
        return {
            ExportProblem.EXISTS: _("“{path}” exists already."),
            ExportProblem.IS_A_FOLDER: _("“{path}” is a folder. Enter a file name."),
            ExportProblem.NO_FOLDER: _("There is no folder “{folder}”. Create it, or choose another."),
            ExportProblem.NOT_WRITTEN: _("“{path}” could not be written ({detail}). Choose another folder."),
            ExportProblem.NEEDS_SIDECARS: _("Keywords are written to sidecars, not to a file."),
            ExportProblem.CANCELLED: _("The export was stopped. Nothing was written."),
        }[self.problem].format(path=self.path, folder=self.path.parent, detail=self.detail)


@dataclass(frozen=True, slots=True)
class FileExport:
    """The content of an exported file."""

    results: Sequence[Result]
    thresholds: Thresholds
    format: ExportFormat
    thumbnail: Thumbnail = lambda result: result.thumbnail
    """For the contact sheet."""
    csv_style: CsvStyle = COMMAS
    title: str = "Cats and dogs"


def format_by_name(path: Path) -> ExportFormat | None:
    """Return the format for the extension of `path`, or None if it is unknown."""
    return _SUFFIXES.get(path.suffix.lower())


def check_target(path: Path, *, replace: bool = False) -> None:
    """Raise `ExportError` if `path` cannot be written, as far as can be seen without writing."""
    try:
        if path.is_dir():
            raise ExportError(ExportProblem.IS_A_FOLDER, path)
        if not replace and (path.exists() or path.is_symlink()):
            raise ExportError(ExportProblem.EXISTS, path)
        if not path.parent.is_dir():
            raise ExportError(ExportProblem.NO_FOLDER, path)
    except (OSError, ValueError) as error:
        raise _write_error(error, path) from error


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
    check_target(path, replace=replace)
    try:
        with atomic_write(path, replace=replace) as file:
            for piece in _pieces(export, path, on_progress, cancel_token or CancelToken()):
                file.write(piece.encode("utf-8"))
    except FileExistsError as error:
        raise ExportError(ExportProblem.EXISTS, path) from error
    except (OSError, ValueError) as error:
        raise _write_error(error, path) from error


def _write_error(error: OSError | ValueError, path: Path) -> ExportError:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return ExportError(ExportProblem.NOT_WRITTEN, path, reason)


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
        yield "\ufeff"  # Spreadsheets recognise UTF-8 by the byte order mark.
        row = partial(as_full_csv_row, style=export.csv_style)
        yield csv_row(FULL_CSV_HEADER, export.csv_style)
        yield from (row(result, export.thresholds) for result in counted())
    elif export.format is ExportFormat.JSON_LINES:
        yield from (as_full_json_line(result, export.thresholds) for result in counted())
    else:
        raise ExportError(ExportProblem.NEEDS_SIDECARS, path)


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
