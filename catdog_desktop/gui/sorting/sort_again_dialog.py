"""The dialog *Sort again*: photos that an earlier sort put into a folder that does not fit their verdict any more."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QComboBox, QDialog, QDialogButtonBox, QFormLayout, QPushButton, QVBoxLayout, QWidget

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.sorting.plan_model import SkippedFile
from catdog_desktop.gui.sorting.plan_page import SortPlanPage
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import ErrorLabel, SecondaryLabel
from catdog_desktop.gui.window_geometry import size_within_screen
from catdog_desktop.messages import _
from catdog_desktop.sorting.plan import SortPlan

_SIZE: Final = QSize(124 * GRID, 76 * GRID)


class SortAgainDialog(QDialog):
    """Shows the plan for one destination at a time. The caller makes the plans in the background."""

    plan_requested = Signal(object)  # Path: the destination
    started = Signal(object)  # SortPlan

    def __init__(self, destinations: Sequence[Path], parent: QWidget | None = None) -> None:
        """`destinations` are the folders that sorts have filled, the newest first; at least one."""
        super().__init__(parent)
        self.setWindowTitle(_("Sort again"))
        self._plan: SortPlan | None = None
        self.destination = QComboBox()
        self.destination.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.destination.setMinimumContentsLength(30)
        for folder in destinations:
            self.destination.addItem(displayable(folder), folder)
        self.plan_page = SortPlanPage()
        self._error = ErrorLabel()
        self.start = QPushButton(_("&Start"))
        self.start.setAutoDefault(False)
        self.start.clicked.connect(self._start)
        text = SecondaryLabel(
            _(
                "Photos that a sort put into a folder which does not fit their verdict any more are moved to the right "
                "one. Nothing happens before Start, and it can be undone."
            ),
            self,
        )
        buttons = QDialogButtonBox()
        # Not the accept role, whose first button the box makes the default: a plan must be read before Enter starts it.
        buttons.addButton(self.start, QDialogButtonBox.ButtonRole.ActionRole)
        cancel = buttons.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        cancel.setAutoDefault(False)
        buttons.rejected.connect(self.reject)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.addRow(_("Sorted &folder"), self.destination)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(GRID)
        layout.addWidget(text)
        layout.addLayout(form)
        layout.addWidget(self.plan_page, 1)
        layout.addWidget(self._error)
        layout.addWidget(buttons)
        self.destination.currentIndexChanged.connect(lambda _index: self.request())
        self.resize(size_within_screen(self, _SIZE))

    @property
    def error(self) -> str:
        """Why there is no plan; empty if there is one."""
        return self._error.text()

    @property
    def plan(self) -> SortPlan | None:
        """The plan shown."""
        return self._plan

    def request(self) -> None:
        """Request the plan for the chosen destination."""
        self._plan = None
        self.start.setEnabled(False)
        self._error.say("")
        self.plan_page.show_waiting()
        self.plan_requested.emit(self.destination.currentData())

    def show_plan(self, plan: SortPlan, skipped: tuple[SkippedFile, ...]) -> None:
        """Show `plan`, unless another destination was chosen since."""
        if plan.options.destination == self.destination.currentData():
            self._plan = plan
            self.plan_page.show_plan(plan, skipped)
            self.start.setEnabled(bool(plan.steps) and plan.fits)
            self.plan_page.table.setFocus()

    def show_refusal(self, sentence: str) -> None:
        """Say why there is no plan."""
        self.plan_page.show_nothing()
        self._error.say(sentence)

    def _start(self) -> None:
        if self._plan is not None:
            self.accept()
            self.started.emit(self._plan)
