"""Move to Trash in the window, with the trash of the system: question, bar, list, undo."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from sort_steps import activate, press

from catdog_desktop.gui.trash_commands import move_to_system_trash
from catdog_desktop.trashing.trash_run import NoTrashError

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def system_trash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the trash folder of a home that the test made."""
    if sys.platform != "linux":
        pytest.skip("the trash cannot be redirected here")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    return tmp_path / "data" / "Trash" / "files"


@pytest.fixture
def paths(app: App, make_photos: Callable[..., list[Path]]) -> list[Path]:
    made = make_photos(4)
    app.add(*made)
    app.wait_done(4)
    return made


def trash(app: App) -> None:
    """Press Ctrl+Delete."""
    activate(app)
    app.key(Qt.Key.Key_Delete, CTRL, on=app.window.gallery)


def answer(app: App, words: str) -> str:
    app.wait_for(lambda: [box for box in app.window.findChildren(QMessageBox) if box.isVisible()])
    (question,) = [box for box in app.window.findChildren(QMessageBox) if box.isVisible()]
    (button,) = [one for one in question.findChildren(QPushButton) if one.text().replace("&", "") == words]
    text = question.text()
    app.click(button)
    return text


def in_trash(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_selected_photos_go_to_the_trash_and_come_back(app: App, paths: list[Path], system_trash: Path) -> None:
    app.select(paths[1:3])
    trash(app)
    app.wait_for(lambda: app.window.trash.bar.text == "2 photos moved to the Trash.")
    assert in_trash(system_trash) == ["IMG_2.jpg", "IMG_3.jpg"]
    assert app.names == ["IMG_1.jpg", "IMG_4.jpg"]
    assert app.window.gallery.current_row is app.row(paths[3]), "go on with the next photo"
    press(app, "Undo", app.window.trash.bar)
    app.wait_for(lambda: app.window.trash.bar.text == "2 photos moved back.")
    app.wait_done(4)
    assert in_trash(system_trash) == []
    assert all(path.exists() for path in paths)


def test_companions_go_along_after_a_question(app: App, paths: list[Path], system_trash: Path) -> None:
    sidecar = paths[0].with_name("IMG_1.jpg.xmp")
    sidecar.write_text("<x/>")
    app.select(paths[:1])
    trash(app)
    assert answer(app, "Cancel") == ("Move 1 photo to the Trash? 1 companion file goes along: IMG_1.jpg.xmp")
    assert in_trash(system_trash) == []
    trash(app)
    answer(app, "Move to Trash")
    app.wait_for(lambda: app.window.trash.bar.text == "1 photo moved to the Trash. 1 file went along.")
    assert in_trash(system_trash) == ["IMG_1.jpg", "IMG_1.jpg.xmp"]
    app.run("edit.undo_trash")
    app.wait_for(lambda: app.window.trash.bar.text == "Move 1 photo back from the trash?")
    press(app, "Undo", app.window.trash.bar)
    app.wait_for(sidecar.exists)
    app.wait_done(4)


def test_undo_in_the_menu_asks_with_the_number(app: App, paths: list[Path], system_trash: Path) -> None:
    app.select(paths[:2])
    trash(app)
    app.wait_for(lambda: app.action("edit.undo").text() == "&Undo: move 2 photos to the Trash")
    app.wait_for(lambda: not app.window.trash.is_running)
    activate(app)
    app.key(Qt.Key.Key_Z, CTRL)
    assert answer(app, "Undo") == "Undo: move 2 photos to the Trash?"
    app.wait_done(4)
    activate(app)
    app.key(Qt.Key.Key_Y, CTRL)
    answer(app, "Redo")
    app.wait_for(lambda: in_trash(system_trash) == ["IMG_1.jpg", "IMG_2.jpg"])
    app.wait_for(lambda: len(app.names) == 2)


def test_photo_without_trash_stays_listed(app: App, paths: list[Path]) -> None:
    def refuse(_path: Path) -> Path | None:
        raise NoTrashError

    app.window.trash._move = refuse
    app.select(paths[:1])
    trash(app)
    app.wait_for(lambda: "was not moved: there is no trash for this folder." in app.window.trash.bar.text)
    assert paths[0].exists()
    assert len(app.names) == 4
    assert not app.action("edit.undo").isEnabled()


@pytest.mark.parametrize("differs", [False, True])
def test_duplicates_are_compared_with_the_copy_that_stays(
    app: App, cat: Path, system_trash: Path, *, differs: bool
) -> None:
    copy = cat.with_name("copy of cat.jpg")
    copy.write_bytes(cat.read_bytes())
    app.add(cat, copy)
    app.wait_done(2)
    app.run("view.show.duplicates")
    app.select([copy])
    if differs:
        cat.write_bytes(cat.read_bytes()[:-1] + b"x")
    trash(app)
    bar = app.window.trash.bar
    if differs:
        app.wait_for(lambda: bar.text.startswith("0 photos moved to the Trash. copy of cat.jpg "))
        assert in_trash(system_trash) == []
    else:
        app.wait_for(lambda: bar.text == "1 photo moved to the Trash.")
        assert in_trash(system_trash) == ["copy of cat.jpg"]
    assert cat.exists()


def test_undo_without_a_move_reports_it(app: App, paths: list[Path]) -> None:
    app.run("edit.undo_trash")
    app.wait_for(lambda: app.window.trash.bar.text == "There is nothing in the trash that CatDog moved there.")


def test_trash_of_many_photos_asks_first(app: App, paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catdog_desktop.gui.trash_commands._ASK_FROM", 3)
    app.select(paths[:3])
    trash(app)
    assert answer(app, "Cancel") == "Move 3 photos to the Trash?"


def test_file_of_another_disk_is_never_deleted(other_disk: Path) -> None:
    """Either it is in a trash, here or there, or it stays."""
    path = other_disk / "a.jpg"
    path.write_bytes(b"photo")
    try:
        place = move_to_system_trash(path)
    except NoTrashError:
        assert path.read_bytes() == b"photo"
    else:
        assert place is not None
        assert place.read_bytes() == b"photo"
        place.unlink()
