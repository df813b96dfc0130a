"""The thread in which one export is made or undone. It drives the core and reports in short intervals."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QObject, QThread, Signal

from catdog_desktop.exporting.export_file import ExportError, FileExport, write_export
from catdog_desktop.exporting.xmp_export import SidecarDone, XmpExportError, XmpOutcome
from catdog_desktop.storing.store import Store

_REPORT_SECONDS: Final = 0.05

Work = Callable[["Reporting"], object]
"""Does the export and returns what became of it: how many photos there were, or an `XmpOutcome`."""


class Reporting(Protocol):
    """What the work is given to tell how far it is, and to hear whether to stop."""

    def advance(self, done: int, total: int) -> None:
        """Tell how far it is."""

    def is_cancelled(self) -> bool:
        """Whether the user wants it to stop."""
        ...


class ExportThread(QThread):
    """Does one piece of work and ends."""

    advanced = Signal(int, int)  # done, total; at most one every 50 ms
    ended = Signal(object)  # what the work returned
    refused = Signal(str)  # a sentence
    failed = Signal(object)  # an exception that nobody expected

    def __init__(self, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._cancelled = threading.Event()
        self._told = 0.0

    def cancel(self) -> None:
        """Stop after the photo in hand."""
        self._cancelled.set()

    def run(self) -> None:
        """Do the work (called by Qt in the new thread)."""
        try:
            outcome = self._work(self)
        except (ExportError, XmpExportError) as error:
            self.refused.emit(str(error))
        except Exception as error:  # noqa: BLE001  The edge of a thread: the window shows it, and lives on.
            self.failed.emit(error)
        else:
            self.ended.emit(outcome)

    def advance(self, done: int, total: int) -> None:
        """Report, if the last report was long enough ago."""
        now = time.monotonic()
        if now - self._told >= _REPORT_SECONDS:
            self._told = now
            self.advanced.emit(done, total)

    def is_cancelled(self) -> bool:
        """Whether to stop."""
        return self._cancelled.is_set()


def export_to_file(export: FileExport, path: Path, replace_it: bool, reporting: Reporting) -> int:
    """Write a file, with thumbnails from the store; return how many photos are in it."""
    total = len(export.results)
    with Store.open() as store:
        with_thumbnails = replace(export, thumbnail=lambda result: store.thumbnail(result.path, result.content))
        write_export(
            with_thumbnails,
            path,
            replace=replace_it,
            on_progress=lambda done: reporting.advance(done, total),
            cancelled=reporting.is_cancelled,
        )
    return total


def with_sidecars(work: Callable[..., XmpOutcome], reporting: Reporting) -> XmpOutcome:
    """Write keywords, or take them back."""

    def tell(done: SidecarDone) -> None:
        reporting.advance(done.done, done.total)

    return work(on_progress=tell, cancelled=reporting.is_cancelled)
