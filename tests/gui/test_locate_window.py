"""*Locate moved folder* in the window: the dialog, and the photos that follow their folder."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.library.locate_dialog import LocateDialog
from catdog_desktop.gui.widgets.job_bar import JobBar
from catdog_desktop.paths import settings_file
from catdog_desktop.settings import load_settings
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Verdict


@pytest.fixture
def photos(make_photos: Callable[..., list[Path]]) -> list[Path]:
    return make_photos(4)


def bar(app: App) -> JobBar:
    return app.window.library.bar


def open_dialog(app: App) -> LocateDialog:
    app.run("file.locate_folder")
    app.wait_for(lambda: any(isinstance(widget, LocateDialog) for widget in QApplication.topLevelWidgets()))
    dialog = app.dialog(LocateDialog)
    assert isinstance(dialog, LocateDialog)
    return dialog


def locate(app: App, new: Path) -> None:
    dialog = open_dialog(app)
    dialog.new.setText(str(new))
    app.click(dialog.locate)
    app.wait_for(lambda: not app.window.library.is_running and bool(bar(app).text))


def test_located_folder_keeps_its_photos_in_the_window(app: App, photos: list[Path], tmp_path: Path) -> None:
    folder = photos[0].parent
    app.add(folder)
    app.select([photos[1]])
    app.run("photos.mark.dog")
    app.window.context.settings.change(last_folder=str(folder), sort_into=str(tmp_path / "sorted"))
    with Store.open() as store:
        app.wait_for(lambda: len(store.files_below(folder)) == 4)
    new = folder.rename(tmp_path / "elsewhere")
    locate(app, new)
    assert bar(app).text == f"4 photos found in “{new}”."
    assert {row.path for row in app.shown} == {new / photo.name for photo in photos}
    assert app.row(new / photos[1].name).verdict is Verdict.DOG
    assert list(app.window.session.sources) == [new]
    assert (app.window.settings.last_folder, app.window.settings.sort_into) == (str(new), str(tmp_path / "sorted"))
    app.window.context.settings.save()
    app.wait_for(lambda: load_settings(settings_file())[0].last_folder == str(new))
    with Store.open() as store:
        assert len(store.files_below(new)) == 4


def test_dialog_offers_missing_folders(app: App, photos: list[Path], tmp_path: Path) -> None:
    folder = photos[0].parent
    app.add(folder)
    with Store.open() as store:
        app.wait_for(lambda: len(store.files_below(folder)) == 4)
    folder.rename(tmp_path / "elsewhere")
    dialog = open_dialog(app)
    assert [dialog.old.itemData(index) for index in range(dialog.old.count())] == [str(folder)]
    dialog.reject()


def test_wrong_folder_is_refused_with_reason(app: App, photos: list[Path], tmp_path: Path) -> None:
    folder = photos[0].parent
    app.add(folder)
    with Store.open() as store:
        app.wait_for(lambda: len(store.files_below(folder)) == 4)
    folder.rename(tmp_path / "elsewhere")
    (tmp_path / "empty").mkdir()
    locate(app, tmp_path / "empty")
    assert bar(app).text == f"“{tmp_path / 'empty'}” does not contain the photos that are stored."
    assert {row.path for row in app.shown} == set(photos)


def test_missing_photos_are_listed_in_details(app: App, photos: list[Path], tmp_path: Path) -> None:
    folder = photos[0].parent
    app.add(folder)
    with Store.open() as store:
        app.wait_for(lambda: len(store.files_below(folder)) == 4)
    new = folder.rename(tmp_path / "elsewhere")
    (new / photos[0].name).unlink()
    locate(app, new)
    assert bar(app).text == f"3 photos found in “{new}”. 1 photo was not found there."
    assert bar(app).button_texts == ["Details"]


def test_relative_folder_is_refused_in_the_dialog(app: App) -> None:
    dialog = open_dialog(app)
    dialog.old.setEditText("/old")
    dialog.new.setText("new")
    app.click(dialog.locate)
    assert "full path" in dialog.error.text()
    assert dialog.isVisible()
    dialog.reject()
