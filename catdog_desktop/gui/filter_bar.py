"""The row of filters with their counts."""

from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QWidget

from catdog_desktop.gui.pill import Pill
from catdog_desktop.gui.rows import Filter
from catdog_desktop.gui.signs import Sign
from catdog_desktop.gui.theme import GRID

FILTER_WORDS: Final = {
    Filter.ALL: "All",
    Filter.CAT: "Cats",
    Filter.DOG: "Dogs",
    Filter.BOTH: "Both",
    Filter.NEITHER: "Neither",
    Filter.UNSURE: "Unsure",
    Filter.PROBLEM: "Problems",
    Filter.TO_CHECK: "To check",
    Filter.CORRECTED: "Corrected",
    Filter.EQUAL: "Equal photos",
}
"""In the order of the keys 1 to 9, and 0."""


class FilterBar(QWidget):
    """One button for each filter; exactly one is chosen."""

    chosen = Signal(object)  # Filter

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Filters")
        self._group = QButtonGroup(self)
        self._buttons: dict[Filter, Pill] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        for filter_, word in FILTER_WORDS.items():
            button = Pill(Sign(filter_.value), word, self)
            button.clicked.connect(lambda _=False, chosen=filter_: self.chosen.emit(chosen))
            button.set_count(0)
            self._group.addButton(button)
            self._buttons[filter_] = button
            layout.addWidget(button)
        layout.addStretch(1)
        self._buttons[Filter.ALL].setChecked(True)

    def show_chosen(self, filter_: Filter) -> None:
        """Show which filter is in use."""
        self._buttons[filter_].setChecked(True)

    def show_counts(self, counts: dict[Filter, int]) -> None:
        """Show how many photos each filter has."""
        for filter_, button in self._buttons.items():
            button.set_count(counts[filter_])

    def button(self, filter_: Filter) -> QAbstractButton:
        """Return the button of a filter."""
        return self._buttons[filter_]

    def minimumSizeHint(self) -> QSize:
        """Let the window be narrower than all words; the buttons then drop theirs."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: object) -> None:
        """Drop the words when there is no room for them; sign, count and tooltip stay."""
        full = sum(button.full_width() for button in self._buttons.values()) + GRID * len(self._buttons)
        for button in self._buttons.values():
            button.set_short(self.width() < full)
