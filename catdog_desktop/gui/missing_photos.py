"""Notices photos that were deleted or renamed meanwhile: they become problems, and can be removed in one step."""

import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QObject

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.window_context import WindowContext

CHECK_SECONDS: Final = 5.0
"""The shortest time between two checks."""


@safe_overrides
class MissingPhotos(QObject):
    """Looks for the files of all photos when the window becomes active: another program may have deleted some."""

    def __init__(self, context: WindowContext, moves_files: Callable[[], bool]) -> None:
        """`moves_files` is whether the app itself moves or removes files at the moment."""
        super().__init__(context.window)
        self._context = context
        self._session = context.session
        self._moves_files = moves_files
        # Its own queue: a drive that does not answer must not delay the settings.
        self._tasks = TaskQueue(context.report_error, self)
        self._token = CancelToken()
        self._checked_at = -CHECK_SECONDS
        context.window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Check when the user comes back to the window."""
        if event.type() == QEvent.Type.WindowActivate:
            self._check()
        return super().eventFilter(watched, event)

    def close(self) -> None:
        """Stop looking."""
        self._token.cancel()
        self._tasks.close()

    def _check(self) -> None:
        now = time.monotonic()
        is_busy = self._session.busy or self._moves_files()
        if now - self._checked_at < CHECK_SECONDS or is_busy or not self._session.sources:
            return
        self._checked_at = now
        # Only copied here: with 100,000 photos, to look at each would take too long in this thread.
        self._tasks.run(partial(_changed, list(self._session.gallery.rows()), self._token), self._on_changed)

    def _on_changed(self, paths: list[Path]) -> None:
        if self._moves_files():
            self._checked_at = -CHECK_SECONDS  # Files may be gone because a sort moves them.
            return
        listed = [path for path in paths if self._session.gallery.row_of(path) is not None]
        if listed:
            self._session.recheck(listed)


def _changed(rows: Sequence[Row], token: CancelToken) -> list[Path]:
    """Return the photos whose files are gone, and those that were missing and are back."""
    changed = []
    for row in rows:
        if token.cancelled:
            return []
        path, is_judged = row.path, row.state in (State.DONE, State.FAILED)
        if is_judged and os.path.lexists(path) is row.is_missing:
            changed.append(path)
    return changed
