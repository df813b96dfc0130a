"""What the gallery shows of its photos: rows by path and position, groups, stacks, counts. It changes nothing."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelection,
    QItemSelectionRange,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)

from catdog_desktop.gallery.columns import Columns, RowNumbers, distinct, runs
from catdog_desktop.gallery.duplicates import DuplicateIndex
from catdog_desktop.gallery.groups import Group
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gallery.query import Filter, Query
from catdog_desktop.gallery.stacked_rows import StackedRows
from catdog_desktop.gallery.statistics import Statistics
from catdog_desktop.gui.gallery.stack_text import StackMark
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.verdict import Thresholds

Index = QModelIndex | QPersistentModelIndex
_NO_PARENT: Final = QModelIndex()


@safe_overrides
class ShownPhotos(QAbstractListModel):
    """All photos of the gallery, and which of them are shown at which position. It only answers questions."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[Path, Row] = {}
        self._by_number: list[Row] = []
        self._columns = Columns()
        self._duplicates = DuplicateIndex()
        self._query = Query()
        self._shown: RowNumbers = np.zeros(0, np.int32)
        self._stacked = StackedRows(self._shown)
        """Which rows are behind the shown ones. By number, so that it holds while rows are inserted and removed."""
        self._month_starts: list[tuple[int, date]] | None = None
        self._groups: list[Group] | None = []
        """Of the shown rows; None: computed on demand."""
        self._positions: RowNumbers | None = None
        """Position of each row by its number, -1 for hidden rows. Computed on demand."""

    def rowCount(self, parent: Index = _NO_PARENT) -> int:
        """Return the number of shown photos."""
        return 0 if parent.isValid() else len(self._shown)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return that photos can be selected and dragged out."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else flags

    @property
    def query(self) -> Query:
        """Which rows are shown and in which order."""
        return self._query

    @property
    def thresholds(self) -> Thresholds:
        """The thresholds that turn scores into verdicts."""
        return self._columns.thresholds

    @property
    def total(self) -> int:
        """Number of photos, hidden ones included."""
        return len(self._rows)

    @property
    def stopped_count(self) -> int:
        """Number of photos that were stopped before they had a result, hidden ones included."""
        return self._columns.stopped()

    def counts(self) -> dict[Filter, int]:
        """Return how many photos each filter would show with the current search and secondary filter."""
        return self._columns.counts(self._query)

    def folders(self) -> dict[str, int]:
        """Return the number of photos directly in each folder."""
        return self._columns.folders()

    def days(self) -> tuple[int, int] | None:
        """Return the first and the last day on which a photo was taken, as ordinals; None if no day is known."""
        return self._columns.days()

    def years(self) -> list[int]:
        """Return the years in which photos were taken, in order."""
        return self._columns.years()

    @property
    def groups(self) -> list[Group]:
        """The groups of the shown photos; empty if they are not grouped. A new list after each change."""
        if self._groups is None:
            self._groups = [self._with_photos(group) for group in self._columns.groups(self._query, self._shown)]
        return self._groups

    @property
    def month_starts(self) -> list[tuple[int, date]]:
        """The position of the first photo of each month, as shown, with the first day of the month."""
        if self._month_starts is None:
            self._month_starts = self._columns.month_starts(self._shown)
        return self._month_starts

    def statistics(self) -> Statistics:
        """Return the statistics of the shown photos."""
        return self._columns.statistics(self._stacked.with_hidden(self._shown))

    def row_of(self, path: Path) -> Row | None:
        """Return the row of `path`, even if it is hidden; None if the path is not listed."""
        return self._rows.get(path)

    def rows(self) -> Iterable[Row]:
        """Return all rows, hidden ones included, in the order of adding."""
        return self._rows.values()

    def listed(self, rows: Iterable[Row]) -> list[Row]:
        """Return those of `rows` that were not removed."""
        rows = list(rows)
        return [row for row, listed in zip(rows, self._columns.listed(rows), strict=True) if listed]

    def rows_in(self, state: State) -> list[Row]:
        """Return the rows in `state`, hidden ones included, in the order of adding."""
        return [row for row in self._rows.values() if row.state is state]

    def rows_shown(self) -> list[Row]:
        """Return the shown rows in their order, with those behind the card of a stack."""
        return [self._by_number[number] for number in self._stacked.with_hidden(self._shown).tolist()]

    def rows_behind(self, row: Row) -> list[Row]:
        """Return the photos that the card of `row` stands for: itself, or all of a closed stack, the best first."""
        members = self._stacked.behind.get(row.number)
        return [row] if members is None else [self._by_number[number] for number in members]

    def more_behind(self, first: int, last: int) -> int:
        """Return how many photos more than cards are at the positions `first` to `last`, inclusive."""
        return self._stacked.hidden_behind(self._shown[first : last + 1])

    def stack_mark(self, row: Row) -> StackMark | None:
        """Return what the card of `row` shows of its stack; None if no other photo of the stack passes the filters."""
        if row.number in self._stacked.behind:
            return StackMark(len(self._stacked.behind[row.number]))
        opened = self._stacked.opened.get(row.number)
        return None if opened is None else StackMark(opened.count, opened.place)

    def stack_of(self, row: Row) -> list[Row]:
        """Return all listed photos of the stack of `row`, the best first; none if it is in no stack."""
        rows = [self._by_number[number] for number in self._columns.stack_of(row.number)]
        return [row for row in rows if self._rows.get(row.path) is row]

    def rows_but_best(self) -> list[Row]:
        """Return the photos of all stacks that are shown, closed or open, but the best of each."""
        return [self._by_number[number] for number in self._stacked.but_best()]

    @property
    def stack_counts(self) -> tuple[int, int]:
        """The number of closed stacks that are shown, and of their photos."""
        return len(self._stacked.behind), sum(map(len, self._stacked.behind.values()))

    def to_stack(self) -> tuple[list[Row], NDArray[np.int8], NDArray[np.float64]]:
        """Return all rows by number, removed ones included, and what `Columns.to_stack` returns."""
        return (list(self._by_number), *self._columns.to_stack())

    def _with_photos(self, group: Group) -> Group:
        """Return a group with the number of its photos, those behind the card of a stack included."""
        return replace(group, photos=group.count + self.more_behind(group.first, group.first + group.count - 1))

    def row_at(self, position: int) -> Row:
        """Return the row shown at `position`."""
        return self._by_number[int(self._shown[position])]

    def duplicates_of(self, row: Row) -> list[Row]:
        """Return the other rows with the same fingerprint."""
        if row.duplicate_group is None or row.result is None:
            return []
        return [other for other in self._duplicates.with_fingerprint(row.result.fingerprint) if other is not row]

    def has_features(self, row: Row) -> bool:
        """Whether photos like `row` can be found."""
        return self._columns.has_features(row.number)

    def unlike_look_alikes(self, row: Row) -> list[Row]:
        """Return the rows like `row` without a verdict of the user and with another verdict, most similar first."""
        return [self._by_number[number] for number in self._columns.unlike_look_alikes(row.number).tolist()]

    def with_fingerprint(self, fingerprint: str) -> list[Row]:
        """Return the rows with this fingerprint."""
        return self._duplicates.with_fingerprint(fingerprint)

    def index_of(self, path: Path) -> QModelIndex:
        """Return the index of `path`; invalid if it is hidden or not listed."""
        row = self._rows.get(path)
        positions = [] if row is None else self.positions_of([row])
        return self.index(positions[0]) if positions else QModelIndex()

    def positions_of(self, rows: Iterable[Row]) -> list[int]:
        """Return the positions of `rows` in ascending order; hidden rows are skipped."""
        return list(self.positions(np.fromiter((row.number for row in rows), np.int32)).tolist())

    def numbers_between(self, first: int, last: int) -> RowNumbers:
        """Return the row numbers at the positions `first` to `last`, inclusive."""
        return self._shown[first : last + 1]

    def is_shown(self, row: Row) -> bool:
        """Return whether no filter hides this row."""
        return bool(self._position_of_each()[row.number] >= 0)

    def positions(self, numbers: RowNumbers) -> RowNumbers:
        """Return the positions of these row numbers in ascending order; hidden rows are skipped."""
        found = self._position_of_each()[numbers]
        return distinct(found[found >= 0])

    def _position_of_each(self) -> RowNumbers:
        """Return the position of each row by its number, -1 for hidden rows. Rows of a closed stack are at its card."""
        if self._positions is None:
            self._positions = np.full(len(self._by_number), -1, np.int32)
            self._positions[self._shown] = np.arange(len(self._shown), dtype=np.int32)
            self._positions[self._stacked.hidden] = self._positions[self._stacked.cards]
        return self._positions

    def find_name(self, start: str, position: int) -> int | None:
        """Return the first position from `position` on, and around, of a name that starts with `start`, in any case."""
        return self._columns.find_name(self._shown, start, position)

    def selection_of(self, positions: RowNumbers) -> QItemSelection:
        """Return a selection of the rows at `positions`, which are in ascending order."""
        selection = QItemSelection()
        for first, last in runs(positions):
            selection.append(QItemSelectionRange(self.index(first), self.index(last)))
        return selection

    def _set_shown(self, numbers: RowNumbers) -> None:
        self._shown = numbers
        self._positions = self._groups = self._month_starts = None
