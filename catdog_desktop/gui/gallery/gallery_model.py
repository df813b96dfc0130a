"""Qt item model of the gallery: how its photos, their results and what is shown of them change."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QModelIndex,
    QObject,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QImage

from catdog_desktop.gallery.columns import RowNumbers, runs
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gallery.query import Filter, Query
from catdog_desktop.gui.gallery.shown_photos import Index, ShownPhotos
from catdog_desktop.gui.gallery.stack_text import describe_stack
from catdog_desktop.gui.gallery.thumbnails import FindThumbnail, Thumbnails
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.photo_text import describe_row, tooltip
from catdog_desktop.verdict import Result, Thresholds, Verdict

ROW_ROLE: Final = Qt.ItemDataRole.UserRole
"""The `Row` itself."""
THUMBNAIL_ROLE: Final = Qt.ItemDataRole.DecorationRole
"""A decoded `QImage`; None until it is decoded."""
STACK_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""A `StackMark`; None for a photo that is in no stack."""
_MOST_STEPS: Final = 100
"""With more removals and insertions the model is reset; more changed ranges become one `dataChanged`: it is faster."""
_MOST_GAPS: Final = 256
"""Removed rows whose numbers are kept; more are kept if even more rows are listed."""
_MOST_PERSISTENT: Final = 2000
"""Reordering resets the model if it has more persistent indexes than this, or makes more of them."""
_PREPARED_AT_ONCE: Final = 4000
"""Rows sorted by name in one slice of idle time."""
_IDLE_MS: Final = 500


