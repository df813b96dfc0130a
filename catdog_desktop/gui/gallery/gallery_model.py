"""The gallery's item model: all rows, of which a filtered and sorted list is shown."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QImage

from catdog_desktop.gallery.columns import Columns, Numbers
from catdog_desktop.gallery.duplicates import EqualPhotos
from catdog_desktop.gallery.photo_row import Filter, Order, Row, State
from catdog_desktop.gui.gallery.thumbnails import Find, Thumbnails
from catdog_desktop.gui.status_text import describe_row, tooltip
from catdog_desktop.verdict import Result, Thresholds

ROW_ROLE: Final = Qt.ItemDataRole.UserRole
"""The `Row` itself."""
THUMBNAIL_ROLE: Final = Qt.ItemDataRole.DecorationRole
"""A decoded `QImage`, or None while there is none."""
_MOST_STEPS: Final = 100
"""A new order that takes more removals and insertions than this is shown by a reset, which is quicker; more scattered
changes are told as one."""
_MOST_FOLLOWED: Final = 2000
"""A new order of rows of which Qt follows more than this is shown by a reset too."""
_PREPARED_AT_ONCE: Final = 4000
"""So many rows are sorted by name in a slice of idle time."""
_IDLE_MS: Final = 500

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()


class GalleryModel(QAbstractListModel):
    """Rows of photos. Shown are those that pass the filter, in the order chosen; rows are found by their path."""

    failed = Signal(object)  # an exception that nobody expected, met while a thumbnail was decoded

    def __init__(self, parent: QObject | None = None, find_thumbnail: Find | None = None) -> None:
        """Begin empty. `find_thumbnail` is asked, beside the GUI thread, for those that results come without."""
        super().__init__(parent)
        self._finds_thumbnails = find_thumbnail is not None
        self._rows: dict[Path, Row] = {}
        self._by_number: list[Row] = []
        self._columns = Columns()
        self._equal = EqualPhotos()
        self._order = Order()
        self._shown: Numbers = np.zeros(0, np.int32)
        self._positions: Numbers | None = None
        """Where each row is shown, by its number; -1 if it is not. Made when it is asked for."""
        self._thumbnails = Thumbnails(find_thumbnail, self)
        self._thumbnails.ready.connect(self._on_thumbnails)
        self._thumbnails.failed.connect(self.failed)
        self._prepare_soon = QTimer(self, singleShot=True)
        self._prepare_soon.timeout.connect(self._prepare)

    # What Qt asks.

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """Return how many photos are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what the delegate, screen readers and tooltips need of a row."""
        if not index.isValid():
            return None
        row = self.row_at(index.row())
        if role == ROW_ROLE:
            return row
        if role == THUMBNAIL_ROLE:
            return self._thumbnail(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return describe_row(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(row, [other.path for other in self.equal_to(row)])
        return None

    # What the window asks.

    @property
    def order(self) -> Order:
        """Which rows are shown and in which order."""
        return self._order

    @property
    def thresholds(self) -> Thresholds:
        """By which the verdicts are drawn."""
        return self._columns.thresholds

    @property
    def total(self) -> int:
        """How many photos there are, shown or not."""
        return len(self._rows)

    def counts(self) -> dict[Filter, int]:
        """Return how many photos each filter would show, search and narrowing being what they are."""
        return self._columns.counts(self._order)

    def folders(self) -> dict[str, int]:
        """Return how many photos lie in each folder itself."""
        return self._columns.folders()

    def days(self) -> tuple[int, int] | None:
        """Return the first and the last day on which a photo was taken, as ordinals; None if no day is known."""
        return self._columns.days()

    def row_of(self, path: Path) -> Row | None:
        """Return the row of `path`, shown or not."""
        return self._rows.get(path)

    def rows(self) -> Iterable[Row]:
        """Return all rows, shown or not, in the order in which they were added."""
        return self._rows.values()

    def rows_in(self, state: State) -> list[Row]:
        """Return the rows in `state`, in the order in which they were added."""
        return [row for row in self._rows.values() if row.state is state]

    def rows_shown(self) -> list[Row]:
        """Return the rows that are shown, in their order."""
        return [self._by_number[number] for number in self._shown.tolist()]

    def row_at(self, position: int) -> Row:
        """Return the row that is shown at `position`."""
        return self._by_number[int(self._shown[position])]

    def equal_to(self, row: Row) -> list[Row]:
        """Return the other rows whose file has the same content."""
        if row.group is None or row.result is None:
            return []
        return [other for other in self._equal.with_content(row.result.fingerprint) if other is not row]

    def with_content(self, content: str) -> list[Row]:
        """Return the rows whose file has this content."""
        return self._equal.with_content(content)

    def index_of(self, path: Path) -> QModelIndex:
        """Return where `path` is shown; an invalid index if it is not."""
        row = self._rows.get(path)
        positions = [] if row is None else self.positions_of([row])
        return self.index(positions[0]) if positions else QModelIndex()

    def positions_of(self, rows: Iterable[Row]) -> list[int]:
        """Return where those of `rows` that are shown are shown, from the first to the last."""
        return list(self.positions(np.fromiter((row.number for row in rows), np.int32)).tolist())

    def numbers_between(self, first: int, last: int) -> Numbers:
        """Return the numbers of the rows that are shown at these positions."""
        return self._shown[first : last + 1]

    def positions(self, numbers: Numbers) -> Numbers:
        """Return where the rows with these numbers are shown, from the first to the last; others are left out."""
        if self._positions is None:
            self._positions = np.full(len(self._by_number), -1, np.int32)
            self._positions[self._shown] = np.arange(len(self._shown), dtype=np.int32)
        found = self._positions[numbers]
        return np.sort(found[found >= 0])

    # What happens to rows.

    def add(self, paths: Iterable[Path]) -> None:
        """Append photos as waiting; those that are there already are left as they are."""
        first = len(self._by_number)
        for path in paths:
            if path not in self._rows:
                row = Row(path, len(self._by_number))
                self._by_number.append(row)
                self._rows[path] = row
                self._columns.append(row)
        if first == len(self._by_number):
            return
        self._positions = None
        self._prepare_soon.start(_IDLE_MS)
        if not self._order.is_plain:
            self._arrange()
            return
        # What happens a thousand times a minute while folders are walked, without looking at the other rows.
        fresh = np.arange(first, len(self._by_number), dtype=np.int32)
        self.beginInsertRows(QModelIndex(), len(self._shown), len(self._shown) + len(fresh) - 1)
        self._set_shown(np.concatenate([self._shown, fresh]))
        self.endInsertRows()

    def take(self, results: Iterable[Result]) -> list[Row]:
        """Note results; return the rows they belong to. Results of photos no longer listed are passed over."""
        now = time.monotonic()
        changed, others = [], []
        for result in results:
            row = self._rows.get(result.path)
            if row is None:
                continue
            other_content = row.result is None or row.result.fingerprint != result.fingerprint
            if other_content and row.result is not None:
                self._thumbnails.forget([row.path])  # the file has changed
            others += self._equal.discard(row) if other_content else []
            row.take(self._without_thumbnail(result), self.thresholds, now)
            others += self._equal.add(row) if other_content else []
            self._columns.put(row)
            changed.append(row)
        self._put(others)
        self._show_changed(changed)
        self._tell(self.positions_of(set(others).difference(changed)), [ROW_ROLE])
        return changed

    def set_state(self, paths: Iterable[Path], state: State) -> None:
        """Note that photos wait again or were stopped."""
        changed = [row for path in paths if (row := self._rows.get(path)) is not None]
        for row in changed:
            row.state = state
        self._put(changed)
        self._show_changed(changed)

    def remove(self, paths: Iterable[Path]) -> None:
        """Take photos off the list. Nothing happens to the files."""
        paths = list(paths)
        for path in paths:
            gone = self._rows.pop(path, None)
            if gone is not None:
                self._put(self._equal.discard(gone))
                self._columns.drop(gone)
        self._thumbnails.forget(paths)
        self._arrange()

    def forget_results(self) -> None:
        """Let every photo that was not stopped wait again: another model will say something else of it."""
        changed = [row for row in self._rows.values() if row.result is not None]
        for row in changed:
            self._equal.discard(row)
            row.result = row.verdict = None
            if row.state is not State.STOPPED:
                row.state = State.WAITING
        self._put(changed)
        self._show_changed(changed)

    def move(self, places: Mapping[Path, Path]) -> None:
        """Note that files lie elsewhere now, from the keys to the values; each row keeps its place and its result."""
        moved = {old: new for old, new in places.items() if old in self._rows and old != new}
        if not moved:
            return
        # Nothing is ever overwritten: a row that has the path already is of a file that is gone.
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
            self._columns.put_place(row)
        if not self._order.is_plain:
            self._arrange()
        self._tell(self.positions_of(rows), [])

    def set_order(self, order: Order) -> None:
        """Show other rows, or in another order."""
        if order != self._order:
            self._order = order
            self._arrange()

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Draw all verdicts again; no photo is classified again."""
        if thresholds == self.thresholds:
            return
        changed = [self._by_number[number] for number in self._columns.judge(thresholds).tolist()]
        for row in changed:
            row.verdict = None if row.result is None else row.result.verdict(thresholds)
        self._put(changed)
        if self._order.filter is Filter.TO_CHECK and not changed:
            self._arrange()  # what is near a threshold is so without another verdict
        self._show_changed(changed)

    def keep_thumbnails(self, count: int) -> None:
        """Keep at least so many decoded thumbnails: those in sight and a few around."""
        self._thumbnails.keep_at_least(count)

    def close(self) -> None:
        """End the thread that decodes thumbnails."""
        self._prepare_soon.stop()
        self._thumbnails.close()

    # Thumbnails.

    def _thumbnail(self, row: Row) -> QImage | None:
        result = row.result
        if result is None or result.scores is None:
            return None
        return self._thumbnails.get(row.path, result.thumbnail, result.fingerprint if self._finds_thumbnails else "")

    def _without_thumbnail(self, result: Result) -> Result:
        """Leave to the store what it keeps: the JPEGs of ten thousand photos would take 180 MB."""
        if not (self._finds_thumbnails and result.thumbnail and result.fingerprint):
            return result
        self._thumbnails.hold(result.path, result.thumbnail)
        return replace(result, thumbnail=b"")

    def _on_thumbnails(self, paths: list[Path]) -> None:
        rows = [row for path in paths if (row := self._rows.get(path)) is not None]
        self._tell(self.positions_of(rows), [THUMBNAIL_ROLE])

    # How rows come to be shown.

    def _put(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._columns.put(row)

    def _show_changed(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        if self._order.needs_results:
            self._arrange()
        self._tell(self.positions_of(rows), [])

    def _tell(self, positions: list[int], roles: list[int]) -> None:
        """Emit `dataChanged` for the rows at `positions`, which are in order, neighbours together."""
        parts = runs(np.array(positions, np.int32))
        if len(parts) > _MOST_STEPS:
            parts = [(positions[0], positions[-1])]
        for first, last in parts:
            self.dataChanged.emit(self.index(first), self.index(last), roles)

    def _arrange(self) -> None:
        """Bring what is shown in line with rows and order, step by step so that selection and scrolling stay."""
        wanted, before = self._columns.shown(self._order), self._shown
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

    def _can_reorder(self, before: Numbers, after: Numbers) -> bool:
        """Whether the rows that stay are in order, or so few of them are followed that moving these is quick."""
        return np.array_equal(before, after) or len(self.persistentIndexList()) <= _MOST_FOLLOWED

    def _reorder(self, rows: Numbers) -> None:
        """Put the rows that stay in a new order."""
        if np.array_equal(self._shown, rows):
            return
        self.layoutAboutToBeChanged.emit()
        followed = self.persistentIndexList()
        numbers = [self._shown[index.row()] for index in followed]
        self._set_shown(rows)
        positions = np.full(len(self._by_number), -1, np.int32)
        positions[rows] = np.arange(len(rows), dtype=np.int32)
        self.changePersistentIndexList(followed, [self.createIndex(int(positions[n]), 0) for n in numbers])
        self.layoutChanged.emit()

    def _set_shown(self, numbers: Numbers) -> None:
        self._shown = numbers
        self._positions = None

    def _prepare(self) -> None:
        if self._columns.prepare(_PREPARED_AT_ONCE):
            self._prepare_soon.start(0)


def runs(numbers: Numbers) -> list[tuple[int, int]]:
    """Return first and last of each run of consecutive numbers."""
    if not len(numbers):
        return []
    breaks = np.flatnonzero(np.diff(numbers) != 1)
    firsts = numbers[np.concatenate([[0], breaks + 1])]
    lasts = numbers[np.concatenate([breaks, [len(numbers) - 1]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
