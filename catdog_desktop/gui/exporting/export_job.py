"""Exports and the undo of keywords as the work of a `Job`."""

from dataclasses import replace
from pathlib import Path
from typing import Protocol

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.exporting.export_file import ExportError, ExportProblem, FileExport, write_export
from catdog_desktop.exporting.xmp_export import OnSidecar, XmpOutcome
from catdog_desktop.gui.jobs import OnProgress, Work
from catdog_desktop.store.store import Store


class SidecarFunction(Protocol):
    """`write_keywords` or `undo_keywords`, bound to what it works on."""

    def __call__(self, *, on_sidecar: OnSidecar, cancel_token: CancelToken) -> XmpOutcome:
        """Run it."""
        ...


def file_export_work(export: FileExport, path: Path, *, replace_file: bool) -> Work:
    """Return the export to `path`, with thumbnails from the store, as the work of a job.

    Its outcome is the number of photos. It raises `ExportError`, also if it is cancelled.
    """

    def work(on_progress: OnProgress, cancel_token: CancelToken) -> int:
        with Store.open() as store:
            with_thumbnails = replace(export, thumbnail=lambda result: store.thumbnail(result.path, result.fingerprint))
            try:
                write_export(
                    with_thumbnails, path, replace=replace_file, on_progress=on_progress, cancel_token=cancel_token
                )
            except Cancelled as error:
                raise ExportError(ExportProblem.CANCELLED, path) from error
        return len(export.results)

    return work


def sidecar_work(run: SidecarFunction) -> Work:
    """Return the export of keywords or its undo as the work of a job; its outcome is an `XmpOutcome`."""

    def work(on_progress: OnProgress, cancel_token: CancelToken) -> XmpOutcome:
        return run(on_sidecar=lambda done: on_progress(done.progress), cancel_token=cancel_token)

    return work
