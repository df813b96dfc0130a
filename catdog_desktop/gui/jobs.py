"""The one way to run long work beside the GUI thread: progress, cancel and error handling in one place.

For short calls, one after the other, see `task_queue`. The classifying thread, which never ends, is `worker`.
"""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from PySide6.QtCore import QObject, QThread, Signal

from catdog_desktop.cancellation import Cancelled, CancelToken
from catdog_desktop.progress import Progress

REPORT_SECONDS: Final = 0.05
_RATE_SECONDS: Final = 1.0
"""No rate is known before: the first steps say little."""

OnProgress = Callable[[Any], None]
"""Takes a `Progress`, or whatever else the work reports."""
Work = Callable[[OnProgress, CancelToken], object]
"""Long work. It reports its progress, polls the token between two steps, and returns its outcome.

It may raise `Cancelled` once the token is set, if it has no outcome then.
"""


class Job(QThread):
    """Runs one piece of work in a thread of its own. Exactly one signal reports its end, none if it raises `Cancelled`.

    A thread is never terminated: the work ends when it polls its token.
    """

    advanced = Signal(object)  # Progress, or what else the work reports; at most one every `report_seconds`
    ended = Signal(object)  # what the work returned
    refused = Signal(object)  # one of the expected exceptions; its text is a sentence for the user
    failed = Signal(object)  # an unexpected exception

    def __init__(
        self,
        work: Work,
        *,
        name: str,
        expected: tuple[type[Exception], ...] = (),
        resumable: bool = False,
        report_seconds: float = REPORT_SECONDS,
        parent: QObject | None = None,
    ) -> None:
        """`name` is the name of the thread, at most 15 characters.

        `resumable` work may be left in the middle when the window closes, since the next start can finish it. With
        `report_seconds` 0 every report is passed on.
        """
        super().__init__(parent)
        self.setObjectName(name)
        self._work = work
        self._expected = expected
        self._resumable = resumable
        self._report_seconds = report_seconds
        self._cancel_token = CancelToken()
        self._interrupt_token = CancelToken()
        self._began = self._reported = 0.0

    def cancel(self) -> None:
        """Ask the work to stop at its next step. Returns at once."""
        self._cancel_token.cancel()

    def begin_close(self) -> None:
        """Ask the work to stop since the window closes; wait for the thread afterwards. Returns at once.

        Resumable work is not cancelled: it is left at its next report, as if the app had been killed.
        """
        (self._interrupt_token if self._resumable else self._cancel_token).cancel()

    def run(self) -> None:
        """Do the work (called by Qt in the new thread)."""
        self._began = time.monotonic()
        try:
            outcome = self._work(self._report, self._cancel_token)
        except Cancelled:
            return
        except self._expected as error:
            self.refused.emit(error)
        except Exception as error:  # noqa: BLE001  The edge of a thread: the window shows it and goes on.
            self.failed.emit(error)
        else:
            self.ended.emit(outcome)

    def _report(self, progress: Any) -> None:
        """Emit `advanced` if it is due; raises `Cancelled` if the job was interrupted. In the thread of the job."""
        now = time.monotonic()
        if now - self._reported >= self._report_seconds:
            self._reported = now
            self.advanced.emit(self._with_rate(progress, now - self._began))
        self._interrupt_token.raise_if_cancelled()

    def _with_rate(self, progress: Any, seconds: float) -> Any:
        """Add the mean rate since the start to a `Progress` that has none."""
        if isinstance(progress, Progress) and not progress.rate and seconds > _RATE_SECONDS:
            return replace(progress, rate=progress.done / seconds)
        return progress
