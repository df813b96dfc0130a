"""Continue where the user was: the start page, recent folders, the restored session, and forgetting it."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from driving import App, files, pixels
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from catdog_desktop.gallery.query import Filter, SecondaryFilter
from catdog_desktop.gui.action_table import Menu
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog
from catdog_desktop.gui.settings.stored_data import ForgetDialog
from catdog_desktop.last_session import read_last_use
from catdog_desktop.paths import last_session_file, pasted_folder, settings_file
from catdog_desktop.settings import Settings, load_settings
from catdog_desktop.store.store_erasure import Kind

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def reopen(open_app: Callable[..., App]) -> Callable[..., App]:
    """Return a function that closes a window, if one is given, and opens the next one, with its last use read."""

    def next_window(before: App | None = None, settings: Settings | None = None) -> App:
        if before is not None:
            before.window.close()
        app = open_app(settings=settings)
        app.wait_for(lambda: app.window.session.model is not None and app.window.continuing._is_read)
        return app

    return next_window


@pytest.fixture
def many(reopen: Callable[..., App], make_photos: Callable[..., list[Path]], folder: Path) -> tuple[App, list[Path]]:
    """Return a window with a folder of 40 photos, and their paths."""
    paths = make_photos(40)
    app = reopen()
    app.add(folder)
    app.wait_done(40)
    return app, paths


def selected(app: App) -> list[Path]:
    return [row.path for row in app.window.gallery.selected_rows]


def test_first_start_offers_nothing(reopen: Callable[..., App]) -> None:
    app = reopen()
    page = app.window.empty
    assert not page.continue_button.isVisible()
    assert page.recent_buttons == []
    assert not app.action("file.continue").isEnabled()
    assert not app.window.action_table.menu(Menu.RECENT).isEnabled()


def test_next_start_continues_at_the_same_place(
    many: tuple[App, list[Path]], reopen: Callable[..., App], folder: Path
) -> None:
    app, paths = many
    app.run("view.sort.name")
    app.select([paths[30], paths[32]])
    app.window.gallery.scrollTo(app.window.session.gallery.index_of(paths[30]))
    top = app.shown[app.window.gallery.visible_rows().start].path
    app.window.close()
    app = reopen(None, load_settings(settings_file())[0])
    button = app.window.empty.continue_button
    assert button.isVisible()
    assert button.text() == "Continue with Ferien && Tiere <2024> 猫, 40 photos"
    app.click(button)
    app.wait_done(40)
    app.wait_for(lambda: selected(app) == [paths[30], paths[32]])
    assert app.window.preview.row is app.row(paths[32])
    assert app.window.settings.sort_key == "name"
    assert app.shown[app.window.gallery.visible_rows().start].path == top
    assert list(app.window.session.sources) == [folder]
    assert not app.action("file.continue").isEnabled(), "it is open"


def test_continue_restores_filters_by_keyboard(many: tuple[App, list[Path]], reopen: Callable[..., App]) -> None:
    app, paths = many
    secondary = SecondaryFilter(paths[0].parent, date(2001, 5, 1), date(2100, 1, 1), (0.0, 0.9), (0.0, 1.0))
    query = replace(app.window.filtering.query, filter=Filter.NEITHER, search="IMG_1", secondary=secondary)
    app.window.filtering.restore_query(query)
    names = app.names
    assert names
    app = reopen(app)
    app.key(Qt.Key.Key_B, CTRL | SHIFT)
    app.wait_for(lambda: app.names == names and not app.window.session.busy)
    assert app.window.filtering.query == query
    assert app.window.header.search.text() == "IMG_1"
    assert app.window.filtering.more.secondary == secondary, "the fields show it"


def test_continue_leaves_out_removed_photos_and_finds_moved_ones(
    many: tuple[App, list[Path]], reopen: Callable[..., App], tmp_path: Path
) -> None:
    app, paths = many
    app.select(paths[:2])
    app.run("edit.remove_from_list")
    moved = tmp_path / "elsewhere.jpg"
    paths[5].rename(moved)
    app.window.session.move({paths[5]: moved})
    app = reopen(app)
    app.run("file.continue")
    app.wait_done(38)
    listed = {row.path for row in app.shown}
    assert moved in listed
    assert not listed & set(paths[:2])
    app.run("photos.look_for_new")
    app.wait_done(38)
    app.add(paths[0])
    app.wait_done(39)


def test_deleted_photos_are_not_remembered_as_removed(many: tuple[App, list[Path]], reopen: Callable[..., App]) -> None:
    """In a watched folder photos come and go for weeks."""
    app, paths = many
    for path in paths[:2]:
        path.unlink()
    app.select(paths[:3])
    app.run("edit.remove_from_list")
    app = reopen(app)
    session = read_last_use(last_session_file()).session
    assert session is not None
    assert session.removed == (paths[2],)
    Path(paths[0]).write_bytes(paths[5].read_bytes())
    app.run("file.continue")
    app.wait_done(38)
    assert paths[0] in {row.path for row in app.shown}


def test_photos_deleted_with_their_folder_are_not_remembered_as_removed(
    many: tuple[App, list[Path]], reopen: Callable[..., App]
) -> None:
    app, paths = many
    folder = paths[0].parent / "day 1"
    photos = [folder / "a.jpg", folder / "b.jpg"]
    folder.mkdir()
    for photo in photos:
        photo.write_bytes(paths[5].read_bytes())
    app.add(folder.parent)
    app.wait_done(42)
    app.select(photos)
    app.run("edit.remove_from_list")
    app.wait_for(lambda: len(app.shown) == 40)
    shutil.rmtree(folder)
    app = reopen(app)
    session = read_last_use(last_session_file()).session
    assert session is not None
    assert session.removed == ()


def test_empty_window_keeps_the_last_session(many: tuple[App, list[Path]], reopen: Callable[..., App]) -> None:
    app = reopen(reopen(many[0]))
    assert app.window.empty.continue_button.isVisible()


def test_recent_folders_are_offered_and_opened(
    many: tuple[App, list[Path]], reopen: Callable[..., App], make_photos: Callable[..., list[Path]], tmp_path: Path
) -> None:
    app, paths = many
    (other,) = make_photos(1, below=tmp_path / "Garden & more")
    app.add(other.parent)
    app.add(paths[0])
    app = reopen(app)
    names = [action.text() for action in app.window.action_table.menu(Menu.RECENT).actions() if action.text()]
    assert names == [
        f"&1 {tmp_path}/Garden && more",
        f"&2 {paths[0].parent}".replace("n &", "n &&"),
        "C&lear recent folders",
    ]
    assert app.window.empty.recent_buttons[0].toolTip().endswith("Garden &amp; more</p>")
    app.click(app.window.empty.recent_buttons[0])
    app.wait_done(1)
    app.run("file.recent.2")
    app.wait_done(41)
    app.run("file.clear_recent")
    assert app.window.empty.recent_buttons == []
    app.wait_for(lambda: read_last_use(last_session_file()).recent_folders == ())


def test_setting_switches_the_session_off_at_once(many: tuple[App, list[Path]], reopen: Callable[..., App]) -> None:
    app = reopen(many[0])
    app.run("edit.settings")
    dialog = app.dialog(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    assert dialog.continue_session.isChecked()
    dialog.continue_session.setFocus()
    app.key(Qt.Key.Key_Space, on=dialog.continue_session)
    app.wait_for(lambda: read_last_use(last_session_file()).session is None)
    assert not app.window.empty.continue_button.isVisible()
    assert len(read_last_use(last_session_file()).recent_folders) == 1, "the list of folders stays"


@pytest.mark.parametrize("size", [(480, 420), (1024, 560), (1366, 700)])
def test_start_page_with_last_session_fits(
    many: tuple[App, list[Path]], reopen: Callable[..., App], tmp_path: Path, size: tuple[int, int]
) -> None:
    app = reopen(many[0])
    use = app.window.continuing._last_use
    app.window.empty.show_last_use(use.with_opened([tmp_path / f"{'long name ' * 12}{number}" for number in range(5)]))
    app.window.resize(*size)
    page = app.window.empty
    app.wait_for(lambda: page.width() <= size[0])
    buttons = [button for button in page.findChildren(QPushButton) if button.isVisible()]
    assert page.continue_button in buttons
    for number, button in enumerate(buttons):
        assert page.rect().contains(button.geometry()), button.text()
        for other in buttons[number + 1 :]:
            assert not button.geometry().intersects(other.geometry())


# Forget.


def _all_bytes(home: Path) -> Iterator[tuple[Path, bytes]]:
    for path in home.rglob("*"):
        if path.is_file():
            yield path, path.read_bytes()


def test_forget_leaves_no_path_in_any_file(
    reopen: Callable[..., App], make_photos: Callable[..., list[Path]], tmp_path: Path, home: Path, qtbot: QtBot
) -> None:
    folder = tmp_path / "Seychelles"
    paths = make_photos(3, below=folder)
    app = reopen(settings=Settings(last_folder=str(folder), sort_into=str(folder), export_to=str(folder)))
    app.add(folder)
    app.wait_done(3)
    app.window.header.search.setText("IMG_2")
    mime = QMimeData()
    mime.setImageData(pixels())
    app.paste(mime)
    app.wait_done(4)
    app.window.settings.check()
    app.window.continuing.save()
    app.wait_for(last_session_file().exists)
    app.run("edit.settings")
    settings = app.dialog(SettingsDialog)
    assert isinstance(settings, SettingsDialog)
    app.wait_for(settings.stored_data.forget.isEnabled)
    app.click(settings.stored_data.forget)
    app.wait_for(lambda: settings.findChildren(ForgetDialog))
    (dialog,) = settings.findChildren(ForgetDialog)
    assert {kind for kind, box in dialog.boxes.items() if box.isChecked()} == {
        Kind.RESULTS,
        Kind.THUMBNAILS,
        Kind.SESSION,
    }
    dialog.boxes[Kind.PASTED].click()
    app.click(dialog.forget)
    (question,) = [box for box in dialog.findChildren(QMessageBox) if box.isVisible()]
    assert question.text() == "Delete the pasted image? This cannot be undone."
    app.click(next(button for button in question.buttons() if button.text() == "&Forget"))
    app.wait_for(lambda: "the last session" in settings.stored_data.note.text())
    settings.close()
    app.window.close()
    assert list(pasted_folder().iterdir()) == []
    found = [path for path, content in _all_bytes(home) if b"Seychelles" in content or b"IMG_" in content]
    assert found == []
    assert all(path.exists() for path in paths), "the photos themselves stay"
    app = reopen()
    assert not app.window.empty.continue_button.isVisible()
    assert app.window.empty.recent_buttons == []


def test_photos_opened_after_forgetting_are_kept_again(
    many: tuple[App, list[Path]], reopen: Callable[..., App], make_photos: Callable[..., list[Path]], tmp_path: Path
) -> None:
    app, _paths = many
    with app.qtbot.waitSignal(app.window.session.stored_data.forgotten):
        app.window.session.stored_data.forget({Kind.SESSION})
    app.drop(files([make_photos(1, below=tmp_path / "more")[0].parent]))
    app.wait_done(41)
    app = reopen(app)
    assert app.window.empty.continue_button.text().endswith("and 1 more, 41 photos")
