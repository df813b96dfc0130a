"""A thread that does one piece of work with the user's photos and ends. It reports in short intervals."""

import time
from typing import Final

from PySide6.QtCore import QObject, QThread, Signal

from catdog_desktop.cancellation import CancelToken

_REPORT_SECONDS: Final = 0.05


class WorkThread(QThread):
    """Derive from it and say what the work is. A thread is never terminated: the work asks whether to stop."""

    advanced = Signal(int, int)  # done, total; at most one every 50 ms
    ended = Signal(object)  # what the work returned
    refused = Signal(str)  # a sentence
    failed = Signal(object)  # an exception that nobody expected

    refusals: tuple[type[Exception], ...] = ()
    """Whose message is a sentence for the user."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cancel_token = CancelToken()
        self._told = 0.0

    def work(self) -> object:
        """Do it, in this thread, and return what `ended` tells."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Stop after the photo in hand, as the user wishes."""
        self.cancel_token.cancel()

    def close(self) -> None:
        """Stop after the photo in hand, as the window is closed."""
        self.cancel()

    def advance(self, done: int, total: int) -> None:
        """Report how far it is, if the last report was long enough ago."""
        now = time.monotonic()
        if now - self._told >= _REPORT_SECONDS:
            self._told = now
            self.advanced.emit(done, total)

    def run(self) -> None:
        """Do the work (called by Qt in the new thread)."""
        try:
            outcome = self.work()
        except self.refusals as error:
            self.refused.emit(str(error))
        except ClosingError:
            return
        except Exception as error:  # noqa: BLE001  The edge of a thread: the window shows it, and lives on.
            self.failed.emit(error)
        else:
            self.ended.emit(outcome)


class ClosingError(Exception):
    """The work was left in the middle, as the window is closed: nobody is there to be told."""
