"""The headings of the list: they sort, and they set widths and order of the columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QHeaderView, QWidget

from catdog_desktop.gui.action_table import column_names
from catdog_desktop.gui.theme import GRID
from catdog_desktop.messages import _
from catdog_desktop.settings import LIST_COLUMNS

_WIDTHS: Final[Mapping[str, int]] = {
    "name": 24 * GRID,
    "verdict": 15 * GRID,
    "cat": 13 * GRID,
    "dog": 13 * GRID,
    "date": 12 * GRID,
    "folder": 18 * GRID,
    "size": 13 * GRID,
    "rating": 11 * GRID,
}
"""First widths, in points. The first column also takes the width that is left."""
_LEAST_WIDTH: Final = 6 * GRID


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A shown column of the list."""

    name: str
    """One of `settings.LIST_COLUMNS`."""
    left: int
    width: int
    """In points of the content."""


def table_columns(columns: Sequence[str], widths: Mapping[str, int], available: int) -> list[TableColumn]:
    """Return where the columns are. The first one takes what is left of `available`, in points."""
    chosen = {name: widths.get(name, _WIDTHS[name]) for name in columns}
    chosen[columns[0]] += max(0, available - sum(chosen.values()))
    placed, left = [], 0
    for name, width in chosen.items():
        placed.append(TableColumn(name, left, width))
        left += width
    return placed


class TableHeader(QHeaderView):
    """Shows the names of the columns. What the user changes is only reported: the settings decide."""

    sort_requested = Signal(str)  # the name of a column
    columns_changed = Signal(list)  # list[str]: the columns from left to right
    width_changed = Signal(str, int)  # column, points
    menu_requested = Signal(QPoint)  # in global coordinates

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        names = column_names()
        model = QStandardItemModel(0, len(LIST_COLUMNS), self)
        model.setHorizontalHeaderLabels([names[column] for column in LIST_COLUMNS])
        self.setModel(model)
        self._is_updating = False
        self.setAccessibleName(_("Columns"))
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setSortIndicatorShown(True)
        self.setMinimumSectionSize(_LEAST_WIDTH)
        self.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda place: self.menu_requested.emit(self.mapToGlobal(place)))
        self.sectionClicked.connect(lambda section: self.sort_requested.emit(LIST_COLUMNS[section]))
        self.sectionResized.connect(self._on_resized)
        self.sectionMoved.connect(self._on_moved)

    def show_columns(self, columns: Sequence[TableColumn]) -> None:
        """Show these columns, in this order."""
        self._is_updating = True
        shown = [column.name for column in columns]
        for section, name in enumerate(LIST_COLUMNS):
            self.setSectionHidden(section, name not in shown)
        for position, column in enumerate(columns):
            section = LIST_COLUMNS.index(column.name)
            self.moveSection(self.visualIndex(section), position)
            self.resizeSection(section, column.width)
        self._is_updating = False

    def show_order(self, sort_key: str, *, descending: bool) -> None:
        """Show by which column the list is sorted; none for an order without a column."""
        section = LIST_COLUMNS.index(sort_key) if sort_key in LIST_COLUMNS else -1
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self._is_updating = True
        self.setSortIndicator(section, order)
        self._is_updating = False

    def allow_sorting(self, allowed: bool) -> None:
        """Let a click sort, or not: some filters have an order of their own."""
        self.setSectionsClickable(allowed)
        self.setSortIndicatorShown(allowed)

    def _on_resized(self, section: int, _before: int, width: int) -> None:
        if not self._is_updating:
            self.width_changed.emit(LIST_COLUMNS[section], width)

    def _on_moved(self) -> None:
        if not self._is_updating:
            visual = sorted(range(len(LIST_COLUMNS)), key=self.visualIndex)
            self.columns_changed.emit(
                [LIST_COLUMNS[section] for section in visual if not self.isSectionHidden(section)]
            )