@safe_overrides
class GalleryModel(ShownPhotos):
    """A list model of photos. Rows are added in any number, found by path, and shown as the `Query` says.

    Its questions are in `ShownPhotos`; here is what changes.
    """

    scores_arrived = Signal(list)  # list[int]: positions of shown rows that just got new scores, for the animation
    query_changed = Signal(object)  # Query
    groups_changed = Signal()
    renumbered = Signal()  # `Row.number` has changed for all rows
    failed = Signal(object)  # an unexpected exception while a thumbnail was decoded

    def __init__(self, parent: QObject | None = None, find_thumbnail: FindThumbnail | None = None) -> None:
        """Create an empty model. Thumbnails that results lack are loaded with `find_thumbnail`, in another thread."""
        super().__init__(parent)
        self._finds_thumbnails = find_thumbnail is not None
        self.selection_size: Callable[[], int] = lambda: 0
        """How many persistent indexes Qt makes for the selection if rows are reordered. Set by the view."""
        self._thumbnails = Thumbnails(find_thumbnail, self)
        self._thumbnails.ready.connect(self._on_thumbnails)
        self._thumbnails.failed.connect(self.failed)
        self._prepare_soon = QTimer(self, singleShot=True)
        self._prepare_soon.timeout.connect(self._prepare)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what the delegate, screen readers and tooltips need."""
        if not index.isValid():
            return None
        row = self.row_at(index.row())
        if role == ROW_ROLE:
            return row
        if role == THUMBNAIL_ROLE:
            return self._thumbnail(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role == STACK_ROLE:
            return self.stack_mark(row)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return describe_row(row) + describe_stack(self.stack_mark(row))
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(row, [other.path for other in self.duplicates_of(row)])
        return None

    # Changes

    def add(self, paths: Iterable[Path]) -> None:
        """Append photos as waiting. Paths that are listed already are skipped."""
        first = len(self._by_number)
        for path in paths:
            if path not in self._rows:
                row = Row(path, len(self._by_number))
                self._by_number.append(row)
                self._rows[path] = row
        if first == len(self._by_number):
            return
        self._columns.append(self._by_number[first:])
        self._positions = None
        self._prepare_soon.start(_IDLE_MS)
        if not self._query.is_plain:
            self._apply_query()
            return
        # The fast path while folders are walked: the other rows are not looked at.
        fresh = np.arange(first, len(self._by_number), dtype=np.int32)
        self.beginInsertRows(QModelIndex(), len(self._shown), len(self._shown) + len(fresh) - 1)
        self._set_shown(np.concatenate([self._shown, fresh]))
        self.endInsertRows()

    def apply_results(self, results: Iterable[Result]) -> list[Row]:
        """Store results; return their rows. Results of photos that are no longer listed are skipped."""
        now = time.monotonic()
        changed, others = [], []
        described: dict[int, NDArray[np.float32]] = {}
        """Features by row number."""
        for result in results:
            row = self._rows.get(result.path)
            if row is None:
                continue
            file_changed = row.result is None or row.result.fingerprint != result.fingerprint
            if file_changed and row.result is not None:
                self._thumbnails.forget([row.path])
                self._columns.forget_features_of(row)
                others += self._duplicates.discard(row)
            if result.features is not None and not result.older_model:
                described[row.number] = result.features
            row.apply_result(self._slimmed(result), self.thresholds, now)
            others += self._duplicates.add(row) if file_changed else []
            changed.append(row)
        self._put([*changed, *others])
        if described:
            self._columns.put_features(list(described), np.stack(list(described.values())))
        self._show_changed(changed)
        self._emit_changed(self.positions_of(set(others).difference(changed)))
        fresh = self.positions_of(row for row in changed if row.result_time == now)
        if fresh:
            self.scores_arrived.emit(fresh)
        return changed

    def put_features(self, features: Mapping[Path, NDArray[np.float32]]) -> None:
        """Set the features of photos whose results had none. Those that are no longer listed are skipped."""
        described = {row.number: vector for path, vector in features.items() if (row := self._rows.get(path))}
        if described:
            self._columns.put_features(list(described), np.stack(list(described.values())))
            # Look-alikes of checked photos may be worth a look now.
            if self._query.filter is Filter.TO_CHECK or self._query.similar_to:
                self._apply_query()

    def set_state(self, paths: Iterable[Path], state: State) -> None:
        """Set photos to waiting or stopped."""
        changed = [row for path in paths if (row := self._rows.get(path)) is not None]
        for row in changed:
            row.state = state
        self._put(changed)
        self._show_changed(changed)

    def remove(self, paths: Iterable[Path]) -> None:
        """Remove photos from the list. The files are not touched."""
        paths = list(paths)
        removed = [row for path in paths if (row := self._rows.pop(path, None)) is not None]
        for row in removed:
            self._put(self._duplicates.discard(row))
            self._columns.drop(row)
        self._thumbnails.forget(paths)
        self._apply_query()
        # Numbers have gaps now, so the row stays for a while.
        for row in removed:
            row.result = None
        gaps = len(self._by_number) - len(self._rows)
        if gaps >= max(_MOST_GAPS, len(self._rows)) and not self._query.similar_to:
            self._renumber()

    def _renumber(self) -> None:
        """Give the listed rows numbers without gaps: in a watched folder photos come and go for weeks."""
        rows = list(self._rows.values())
        kept = np.fromiter((row.number for row in rows), np.int32, len(rows))
        new_numbers = np.full(len(self._by_number), -1, np.int32)
        new_numbers[kept] = np.arange(len(rows), dtype=np.int32)
        for number, row in enumerate(rows):
            row.number = number
        self._by_number = rows
        self._columns.renumber(rows, kept)
        self._duplicates.renumber()
        opened = frozenset(new_numbers[list(self._query.open_stacks)].tolist()) - {-1}
        self._query = replace(self._query, open_stacks=opened)
        # The order stays as it is: the results of photos may come later than the order that they would change.
        self._set_shown(new_numbers[self._shown])
        self._stacked = self._columns.stacked(self._query)
        self._prepare_soon.start(_IDLE_MS)
        self.renumbered.emit()

    def forget_results(self) -> None:
        """Drop all results, because another model is used; every photo that was not stopped waits again."""
        changed = [row for row in self._rows.values() if row.result is not None]
        for row in changed:
            self._duplicates.discard(row)
            row.result = row.verdict = None
            if row.state is not State.STOPPED:
                row.state = State.WAITING
        self._columns.forget_features()
        self._put(changed)
        self._show_changed(changed)

    def move(self, places: Mapping[Path, Path]) -> None:
        """Update the paths of moved files, old to new. Each row keeps its position and its result."""
        moved = {old: new for old, new in places.items() if old in self._rows and old != new}
        if not moved:
            return
        # Moving never overwrites a file, so a row that has a new path already belongs to a file that is gone.
        gone = [new for new in moved.values() if new in self._rows and new not in moved]
        if gone:
            self.remove(gone)
        self._thumbnails.move(moved)
        self._rows = {moved.get(path, path): row for path, row in self._rows.items()}
        rows = [self._rows[new] for new in moved.values()]
        for row, new in zip(rows, moved.values(), strict=True):
            row.path = new
            if row.result is not None:
                row.result = replace(row.result, path=new)
            self._columns.put_path(row)
        if not self._query.is_plain:
            self._apply_query()
        self._emit_changed(self.positions_of(rows))

    def set_query(self, query: Query) -> None:
        """Change which rows are shown, or their order."""
        if query != self._query:
            self._query = query
            self._apply_query()
            self.query_changed.emit(query)

    def set_stacks(self, stacks: Sequence[Sequence[int]]) -> None:
        """Set which rows are in a stack together: the numbers of each, the best first. The query shows them or not."""
        self._columns.put_stacks(stacks)
        if self._query.shows_stacks:
            self._apply_query()

    def open_stacks(self, rows: Iterable[Row]) -> None:
        """Open the closed stacks of shown photos."""
        if not self._stacked.behind:
            return
        hidden = {number for members in self._stacked.behind.values() for number in members}
        opened = {row.number for row in rows} & hidden
        if opened:
            self.set_query(replace(self._query, open_stacks=self._query.open_stacks | opened))

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Judge all scores again by other thresholds; no photo is classified again."""
        if thresholds == self.thresholds:
            return
        changed = [self._by_number[number] for number in self._columns.judge(thresholds).tolist()]
        for row in self._rows.values():
            row.thresholds = thresholds
        for row in changed:
            row.judge(thresholds)
        self._put(changed)
        if self._query.filter is Filter.TO_CHECK and not changed:
            self._apply_query()  # which photos are near a threshold can change without any verdict changing
        self._show_changed(changed)
        # The words of photos that stay unsure depend on the thresholds, too.
        self._emit_changed(self.positions_of(row for row in self._rows.values() if row.verdict is Verdict.UNSURE))

    def keep_thumbnails(self, count: int) -> None:
        """Keep at least `count` decoded thumbnails: the visible ones and some around them."""
        self._thumbnails.keep_at_least(count)

    def close(self) -> None:
        """Stop the thread that decodes thumbnails, and wait for it."""
        self._prepare_soon.stop()
        self._thumbnails.close()

    # Thumbnails

    def _thumbnail(self, row: Row) -> QImage | None:
        result = row.result
        if result is None or result.scores is None:
            return None
        return self._thumbnails.get(row.path, result.thumbnail, result.fingerprint if self._finds_thumbnails else "")

    def _slimmed(self, result: Result) -> Result:
        """Drop what the store has: for ten thousand photos 180 MB of thumbnails and 7 MB of features."""
        if not (self._finds_thumbnails and result.fingerprint):
            return result
        if result.thumbnail:
            self._thumbnails.hold(result.path, result.thumbnail)
        elif result.features is None:
            return result
        return replace(result, thumbnail=b"", features=None)

    def _on_thumbnails(self, paths: list[Path]) -> None:
        rows = [row for path in paths if (row := self._rows.get(path)) is not None]
        # Of photos that were removed while they were decoded: they would fill the cache.
        self._thumbnails.forget(path for path in paths if path not in self._rows)
        self._emit_changed(self.positions_of(rows), [THUMBNAIL_ROLE])

    # Which rows are shown

    def _put(self, rows: Iterable[Row]) -> None:
        self._columns.put(list(rows))

    def _show_changed(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        if self._query.needs_results:
            self._apply_query()
        self._emit_changed(self.positions_of(rows))

    def _emit_changed(self, positions: list[int], roles: Sequence[int] = ()) -> None:
        """Emit `dataChanged` for `positions`, sorted, once per run. Without `roles`: everything may have changed."""
        parts = runs(np.array(positions, np.int32))
        if len(parts) > _MOST_STEPS:
            parts = [(positions[0], positions[-1])]
        for first, last in parts:
            self.dataChanged.emit(self.index(first), self.index(last), list(roles))

    def _apply_query(self) -> None:
        """Update the shown rows, by removals and insertions where possible: they keep selection and scroll position."""
        stacked, marked = self._columns.stacked(self._query), self._stacked
        self._stacked = stacked
        wanted, before = stacked.shown, self._shown
        stays = np.zeros(len(self._by_number), np.bool_)
        stays[wanted] = True
        was_shown = np.zeros(len(self._by_number), np.bool_)
        was_shown[before] = True
        gone = runs(np.flatnonzero(~stays[before]).astype(np.int32))
        fresh = runs(np.flatnonzero(~was_shown[wanted]).astype(np.int32))
        if len(gone) + len(fresh) > _MOST_STEPS or not self._can_reorder(
            before[stays[before]], wanted[was_shown[wanted]]
        ):
            self.beginResetModel()
            self._set_shown(wanted)
            self.endResetModel()
            return
        for first, last in reversed(gone):
            self.beginRemoveRows(QModelIndex(), first, last)
            self._set_shown(np.delete(self._shown, slice(first, last + 1)))
            self.endRemoveRows()
        self._reorder(wanted[was_shown[wanted]])
        for first, last in fresh:
            self.beginInsertRows(QModelIndex(), first, last)
            self._set_shown(np.insert(self._shown, first, wanted[first : last + 1]))
            self.endInsertRows()
        # A photo can change its group without changing its position.
        self._groups = self._month_starts = self._positions = None
        self.groups_changed.emit()
        if len(wanted) and (stacked.behind, stacked.opened) != (marked.behind, marked.opened):
            self.dataChanged.emit(self.index(0), self.index(len(wanted) - 1), [STACK_ROLE])

    def _can_reorder(self, before: RowNumbers, after: RowNumbers) -> bool:
        """Whether the rows that stay keep their order, or few enough persistent indexes exist to move them fast."""
        if np.array_equal(before, after):
            return True
        return len(self.persistentIndexList()) <= _MOST_PERSISTENT and self.selection_size() <= _MOST_PERSISTENT

    def _reorder(self, rows: RowNumbers) -> None:
        """Reorder the shown rows."""
        if np.array_equal(self._shown, rows):
            return
        self.layoutAboutToBeChanged.emit()
        persistent = self.persistentIndexList()
        numbers = [self._shown[index.row()] for index in persistent]
        self._set_shown(rows)
        positions = np.full(len(self._by_number), -1, np.int32)
        positions[rows] = np.arange(len(rows), dtype=np.int32)
        self.changePersistentIndexList(persistent, [self.createIndex(int(positions[n]), 0) for n in numbers])
        self.layoutChanged.emit()

    def _prepare(self) -> None:
        if self._columns.prepare(_PREPARED_AT_ONCE):
            self._prepare_soon.start(0)
