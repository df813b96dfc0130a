"""The page of the sort dialog that shows the plan: a summary, the disk space, and a table of every step."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.gui.sorting.folder_totals import FolderTotalsModel
from catdog_desktop.gui.sorting.plan_model import COLUMNS, Column, Part, SkippedFile, SortPlanModel
from catdog_desktop.gui.sorting.sort_text import describe_plan, describe_space
from catdog_desktop.gui.theme import GRID
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _
from catdog_desktop.sorting.plan import SortPlan

_COLUMN_WIDTHS = {Column.PHOTO: 22, Column.FROM: 20, Column.VERDICT: 9, Column.TO: 28}
"""In units of `GRID`; the last column takes the rest."""


class SortPlanPage(QWidget):
    """Shows one plan after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.summary = QLabel()
        self.space = QLabel()
        for label in (self.summary, self.space):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.part = QComboBox()
        self.part.setAccessibleName(_("Rows to show"))
        self.part.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.part.currentIndexChanged.connect(lambda _index: self._show_part())
        self.table = _make_table(_("Plan"))
        self.totals = _make_table(_("Folders"))
        self.totals.hide()
        self._model: SortPlanModel | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.summary)
        row = QHBoxLayout()
        row.addWidget(self.space, 1)
        row.addWidget(self.part)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.totals, 1)

    def show_waiting(self) -> None:
        """Say that the plan is being made."""
        self.summary.setText(_("Making the plan…"))
        self.space.clear()
        self.part.setEnabled(False)
        self._set_model(None)

    def show_nothing(self) -> None:
        """Empty the page while no plan is made."""
        self.summary.clear()
        self.space.clear()
        self.part.setEnabled(False)
        self._set_model(None)

    def show_plan(self, plan: SortPlan, skipped: tuple[SkippedFile, ...]) -> None:
        """Show `plan` and all files that stay."""
        self.summary.setText(describe_plan(plan, len(skipped)))
        self.space.setText(describe_space(plan) if plan.steps else "")
        model = SortPlanModel(plan, skipped, self)
        self._set_model(model)
        totals = FolderTotalsModel(plan, model)
        self.totals.setModel(totals)
        self.totals.setColumnWidth(0, _COLUMN_WIDTHS[Column.TO] * GRID)
        _widen_to_headings(self.totals)
        titles = {
            Part.ALL: _("Everything ({count})"),
            Part.STEPS: _("Goes ({count})"),
            Part.RENAMED: _("Gets a new name ({count})"),
            Part.SKIPPED: _("Stays ({count})"),
        }
        self.part.blockSignals(True)
        self.part.clear()
        for part, title in titles.items():
            self.part.addItem(title.format(count=format_number(model.count(part))), part)
        self.part.addItem(_("Folders ({count})").format(count=format_number(totals.rowCount())), None)
        self.part.setEnabled(True)
        self.part.blockSignals(False)
        # Qt's own hint is some points short for wide signs.
        self.part.setMinimumWidth(self.part.sizeHint().width() + GRID)

    def _set_model(self, model: SortPlanModel | None) -> None:
        before, self._model = self._model, model
        # Without a column, the plan keeps its order until a heading is clicked.
        self.table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.table.setModel(model)
        self._show_totals(show=False)
        if before is not None:
            before.deleteLater()
        if model is not None:
            for column, width in _COLUMN_WIDTHS.items():
                self.table.setColumnWidth(COLUMNS.index(column), width * GRID)
            _widen_to_headings(self.table)

    def _show_part(self) -> None:
        part = self.part.currentData()
        self._show_totals(show=part is None and self.part.currentIndex() >= 0)
        if self._model is not None and part is not None:
            self._model.show(part)

    def _show_totals(self, *, show: bool) -> None:
        self.totals.setVisible(show)
        self.table.setVisible(not show)


def _widen_to_headings(table: QTableView) -> None:
    """Make no column narrower than its heading, which is long in some languages."""
    headings = table.horizontalHeader()
    for column in range(headings.count() - 1):  # the last one takes the rest
        table.setColumnWidth(column, max(table.columnWidth(column), headings.sectionSizeHint(column)))


def _make_table(name: str) -> QTableView:
    table = QTableView()
    table.setAccessibleName(name)
    table.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    table.setSortingEnabled(True)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setShowGrid(False)
    table.setAlternatingRowColors(True)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    # One height for all rows: a table that asks each of ten thousand rows for its height takes seconds.
    rows, columns = table.verticalHeader(), table.horizontalHeader()
    rows.hide()
    rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    rows.setDefaultSectionSize(table.fontMetrics().height() + GRID)
    columns.setStretchLastSection(True)
    columns.setHighlightSections(False)
    columns.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    return table
