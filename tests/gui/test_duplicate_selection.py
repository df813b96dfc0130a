"""*Select all but one of each duplicate*."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from driving import App, scored
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.duplicate_commands import DuplicatesDialog
from catdog_desktop.settings import Settings

KEYS = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
PHOTOS = {
    "phone/IMG_1.jpg": "one",
    "backup/IMG_1.jpg": "one",
    "backup/IMG_1 copy.jpg": "one",
    "phone/IMG_2 (1).jpg": "two",
    "phone/IMG_2.jpg": "two",
    "phone/IMG_3.jpg": "three",
}


@pytest.fixture
def app_with_photos(open_app: Callable[..., App]) -> App:
    app = open_app(settings=Settings(cat_threshold=0.5, dog_threshold=0.5, unsure_band=0.1))
    app.wait_for(lambda: app.window.session.model is not None)
    return app


def fill(app: App, photos: dict[str, str]) -> None:
    gallery = app.window.session.gallery
    paths = {Path("/photos") / name: content for name, content in photos.items()}
    gallery.add(paths)
    gallery.apply_results([replace(scored(path, 0.95, 0.05), fingerprint=content) for path, content in paths.items()])
    app.window.session.counts_changed.emit()
    app.window.gallery.setFocus()


def selected(app: App) -> set[str]:
    return {row.path.relative_to("/photos").as_posix() for row in app.window.gallery.selected_rows}


def test_key_opens_the_dialog_and_enter_selects_the_copies(app_with_photos: App) -> None:
    app = app_with_photos
    fill(app, PHOTOS)
    app.key(Qt.Key.Key_D, KEYS)
    dialog = app.dialog(DuplicatesDialog)
    assert dialog.summary.text() == "Keeps 2 photos, selects 3 photos (163 kB)."
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert app.window.session.gallery.query.filter is Filter.DUPLICATES
    assert selected(app) == {"phone/IMG_1.jpg", "backup/IMG_1 copy.jpg", "phone/IMG_2 (1).jpg"}
    assert app.message == "Selected 3 duplicates. One photo of each group stays."


def test_preferred_folder_keeps_its_photos_and_is_offered_again(app_with_photos: App) -> None:
    app = app_with_photos
    fill(app, PHOTOS)
    app.run("edit.select_duplicates")
    dialog = app.dialog(DuplicatesDialog)
    texts = [dialog.folder.itemText(number) for number in range(dialog.folder.count())]
    assert texts == ["Any folder", "backup  (2)", "phone  (3)"]
    QTest.keyClicks(dialog.folder, "phone")
    assert dialog.preferred == Path("/photos/phone")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    assert selected(app) == {"backup/IMG_1.jpg", "backup/IMG_1 copy.jpg", "phone/IMG_2 (1).jpg"}
    app.run("edit.select_duplicates")
    assert app.dialog(DuplicatesDialog).preferred == Path("/photos/phone")


def test_escape_selects_nothing(app_with_photos: App) -> None:
    app = app_with_photos
    fill(app, PHOTOS)
    app.window.gallery.clearSelection()
    app.run("edit.select_duplicates")
    QTest.keyClick(app.dialog(DuplicatesDialog), Qt.Key.Key_Escape)
    assert selected(app) == set()


def test_selection_without_duplicates_reports_it(app_with_photos: App) -> None:
    app = app_with_photos
    fill(app, {"phone/IMG_1.jpg": "one", "phone/IMG_2.jpg": "two"})
    app.run("edit.select_duplicates")
    assert app.message == "There are no duplicates among these photos."
