"""The row of filter chips with their counts."""

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QToolButton, QWidget

from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.action_table import filter_names
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.filter_chip import RadioChip, ToggleChip
from catdog_desktop.gui.widgets.icons import Icon
from catdog_desktop.messages import _, ngettext


def _tips() -> dict[Filter, str]:
    """Return explanations. These filters are hidden while they match no photo."""
    return {
        Filter.TO_CHECK: _("Unsure photos and near misses that you have not checked, the least certain first"),
        Filter.CORRECTED: _("Photos with your own verdict"),
        Filter.DUPLICATES: _("Photos with the same content as another one"),
    }


@safe_overrides
class FilterBar(QWidget):
    """One chip for each filter, exactly one of them chosen; then buttons for the secondary filters."""

    chosen = Signal(object)  # Filter

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Filters"))
        self._group = QButtonGroup(self)
        self._chips: dict[Filter, RadioChip] = {}
        self._tips = _tips()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        for filter_, name in filter_names().items():
            chip = RadioChip(Icon(filter_.value), name, self)
            chip.tip = self._tips.get(filter_, "")
            # Not `clicked`: screen readers toggle radio buttons without a click.
            chip.toggled.connect(lambda checked, chosen=filter_: self._on_toggled(chosen, checked=checked))
            chip.set_count(0)
            self._group.addButton(chip)
            self._chips[filter_] = chip
            layout.addWidget(chip)
        layout.addStretch(1)
        self.clear = QToolButton(self)
        self.clear.setText(_("Clear filters"))
        self.clear.setToolTip(_("Show all photos again (Ctrl+0)"))
        self.clear.setAutoRaise(True)
        layout.addWidget(self.clear)
        self.more = ToggleChip(Icon.FILTER, _("More filters"), self)
        layout.addWidget(self.more)
        self._shown = Filter.ALL
        self._chips[Filter.ALL].setChecked(True)
        self.show_secondary(0, expanded=False)

    def show_chosen(self, filter_: Filter) -> None:
        """Mark the chip of `filter_`."""
        self._shown = filter_
        self._chips[filter_].setChecked(True)
        self._hide_empty()

    def show_counts(self, counts: dict[Filter, int]) -> None:
        """Show how many photos each filter has."""
        for filter_, chip in self._chips.items():
            chip.set_count(counts[filter_])
        self._hide_empty()

    def show_secondary(self, count: int, *, expanded: bool) -> None:
        """Show how many secondary filters are in use, and whether their row is expanded."""
        self.more.set_count(count or None)
        self.more.setChecked(expanded)
        self.more.setCheckable(expanded)
        if count:
            text = ngettext("More filters: {count} in use", "More filters: {count} in use", count).format(count=count)
        else:
            text = _("More filters: folder, date, score")
        self.more.setToolTip(_("{tip} ({shortcut})").format(tip=text, shortcut="Ctrl+Shift+F"))
        self.more.setAccessibleName(text)
        self.more.setAccessibleDescription("Ctrl+Shift+F")

    def chip(self, filter_: Filter) -> RadioChip:
        """Return the chip of a filter."""
        return self._chips[filter_]

    def minimumSizeHint(self) -> QSize:
        """Return no minimum width: in a narrow window, the chips hide their words."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: object) -> None:
        """Hide words and counts that do not fit."""
        self._fit()

    def _on_toggled(self, filter_: Filter, *, checked: bool) -> None:
        if checked and filter_ is not self._shown:
            self._shown = filter_
            self.chosen.emit(filter_)

    def _hide_empty(self) -> None:
        for filter_ in self._tips:
            chip = self._chips[filter_]
            chip.setVisible(bool(chip.count) or chip.isChecked())
        self._fit()

    def _fit(self) -> None:
        """Hide the word of the secondary filters if the width is short, then all words, then the counts."""
        chips = [chip for chip in self._chips.values() if chip.isVisibleTo(self)]
        clear = self.clear.sizeHint().width() if self.clear.isVisibleTo(self) else 0
        around = clear + GRID // 2 * (len(chips) + 3)
        full = sum(chip.full_width() for chip in chips) + around
        self.more.show_word(self.width() >= full + self.more.full_width())
        without_words = sum(chip.width_without_word() for chip in chips) + around
        for chip in chips:
            chip.show_word(self.width() >= full + self.more.sizeHint().width())
            chip.show_count(self.width() >= without_words + self.more.sizeHint().width())
