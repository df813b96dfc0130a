"""Errors that nobody expected: each is logged, and shown in a dialog. The app goes on."""

import logging
import threading
import time
import traceback
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from catdog_desktop.gui.dialogs import CrashDialog

_AGAIN_SECONDS: Final = 60.0
"""An error that comes again within this time, from the same line, counts as the same one: one of painting comes
whenever the window is painted. Its dialog could not be closed for good, and the log would hold nothing else."""

_log = logging.getLogger("catdog_desktop")


class UnexpectedErrors(QObject):
    """Logs errors and shows them one at a time in a dialog of a window."""

    _came = Signal(object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._dialog: CrashDialog | None = None
        self._known: dict[object, float] = {}
        """When an error of each kind and place came last."""
        self._lock = threading.Lock()
        # Queued: an error of a paint event comes while the window is painted, when no dialog may be opened, and others
        # come from other threads.
        self._came.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def report(self, error: BaseException) -> None:
        """Log `error` now and show it soon, unless it came a moment ago. Any thread may call it."""
        if not self._is_known(error):
            _log.error("unexpected error", exc_info=error)
            self._came.emit(error)

    def _is_known(self, error: BaseException) -> bool:
        """Whether an error of this kind came from the same line a moment ago."""
        # Not by its text: PySide puts the names of all methods in front that the error has passed.
        place = [(frame.filename, frame.lineno) for frame in traceback.extract_tb(error.__traceback__)[-1:]]
        key, now = (type(error), *place), time.monotonic()
        with self._lock:
            before = self._known.get(key)
            self._known[key] = now
        return before is not None and now - before < _AGAIN_SECONDS

    def _show(self, error: BaseException) -> None:
        from catdog_desktop.gui.dialogs import CrashDialog

        if self._dialog is None or not self._dialog.isVisible():
            self._dialog = CrashDialog(error, self._window)
            self._dialog.open()
