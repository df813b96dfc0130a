"""A sort, the rest of one or its undo as the work of a `Job`. Moves are stored and reported to the gallery."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, Protocol

from PySide6.QtCore import QObject, Signal

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.gui.jobs import OnProgress, Work
from catdog_desktop.sorting.run import OnPhoto, PhotoDone, SortOutcome
from catdog_desktop.store.store import Store, remember_moves

_MOVED_SECONDS: Final = 0.5
"""How often moves are reported: the gallery looks at all its rows for each report."""


class SortFunction(Protocol):
    """`run_sort`, `finish_sort` or `undo_sort`, bound to what it works on."""

    def __call__(
        self,
        *,
        on_photo: OnPhoto,
        cancel_token: CancelToken,
        on_moved: Callable[[Mapping[Path, Path]], object],
    ) -> SortOutcome:
        """Run it."""
        ...


class MoveReporter(QObject):
    """Reports each file that a sort has moved once. Filled by the thread of the job."""

    moved = Signal(object)  # dict[Path, Path]: new path by old path

    def __init__(self, reported: Mapping[Path, Path] | None = None, parent: QObject | None = None) -> None:
        """Take the moves that were reported during the first part of this sort, if it had one."""
        super().__init__(parent)
        self._reported = dict(reported or {})
        self._pending: dict[Path, Path] = {}
        self._reported_at = time.monotonic()

    @property
    def reported(self) -> Mapping[Path, Path]:
        """All moves that were reported. Ask only when the job has ended."""
        return self._reported

    def add(self, old: Path, new: Path) -> None:
        """Note one move, and report it with others every half second."""
        self._pending[old] = new
        now = time.monotonic()
        if now - self._reported_at >= _MOVED_SECONDS:
            self._reported_at = now
            self._report(self._pending)
            self._pending = {}

    def finish(self, moved: Mapping[Path, Path]) -> None:
        """Report those of `moved`, all moves of a sort, that were not reported."""
        # A move that was reported must not be repeated: another photo may have got the old name since.
        self._report({old: new for old, new in moved.items() if self._reported.get(old) != new})

    def _report(self, moved: dict[Path, Path]) -> None:
        if moved:
            self._reported |= moved
            self.moved.emit(moved)


def sort_work(sort: SortFunction, moves: MoveReporter | None) -> Work:
    """Return `sort` as the work of a job; its outcome is a `SortOutcome`. `moves` is for sorts that move files."""

    def work(on_progress: OnProgress, cancel_token: CancelToken) -> SortOutcome:
        with Store.open() as store:
            store_moves = remember_moves(store)

            def on_photo(photo: PhotoDone) -> None:
                if moves is not None and photo.target is not None:
                    moves.add(photo.source, photo.target)
                on_progress(photo.progress)

            def on_moved(moved: Mapping[Path, Path]) -> None:
                store_moves(moved)
                if moves is not None:
                    moves.finish(moved)

            return sort(on_photo=on_photo, cancel_token=cancel_token, on_moved=on_moved)

    return work
