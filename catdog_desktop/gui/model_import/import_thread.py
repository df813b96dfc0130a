"""The thread that waits for an import: for the child processes that convert a model and try it."""

from pathlib import Path

from PySide6.QtCore import QObject, QThread, Signal

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.inference.model_file import ModelError
from catdog_desktop.model_import.conversion.conversion import Conversion
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.model_archive import SUFFIX, open_archive


class ImportThread(QThread):
    """Imports one file or folder; one of the last four signals is its end."""

    progressed = Signal(object)  # ImportProgress
    asked = Signal(object, object)  # ModelDraft, tuple[Question, ...]: what the user has to say before it can be kept
    installed = Signal(object)  # ModelFile: a .catdog file leaves nothing to ask
    refused = Signal(object)  # ModelImportError or ModelError, whose text is for the user
    failed = Signal(object)  # an exception that nobody expected

    def __init__(self, source: Path, size: tuple[int, int] | None = None, parent: QObject | None = None) -> None:
        """`size` (width, height) is for a model that takes photos of any."""
        super().__init__(parent)
        self._source = source
        self._size = size
        self._cancelled = CancelToken()

    def cancel(self) -> None:
        """Stop: the child process is ended. Returns at once."""
        self._cancelled.cancel()

    def run(self) -> None:
        """Import (called by Qt in the new thread)."""
        try:
            if self._source.suffix.lower() == SUFFIX:
                self.installed.emit(open_archive(self._source, self.progressed.emit, self._cancelled))
                return
            draft = Conversion(self._source, size=self._size).run(self.progressed.emit, self._cancelled)
            questions = draft.questions()
            if not self._cancelled.cancelled:
                self.asked.emit(draft, questions)
        except Cancelled:
            return
        except (ModelImportError, ModelError) as error:
            self.refused.emit(error)
        except Exception as error:  # noqa: BLE001  The edge of a thread.
            self.failed.emit(error)
