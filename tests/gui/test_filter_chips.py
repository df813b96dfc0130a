"""The filter chips: their counts, and their width in narrow windows."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.filters.filter_bar import FilterBar
from catdog_desktop.gui.widgets.filter_chip import RadioChip, ToggleChip
from catdog_desktop.gui.widgets.icons import Icon


def test_chip_is_wide_enough_for_its_count(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    chip = RadioChip(Icon.CAT, "Cats", parent)
    plain = chip.sizeHint().width()
    chip.set_count(7)
    few = chip.sizeHint().width()
    chip.set_count(1_234_567)
    assert plain < few < chip.sizeHint().width()
    assert chip.accessibleName() == "Cats: 1,234,567"
    chip.show_word(False)
    assert chip.sizeHint().width() < chip.full_width()
    with qtbot.waitSignal(chip.clicked):
        qtbot.mouseClick(chip, Qt.MouseButton.LeftButton)
    assert chip.isChecked()


@pytest.mark.parametrize("width", [1180, 800, 640, 500, 440])
@pytest.mark.parametrize("photos", [7, 101, 10_000])
def test_chips_are_not_squeezed_in_a_narrow_window(qtbot: QtBot, width: int, photos: int) -> None:
    bar = FilterBar()
    qtbot.addWidget(bar)
    bar.show_counts(dict.fromkeys(Filter, photos))
    bar.resize(width, bar.sizeHint().height())
    bar.show()
    chips = [chip for chip in (*bar.findChildren(RadioChip), *bar.findChildren(ToggleChip)) if chip.isVisible()]
    assert len(chips) == len(Filter) + 1
    qtbot.waitUntil(lambda: all(chip.width() == chip.sizeHint().width() for chip in chips))
    assert bar.chip(Filter.CAT).accessibleName() == f"Cats: {photos:,}", "also where the count is not shown"
