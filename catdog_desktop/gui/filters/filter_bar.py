"""The row of filters with their counts."""

from typing import Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QToolButton, QWidget

from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.filter_chip import Chip
from catdog_desktop.gui.widgets.icons import Icon

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
    Filter.DUPLICATES: "Equal photos",
}
"""In the order of the keys 1 to 9, and 0."""
_TIPS: Final = {
    Filter.TO_CHECK: "Unsure photos and near misses that you have not judged, the least certain first",
    Filter.CORRECTED: "Photos with your own verdict",
    Filter.DUPLICATES: "Photos that are there more than once",
}
"""Of filters that are there only while there is something to show."""


class FilterBar(QWidget):
    """One button for each filter; exactly one is chosen. At the end, what leads to further filters."""

    chosen = Signal(object)  # Filter

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Filters")
        self._group = QButtonGroup(self)
        self._buttons: dict[Filter, Chip] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        for filter_, word in FILTER_WORDS.items():
            button = Chip(Icon(filter_.value), word, self)
            button.tip = _TIPS.get(filter_, "")
            button.clicked.connect(lambda _=False, chosen=filter_: self.chosen.emit(chosen))
            button.set_count(0)
            self._group.addButton(button)
            self._buttons[filter_] = button
            layout.addWidget(button)
        layout.addStretch(1)
        self.clear = QToolButton(self)
        self.clear.setText("Clear filters")
        self.clear.setToolTip("Show all photos again (Ctrl+0)")
        self.clear.setAutoRaise(True)
        layout.addWidget(self.clear)
        self.more = Chip(Icon.FILTER, "More filters", self)
        layout.addWidget(self.more)
        self._buttons[Filter.ALL].setChecked(True)
        self.show_secondary(0, unfolded=False)

    def show_chosen(self, filter_: Filter) -> None:
        """Show which filter is in use."""
        self._buttons[filter_].setChecked(True)
        self._hide_empty()

    def show_counts(self, counts: dict[Filter, int]) -> None:
        """Show how many photos each filter has."""
        for filter_, button in self._buttons.items():
            button.set_count(counts[filter_])
        self._hide_empty()

    def show_secondary(self, count: int, *, unfolded: bool) -> None:
        """Show how many of the further filters are in use, and whether they are to be seen."""
        self.more.set_count(count or None)
        self.more.setChecked(unfolded)
        self.more.setCheckable(unfolded)
        words = f"{count} in use" if count else "by folder, day and score"
        self.more.setToolTip(f"More filters: {words} (Ctrl+Shift+F)")
        self.more.setAccessibleName(f"More filters: {words}")

    def button(self, filter_: Filter) -> QAbstractButton:
        """Return the button of a filter."""
        return self._buttons[filter_]

    def minimumSizeHint(self) -> QSize:
        """Let the window be narrower than all words; the buttons then drop theirs."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: object) -> None:
        """Drop words and counts when there is no room for them; signs and tooltips stay."""
        self._fit()

    def _hide_empty(self) -> None:
        for filter_ in _TIPS:
            button = self._buttons[filter_]
            button.setVisible(bool(button.count) or button.isChecked())
        self._fit()

    def _fit(self) -> None:
        """Drop the word of the further filters where room is short, then all words, then the counts."""
        pills = [pill for pill in self._buttons.values() if pill.isVisibleTo(self)]
        clear = self.clear.sizeHint().width() if self.clear.isVisibleTo(self) else 0
        around = clear + GRID // 2 * (len(pills) + 3)
        full = sum(pill.full_width() for pill in pills) + around
        self.more.set_short(self.width() < full + self.more.full_width())
        without_words = sum(pill.width_without_word() for pill in pills) + around
        for pill in pills:
            pill.set_short(self.width() < full + self.more.sizeHint().width())
            pill.set_counts(self.width() >= without_words + self.more.sizeHint().width())
