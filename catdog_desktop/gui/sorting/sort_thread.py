"""The thread in which one sort is done, finished or undone. It drives the core and reports in short intervals."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QObject, QThread, Signal

from catdog_desktop.sorting.options import SortError
from catdog_desktop.sorting.run import OnProgress, SortOutcome, SortProgress
from catdog_desktop.storing.store import Store, remember_moves

_REPORT_SECONDS: Final = 0.05
_MOVED_SECONDS: Final = 0.5
"""How often the gallery hears what was moved: it looks at all its rows for that."""


class Work(Protocol):
    """`run_sort`, `finish_sort` or `undo_sort`, told what to work on."""

    def __call__(
        self,
        *,
        on_progress: OnProgress,
        cancelled: Callable[[], bool],
        on_moved: Callable[[Mapping[Path, Path]], object],
    ) -> SortOutcome:
        """Do it."""
        ...


class _ClosingError(Exception):
    """The window is closed in the middle of a sort: its journal stays open, so that the next start offers the rest."""


class SortThread(QThread):
    """Does one piece of work and ends."""

    advanced = Signal(object)  # SortProgress, at most one every 50 ms
    moved = Signal(object)  # dict[Path, Path]: files that lie elsewhere now
    ended = Signal(object)  # SortOutcome
    refused = Signal(str)  # a sentence: it could not begin, or its journal could not be kept
    failed = Signal(object)  # an exception that nobody expected

    def __init__(
        self, work: Work, *, moves: bool, told: Mapping[Path, Path] | None = None, parent: QObject | None = None
    ) -> None:
        """Take what to do, whether it moves photos, and the `told` of who did the first part of it."""
        super().__init__(parent)
        self._work = work
        self._moves = moves
        self._cancelled = threading.Event()
        self._closing = threading.Event()
        self._told = 0.0
        self._told_moved = time.monotonic()
        self._moved: dict[Path, Path] = {}  # not told yet
        self._told_places = dict(told or {})

    @property
    def told(self) -> Mapping[Path, Path]:
        """The moves that were told; to be asked when it has ended."""
        return self._told_places

    def cancel(self) -> None:
        """Stop after the photo in hand; what is done stays, and can be undone."""
        self._cancelled.set()

    def close(self) -> None:
        """Stop after the photo in hand, as an interruption that the next start tells of."""
        self._closing.set()

    def run(self) -> None:
        """Do the work (called by Qt in the new thread)."""
        try:
            with Store.open() as store:
                remember = remember_moves(store)

                def on_moved(places: Mapping[Path, Path]) -> None:
                    remember(places)
                    # Not again what the gallery knows: another photo may have come to the old name since.
                    untold = {old: new for old, new in places.items() if self._told_places.get(old) != new}
                    if untold:
                        self._told_places |= untold
                        self.moved.emit(untold)

                outcome = self._work(on_progress=self._advance, cancelled=self._cancelled.is_set, on_moved=on_moved)
        except SortError as error:
            self.refused.emit(str(error))
        except _ClosingError:
            return
        except Exception as error:  # noqa: BLE001  The edge of a thread: the window shows it, and lives on.
            self.failed.emit(error)
        else:
            self.ended.emit(outcome)

    def _advance(self, progress: SortProgress) -> None:
        now = time.monotonic()
        if self._moves and progress.target is not None:
            self._moved[progress.source] = progress.target
        if self._moved and now - self._told_moved >= _MOVED_SECONDS:
            self._told_moved = now
            self._told_places |= self._moved
            self.moved.emit(self._moved)
            self._moved = {}
        if now - self._told >= _REPORT_SECONDS:
            self._told = now
            self.advanced.emit(progress)
        if self._closing.is_set():
            raise _ClosingError
