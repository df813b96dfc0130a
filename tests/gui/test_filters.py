"""Filters, search, sorting, removing from the list, grid and list."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from driving import App, files, scored
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.gallery.gallery_model import THUMBNAIL_ROLE
from catdog_desktop.gui.main_window import MainWindow
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Result

PHOTOS = Path("/photos")
SCORES = {
    "IMG_10.jpg": (0.95, 0.05),
    "IMG_9.jpg": (0.90, 0.02),
    "dog 1.jpg": (0.03, 0.97),
    "together.jpg": (0.92, 0.93),
    "IMG_100.jpg": (0.01, 0.04),
    "fog.jpg": (0.51, 0.01),
}
FILTERS = {
    Filter.ALL: [*SCORES, "broken.jpg"],
    Filter.CAT: ["IMG_10.jpg", "IMG_9.jpg"],
    Filter.DOG: ["dog 1.jpg"],
    Filter.BOTH: ["together.jpg"],
    Filter.NEITHER: ["IMG_100.jpg"],
    Filter.UNSURE: ["fog.jpg"],
    Filter.PROBLEM: ["broken.jpg"],
}
KEYS = dict(zip(FILTERS, (Qt.Key(Qt.Key.Key_1.value + number) for number in range(7)), strict=True))


@pytest.fixture
def filled(open_app: Callable[..., App]) -> App:
    """Return a window with a photo for every verdict; the results are made by hand."""
    app = open_app(settings=Settings(cat_threshold=0.5, dog_threshold=0.5, unsure_band=0.1))
    app.wait_for(lambda: app.window.session.model is not None)
    fill(app)
    return app


def fill(app: App) -> None:
    gallery = app.window.session.gallery
    paths = [PHOTOS / name for name in SCORES]
    gallery.add([*paths, PHOTOS / "broken.jpg"])
    days = {path: 28 - number for number, path in enumerate(paths)}
    gallery.apply_results([scored(path, *SCORES[path.name], day=days[path]) for path in paths])
    gallery.apply_results([Result(PHOTOS / "broken.jpg", error="is damaged and cannot be decoded")])
    app.window.session.counts_changed.emit()


@pytest.mark.parametrize("filter_", list(FILTERS))
def test_filter_chip_shows_its_photos(filled: App, filter_: Filter) -> None:
    filled.click(filled.window.filters.chip(filter_))
    assert filled.names == FILTERS[filter_]
    assert [f for f in Filter if filled.window.filters.chip(f).isChecked()] == [filter_]


@pytest.mark.parametrize("filter_", list(FILTERS))
def test_filter_key_shows_its_photos(filled: App, filter_: Filter) -> None:
    filled.key(Qt.Key.Key_3)
    filled.key(KEYS[filter_])
    assert filled.names == FILTERS[filter_]
    assert [f for f in Filter if filled.window.filters.chip(f).isChecked()] == [filter_]


def test_filter_chips_show_counts(filled: App) -> None:
    bar = filled.window.filters
    assert [bar.chip(filter_).accessibleName() for filter_ in FILTERS] == [
        "All: 7", "Cats: 2", "Dogs: 1", "Both: 1", "Neither: 1", "Unsure: 1", "Problems: 1",
    ]  # fmt: skip


def test_current_photo_stays_while_it_is_shown(filled: App) -> None:
    filled.select([PHOTOS / "dog 1.jpg"])
    filled.key(Qt.Key.Key_2)
    now = filled.window.gallery.current_row
    assert now.name in FILTERS[Filter.CAT]
    assert filled.window.preview.row is now
    filled.key(Qt.Key.Key_1)
    assert filled.window.gallery.current_row is now


def test_search_without_matches_empties_the_preview(filled: App) -> None:
    filled.window.header.search.setText("no such name")
    assert filled.names == []
    assert filled.window.preview.row is None
    assert filled.window.gallery.isVisible(), "not the start page"
    filled.window.header.search.clear()
    assert len(filled.names) == 7
    assert filled.window.preview.row is not None


def test_removing_all_shown_photos_keeps_the_hidden_ones(filled: App) -> None:
    filled.key(Qt.Key.Key_3)
    filled.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    filled.key(Qt.Key.Key_Delete)
    assert filled.names == []
    assert filled.window.gallery.isVisible()
    filled.key(Qt.Key.Key_1)
    assert len(filled.names) == 6


def test_photos_hidden_by_a_filter_open_the_gallery(app: App, folder: Path) -> None:
    """A filter chosen on the start page steps aside for the photos that are opened next."""
    app.key(Qt.Key.Key_3)
    broken = folder / "broken.jpg"
    broken.write_text("text", encoding="utf-8")
    app.add(broken)
    assert app.window.gallery.isVisible()
    assert app.window.filters.chip(Filter.PROBLEM).accessibleName() == "Problems: 1"
    app.key(Qt.Key.Key_1)
    assert app.names == ["broken.jpg"]


def test_search_left_in_the_field_does_not_hide_new_photos(app: App, cat: Path, folder: Path) -> None:
    app.add(cat)
    app.window.header.search.setText("cat")
    app.select([cat])
    app.key(Qt.Key.Key_Delete)
    assert app.window.empty.isVisible()
    other = folder / "dog.jpg"
    other.write_bytes(cat.read_bytes())
    app.add(other)
    assert app.window.gallery.isVisible()


def test_search_shows_matching_names(filled: App) -> None:
    filled.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = filled.window.header.search
    assert search.hasFocus()
    QTest.keyClicks(search, "img_10")
    assert filled.names == ["IMG_10.jpg", "IMG_100.jpg"]
    filled.key(Qt.Key.Key_Escape)
    assert len(filled.names) == 7
    assert search.text() == ""
    assert filled.window.gallery.hasFocus()


def test_shortcut_keys_in_the_search_field_are_text(filled: App) -> None:
    """1 to 7, H, Space and Delete are shortcuts, except in a text field."""
    filled.key(Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    search = filled.window.header.search
    for letter in "dog 1h":
        filled.key(Qt.Key.Key_Space if letter == " " else Qt.Key(ord(letter.upper())))
    assert search.text().casefold() == "dog 1h"
    search.setCursorPosition(0)
    filled.key(Qt.Key.Key_Delete)
    assert search.text().casefold() == "og 1h"
    assert filled.window.session.gallery.total == 7
    assert filled.window.filters.chip(Filter.ALL).isChecked()
    assert filled.window.gallery.isVisible()


def test_shortcut_letters_in_the_gallery_do_not_search(filled: App) -> None:
    """With single-key shortcuts switched on, letters must not move the current photo."""
    filled.select([PHOTOS / "IMG_10.jpg"])
    for key in (Qt.Key.Key_D, Qt.Key.Key_T):
        filled.key(key)
    assert filled.window.gallery.current_row.name == "IMG_10.jpg"


def test_search_applies_within_the_filter(filled: App) -> None:
    filled.key(Qt.Key.Key_2)
    filled.window.header.search.setText("9")
    assert filled.names == ["IMG_9.jpg"]


@pytest.mark.parametrize(
    ("key", "words", "names"),
    [
        (
            "name",
            "Name",
            ["broken.jpg", "dog 1.jpg", "fog.jpg", "IMG_9.jpg", "IMG_10.jpg", "IMG_100.jpg", "together.jpg"],
        ),
        (
            "date",
            "Date",
            ["IMG_10.jpg", "IMG_9.jpg", "dog 1.jpg", "together.jpg", "IMG_100.jpg", "fog.jpg", "broken.jpg"],
        ),
        (
            "cat",
            "Cat score",
            ["IMG_10.jpg", "together.jpg", "IMG_9.jpg", "fog.jpg", "dog 1.jpg", "IMG_100.jpg", "broken.jpg"],
        ),
        (
            "dog",
            "Dog score",
            ["dog 1.jpg", "together.jpg", "IMG_10.jpg", "IMG_100.jpg", "IMG_9.jpg", "fog.jpg", "broken.jpg"],
        ),
        ("added", "As added", [*SCORES, "broken.jpg"]),
    ],
)
def test_sort_action_orders_the_photos(filled: App, key: str, words: str, names: list[str]) -> None:
    filled.run("view.sort.name" if key != "name" else "view.sort.date")
    filled.run(f"view.sort.{key}")
    assert filled.names == names
    assert filled.action(f"view.sort.{key}").isChecked()
    sort_button = [b for b in filled.window.header.findChildren(QToolButton) if b.menu() is not None]
    assert [button.accessibleName() for button in sort_button] == ["Open", f"Sorted by: {words}"]
    descending = filled.action("view.sort.descending")
    assert descending.isChecked() is (key in ("date", "cat", "dog"))
    descending.trigger()
    if key in ("name", "added"):
        assert filled.names == names[::-1]
    else:
        assert filled.names == [*names[-2::-1], "broken.jpg"], "photos without the value come last"


def test_sorting_keeps_selection_and_current_photo(filled: App) -> None:
    chosen = [PHOTOS / "IMG_9.jpg", PHOTOS / "together.jpg"]
    filled.select(chosen)
    for key in ("name", "cat", "descending", "added"):
        filled.run(f"view.sort.{key}")
        assert {row.path for row in filled.window.gallery.selected_rows} == set(chosen)
        assert filled.window.gallery.current_row.path == chosen[1]


def test_delete_removes_from_the_list_and_keeps_the_files(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(4)
    app.add(*paths)
    app.select(paths[1:3])
    app.key(Qt.Key.Key_Delete)
    assert [row.path for row in app.shown] == [paths[0], paths[3]]
    assert all(path.is_file() for path in paths)
    assert app.message.startswith("Removed 2 photos from the list. The files were not deleted.")
    assert app.window.gallery.current_row.path == paths[3], "the next photo becomes current"
    app.wait_for(lambda: app.window.filters.chip(Filter.ALL).accessibleName() == "All: 2")


def test_removed_photo_can_be_opened_again(app: App, cat: Path) -> None:
    app.add(cat)
    app.select([cat])
    app.key(Qt.Key.Key_Delete)
    assert app.window.empty.isVisible()
    assert app.window.preview.row is None
    app.add(cat)
    assert app.row(cat).state is State.DONE
    assert app.message == "A cat (&gt;99%)."


def test_changed_photo_opened_again_shows_its_new_thumbnail(app: App, folder: Path) -> None:
    path = folder / "a.png"
    for colour in ("red", "blue"):
        Image.new("RGB", (40, 30), colour).save(path)
        app.add(path)
        model = app.window.session.gallery
        app.wait_for(lambda model=model: model.index(0, 0).data(THUMBNAIL_ROLE) is not None)
        seen = model.index(0, 0).data(THUMBNAIL_ROLE).pixelColor(20, 15)
        assert (seen.red() > 200, seen.blue() > 200) == (colour == "red", colour == "blue")
        app.select([path])
        app.key(Qt.Key.Key_Delete)


def test_photo_removed_while_waiting_is_not_classified(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(30)
    app.drop(files(paths))
    app.wait_for(lambda: len(app.shown) == 30)
    app.window.gallery.select_path(paths[-1])
    app.key(Qt.Key.Key_Delete)
    app.wait_done(29)
    assert app.window.session.gallery.row_of(paths[-1]) is None


def test_copy_writes_a_line_for_each_selected_photo(filled: App) -> None:
    filled.key(Qt.Key.Key_2)
    filled.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(filled.window.gallery.selected_rows) == 2
    filled.key(Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
    assert filled.message == "Copied 2 results."
    from PySide6.QtGui import QGuiApplication

    assert QGuiApplication.clipboard().text() == (
        "IMG_10.jpg: a cat (cat 95%, dog 5%)\nIMG_9.jpg: a cat (cat 90%, dog 2%)"
    )


def test_grid_and_list_lay_out_the_same_photos(filled: App) -> None:
    gallery = filled.window.gallery
    filled.key(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert filled.window.settings.view == "list"
    filled.wait_for(lambda: _tops(filled)[0] < _tops(filled)[1])
    assert len(_lefts(filled)) == 1
    filled.key(Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    filled.wait_for(lambda: _tops(filled)[0] == _tops(filled)[1])
    assert len(_lefts(filled)) > 1
    assert gallery.model().rowCount() == 7


def _tops(app: App) -> list[int]:
    gallery = app.window.gallery
    return [gallery.visualRect(gallery.model().index(number, 0)).top() for number in range(7)]


def _lefts(app: App) -> set[int]:
    gallery = app.window.gallery
    return {gallery.visualRect(gallery.model().index(number, 0)).left() for number in range(7)}


def test_card_width_resizes_the_cards(filled: App) -> None:
    gallery, window = filled.window.gallery, filled.window
    before = gallery.visualRect(gallery.model().index(0, 0)).size()
    window.appearance.set_card_width(400)
    filled.wait_for(lambda: gallery.visualRect(gallery.model().index(0, 0)).width() > before.width())
    assert gallery.visualRect(gallery.model().index(0, 0)).height() > before.height()


def test_filter_sort_and_scroll_with_5000_photos(filled: App) -> None:
    window: MainWindow = filled.window
    paths = [PHOTOS / f"many {number}.jpg" for number in range(5000)]
    window.session.gallery.add(paths)
    window.session.gallery.apply_results(
        [scored(path, 0.95 if number % 2 else 0.05, 0.01) for number, path in enumerate(paths)]
    )
    filled.key(Qt.Key.Key_2)
    assert len(filled.names) == 2502
    filled.run("view.sort.name")
    filled.run("view.sort.descending")
    assert filled.names[0] == "many 4999.jpg"
    window.gallery.scrollToBottom()
    filled.wait_for(lambda: window.gallery.visible_rows().stop == 2502)
    assert filled.names[-1] == "IMG_9.jpg"
    last = window.gallery.visualRect(window.gallery.model().index(2501, 0))
    assert window.gallery.viewport().rect().intersects(last)
    visible = window.gallery.visible_rows()
    assert window.gallery.indexAt(QPoint(20, 20)).row() in visible
    filled.key(Qt.Key.Key_1)
    assert len(filled.names) == 5007


def test_sorting_changes_no_other_setting(filled: App) -> None:
    before = filled.window.settings
    filled.run("view.sort.name")
    assert filled.window.settings == replace(before, sort_key="name")
