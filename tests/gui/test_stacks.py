"""Stacks in the window: copies of a photo on one card, opened and closed, marked, moved and exported together."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from driving import App, grab
from PIL import Image, ImageOps
from PySide6.QtCore import QRectF, Qt

from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.gallery.gallery_model import STACK_ROLE
from catdog_desktop.gui.gallery.stack_text import StackMark
from catdog_desktop.gui.selection_scope import scopes
from catdog_desktop.paths import data_folder, settings_file
from catdog_desktop.settings import Settings, load_settings
from catdog_desktop.verdict import Verdict

CTRL = Qt.KeyboardModifier.ControlModifier
ALT = Qt.KeyboardModifier.AltModifier
BEST, COPIES = "cat.jpg", ["cat_grey.jpg", "cat_half.jpg", "cat_turned.jpg"]


@pytest.fixture
def album(folder: Path, jpegs: dict[str, bytes]) -> dict[str, Path]:
    """Write two other photos, and a cat with three copies: grey, of half size, turned."""
    for name in ("coffee", "rocket"):
        (folder / f"{name}.jpg").write_bytes(jpegs[name])
    (folder / BEST).write_bytes(jpegs["chelsea"])
    with Image.open(folder / BEST) as cat:
        ImageOps.grayscale(cat).save(folder / "cat_grey.jpg", quality=60)
        cat.resize((cat.width // 2, cat.height // 2)).save(folder / "cat_half.jpg", quality=90)
        cat.rotate(90, expand=True).save(folder / "cat_turned.jpg", quality=60)
    return {path.name: path for path in sorted(folder.iterdir())}


@pytest.fixture
def stacked(app: App, album: dict[str, Path]) -> App:
    """Open the album and stack the photos that are alike."""
    app.add(*album.values())
    app.wait_done(6)
    stack(app)
    return app


def stack(app: App) -> None:
    app.key(Qt.Key.Key_S, CTRL | ALT, on=app.window.gallery)
    settled(app)


def settled(app: App) -> None:
    """Wait until photos were classified and looked at."""
    app.wait_for(lambda: not app.window.session.busy and not app.window.stacks.is_searching)


def toggle_stack(app: App) -> None:
    """Press Ctrl+T."""
    app.key(Qt.Key.Key_T, CTRL, on=app.window.gallery)


def mark(app: App, path: Path) -> StackMark | None:
    found: StackMark | None = app.window.session.gallery.index_of(path).data(STACK_ROLE)
    return found


def test_copies_are_on_one_card_with_the_best_in_front(stacked: App, album: dict[str, Path]) -> None:
    assert stacked.names == [BEST, "coffee.jpg", "rocket.jpg"]
    assert mark(stacked, album[BEST]) == StackMark(4)
    assert mark(stacked, album["coffee.jpg"]) is None
    assert stacked.message == "4 photos alike are on 1 card."
    assert stacked.heard(album[BEST]).endswith("; 4 alike on this card")
    assert stacked.action("view.stacks").isChecked()


def test_stack_is_opened_and_closed_with_a_key(stacked: App, album: dict[str, Path]) -> None:
    stacked.select([album[BEST]])
    toggle_stack(stacked)
    assert stacked.names == [BEST, *COPIES, "coffee.jpg", "rocket.jpg"]
    assert stacked.message == "Opened: 4 photos alike. The best comes first."
    assert mark(stacked, album[BEST]) == StackMark(4, 1)
    assert mark(stacked, album["cat_half.jpg"]) == StackMark(4, 3)
    assert stacked.heard(album[BEST]).endswith("; in an open stack, best of 4")
    stacked.select([album["cat_half.jpg"]])
    toggle_stack(stacked)
    assert stacked.names == [BEST, "coffee.jpg", "rocket.jpg"]
    assert stacked.message == "Closed. The card stands for 4 photos."
    assert stacked.window.gallery.current_row is stacked.row(album[BEST])


def test_click_on_the_mark_opens_the_stack(stacked: App, album: dict[str, Path]) -> None:
    gallery = stacked.window.gallery
    index = stacked.window.session.gallery.index_of(album[BEST])
    delegate = gallery.itemDelegate()
    place = delegate.stack_mark_rect(QRectF(gallery.visualRect(index)), StackMark(4), gallery.font())
    stacked.qtbot.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=place.center().toPoint())
    assert stacked.names == [BEST, *COPIES, "coffee.jpg", "rocket.jpg"]


def test_key_is_for_stacks_alone(stacked: App, album: dict[str, Path]) -> None:
    stacked.select([album["coffee.jpg"]])
    assert not stacked.action("photos.open_stack").isEnabled()
    stacked.select([album[BEST]])
    assert stacked.action("photos.open_stack").isEnabled()


def test_mark_of_a_closed_stack_is_for_all_and_of_an_open_one_for_one(stacked: App, album: dict[str, Path]) -> None:
    stacked.select([album[BEST]])
    stacked.key(Qt.Key.Key_N, on=stacked.window.gallery)
    assert stacked.message.startswith("Marked 4 photos as neither.")
    assert {stacked.row(album[name]).verdict for name in (BEST, *COPIES)} == {Verdict.NEITHER}
    assert not stacked.row(album["coffee.jpg"]).corrected
    stacked.run("edit.undo")
    stacked.wait_for(lambda: not any(row.corrected for row in stacked.window.session.gallery.rows()))
    toggle_stack(stacked)
    stacked.select([album["cat_grey.jpg"]])
    stacked.key(Qt.Key.Key_D, on=stacked.window.gallery)
    assert stacked.message.startswith("Marked cat_grey.jpg as a dog.")
    assert [row.name for row in stacked.window.session.gallery.rows() if row.corrected] == ["cat_grey.jpg"]


def test_selection_says_how_many_photos_the_cards_stand_for(stacked: App, album: dict[str, Path]) -> None:
    bar = stacked.window.selection_bar
    stacked.select([album[BEST]])
    stacked.wait_for(lambda: bar.isVisible() and bar.text == "4 photos selected on 1 card:")
    stacked.select([album[BEST], album["coffee.jpg"]])
    stacked.wait_for(lambda: bar.text == "5 photos selected on 2 cards:")
    stacked.select([album[BEST]])
    toggle_stack(stacked)
    stacked.wait_for(lambda: not bar.isVisible())
    assert stacked.window.gallery.selected_rows == [stacked.row(album[BEST])]


def test_sort_and_export_take_the_photos_behind_a_card(stacked: App, album: dict[str, Path]) -> None:
    def sets() -> dict[str, list[str]]:
        found = scopes(stacked.window.session.gallery, stacked.window.gallery)
        return {scope.text: sorted(row.name for row in scope.rows) for scope in found}

    stacked.select([album[BEST]])
    assert sets() == {
        "The 4 selected photos": sorted([BEST, *COPIES]),
        "All 6 photos": sorted(album),
    }
    assert len(stacked.window.session.gallery.rows_shown()) == 6
    statistics = stacked.window.session.gallery.statistics()
    assert statistics.photos == 6


def test_remove_takes_the_photos_behind_a_card(stacked: App, album: dict[str, Path]) -> None:
    stacked.select([album[BEST]])
    stacked.key(Qt.Key.Key_Delete, on=stacked.window.gallery)
    settled(stacked)
    assert stacked.names == ["coffee.jpg", "rocket.jpg"]
    assert stacked.window.session.gallery.total == 2
    assert all(path.exists() for path in album.values())
    stacked.run("edit.undo")
    stacked.wait_done(6)
    settled(stacked)
    assert stacked.names == ["coffee.jpg", "rocket.jpg", BEST]


def test_trash_takes_the_photos_behind_a_card(
    stacked: App, album: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    stacked.select([album[BEST]])
    stacked.window.activateWindow()
    stacked.key(Qt.Key.Key_Delete, CTRL, on=stacked.window.gallery)
    stacked.wait_for(lambda: stacked.window.trash.bar.text == "4 photos moved to the Trash.")
    assert sorted(path.name for path in album.values() if path.exists()) == ["coffee.jpg", "rocket.jpg"]


def test_photos_that_a_filter_hides_are_not_behind_the_card(stacked: App, album: dict[str, Path]) -> None:
    stacked.select([album[BEST]])
    toggle_stack(stacked)
    stacked.select([album["cat_half.jpg"], album["cat_grey.jpg"]])
    stacked.key(Qt.Key.Key_N, on=stacked.window.gallery)
    toggle_stack(stacked)
    stacked.window.filtering.set_filter(Filter.CORRECTED)
    assert stacked.names == ["cat_grey.jpg"]
    assert mark(stacked, album["cat_grey.jpg"]) == StackMark(2)
    stacked.select([album["cat_grey.jpg"]])
    assert [row.name for row in stacked.window.gallery.selected_rows] == ["cat_grey.jpg", "cat_half.jpg"]


def test_photos_selected_by_the_app_open_their_stack(stacked: App, album: dict[str, Path]) -> None:
    stacked.window.gallery.select_paths([album["cat_half.jpg"]])
    assert [row.name for row in stacked.window.gallery.selected_rows] == ["cat_half.jpg"]
    assert stacked.names == [BEST, *COPIES, "coffee.jpg", "rocket.jpg"]


def test_photo_that_the_app_goes_to_is_not_left_behind_a_card(stacked: App, album: dict[str, Path]) -> None:
    gallery = stacked.window.gallery
    gallery.select_path(album[BEST])
    assert stacked.names == [BEST, "coffee.jpg", "rocket.jpg"], "it is in front"
    gallery.select_path(album["cat_turned.jpg"])
    assert gallery.current_row is stacked.row(album["cat_turned.jpg"])
    assert gallery.selected_rows == [stacked.row(album["cat_turned.jpg"])]


def test_all_but_the_best_are_selected(stacked: App, album: dict[str, Path]) -> None:
    stacked.run("edit.select_stacked")
    assert sorted(row.name for row in stacked.window.gallery.selected_rows) == COPIES
    assert stacked.message == "Selected 3 photos. The best of each stack stays."
    assert stacked.names == [BEST, *COPIES, "coffee.jpg", "rocket.jpg"]
    stacked.run("edit.select_stacked")
    assert sorted(row.name for row in stacked.window.gallery.selected_rows) == COPIES, "of an open stack, too"


def test_similar_photos_and_duplicates_show_every_photo(stacked: App, album: dict[str, Path]) -> None:
    (album[BEST].with_name("same.jpg")).write_bytes(album[BEST].read_bytes())
    stacked.add(album[BEST].with_name("same.jpg"))
    settled(stacked)
    assert mark(stacked, album[BEST]) == StackMark(5)
    stacked.window.filtering.set_filter(Filter.DUPLICATES)
    assert stacked.names == [BEST, "same.jpg"]
    stacked.window.filtering.set_filter(Filter.ALL)
    stacked.select([album["coffee.jpg"]])
    stacked.run("photos.similar")
    assert sorted(stacked.names) == sorted([*album, "same.jpg"])


def test_new_copy_joins_the_stack_and_removed_ones_leave_it(stacked: App, album: dict[str, Path]) -> None:
    with Image.open(album[BEST]) as cat:
        ImageOps.mirror(cat).save(album[BEST].with_name("zz_mirrored.jpg"), quality=60)
    stacked.add(album[BEST].with_name("zz_mirrored.jpg"))
    settled(stacked)
    assert mark(stacked, album[BEST]) == StackMark(5)
    stacked.select([album[BEST]])
    toggle_stack(stacked)
    stacked.select([album[BEST]])
    stacked.key(Qt.Key.Key_Delete, on=stacked.window.gallery)
    settled(stacked)
    assert len(stacked.window.session.gallery.stack_of(stacked.row(album["cat_half.jpg"]))) == 4


def test_groups_count_the_photos_behind_their_cards(stacked: App) -> None:
    stacked.window.appearance.set_grouping("folder")
    assert [(group.count, group.photos) for group in stacked.window.session.gallery.groups] == [(3, 6)]


def test_off_again_shows_every_photo(stacked: App, album: dict[str, Path]) -> None:
    stack(stacked)
    assert stacked.names == list(album)
    assert mark(stacked, album[BEST]) is None
    assert not stacked.action("view.stacks").isChecked()


def test_setting_is_kept_and_holds_from_the_start(open_app: Callable[..., App], album: dict[str, Path]) -> None:
    first = open_app()
    first.add(*album.values())
    stack(first)
    first.window.close()
    settings, _problem = load_settings(settings_file())
    assert settings.stacks
    second = open_app(settings=settings)
    second.add(*album.values())
    settled(second)
    assert second.names == [BEST, "coffee.jpg", "rocket.jpg"]


def test_unused_nothing_is_computed(app: App, album: dict[str, Path]) -> None:
    app.add(*album.values())
    app.wait_done(6)
    assert not app.window.stacks.is_searching
    assert app.names == list(album)
    with closing(sqlite3.connect(data_folder() / "thumbnails.sqlite")) as db:
        assert db.execute("SELECT count(*) FROM look").fetchone() == (0,)


def test_no_photo_is_alike(app: App, album: dict[str, Path]) -> None:
    app.add(album["coffee.jpg"], album["rocket.jpg"])
    stack(app)
    assert app.names == ["coffee.jpg", "rocket.jpg"]
    assert app.message == "No photos are alike."
    app.run("edit.select_stacked")
    assert app.message == "No photos are alike."


@pytest.mark.parametrize("view", ["grid", "list"])
def test_mark_is_painted(open_app: Callable[..., App], album: dict[str, Path], view: str) -> None:
    app = open_app(settings=Settings(view=view))
    app.add(*album.values())
    app.wait_done(6)
    stack(app)
    gallery = app.window.gallery
    index = app.window.session.gallery.index_of(album[BEST])
    app.wait_for(lambda: index.data(Qt.ItemDataRole.DecorationRole) is not None)
    closed = grab(gallery).copy(gallery.visualRect(index))
    app.window.stacks.open_or_close(app.row(album[BEST]))
    index = app.window.session.gallery.index_of(album[BEST])
    assert grab(gallery).copy(gallery.visualRect(index)) != closed
