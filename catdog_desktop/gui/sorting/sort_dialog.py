"""*Sort into folders*: first the choices, then the plan; nothing happens before *Start*."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from catdog_desktop.gui.selection_scope import Scope
from catdog_desktop.gui.sorting.plan_model import Stay
from catdog_desktop.gui.sorting.plan_page import SortPlanPage
from catdog_desktop.gui.sorting.sort_choices import SortChoices, WrongChoiceError
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import ErrorLabel
from catdog_desktop.settings import Settings
from catdog_desktop.sorting.options import SortOptions
from catdog_desktop.sorting.plan import SortPlan


class SortDialog(QDialog):
    """Two pages. Who opens it makes the plan that it asks for, in the background, and does it when told so."""

    plan_wanted = Signal(object, object)  # Sequence[Row], SortOptions
    started = Signal(object)  # SortPlan

    def __init__(
        self, scopes: Sequence[Scope], settings: Settings, sources: Sequence[Path], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Sort into folders")
        self.choices = SortChoices(scopes, settings, sources)
        self.plan_page = SortPlanPage()
        self._plan: SortPlan | None = None
        self._asked: SortOptions | None = None  # what a plan is waited for
        self._pages = QStackedWidget()
        self._pages.addWidget(self.choices)
        self._pages.addWidget(self.plan_page)
        self._complaint = ErrorLabel()
        self.back = QPushButton("&Back")
        self.show_the_plan = QPushButton("Show the p&lan")
        self.start = QPushButton("&Start")
        self.cancel = QPushButton("Cancel")
        self.back.clicked.connect(self._go_back)
        self.show_the_plan.clicked.connect(self._ask_for_plan)
        self.start.clicked.connect(self._start)
        self.cancel.clicked.connect(self.reject)
        self.choices.changed.connect(lambda: self._complaint.say(""))
        self._build()
        self._go_back()
        self.choices.destination.setFocus()
        self.resize(124 * GRID, 72 * GRID)

    @property
    def complaint(self) -> str:
        """What must be chosen otherwise; empty if nothing."""
        return self._complaint.text()

    @property
    def is_planned(self) -> bool:
        """Whether the plan is shown."""
        return self._plan is not None and self._pages.currentWidget() is self.plan_page

    def show_plan(self, plan: SortPlan, stays: tuple[Stay, ...]) -> None:
        """Show the plan that was wanted last, and no other; `stays` has all that is left out."""
        # The very same object: the photos may have been chosen otherwise with equal options.
        if plan.options is not self._asked:
            return  # the user went back meanwhile, and has perhaps asked for another
        self._plan = plan
        self.plan_page.show_plan(plan, stays)
        self.start.setEnabled(bool(plan.steps) and plan.fits)
        self.plan_page.table.setFocus()

    def show_refusal(self, sentence: str, options: SortOptions) -> None:
        """Say why there is no plan for `options`, if they are what was wanted last."""
        if options is not self._asked:
            return
        self._go_back()
        self._complaint.say(sentence)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._complaint)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.back)
        row.addStretch(1)
        for button in (self.cancel, self.show_the_plan, self.start):
            row.addWidget(button)
        for button in (self.back, self.cancel, self.start):
            # Enter must not start what has not been read.
            button.setAutoDefault(False)
        layout.addLayout(row)

    def _show_page(self, page: QWidget) -> None:
        self._pages.setCurrentWidget(page)
        choosing = page is self.choices
        self.back.setVisible(not choosing)
        self.start.setVisible(not choosing)
        self.show_the_plan.setVisible(choosing)
        self.show_the_plan.setDefault(choosing)

    def _go_back(self) -> None:
        self._plan = self._asked = None
        self._show_page(self.choices)
        self.choices.destination.setFocus()

    def _ask_for_plan(self) -> None:
        try:
            options = self.choices.options()
        except WrongChoiceError as error:
            self._complaint.say(str(error))
            error.field.setFocus()
            return
        self._plan = None
        self.start.setEnabled(False)
        self.plan_page.show_waiting()
        self._show_page(self.plan_page)
        self.back.setFocus()
        self._asked = options
        self.plan_wanted.emit(self.choices.rows(), options)

    def _start(self) -> None:
        plan = self._plan
        if plan is not None:
            self.accept()
            self.started.emit(plan)
