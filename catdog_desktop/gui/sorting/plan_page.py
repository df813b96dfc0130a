"""The sort plan for the eyes: what it would do in a sentence, the room it takes, and a table of every step."""

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

from catdog_desktop.gui.sorting.plan_model import COLUMNS, Column, Part, SortPlanModel, Stay
from catdog_desktop.gui.sorting.sort_text import describe_plan, describe_room
from catdog_desktop.gui.theme import GRID
from catdog_desktop.sorting.plan import SortPlan

_PART_WORDS = {
    Part.ALL: "Everything",
    Part.STEPS: "What goes",
    Part.RENAMED: "What gets a new name",
    Part.STAYS: "What stays",
}
_WIDTHS = {Column.PHOTO: 22, Column.FROM: 20, Column.VERDICT: 9, Column.TO: 28}
"""In steps of the grid; the last column takes what is left."""


class SortPlanPage(QWidget):
    """Shows one plan after the other."""

    def __init__(self) -> None:
        super().__init__()
        self.sentence = QLabel()
        self.room = QLabel()
        for label in (self.sentence, self.room):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.part = QComboBox()
        self.part.setAccessibleName("Which lines to show")
        self.part.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.part.currentIndexChanged.connect(lambda _: self._show_part())
        self.table = QTableView()
        self.table.setAccessibleName("Plan")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setWordWrap(False)
        self.table.setTabKeyNavigation(False)
        self.table.setShowGrid(False)
        self.table.setAlternatingRowColors(True)
        self.table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        # One height for all: a table that asks each of ten thousand rows for its own takes seconds.
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + GRID)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self._model: SortPlanModel | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID)
        layout.addWidget(self.sentence)
        row = QHBoxLayout()
        row.addWidget(self.room, 1)
        row.addWidget(self.part)
        layout.addLayout(row)
        layout.addWidget(self.table, 1)

    def show_waiting(self) -> None:
        """Say that the plan is being made."""
        self.sentence.setText("Looking at what lies where …")
        self.room.clear()
        self.part.setEnabled(False)
        self._use(None)

    def show_plan(self, plan: SortPlan, stays: tuple[Stay, ...]) -> None:
        """Show `plan`, and all that `stays`."""
        self.sentence.setText(describe_plan(plan, len(stays)))
        self.room.setText(describe_room(plan) if plan.steps else "")
        model = SortPlanModel(plan, stays, self)
        self._use(model)
        self.part.blockSignals(True)
        self.part.clear()
        for part, words in _PART_WORDS.items():
            self.part.addItem(f"{words} ({model.count(part):,})", part)
        self.part.setEnabled(True)
        self.part.blockSignals(False)

    def _use(self, model: SortPlanModel | None) -> None:
        before, self._model = self._model, model
        self.table.setModel(model)
        if before is not None:
            before.deleteLater()
        if model is not None:
            for column, width in _WIDTHS.items():
                self.table.setColumnWidth(COLUMNS.index(column), width * GRID)

    def _show_part(self) -> None:
        if self._model is not None and self.part.currentData() is not None:
            self._model.show(self.part.currentData())
