"""A time limit that is set for one photo after the other, with one thread for all of them."""

import threading
import time
from collections.abc import Callable


class Deadline:
    """Calls a function when a time limit has passed.

    `threading.Timer` would start a thread for each limit, which takes longer than to decode a small photo.
    """

    def __init__(self, expired: Callable[[], None]) -> None:
        """`expired` is called in a thread of its own, once for each limit that passes."""
        self._expired = expired
        self._changed = threading.Condition()
        self._end: float | None = None
        self._wakes_at: float | None = None
        self._is_closed = False
        self._thread: threading.Thread | None = None

    def start(self, seconds: float) -> None:
        """Set the limit, from now; it replaces an earlier one."""
        with self._changed:
            self._end = time.monotonic() + seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="decoder-deadline", daemon=True)
                self._thread.start()
            elif self._wakes_at is None or self._wakes_at > self._end:
                self._changed.notify()

    def cancel(self) -> None:
        """Remove the limit. `expired` may be running at this moment, and is not called afterwards."""
        with self._changed:
            self._end = None

    def close(self) -> None:
        """Remove the limit and end the thread."""
        with self._changed:
            self._end, self._is_closed = None, True
            self._changed.notify()

    def _watch(self) -> None:
        while True:
            with self._changed:
                while self._end is None or self._end > time.monotonic():
                    if self._is_closed:
                        return
                    # Not woken by `cancel`, nor by later limits: it looks again when the earlier one passes.
                    self._wakes_at = self._end
                    self._changed.wait(None if self._end is None else max(0.0, self._end - time.monotonic()))
                self._end = None
            self._expired()
