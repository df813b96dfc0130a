"""What the app remembers of photos, as the window asks for it: the worker thread has the store."""

from collections.abc import Collection
from typing import Final

from PySide6.QtCore import QObject, Signal

from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.worker import ClassifyThread
from catdog_desktop.gui.worker_commands import ForgetPhotos, LimitThumbnails, ReadStoreSummary
from catdog_desktop.store.store_erasure import Kind

MEGABYTE: Final = 10**6


class Memory(QObject):
    """Asks the worker, which answers by signal when it has a moment."""

    told = Signal(object)  # Remembered
    forgotten = Signal(object)  # frozenset[Kind]
    failed = Signal(str)  # a sentence
    grown = Signal()  # photos were classified since; whoever shows numbers may ask again

    def __init__(self, worker: ClassifyThread, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._worker = worker
        self._megabytes = 0
        worker.store_summary.connect(self.told)
        worker.photos_forgotten.connect(self.forgotten)
        worker.store_failed.connect(self.failed)
        worker.progress_changed.connect(self._on_progress)

    def ask(self) -> None:
        """Ask what is remembered; `told` answers."""
        self._worker.post(ReadStoreSummary())

    def forget(self, kinds: Collection[Kind]) -> None:
        """Forget what is known of all photos; those in the gallery stay there."""
        self._worker.post(ForgetPhotos(frozenset(kinds)))

    def limit_thumbnails(self, megabytes: int) -> None:
        """Let thumbnails take so much room on the disk, from now on."""
        if megabytes != self._megabytes:
            self._megabytes = megabytes
            self._worker.post(LimitThumbnails(megabytes * MEGABYTE))

    def _on_progress(self, progress: JobProgress) -> None:
        if not progress.busy:
            self.grown.emit()
