"""Short calls beside the GUI thread, one after the other: reading a photo, writing the settings.

Long work that has progress or can be cancelled is a `Job` (see `jobs`).
"""

import contextlib
from collections import deque
from collections.abc import Callable
from typing import Any, Final

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal


class TaskQueue(QObject):
    """Runs callables in one background thread, in order, and passes each result to a callback in the GUI thread."""

    _done = Signal(object, object)  # callback, argument

    def __init__(self, on_error: Callable[[Exception], None], parent: QObject | None = None) -> None:
        """`on_error` takes every exception that a task raises, in the GUI thread."""
        super().__init__(parent)
        self._on_error = on_error
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._waiting: deque[Callable[[], None]] = deque()
        self._next = _Next(self._waiting)
        _open.add(self._next)
        self._done.connect(self._call_back)
        self._closed = False

    def run(self, task: Callable[[], Any], then: Callable[[Any], None] | None = None) -> None:
        """Call `task` in the background and then `then` with its result in the GUI thread.

        Does nothing once the queue is closed: signals of threads may arrive after the window is gone.
        """
        if self._closed:
            return
        self._waiting.append(lambda: self._run(task, then))
        self._pool.start(self._next)

    def clear(self) -> None:
        """Drop the tasks that have not begun."""
        self._pool.clear()
        self._waiting.clear()

    def close(self) -> None:
        """Wait for the tasks that were added; later ones are not run. Idempotent."""
        self._closed = True
        self._pool.waitForDone()
        _open.discard(self._next)

    def _run(self, task: Callable[[], Any], then: Callable[[Any], None] | None) -> None:
        try:
            result = task()
        except Exception as error:  # noqa: BLE001  The edge of a thread: the window shows it and goes on.
            self._pass_on(self._on_error, error)
        else:
            if then is not None:
                self._pass_on(then, result)

    def _pass_on(self, callback: Callable[[Any], None], argument: Any) -> None:
        """Call `callback` in the GUI thread, unless the queue was deleted with its window while the task ran."""
        with contextlib.suppress(RuntimeError):
            self._done.emit(callback, argument)

    def _call_back(self, then: Callable[[Any], None], argument: Any) -> None:
        then(argument)


class _Next(QRunnable):
    """Calls the first of those that wait. There is one for all tasks: PySide 6.11 never frees what a pool has run."""

    def __init__(self, waiting: deque[Callable[[], None]]) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self._waiting = waiting

    def run(self) -> None:
        try:
            call = self._waiting.popleft()
        except IndexError:  # cleared meanwhile
            return
        call()


_open: Final[set[_Next]] = set()
"""Those of queues that are not closed: a pool that is deleted with its window still runs what waits."""
