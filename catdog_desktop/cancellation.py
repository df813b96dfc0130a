"""One way to cancel long work: the caller sets a token, the work polls it between two steps."""

import threading


class Cancelled(Exception):  # noqa: N818  Not an error: the caller asked for it.
    """Raised by `CancelToken.raise_if_cancelled` once the token is set."""


class CancelToken:
    """Set once, from any thread; never reset."""

    def __init__(self) -> None:
        self._event = threading.Event()

    @property
    def cancelled(self) -> bool:
        """Whether the work is to stop."""
        return self._event.is_set()

    def cancel(self) -> None:
        """Ask the work to stop at its next step. Idempotent."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Sleep for `seconds` or until the token is set; return whether it is set."""
        return self._event.wait(seconds)

    def raise_if_cancelled(self) -> None:
        """Raise `Cancelled` if the token is set."""
        if self.cancelled:
            raise Cancelled
