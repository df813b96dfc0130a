"""Secondary filters: folder, dates, scores."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from driving import WAIT_MS, App, grab, scored
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QSpinBox

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.gallery.query import Filter
from catdog_desktop.settings import Settings

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PHOTOS = {
    "pets/2019/a.jpg": ((0.95, 0.05), datetime(2019, 5, 12, 10)),
    "pets/2019/deep/b.jpg": ((0.80, 0.10), datetime(2019, 12, 31, 23, 59)),
    "pets/2020/c.jpg": ((0.03, 0.97), datetime(2020, 1, 1)),
    "pets/d.jpg": ((0.40, 0.02), datetime(2021, 7, 1)),
    "other/e.jpg": ((0.95, 0.94), None),
}


@pytest.fixture
def filled(open_app: Callable[..., App], tmp_path: Path) -> App:
    """Return a window with an empty folder opened and made-up results, most of them below it."""
    app = open_app(settings=Settings(cat_threshold=0.5, dog_threshold=0.5, unsure_band=0.1))
    app.wait_for(lambda: app.window.session.model is not None)
    (tmp_path / "pets").mkdir()
    with app.qtbot.waitSignal(app.window.session.job_ended, timeout=WAIT_MS):
        app.window.add([tmp_path / "pets"])
    gallery = app.window.session.gallery
    gallery.add([tmp_path / name for name in (*PHOTOS, "other/waits.jpg")])
    gallery.apply_results(
        [
            replace(scored(tmp_path / name, *scores), info=PhotoInfo(date=taken))
            for name, (scores, taken) in PHOTOS.items()
        ]
    )
    app.window.session.counts_changed.emit()
    return app


def show_filters(app: App) -> None:
    app.key(Qt.Key.Key_F, CTRL | SHIFT)
    assert app.window.filtering.more.isVisible()


def type_into(field: QLineEdit | QSpinBox, text: str) -> None:
    field.setFocus()
    field.clear()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def folder_texts(app: App) -> list[str]:
    box = app.window.filtering.more.folder
    return [box.itemText(number) for number in range(box.count())]


def test_secondary_filters_toggle_by_key_and_button(filled: App) -> None:
    more, bar = filled.window.filtering.more, filled.window.filters
    assert not more.isVisible()
    show_filters(filled)
    assert more.folder.hasFocus()
    filled.key(Qt.Key.Key_F, CTRL | SHIFT)
    assert not more.isVisible()
    assert filled.window.gallery.hasFocus()
    filled.click(bar.more)
    assert more.isVisible()
    assert filled.action("view.more_filters").isChecked()


def test_tab_reaches_every_field(filled: App) -> None:
    show_filters(filled)
    reached = []
    for _ in range(9):
        field = filled.window.focusWidget()
        reached.append(field.accessibleName())
        filled.key(Qt.Key.Key_Tab)
    assert reached[:8] == [
        "Folder", "Year", "Date from", "Date to",
        "Cat score from", "Cat score to", "Dog score from", "Dog score to",
    ]  # fmt: skip


def test_folder_filter_includes_subfolders(filled: App) -> None:
    show_filters(filled)
    assert folder_texts(filled) == [
        "All folders", "other  (2)", "pets  (4)", "    2019  (2)", "        deep  (1)", "    2020  (1)",
    ]  # fmt: skip
    for _ in range(3):
        filled.key(Qt.Key.Key_Down)
    assert filled.names == ["a.jpg", "b.jpg"]
    filled.key(Qt.Key.Key_Up)
    assert filled.names == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    filled.window.session.gallery.remove([row.path for row in filled.shown])
    filled.window.filtering.more.refresh()
    assert filled.window.filtering.more.folder.currentText() == "pets  (0)", (
        "the chosen folder stays although it is empty"
    )
    filled.key(Qt.Key.Key_Home)
    assert filled.names == ["e.jpg", "waits.jpg"]


def test_date_filter_takes_days_months_and_years(filled: App) -> None:
    show_filters(filled)
    more = filled.window.filtering.more
    for first, last, names in (
        ("2019", "", ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]),
        ("2020", "", ["c.jpg", "d.jpg"]),
        ("", "2019", ["a.jpg", "b.jpg"]),
        ("", "12 May 2019", ["a.jpg"]),
        ("Dec 2019", "2020-01-01", ["b.jpg", "c.jpg"]),
        ("2021", "2019", []),
        ("soon", "2019", ["a.jpg", "b.jpg"]),
    ):
        type_into(more.first_day, first)
        type_into(more.last_day, last)
        assert filled.names == names, (first, last)


def test_invalid_date_is_marked_after_editing(filled: App) -> None:
    show_filters(filled)
    more = filled.window.filtering.more
    assert (more.first_day.placeholderText(), more.last_day.placeholderText()) == ("12 May 2019", "1 Jul 2021")
    before = grab(more.first_day)
    type_into(more.first_day, "<soon>")
    assert more.first_day.accessibleDescription().startswith("“<soon>” is not a date.")
    assert len(filled.names) == 6
    assert grab(more.first_day) != before
    QTest.keyClick(more.first_day, Qt.Key.Key_Backspace)
    assert "is not a date" not in more.first_day.accessibleDescription(), "not while editing"


def test_score_filter_takes_a_range(filled: App) -> None:
    show_filters(filled)
    more = filled.window.filtering.more
    for cat, dog, names in (
        (("95", "100"), ("0", "100"), ["a.jpg", "e.jpg"]),
        (("30", "80"), ("0", "100"), ["b.jpg", "d.jpg"]),
        (("0", "100"), ("90", "100"), ["c.jpg", "e.jpg"]),
        (("90", "100"), ("90", "100"), ["e.jpg"]),
    ):
        for box, value in zip((*more.cat.boxes, *more.dog.boxes), (*cat, *dog), strict=True):
            type_into(box, value)
        assert filled.names == names, (cat, dog)


def test_hidden_secondary_filters_in_use_are_counted(filled: App) -> None:
    bar = filled.window.filters
    before = grab(bar)
    assert bar.more.accessibleName() == "More filters: folder, date, score"
    assert not bar.clear.isVisible()
    show_filters(filled)
    type_into(filled.window.filtering.more.cat.low, "90")
    type_into(filled.window.filtering.more.last_day, "2019")
    filled.key(Qt.Key.Key_F, CTRL | SHIFT)
    assert bar.more.accessibleName() == "More filters: 2 in use"
    assert [bar.chip(f).accessibleName() for f in (Filter.ALL, Filter.CAT, Filter.BOTH)] == [
        "All: 1", "Cats: 1", "Both: 0",
    ]  # fmt: skip
    assert bar.clear.isVisible()
    assert grab(bar) != before
    assert filled.names == ["a.jpg"]


@pytest.mark.parametrize("way", ["key", "button"])
def test_clear_resets_all_filters(filled: App, way: str) -> None:
    show_filters(filled)
    more = filled.window.filtering.more
    type_into(more.dog.high, "50")
    type_into(more.first_day, "2019")
    more.folder.setCurrentIndex(2)
    filled.window.header.search.setText("name:a")
    filled.window.gallery.setFocus()
    filled.key(Qt.Key.Key_2)
    assert filled.names == ["a.jpg"]
    if way == "key":
        filled.key(Qt.Key.Key_0, CTRL)
    else:
        filled.click(filled.window.filters.clear)
    assert len(filled.names) == 6
    assert (more.first_day.text(), more.dog.high.value(), more.folder.currentIndex()) == ("", 100, 0)
    assert filled.window.header.search.text() == ""
    assert filled.window.filters.chip(Filter.ALL).isChecked()
    assert not filled.window.filters.clear.isVisible()


def test_shortcut_keys_in_the_fields_are_text(filled: App) -> None:
    show_filters(filled)
    more = filled.window.filtering.more
    more.first_day.setFocus()
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_D, Qt.Key.Key_C, Qt.Key.Key_H):
        filled.key(key)
    assert more.first_day.text().casefold() == "12dch"
    more.cat.low.setFocus()
    more.cat.low.selectAll()
    filled.key(Qt.Key.Key_7)
    assert more.cat.low.value() == 7
    assert filled.window.filters.chip(Filter.ALL).isChecked()
    more.folder.setFocus()
    filled.key(Qt.Key.Key_D)
    assert not any(row.corrected for row in filled.shown)


def test_filter_with_own_order_disables_sorting(filled: App) -> None:
    filled.key(Qt.Key.Key_8)
    assert filled.names == ["d.jpg"]
    from PySide6.QtWidgets import QToolButton

    buttons = filled.window.header.findChildren(QToolButton)
    sort = next(button for button in buttons if button.accessibleName().startswith("Sorted by"))
    assert (sort.accessibleName(), sort.isEnabled()) == ("Sorted by: Least certain", False)
    filled.key(Qt.Key.Key_1)
    assert (sort.accessibleName(), sort.isEnabled()) == ("Sorted by: As added", True)


def test_narrow_window_wraps_the_fields(filled: App) -> None:
    more = filled.window.filtering.more
    show_filters(filled)
    filled.window.resize(1300, 700)
    filled.wait_for(lambda: more.width() > 1200)
    one_line = more.height()
    filled.window.resize(600, 700)
    filled.wait_for(lambda: more.height() > 2 * one_line)
    rects = [child.geometry() for child in more.children() if child.isWidgetType()]
    assert all(more.rect().contains(rect) for rect in rects)
    assert not any(a.intersects(b) for a in rects for b in rects if a is not b)


def test_year_offers_only_years_with_photos(filled: App, tmp_path: Path) -> None:
    gallery, old = filled.window.session.gallery, tmp_path / "pets" / "old.jpg"
    gallery.add([old])
    gallery.apply_results([replace(scored(old, 0.9, 0.1), info=PhotoInfo(date=datetime(1970, 1, 1)))])
    show_filters(filled)
    year = filled.window.filtering.more.year
    assert [year.itemText(number) for number in range(year.count())] == ["any", "2021", "2020", "2019", "1970"]


def test_year_shows_the_photos_of_that_year_only(filled: App) -> None:
    show_filters(filled)
    more = filled.window.filtering.more
    assert [more.year.itemText(number) for number in range(more.year.count())] == ["any", "2021", "2020", "2019"]
    more.year.setFocus()
    filled.key(Qt.Key.Key_End)
    assert filled.names == ["a.jpg", "b.jpg"]
    assert (more.first_day.text(), more.last_day.text()) == ("2019", "2019")
    type_into(more.last_day, "2020")
    assert filled.names == ["a.jpg", "b.jpg", "c.jpg"]
    assert more.year.currentText() == "any", "not one year"
    type_into(more.first_day, "2020")
    assert more.year.currentText() == "2020"
    more.year.setFocus()
    filled.key(Qt.Key.Key_Home)
    assert len(filled.names) == 6
    assert more.first_day.text() == ""
