"""The dialog *Sort into folders*: first the choices, then the plan. Nothing happens before *Start*."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QMessageBox,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.selection_scope import Scope
from catdog_desktop.gui.sorting.plan_model import SkippedFile
from catdog_desktop.gui.sorting.plan_page import SortPlanPage
from catdog_desktop.gui.sorting.sort_choices import InvalidChoiceError, SortChoices
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.labels import ErrorLabel
from catdog_desktop.gui.widgets.scroll_area import VerticalScrollArea
from catdog_desktop.gui.window_geometry import size_within_screen
from catdog_desktop.languages.formats import format_number, join_sentences
from catdog_desktop.messages import _, ngettext
from catdog_desktop.settings import Settings
from catdog_desktop.sorting.options import SortOptions
from catdog_desktop.sorting.plan import SortPlan

_SIZE: Final = QSize(124 * GRID, 76 * GRID)


class SortDialog(QDialog):
    """Two pages. The caller makes the plan when it is requested, in the background, and runs it when it is started."""

    plan_requested = Signal(object, object)  # Sequence[Row], SortOptions
    started = Signal(object)  # SortPlan

    def __init__(
        self, scopes: Sequence[Scope], settings: Settings, sources: Sequence[Path], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(_("Sort into folders"))
        self.choices = SortChoices(scopes, settings, sources)
        self.plan_page = SortPlanPage()
        self._plan: SortPlan | None = None
        self._system_folders: dict[Path, str] = {}
        """The system folders that the plan moves photos out of, and their kinds."""
        self._requested: SortOptions | None = None
        """The options of the plan that is awaited or shown."""
        self._choices_page = VerticalScrollArea(self.choices)
        self._pages = QStackedWidget()
        self._pages.addWidget(self._choices_page)
        self._pages.addWidget(self.plan_page)
        self._error = ErrorLabel()
        self.back = QPushButton(_("&Back"))
        self.preview = QPushButton(_("Pre&view…"))
        self.start = QPushButton(_("&Start"))
        self.cancel = QPushButton(_("Cancel"))
        self.back.clicked.connect(self._go_back)
        self.preview.clicked.connect(self._request_plan)
        self.start.clicked.connect(self._start)
        self.cancel.clicked.connect(self.reject)
        self.choices.changed.connect(lambda: self._error.say(""))
        self._build()
        self._go_back()
        self.choices.destination.setFocus()
        self.resize(size_within_screen(self, _SIZE))

    @property
    def error(self) -> str:
        """What must be chosen differently; empty if nothing."""
        return self._error.text()

    @property
    def is_planned(self) -> bool:
        """Whether the plan is shown."""
        return self._plan is not None and self._pages.currentWidget() is self.plan_page

    def show_plan(
        self, plan: SortPlan, skipped: tuple[SkippedFile, ...], system_folders: Mapping[Path, str] | None = None
    ) -> None:
        """Show `plan` and all files that stay, unless another plan has been requested since.

        Before a sort that moves photos out of `system_folders`, by path with their kind, the user is asked.
        """
        # Compared by identity: equal options may have been requested for other photos.
        if plan.options is not self._requested:
            return
        self._plan = plan
        self._system_folders = dict(system_folders or {})
        self.plan_page.show_plan(plan, skipped)
        self.start.setEnabled(bool(plan.steps) and plan.fits)
        self.plan_page.table.setFocus()

    def show_refusal(self, sentence: str, options: SortOptions) -> None:
        """Say why there is no plan for `options`, unless another plan has been requested since."""
        if options is not self._requested:
            return
        self._go_back()
        self._error.say(sentence)

    def _build(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * GRID, 3 * GRID, 3 * GRID, 2 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addWidget(self._pages, 1)
        layout.addWidget(self._error)
        row = QHBoxLayout()
        row.setSpacing(GRID)
        row.addWidget(self.back)
        # The order of the buttons is that of the desktop, as in every dialog.
        buttons = QDialogButtonBox()
        for button in (self.preview, self.start):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(self.cancel, QDialogButtonBox.ButtonRole.RejectRole)
        row.addWidget(buttons, 1)
        for button in (self.back, self.cancel, self.start):
            # Enter must not start a plan that was not read.
            button.setAutoDefault(False)
        layout.addLayout(row)

    def _show_page(self, page: QWidget) -> None:
        self._pages.setCurrentWidget(page)
        choosing = page is self._choices_page
        self.back.setVisible(not choosing)
        self.start.setVisible(not choosing)
        self.preview.setVisible(choosing)
        self.preview.setDefault(choosing)

    def _go_back(self) -> None:
        self._plan = self._requested = None
        self._show_page(self._choices_page)
        self.choices.destination.setFocus()

    def _request_plan(self) -> None:
        try:
            options = self.choices.options()
        except InvalidChoiceError as error:
            self._error.say(str(error))
            error.field.setFocus()
            return
        self._plan = None
        self.start.setEnabled(False)
        self.plan_page.show_waiting()
        self._show_page(self.plan_page)
        self.back.setFocus()
        self._requested = options
        self.plan_requested.emit(self.choices.rows(), options)

    def _start(self) -> None:
        if self._plan is not None and self._system_folders:
            self._ask_about_system_folders()
        else:
            self._run_plan()

    def _run_plan(self) -> None:
        plan = self._plan
        if plan is not None:
            self.accept()
            self.started.emit(plan)

    def _ask_about_system_folders(self) -> None:
        path, kind = next(iter(self._system_folders.items()))
        sentences = [_("“{path}” is a system folder ({kind}).").format(path=displayable(path), kind=kind)]
        others = len(self._system_folders) - 1
        if others:
            sentences.append(
                ngettext(
                    "Photos are moved out of {count} more system folder, too.",
                    "Photos are moved out of {count} more system folders, too.",
                    others,
                ).format(count=format_number(others))
            )
        sentences.append(_("Another program may miss the photos that are moved out of it."))
        question = QMessageBox(QMessageBox.Icon.Warning, _("Sort into folders"), join_sentences(sentences), parent=self)
        # A folder may have a name with markup.
        question.setTextFormat(Qt.TextFormat.PlainText)
        cancel = question.addButton(_("Cancel"), QMessageBox.ButtonRole.RejectRole)
        move = question.addButton(_("&Move anyway"), QMessageBox.ButtonRole.DestructiveRole)
        question.setDefaultButton(cancel)
        question.setEscapeButton(cancel)
        move.clicked.connect(self._run_plan)
        question.finished.connect(question.deleteLater)
        question.open()
