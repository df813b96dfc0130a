"""Groups by month or folder with headings, marks beside the scroll bar, and cards resized by Ctrl and the wheel."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from driving import App, grab, scored
from PySide6.QtCore import QItemSelectionModel, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.gallery.group_heading import group_title
from catdog_desktop.settings import CARD_WIDTHS, Settings

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
DAYS = {
    "a/1.jpg": datetime(2019, 5, 12),
    "b/2.jpg": datetime(2020, 1, 1),
    "a/3.jpg": datetime(2019, 5, 2),
    "a/4.jpg": None,
    "b/5.jpg": datetime(2020, 1, 31, 23, 59),
}


@pytest.fixture
def filled(open_app: Callable[..., App]) -> App:
    app = open_app(settings=Settings(cat_threshold=0.5, dog_threshold=0.5, unsure_band=0.1))
    app.wait_for(lambda: app.window.session.model is not None)
    add(app, {Path("/photos") / name: day for name, day in DAYS.items()})
    app.window.gallery.setFocus()
    return app


def add(app: App, days: dict[Path, datetime | None]) -> None:
    gallery = app.window.session.gallery
    gallery.add(days)
    results = [scored(path, 0.95, 0.05) for path in days]
    gallery.apply_results([replace(result, info=replace(result.info, date=days[result.path])) for result in results])
    app.window.session.counts_changed.emit()


def titles(app: App) -> list[tuple[str, int]]:
    return [(group_title(group), group.count) for group in app.window.session.gallery.groups]


def test_groups_by_month_have_headings_in_order_of_time(filled: App) -> None:
    filled.run("view.group.month")
    assert titles(filled) == [("May 2019", 2), ("January 2020", 2), ("Without a date", 1)]
    assert filled.names == ["1.jpg", "3.jpg", "2.jpg", "5.jpg", "4.jpg"]
    filled.run("view.sort.date")
    assert titles(filled) == [("January 2020", 2), ("May 2019", 2), ("Without a date", 1)], "newest first"
    assert filled.names == ["5.jpg", "2.jpg", "1.jpg", "3.jpg", "4.jpg"]


def test_groups_by_folder_and_no_groups(filled: App) -> None:
    filled.run("view.group.folder")
    assert titles(filled) == [("/photos/a", 3), ("/photos/b", 2)]
    assert filled.action("view.group.folder").isChecked()
    assert filled.window.settings.grouping == "folder"
    filled.run("view.group.none")
    assert titles(filled) == []
    assert filled.names == ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg"]


@pytest.mark.parametrize("view", ["view.grid", "view.list"])
def test_heading_is_painted_above_its_photos(filled: App, view: str) -> None:
    filled.run(view)
    gallery = filled.window.gallery
    plain = grab(gallery.viewport())
    filled.run("view.group.month")
    first, second, third = (gallery.visualRect(gallery.model().index(number, 0)) for number in range(3))
    assert first.top() == gallery.heading_height
    assert third.top() == second.bottom() + 1 + gallery.heading_height
    assert third.left() == first.left(), "a group begins a new line"
    image = grab(gallery.viewport())
    assert image != plain
    heading = image.copy(0, second.bottom() + 1, gallery.viewport().width(), gallery.heading_height)
    assert len({heading.pixelColor(x, y).name() for x in range(0, 200) for y in range(heading.height())}) > 3
    assert not gallery.indexAt(QPoint(20, 3)).isValid(), "a heading is not a photo"


def test_new_result_moves_its_photo_to_another_group(filled: App) -> None:
    filled.run("view.group.month")
    add(filled, {Path("/photos/a/4.jpg"): datetime(2021, 7, 7)})
    assert titles(filled) == [("May 2019", 2), ("January 2020", 2), ("July 2021", 1)]
    gallery = filled.window.gallery
    filled.wait_for(
        lambda: (
            gallery.sections.height == gallery.verticalScrollBar().maximum() + gallery.viewport().height()
            or gallery.verticalScrollBar().maximum() == 0
        )
    )


def test_click_on_a_heading_selects_its_group(filled: App) -> None:
    filled.run("view.group.month")
    gallery = filled.window.gallery
    viewport = gallery.viewport()
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=QPoint(40, 5))
    assert [row.name for row in gallery.selected_rows] == ["1.jpg", "3.jpg"]
    second = gallery.visualRect(gallery.model().index(2, 0)).top() - 5
    QTest.mouseClick(viewport, Qt.MouseButton.LeftButton, CTRL, QPoint(40, second))
    assert [row.name for row in gallery.selected_rows] == ["1.jpg", "3.jpg", "2.jpg", "5.jpg"]


def test_key_selects_the_group_of_the_current_photo(filled: App) -> None:
    assert not filled.action("edit.select_group").isEnabled()
    filled.run("view.group.month")
    gallery = filled.window.gallery
    gallery.set_current_position(3)
    filled.key(Qt.Key.Key_A, CTRL | SHIFT)
    assert [row.name for row in gallery.selected_rows] == ["2.jpg", "5.jpg"]


def test_arrow_keys_cross_headings(filled: App) -> None:
    filled.run("view.group.month")
    gallery = filled.window.gallery
    gallery.set_current_position(1)
    for key, name in (
        (Qt.Key.Key_Down, "5.jpg"),
        (Qt.Key.Key_Down, "4.jpg"),
        (Qt.Key.Key_Down, "4.jpg"),
        (Qt.Key.Key_Up, "2.jpg"),
        (Qt.Key.Key_Left, "3.jpg"),
        (Qt.Key.Key_Right, "2.jpg"),
    ):
        filled.key(key)
        assert gallery.current_row.name == name


def test_filters_with_their_own_order_are_not_grouped(filled: App) -> None:
    filled.run("view.group.month")
    filled.run("view.show.to_check")
    assert titles(filled) == []
    filled.run("view.show.all")
    assert len(titles(filled)) == 3


def test_photos_without_groups_have_no_marks(filled: App) -> None:
    assert not filled.window.gallery.scroll_marks.isVisible()
    filled.run("view.sort.name")
    assert not filled.window.gallery.scroll_marks.isVisible()


@pytest.fixture
def long_list(filled: App) -> App:
    """Return a window with photos of five years, in order of their date."""
    add(filled, {Path(f"/photos/c/{n}.jpg"): datetime(2015 + n // 60, n // 5 % 12 + 1, 5) for n in range(300)})
    filled.run("view.sort.date")
    return filled


def test_marks_show_the_years_and_a_click_scrolls_there(long_list: App) -> None:
    gallery = long_list.window.gallery
    marks = gallery.scroll_marks
    long_list.wait_for(marks.isVisible)
    placed = marks.placed()
    years = [mark.text for mark, _y in placed]
    assert years == sorted(years, reverse=True), "newest first, as the photos"
    assert set(years) <= {"2015", "2016", "2017", "2018", "2019", "2020"}
    assert len(years) >= 4
    mark, y = placed[2]
    QTest.mouseClick(marks, Qt.MouseButton.LeftButton, pos=QPoint(5, round(y) + 4))
    assert gallery.verticalScrollBar().value() == mark.top
    first = gallery.visible_rows().start
    row = long_list.shown[first]
    assert str(row.result.info.date.year) in (mark.text, str(int(mark.text) + 1))
    before = grab(marks)
    gallery.verticalScrollBar().setValue(0)
    assert grab(marks) != before, "the year in view is emphasised"


def test_marks_of_few_months_are_months(filled: App) -> None:
    add(filled, {Path(f"/photos/c/{n}.jpg"): datetime(2019, n // 30 + 1, 5) for n in range(120)})
    filled.run("view.group.month")
    texts = [mark.text for mark in filled.window.gallery.places.marks()]
    assert texts == ["Jan", "Feb", "Mar", "Apr", "May", "Jan"]


@pytest.mark.parametrize(("order", "words"), [("date", "2017"), ("name", "1"), ("folder", "c"), ("added", "")])
def test_bubble_says_where_a_dragged_slider_is(long_list: App, order: str, words: str) -> None:
    long_list.run(f"view.sort.{order}")
    gallery = long_list.window.gallery
    bar, bubble = gallery.verticalScrollBar(), gallery.scroll_bubble
    bar.setValue(bar.maximum() // 3)
    assert not bubble.isVisible(), "only while the slider is dragged"
    bar.setSliderDown(True)
    bar.setValue(bar.maximum() // 2)
    assert bubble.isVisible() is bool(words)
    assert words in bubble.text()
    assert not words or gallery.rect().contains(bubble.geometry())
    bar.setSliderDown(False)
    long_list.wait_for(lambda: not bubble.isVisible())


def wheel(app: App, delta: int, modifiers: Qt.KeyboardModifier) -> None:
    viewport = app.window.gallery.viewport()
    place = QPointF(viewport.rect().center())
    event = QWheelEvent(
        place, QPointF(viewport.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, delta), Qt.MouseButton.NoButton,
        modifiers, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def test_wheel_with_ctrl_resizes_the_cards(long_list: App) -> None:
    bar = long_list.window.gallery.verticalScrollBar()
    before = bar.value()
    wheel(long_list, 120, CTRL)
    assert long_list.window.settings.card_width == 220
    wheel(long_list, -60, CTRL)
    assert long_list.window.settings.card_width == 220, "half a notch"
    wheel(long_list, -60, CTRL)
    assert long_list.window.settings.card_width == 200
    assert bar.value() == before
    wheel(long_list, -120, Qt.KeyboardModifier.NoModifier)
    assert long_list.window.settings.card_width == 200
    assert bar.value() > before
    long_list.run("view.list")
    wheel(long_list, 120, CTRL)
    assert long_list.window.settings.card_width == 200


def test_keys_resize_the_cards_within_limits(filled: App) -> None:
    filled.key(Qt.Key.Key_Plus, CTRL)
    assert filled.window.settings.card_width == 220
    filled.key(Qt.Key.Key_Minus, CTRL)
    filled.key(Qt.Key.Key_Minus, CTRL)
    assert filled.window.settings.card_width == 180
    for _ in range(30):
        filled.key(Qt.Key.Key_Minus, CTRL)
    assert filled.window.settings.card_width == CARD_WIDTHS[0]
    assert not filled.action("view.smaller").isEnabled()
    for _ in range(30):
        filled.key(Qt.Key.Key_Plus, CTRL)
    assert filled.window.settings.card_width == CARD_WIDTHS[1]
    assert not filled.action("view.larger").isEnabled()


def test_scroll_bar_without_a_range_is_invisible(filled: App) -> None:
    bar = filled.window.gallery.verticalScrollBar()
    filled.wait_for(lambda: bar.maximum() == 0)
    empty = grab(bar)
    assert {empty.pixelColor(x, y).name() for x in range(empty.width()) for y in range(0, empty.height(), 5)} == {
        empty.pixelColor(0, 0).name()
    }
    add(filled, {Path(f"/photos/c/{n}.jpg"): None for n in range(200)})
    filled.wait_for(lambda: bar.maximum() > 0)
    assert grab(bar) != empty
    assert bar.width() == empty.width()


def test_drag_from_a_heading_selects_no_other_photos(filled: App) -> None:
    filled.run("view.group.month")
    gallery = filled.window.gallery
    viewport = gallery.viewport()
    filled.select([Path("/photos/a/4.jpg")])
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=QPoint(40, 5))
    for y in (30, 120, 250):
        QTest.mouseMove(viewport, QPoint(300, y))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=QPoint(300, 250))
    assert [row.name for row in gallery.selected_rows] == ["1.jpg", "3.jpg"]
    filled.select([Path("/photos/b/2.jpg")])
    assert [row.name for row in gallery.selected_rows] == ["2.jpg"], "a later click works as usual"


@pytest.mark.parametrize(("selected", "resets"), [(3000, True), (500, False)])
def test_sorting_with_a_large_selection_keeps_it_without_an_index_for_each_row(
    app: App, selected: int, *, resets: bool
) -> None:
    """Qt makes a persistent index for each selected row before rows are reordered: a second for 100,000."""
    gallery, view = app.window.session.gallery, app.window.gallery
    gallery.add([Path(f"/photos/{number:05}.jpg") for number in range(6000)])
    positions = np.arange(selected, dtype=np.int32) + 1000
    view.selectionModel().select(gallery.selection_of(positions), QItemSelectionModel.SelectionFlag.ClearAndSelect)
    before = [row.name for row in view.selected_rows]
    signals: list[str] = []
    gallery.modelReset.connect(lambda: signals.append("reset"))
    gallery.layoutChanged.connect(lambda: signals.append("reordered"))
    app.run("view.sort.descending")
    assert signals == ["reset" if resets else "reordered"]
    assert [row.name for row in view.selected_rows] == before[::-1]
    assert app.shown[0].name == "05999.jpg"
