"""The list as a table: headings that sort, columns that can be chosen, moved and resized."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from driving import App, grab, scored
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.action_table import Menu, plain_label
from catdog_desktop.gui.gallery.table_header import TableHeader, table_columns
from catdog_desktop.paths import settings_file
from catdog_desktop.settings import DEFAULT_COLUMNS, LIST_COLUMNS, Settings
from catdog_desktop.verdict import Result

PHOTOS = {
    "b/IMG_2.jpg": (0.95, 0.05, 3),
    "a/IMG_10.jpg": (0.10, 0.97, 2),
    "a/IMG_9.jpg": (0.92, 0.93, 1),
}


@pytest.fixture
def listed(open_app: Callable[..., App]) -> App:
    """Return a window that shows three photos, and one that cannot be read, as a list."""
    app = open_app(settings=Settings(view="list", cat_threshold=0.5, dog_threshold=0.5, unsure_band=0.1))
    app.wait_for(lambda: app.window.session.model is not None)
    fill(app)
    return app


def fill(app: App) -> None:
    gallery = app.window.session.gallery
    paths = [Path("/photos") / name for name in PHOTOS]
    gallery.add([*paths, Path("/photos/c/broken.jpg")])
    results = []
    for path, (cat, dog, size) in zip(paths, PHOTOS.values(), strict=True):
        result = scored(path, cat, dog, day=size)
        results.append(replace(result, info=replace(result.info, file_bytes=size * 1_000_000)))
    gallery.apply_results([*results, Result(Path("/photos/c/broken.jpg"), error="is damaged and cannot be decoded")])
    app.window.session.counts_changed.emit()


def header(app: App) -> TableHeader:
    return app.window.gallery.table_header


def middle_of(app: App, column: str) -> QPoint:
    section = LIST_COLUMNS.index(column)
    shown = header(app)
    return QPoint(shown.sectionViewportPosition(section) + shown.sectionSize(section) // 2, shown.height() // 2)


def click_heading(app: App, column: str) -> None:
    QTest.mouseClick(header(app).viewport(), Qt.MouseButton.LeftButton, pos=middle_of(app, column))


def shown_columns(app: App) -> list[str]:
    return [column.name for column in app.window.gallery.itemDelegate().table]


@pytest.mark.parametrize(
    ("column", "names"),
    [
        ("name", ["broken.jpg", "IMG_2.jpg", "IMG_9.jpg", "IMG_10.jpg"]),
        ("verdict", ["IMG_2.jpg", "IMG_10.jpg", "IMG_9.jpg", "broken.jpg"]),
        ("cat", ["IMG_2.jpg", "IMG_9.jpg", "IMG_10.jpg", "broken.jpg"]),
        ("dog", ["IMG_10.jpg", "IMG_9.jpg", "IMG_2.jpg", "broken.jpg"]),
        ("date", ["IMG_2.jpg", "IMG_10.jpg", "IMG_9.jpg", "broken.jpg"]),
        ("folder", ["IMG_9.jpg", "IMG_10.jpg", "IMG_2.jpg", "broken.jpg"]),
        ("size", ["IMG_2.jpg", "IMG_10.jpg", "IMG_9.jpg", "broken.jpg"]),
    ],
)
def test_click_on_a_heading_sorts_and_a_second_one_reverses(listed: App, column: str, names: list[str]) -> None:
    gallery = listed.window.gallery
    gallery.horizontalScrollBar().setValue(gallery.horizontalScrollBar().maximum() if column == "size" else 0)
    click_heading(listed, column)
    assert listed.names == names
    assert header(listed).sortIndicatorSection() == LIST_COLUMNS.index(column)
    descending = header(listed).sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
    assert descending is listed.window.settings.sort_descending
    click_heading(listed, column)
    assert listed.window.settings.sort_descending is not descending
    expected = names[::-1] if column in ("name", "folder") else [*names[-2::-1], "broken.jpg"]
    assert listed.names == expected
    assert header(listed).sortIndicatorOrder() is not (
        Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
    )


def test_order_chosen_in_the_menu_moves_the_sort_indicator(listed: App) -> None:
    listed.run("view.sort.dog")
    assert header(listed).sortIndicatorSection() == LIST_COLUMNS.index("dog")
    listed.run("view.sort.added")
    assert header(listed).sortIndicatorSection() == -1


def test_right_click_on_the_headings_opens_the_menu_of_columns(listed: App, qtbot: object) -> None:
    place = middle_of(listed, "verdict")
    viewport = header(listed).viewport()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, viewport.mapToGlobal(place))
    QApplication.sendEvent(viewport, event)
    menu = listed.window.action_table.menu(Menu.COLUMNS)
    listed.wait_for(menu.isVisible)
    before = grab(listed.window.gallery)
    (verdict,) = [action for action in menu.actions() if plain_label(action.text()) == "Verdict"]
    assert verdict.isChecked()
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(verdict).center())
    assert "verdict" not in shown_columns(listed)
    assert header(listed).isSectionHidden(LIST_COLUMNS.index("verdict"))
    assert grab(listed.window.gallery) != before


def test_column_that_comes_back_is_the_last_one_and_reset_restores_all(listed: App) -> None:
    listed.run("view.column.cat")
    listed.run("view.column.cat")
    assert shown_columns(listed) == ["name", "verdict", "dog", "date", "folder", "size", "cat"]
    listed.run("view.column.reset")
    assert shown_columns(listed) == list(DEFAULT_COLUMNS)


def test_last_column_cannot_be_hidden(listed: App) -> None:
    for column in DEFAULT_COLUMNS[1:]:
        listed.run(f"view.column.{column}")
    assert shown_columns(listed) == ["name"]
    assert not listed.window.action_table.run("view.column.name")
    assert shown_columns(listed) == ["name"]


def test_dragged_width_is_kept_in_the_settings(listed: App, open_app: Callable[..., App]) -> None:
    section = LIST_COLUMNS.index("verdict")
    shown = header(listed)
    before = shown.sectionSize(section)
    edge = QPoint(shown.sectionViewportPosition(section) + before - 1, shown.height() // 2)
    viewport = shown.viewport()
    QTest.mouseMove(viewport, edge)
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, pos=edge)
    QTest.mouseMove(viewport, edge + QPoint(10, 0))
    QTest.mouseMove(viewport, edge + QPoint(40, 0))
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, pos=edge + QPoint(40, 0))
    width = shown.sectionSize(section)
    assert width == pytest.approx(before + 40, abs=4)
    assert listed.window.settings.list_widths == {"verdict": width}
    columns = {column.name: column for column in listed.window.gallery.itemDelegate().table}
    assert columns["verdict"].width == width
    assert columns["cat"].left == columns["verdict"].left + width
    listed.wait_for(
        lambda: (
            settings_file().is_file()
            and json.loads(settings_file().read_text(encoding="utf-8"))["list_widths"] == {"verdict": width}
        )
    )
    again = open_app(settings=listed.window.settings)
    assert header(again).sectionSize(section) == width


def test_moved_column_is_kept_in_the_settings(listed: App) -> None:
    header(listed).moveSection(1, 3)
    assert listed.window.settings.list_columns == ["name", "cat", "dog", "verdict", "date", "folder", "size"]
    assert shown_columns(listed) == listed.window.settings.list_columns


def test_headings_scroll_with_the_columns(listed: App) -> None:
    gallery = listed.window.gallery
    listed.window.resize(700, 500)
    bar = gallery.horizontalScrollBar()
    listed.wait_for(lambda: bar.maximum() > 0)
    bar.setValue(bar.maximum())
    assert header(listed).offset() == bar.maximum()
    rect = gallery.visualRect(gallery.model().index(0, 0))
    assert rect.left() == -bar.maximum()
    assert gallery.indexAt(QPoint(5, 5)).row() == 0
    listed.run("view.grid")
    assert bar.maximum() == 0
    assert not header(listed).isVisible()


def test_first_column_takes_the_rest_of_the_width() -> None:
    columns = table_columns(["folder", "name"], {"name": 100, "folder": 80}, 400)
    assert [(column.name, column.left, column.width) for column in columns] == [("folder", 0, 300), ("name", 300, 100)]
    narrow = table_columns(["folder", "name"], {"name": 100, "folder": 80}, 50)
    assert [(column.left, column.width) for column in narrow] == [(0, 80), (80, 100)]


def test_cells_are_all_painted(listed: App) -> None:
    gallery = listed.window.gallery
    listed.window.resize(1366, 700)
    listed.wait_for(lambda: gallery.viewport().width() >= gallery.cell.width())
    gallery.clearSelection()
    before = grab(gallery.viewport())
    columns = {column.name: column for column in gallery.itemDelegate().table}
    for name in DEFAULT_COLUMNS:
        cell = columns[name]
        row = gallery.visualRect(gallery.model().index(0, 0))
        ground = before.pixelColor(min(cell.left + 3, gallery.viewport().width() - 1), row.top() + 6)
        inks = {
            before.pixelColor(x, y).name()
            for x in range(cell.left + 8, min(cell.left + cell.width - 8, gallery.viewport().width()))
            for y in range(row.top() + 4, row.bottom() - 4)
        }
        assert inks - {ground.name()}, name


def test_list_keeps_the_current_photo_in_view_when_it_becomes_a_grid(listed: App) -> None:
    gallery = listed.window.session.gallery
    gallery.add([Path(f"/photos/more/{number}.jpg") for number in range(500)])
    listed.window.gallery.setFocus()
    listed.key(Qt.Key.Key_End)
    listed.key(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    last = gallery.rowCount() - 1
    assert listed.window.gallery.currentIndex().row() == last
    listed.wait_for(lambda: last in listed.window.gallery.visible_rows())


def test_column_of_ratings_shows_stars_and_sorts(listed: App) -> None:
    gallery = listed.window.session.gallery
    rated = Path("/photos/a/IMG_9.jpg")
    row = gallery.row_of(rated)
    assert row is not None
    gallery.apply_results([replace(row.result, rating=4)])
    assert "rating" not in shown_columns(listed)
    listed.run("view.column.rating")
    assert shown_columns(listed)[-1] == "rating"
    listed.run("view.sort.rating")
    assert listed.names[0] == rated.name
    listed.window.header.search.setText("rating:>=4")
    assert listed.names == [rated.name]


def test_headings_do_not_sort_a_filter_with_its_own_order(listed: App) -> None:
    listed.run("view.show.to_check")
    before = listed.window.settings
    click_heading(listed, "name")
    assert listed.window.settings == before
    assert not header(listed).isSortIndicatorShown()
    listed.run("view.show.all")
    click_heading(listed, "name")
    assert listed.window.settings.sort_key == "name"
    assert header(listed).isSortIndicatorShown()
