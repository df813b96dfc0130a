"""The thread in which one sort is done, finished or undone. It drives the core, and tells what was moved."""

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QObject, Signal

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.gui.jobs import ClosingError, WorkThread
from catdog_desktop.sorting.options import SortError
from catdog_desktop.sorting.run import OnPhoto, PhotoDone, SortOutcome
from catdog_desktop.store.store import Store, remember_moves

_MOVED_SECONDS: Final = 0.5
"""How often the gallery hears what was moved: it looks at all its rows for that."""


class Work(Protocol):
    """`run_sort`, `finish_sort` or `undo_sort`, told what to work on."""

    def __call__(
        self,
        *,
        on_photo: OnPhoto,
        cancel_token: CancelToken,
        on_moved: Callable[[Mapping[Path, Path]], object],
    ) -> SortOutcome:
        """Do it."""
        ...


class SortThread(WorkThread):
    """Does, finishes or undoes one sort."""

    moved = Signal(object)  # dict[Path, Path]: files that lie elsewhere now

    refusals = (SortError,)

    def __init__(
        self, work: Work, *, moves: bool, told: Mapping[Path, Path] | None = None, parent: QObject | None = None
    ) -> None:
        """Take what to do, whether it moves photos, and the `told` of who did the first part of it."""
        super().__init__(parent)
        self._work = work
        self._moves = moves
        self._closing = threading.Event()
        self._told_moved = time.monotonic()
        self._moved: dict[Path, Path] = {}  # not told yet
        self._told_places = dict(told or {})

    @property
    def told(self) -> Mapping[Path, Path]:
        """The moves that were told; to be asked when it has ended."""
        return self._told_places

    def close(self) -> None:
        """Stop after the photo in hand, as an interruption that the next start tells of."""
        self._closing.set()

    def work(self) -> SortOutcome:
        """Do it."""
        with Store.open() as store:
            remember = remember_moves(store)

            def on_moved(places: Mapping[Path, Path]) -> None:
                remember(places)
                # Not again what the gallery knows: another photo may have come to the old name since.
                untold = {old: new for old, new in places.items() if self._told_places.get(old) != new}
                if untold:
                    self._told_places |= untold
                    self.moved.emit(untold)

            return self._work(on_photo=self._on_photo, cancel_token=self.cancel_token, on_moved=on_moved)

    def _on_photo(self, photo: PhotoDone) -> None:
        now = time.monotonic()
        if self._moves and photo.target is not None:
            self._moved[photo.source] = photo.target
        if self._moved and now - self._told_moved >= _MOVED_SECONDS:
            self._told_moved = now
            self._told_places |= self._moved
            self.moved.emit(self._moved)
            self._moved = {}
        self.advance(photo.progress.done, photo.progress.total)
        if self._closing.is_set():
            # Its journal stays open, so that the next start offers the rest.
            raise ClosingError
