"""The gallery's item model: all rows, of which a filtered and sorted list is shown."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QImage

from catdog_desktop.gui.rows import Counts, Filter, Order, Row, State
from catdog_desktop.gui.thumbnails import Find, Thumbnails
from catdog_desktop.gui.wording import describe_row, tooltip
from catdog_desktop.verdict import Result, Thresholds

ROW_ROLE: Final = Qt.ItemDataRole.UserRole
"""The `Row` itself."""
THUMBNAIL_ROLE: Final = Qt.ItemDataRole.DecorationRole
"""A decoded `QImage`, or None while there is none."""
_MOST_STEPS: Final = 300
"""A new order that takes more removals and insertions than this is shown by a reset, which is quicker."""

_Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()


class GalleryModel(QAbstractListModel):
    """Rows of photos. Shown are those that pass the filter, in the order chosen; rows are found by their path."""

    def __init__(self, parent: QObject | None = None, find_thumbnail: Find | None = None) -> None:
        """Begin empty. `find_thumbnail` is asked, beside the GUI thread, for those that results come without."""
        super().__init__(parent)
        self._finds_thumbnails = find_thumbnail is not None
        self._rows: dict[Path, Row] = {}
        self._shown: list[Row] = []
        self._position: dict[Path, int] = {}
        self._order = Order()
        self._thresholds = Thresholds()
        self._added = 0
        self._counts = Counts()
        self._thumbnails = Thumbnails(find_thumbnail, self)
        self._thumbnails.ready.connect(self._on_thumbnails)

    # What Qt asks.

    def rowCount(self, parent: _Index = _NO_PARENT) -> int:
        """Return how many photos are shown."""
        return 0 if parent.isValid() else len(self._shown)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what the delegate, screen readers and tooltips need of a row."""
        if not index.isValid():
            return None
        row = self._shown[index.row()]
        if role == ROW_ROLE:
            return row
        if role == THUMBNAIL_ROLE:
            return self._thumbnail(row)
        if role == Qt.ItemDataRole.DisplayRole:
            return row.name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return describe_row(row)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip(row)
        return None

    # What the window does with it.

    @property
    def order(self) -> Order:
        """Which rows are shown and in which order."""
        return self._order

    @property
    def thresholds(self) -> Thresholds:
        """By which the verdicts are drawn."""
        return self._thresholds

    @property
    def total(self) -> int:
        """How many photos there are, shown or not."""
        return len(self._rows)

    def counts(self) -> dict[Filter, int]:
        """Return how many photos each filter would show."""
        return self._counts.by_filter()

    def row_of(self, path: Path) -> Row | None:
        """Return the row of `path`, shown or not."""
        return self._rows.get(path)

    def rows(self) -> Iterable[Row]:
        """Return all rows, shown or not, in the order in which they were added."""
        return self._rows.values()

    def rows_in(self, state: State) -> list[Row]:
        """Return the rows in `state`, in the order in which they were added."""
        return [row for row in self._rows.values() if row.state is state]

    def index_of(self, path: Path) -> QModelIndex:
        """Return where `path` is shown; an invalid index if it is not."""
        position = self._position.get(path)
        return QModelIndex() if position is None else self.index(position)

    def add(self, paths: Iterable[Path]) -> None:
        """Append photos as waiting; those that are there already are left as they are."""
        fresh = []
        for path in paths:
            if path not in self._rows:
                row = Row(path, self._added)
                self._added += 1
                self._rows[path] = row
                self._counts.add(row)
                fresh.append(row)
        if fresh and self._order.is_plain:
            # What happens a thousand times a minute while folders are walked, without looking at the other rows.
            self.beginInsertRows(QModelIndex(), len(self._shown), len(self._shown) + len(fresh) - 1)
            self._position.update((row.path, len(self._shown) + number) for number, row in enumerate(fresh))
            self._shown += fresh
            self.endInsertRows()
        elif fresh:
            self._arrange()

    def take(self, results: Iterable[Result]) -> list[Row]:
        """Note results; return the rows they belong to. Results of photos no longer listed are passed over."""
        now = time.monotonic()
        changed = []
        for result in results:
            row = self._rows.get(result.path)
            if row is not None:
                self._counts.add(row, -1)
                if row.result is not None and row.result.content != result.content:
                    self._thumbnails.forget([row.path])  # the file has changed
                row.take(self._without_thumbnail(result), self._thresholds, now)
                self._counts.add(row)
                changed.append(row)
        self._show_changed(changed)
        return changed

    def set_state(self, paths: Iterable[Path], state: State) -> None:
        """Note that photos wait again or were stopped."""
        changed = [row for path in paths if (row := self._rows.get(path)) is not None]
        for row in changed:
            self._counts.add(row, -1)
            row.state = state
            self._counts.add(row)
        self._show_changed(changed)

    def forget_results(self) -> None:
        """Let every photo that was not stopped wait again: another model will say something else of it."""
        changed = [row for row in self._rows.values() if row.result is not None]
        for row in changed:
            self._counts.add(row, -1)
            row.result = row.verdict = None
            if row.state is not State.STOPPED:
                row.state = State.WAITING
            self._counts.add(row)
        self._show_changed(changed)

    def remove(self, paths: Iterable[Path]) -> None:
        """Take photos off the list. Nothing happens to the files."""
        paths = list(paths)
        for path in paths:
            gone = self._rows.pop(path, None)
            if gone is not None:
                self._counts.add(gone, -1)
        self._thumbnails.forget(paths)
        self._arrange()

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
        for new in moved.values():
            row = self._rows[new]
            row.path = new
            if row.result is not None:
                row.result = replace(row.result, path=new)
        self._set_shown(self._shown)
        if not self._order.is_plain:
            self._arrange()
        self._tell([p for new in moved.values() if (p := self._position.get(new)) is not None], [])

    def set_order(self, order: Order) -> None:
        """Show other rows, or in another order."""
        if order != self._order:
            self._order = order
            self._arrange()

    def set_thresholds(self, thresholds: Thresholds) -> None:
        """Draw all verdicts again; no photo is classified again."""
        if thresholds != self._thresholds:
            self._thresholds = thresholds
            self._show_changed([row for row in self._rows.values() if self._judge_again(row)])

    def keep_thumbnails(self, count: int) -> None:
        """Keep at least so many decoded thumbnails: those in sight and a few around."""
        self._thumbnails.keep_at_least(count)

    def close(self) -> None:
        """End the thread that decodes thumbnails."""
        self._thumbnails.close()

    # How rows come to be shown.

    def _judge_again(self, row: Row) -> bool:
        self._counts.add(row, -1)
        changed = row.judge(self._thresholds)
        self._counts.add(row)
        return changed

    def _thumbnail(self, row: Row) -> QImage | None:
        result = row.result
        if result is None or result.scores is None:
            return None
        return self._thumbnails.get(row.path, result.thumbnail, result.content if self._finds_thumbnails else "")

    def _without_thumbnail(self, result: Result) -> Result:
        """Leave to the store what it keeps: the JPEGs of ten thousand photos would take 180 MB."""
        if not (self._finds_thumbnails and result.thumbnail and result.content):
            return result
        self._thumbnails.hold(result.path, result.thumbnail)
        return replace(result, thumbnail=b"")

    def _on_thumbnails(self, paths: list[Path]) -> None:
        self._tell([p for path in paths if (p := self._position.get(path)) is not None], [THUMBNAIL_ROLE])

    def _show_changed(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        if self._order.needs_results:
            self._arrange()
        self._tell([p for row in rows if (p := self._position.get(row.path)) is not None], [])

    def _tell(self, positions: list[int], roles: list[int]) -> None:
        """Emit `dataChanged` for the rows at `positions`, neighbours together."""
        for first, last in _runs(sorted(positions)):
            self.dataChanged.emit(self.index(first), self.index(last), roles)

    def _arrange(self) -> None:
        """Bring what is shown in line with rows and order, step by step so that selection and scrolling stay."""
        wanted = self._order.arrange(self._rows.values())
        keep = {row.path for row in wanted}
        gone = list(_runs([n for n, row in enumerate(self._shown) if row.path not in keep]))
        fresh = list(_runs([n for n, row in enumerate(wanted) if row.path not in self._position]))
        if len(gone) + len(fresh) > _MOST_STEPS:
            self.beginResetModel()
            self._set_shown(wanted)
            self.endResetModel()
            return
        for first, last in reversed(gone):
            self.beginRemoveRows(QModelIndex(), first, last)
            del self._shown[first : last + 1]
            self.endRemoveRows()
        known = {row.path for row in self._shown}
        self._reorder([row for row in wanted if row.path in known])
        for first, last in fresh:
            self.beginInsertRows(QModelIndex(), first, last)
            self._shown[first:first] = wanted[first : last + 1]
            self.endInsertRows()
        self._set_shown(wanted)

    def _reorder(self, rows: list[Row]) -> None:
        """Put the rows that stay in a new order."""
        if all(a is b for a, b in zip(self._shown, rows, strict=True)):
            return
        self.layoutAboutToBeChanged.emit()
        before = self.persistentIndexList()
        moved_to = {row.path: number for number, row in enumerate(rows)}
        after = [self.createIndex(moved_to[self._shown[index.row()].path], 0) for index in before]
        self._shown = rows
        self.changePersistentIndexList(before, after)
        self.layoutChanged.emit()

    def _set_shown(self, rows: list[Row]) -> None:
        self._shown = rows
        self._position = {row.path: number for number, row in enumerate(rows)}


def _runs(numbers: Sequence[int]) -> Iterable[tuple[int, int]]:
    """Yield first and last of each run of consecutive numbers."""
    start = 0
    for end in range(1, len(numbers) + 1):
        if end == len(numbers) or numbers[end] != numbers[end - 1] + 1:
            yield numbers[start], numbers[end - 1]
            start = end
