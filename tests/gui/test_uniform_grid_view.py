"""Grid view with cells of one size: geometry, keys, selection, rubber band."""

import pytest
from driving import grab
from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    QStringListModel,
    Qt,
)
from PySide6.QtGui import QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.widgets.uniform_grid_view import UniformGridView, parts_of

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton
COLUMNS, WIDTH, HEIGHT = 4, 50, 40


class _Painted(QStyledItemDelegate):
    """Records which rows are painted, and in which state."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[int, QStyle.StateFlag] = {}

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        self.rows[index.row()] = QStyle.StateFlag(option.state)
        painter.fillRect(option.rect, Qt.GlobalColor.darkGreen if index.row() % 2 else Qt.GlobalColor.yellow)


@pytest.fixture
def painted() -> _Painted:
    return _Painted()


@pytest.fixture
def view(qtbot: QtBot, painted: _Painted) -> UniformGridView:
    """Return a view of 30 cells, four per line; about three lines are visible."""
    view = UniformGridView()
    qtbot.addWidget(view)
    view.setModel(QStringListModel([str(number) for number in range(30)], view))
    view.setItemDelegate(painted)
    view.setFrameShape(UniformGridView.Shape.NoFrame)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
    view.columns, view.cell = COLUMNS, QSize(WIDTH, HEIGHT)
    view.resize(260, 130)
    view.show()
    qtbot.waitExposed(view)
    view.setFocus()
    view.doItemsLayout()
    return view


def centre(view: UniformGridView, row: int) -> QPoint:
    return view.visualRect(view.model().index(row, 0)).center()


def click(view: UniformGridView, row: int, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseClick(view.viewport(), LEFT, keys, centre(view, row))


def selected(view: UniformGridView) -> list[int]:
    parts = parts_of(view.selectionModel().selection())
    return [row for first, last in parts for row in range(first, last + 1)]


def test_index_at_every_corner_of_a_cell_is_that_cell(view: UniformGridView) -> None:
    for offset in (0, 7, HEIGHT, 3 * HEIGHT + 5):
        view.verticalScrollBar().setValue(offset)
        for row in range(30):
            rect = view.visualRect(view.model().index(row, 0))
            expected = (row % COLUMNS * WIDTH, row // COLUMNS * HEIGHT - offset, WIDTH, HEIGHT)
            assert rect.getRect() == expected
            for corner in (rect.topLeft(), rect.topRight(), rect.bottomLeft(), rect.bottomRight()):
                assert view.indexAt(corner).row() == row
    assert not view.visualRect(QModelIndex()).isValid()


@pytest.mark.parametrize("point", [(COLUMNS * WIDTH + 1, 5), (-1, 5), (3 * WIDTH, 7 * HEIGHT + 5), (5, 8 * HEIGHT + 5)])
def test_index_beside_and_behind_the_cells_is_invalid(view: UniformGridView, point: tuple[int, int]) -> None:
    assert not view.indexAt(QPoint(*point)).isValid()


def test_scroll_range_follows_the_number_of_lines(view: UniformGridView) -> None:
    bar = view.verticalScrollBar()
    assert bar.maximum() == 8 * HEIGHT - view.viewport().height()
    view.model().insertRows(30, 3)
    view.executeDelayedItemsLayout()
    assert bar.maximum() == 9 * HEIGHT - view.viewport().height()
    view.model().removeRows(0, 32)
    view.executeDelayedItemsLayout()
    assert bar.maximum() == 0
    assert list(view.visible_rows()) == [0]


def test_paint_covers_visible_rows_only(view: UniformGridView, painted: _Painted) -> None:
    view.verticalScrollBar().setValue(HEIGHT + 3)
    painted.rows.clear()
    grab(view.viewport())
    assert sorted(painted.rows) == list(view.visible_rows()) == list(range(4, 20))


def test_changed_row_repaints_only_its_cell(view: UniformGridView, painted: _Painted, qtbot: QtBot) -> None:
    painted.rows.clear()
    view.model().setData(view.model().index(5, 0), "changed")
    qtbot.waitUntil(lambda: bool(painted.rows))
    assert list(painted.rows) == [5]
    painted.rows.clear()
    view.model().setData(view.model().index(29, 0), "not visible")
    view.model().setData(view.model().index(1, 0), "visible")
    qtbot.waitUntil(lambda: bool(painted.rows))
    assert list(painted.rows) == [1]


def test_delegate_gets_selected_and_focus_states(view: UniformGridView, painted: _Painted) -> None:
    click(view, 1)
    click(view, 6, CTRL)
    grab(view.viewport())
    state = QStyle.StateFlag
    assert [row for row, s in painted.rows.items() if s & state.State_Selected] == [1, 6]
    assert [row for row, s in painted.rows.items() if s & state.State_HasFocus] == [6]


KEYS = (
    (Qt.Key.Key_Right, 3, 4),
    (Qt.Key.Key_Right, 29, 29),
    (Qt.Key.Key_Left, 4, 3),
    (Qt.Key.Key_Left, 0, 0),
    (Qt.Key.Key_Down, 3, 7),
    (Qt.Key.Key_Down, 26, 29),
    (Qt.Key.Key_Down, 29, 29),
    (Qt.Key.Key_Up, 7, 3),
    (Qt.Key.Key_Up, 2, 2),
    (Qt.Key.Key_Home, 17, 0),
    (Qt.Key.Key_End, 1, 29),
    (Qt.Key.Key_PageDown, 1, 13),
    (Qt.Key.Key_PageDown, 25, 29),
    (Qt.Key.Key_PageUp, 14, 2),
    (Qt.Key.Key_PageUp, 6, 2),
)


def test_keys_move_the_current_index(view: UniformGridView) -> None:
    for key, start, end in KEYS:
        view.setCurrentIndex(view.model().index(start, 0))
        QTest.keyClick(view, key)
        assert view.currentIndex().row() == end, (key, start)
        assert selected(view) == [end]
        assert view.viewport().rect().contains(view.visualRect(view.currentIndex()))


def test_keys_in_an_empty_view_do_nothing(view: UniformGridView) -> None:
    view.model().removeRows(0, 30)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_End):
        QTest.keyClick(view, key)
    view.selectAll()
    assert not view.currentIndex().isValid()


def test_shift_selects_a_range_in_reading_order(view: UniformGridView) -> None:
    click(view, 6)
    click(view, 9, SHIFT)
    assert selected(view) == [6, 7, 8, 9]
    click(view, 3, SHIFT)
    assert selected(view) == [3, 4, 5, 6]
    QTest.keyClick(view, Qt.Key.Key_Up, SHIFT)
    assert selected(view)[-1] == 6


def test_ctrl_click_toggles_a_cell(view: UniformGridView) -> None:
    click(view, 1)
    click(view, 5, CTRL)
    click(view, 1, CTRL)
    assert selected(view) == [5]


def drag(view: UniformGridView, first: QPoint, last: QPoint) -> None:
    """Drag the mouse from `first` to `last`, without releasing the button."""
    QTest.mousePress(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, first)
    QTest.mouseMove(view.viewport(), (first + last) / 2)
    QTest.mouseMove(view.viewport(), last)


def release(view: UniformGridView, at: QPoint) -> None:
    QTest.mouseRelease(view.viewport(), LEFT, Qt.KeyboardModifier.NoModifier, at)


BESIDE = QPoint(COLUMNS * WIDTH + 4, 5)
"""Right of the first line of cells."""


@pytest.mark.parametrize(
    ("first", "last", "wanted"),
    [
        (1, 6, [1, 2, 5, 6]),
        (6, 1, [1, 2, 5, 6]),
        (2, 9, [1, 2, 5, 6, 9, 10]),
        (4, 7, [4, 5, 6, 7]),
        (0, 11, list(range(12))),
        (5, 5, [5]),
    ],
)
def test_rubber_band_selects_the_cells_it_touches(
    view: UniformGridView, first: int, last: int, wanted: list[int]
) -> None:
    start, end = centre(view, first), centre(view, last) + QPoint(3, 3)
    drag(view, start, end)
    assert selected(view) == wanted
    release(view, end)
    assert selected(view) == wanted


def test_rubber_band_from_beside_the_cells_selects_them(view: UniformGridView) -> None:
    drag(view, BESIDE, centre(view, 6))
    assert selected(view) == [2, 3, 6, 7]
    release(view, centre(view, 6))


def test_rubber_band_beside_the_cells_selects_nothing(view: UniformGridView) -> None:
    end = BESIDE + QPoint(20, 60)
    drag(view, BESIDE, end)
    assert selected(view) == []
    release(view, end)


def test_rubber_band_is_painted_while_dragging(view: UniformGridView) -> None:
    start, end = centre(view, 1), centre(view, 6)
    before = grab(view.viewport())
    drag(view, start, end)
    assert view.rubber_band == QRect(start, end)
    image = grab(view.viewport())
    inside = QPoint(start.x() + 20, start.y() + 10)
    assert image.pixelColor(inside) != before.pixelColor(inside)
    release(view, end)
    assert not view.rubber_band.isValid()
    assert grab(view.viewport()).pixelColor(inside) == before.pixelColor(inside)


def test_rubber_band_scrolls_with_the_content(view: UniformGridView) -> None:
    start, end = centre(view, 1), centre(view, 6)
    drag(view, start, end)
    view.verticalScrollBar().setValue(HEIGHT)
    assert view.rubber_band == QRect(start, end).translated(0, -HEIGHT)
    release(view, end)


def test_shift_after_a_rubber_band_selects_a_range_again(view: UniformGridView) -> None:
    drag(view, centre(view, 1), centre(view, 6))
    release(view, centre(view, 6))
    click(view, 2)
    click(view, 5, SHIFT)
    assert selected(view) == [2, 3, 4, 5]


def test_select_all_is_one_range(view: UniformGridView) -> None:
    view.selectAll()
    assert parts_of(view.selectionModel().selection()) == [(0, 29)]


def test_region_of_selection_is_limited_to_visible_cells(view: UniformGridView) -> None:
    view.selectionModel().select(view.model().index(2, 0), QItemSelectionModel.SelectionFlag.Select)
    region = view.visualRegionForSelection(view.selectionModel().selection())
    assert region.boundingRect() == view.visualRect(view.model().index(2, 0))
    view.selectAll()
    region = view.visualRegionForSelection(view.selectionModel().selection())
    assert region.boundingRect().height() <= view.viewport().height() + 2 * HEIGHT


@pytest.mark.parametrize(
    ("hint", "top"),
    [
        (QAbstractItemView.ScrollHint.PositionAtTop, 0),
        (QAbstractItemView.ScrollHint.PositionAtBottom, 130 - HEIGHT),
        (QAbstractItemView.ScrollHint.PositionAtCenter, 45),
        (QAbstractItemView.ScrollHint.EnsureVisible, 130 - HEIGHT),
    ],
)
def test_scroll_to_follows_the_hint(view: UniformGridView, hint: QAbstractItemView.ScrollHint, top: int) -> None:
    index = view.model().index(17, 0)
    view.scrollTo(index, hint)
    assert view.visualRect(index).top() == pytest.approx(top, abs=1)
    before = view.verticalScrollBar().value()
    view.scrollTo(index)
    view.scrollTo(QModelIndex())
    assert view.verticalScrollBar().value() == before, "a visible cell needs no scrolling"
