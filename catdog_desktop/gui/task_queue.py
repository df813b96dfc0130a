"""Small errands beside the GUI thread: reading one photo, writing the settings. Their answers come back by signal."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal


class TaskQueue(QObject):
    """Runs callables one after the other in a thread of its own and hands each result to a callback in this thread."""

    _answered = Signal(object, object)

    def __init__(self, on_error: Callable[[Exception], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._on_error = on_error
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(1)
        self._answered.connect(self._answer)
        self._closed = False

    def run(self, errand: Callable[[], Any], then: Callable[[Any], None] | None = None) -> None:
        """Call `errand` in the background and then `then` with its result here; an exception goes to `on_error`.

        Does nothing once it is closed: what threads told before they ended may arrive after the window is gone.
        """
        if self._closed:
            return
        self._pool.start(_Runnable(lambda: self._do(errand, then)))

    def clear(self) -> None:
        """Forget the errands that have not begun."""
        self._pool.clear()

    def close(self) -> None:
        """Wait until all errands are done; no others are run."""
        self._closed = True
        self._pool.waitForDone()

    def _do(self, errand: Callable[[], Any], then: Callable[[Any], None] | None) -> None:
        try:
            answer = errand()
        except Exception as error:  # noqa: BLE001  The edge of a thread.
            self._answered.emit(self._on_error, error)
        else:
            if then is not None:
                self._answered.emit(then, answer)

    def _answer(self, then: Callable[[Any], None], answer: Any) -> None:
        then(answer)


class _Runnable(QRunnable):
    def __init__(self, work: Callable[[], None]) -> None:
        super().__init__()
        self._work = work

    def run(self) -> None:
        self._work()
