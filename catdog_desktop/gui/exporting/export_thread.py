"""The thread in which one export is made or undone. It drives the core."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.exporting.export_file import ExportError, FileExport, write_export
from catdog_desktop.exporting.xmp_export import SidecarDone, XmpExportError, XmpOutcome
from catdog_desktop.gui.jobs import WorkThread
from catdog_desktop.messages import _
from catdog_desktop.store.store import Store

Work = Callable[["Reporting"], object]
"""Does the export and returns what became of it: how many photos there were, or an `XmpOutcome`."""


class Reporting(Protocol):
    """What the work is given to tell how far it is, and to hear whether to stop."""

    cancel_token: CancelToken

    def advance(self, done: int, total: int) -> None:
        """Report progress."""


class ExportThread(WorkThread):
    """Makes or undoes one export."""

    refusals = (ExportError, XmpExportError)

    def __init__(self, work: Work, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work = work

    def work(self) -> object:
        """Do it."""
        return self._work(self)


def export_to_file(export: FileExport, path: Path, replace_it: bool, reporting: Reporting) -> int:
    """Write a file, with thumbnails from the store; return how many photos are in it."""
    with Store.open() as store:
        with_thumbnails = replace(export, thumbnail=lambda result: store.thumbnail(result.path, result.fingerprint))
        try:
            write_export(
                with_thumbnails,
                path,
                replace=replace_it,
                on_progress=lambda progress: reporting.advance(progress.done, progress.total),
                cancel_token=reporting.cancel_token,
            )
        except Cancelled as error:
            raise ExportError(_("The export was stopped. Nothing was written.")) from error
    return len(export.results)


def with_sidecars(work: Callable[..., XmpOutcome], reporting: Reporting) -> XmpOutcome:
    """Write keywords, or take them back."""

    def tell(done: SidecarDone) -> None:
        reporting.advance(done.progress.done, done.progress.total)

    return work(on_sidecar=tell, cancel_token=reporting.cancel_token)
