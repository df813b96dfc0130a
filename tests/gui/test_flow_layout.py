"""The layout that wraps widgets into lines."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.flow_layout import FlowLayout


def boxes(qtbot: QtBot, width: int, *sizes: tuple[int, int], gap: int = 10) -> tuple[QWidget, list[QWidget]]:
    """Return a widget of this width, and fixed boxes in it that are laid out."""
    outer = QWidget()
    qtbot.addWidget(outer)
    layout, made = FlowLayout(outer, gap), []
    for size in sizes:
        box = QWidget(outer)
        box.setFixedSize(*size)
        layout.addWidget(box)
        made.append(box)
    outer.resize(width, layout.heightForWidth(width))
    outer.show()
    qtbot.waitExposed(outer)
    return outer, made


def test_items_that_do_not_fit_begin_another_line(qtbot: QtBot) -> None:
    outer, (one, two, three) = boxes(qtbot, 110, (50, 20), (50, 20), (50, 20))
    assert (one.x(), two.x(), three.x()) == (0, 60, 0)
    assert (one.y(), two.y(), three.y()) == (0, 0, 20 + GRID)
    assert outer.height() == 40 + GRID


def test_lower_items_stand_in_the_middle_of_their_line(qtbot: QtBot) -> None:
    outer, (word, button, below) = boxes(qtbot, 110, (50, 16), (50, 30), (50, 20))
    assert (word.y(), button.y()) == (7, 0)
    assert below.y() == 30 + GRID
    assert outer.height() == 50 + GRID


@pytest.mark.parametrize("count", [0, 1])
def test_height_without_a_second_line(qtbot: QtBot, count: int) -> None:
    outer, _boxes = boxes(qtbot, 110, *[(50, 20)] * count)
    layout = outer.layout()
    assert layout is not None
    assert layout.heightForWidth(110) == 20 * count


def test_layout_is_mirrored_from_right_to_left(qtbot: QtBot) -> None:
    outer, (one, two) = boxes(qtbot, 200, (50, 20), (50, 20))
    outer.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    qtbot.waitUntil(lambda: (one.x(), two.x()) == (150, 90))
