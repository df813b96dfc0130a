"""*Back up* and *Restore* in the window."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QApplication, QCheckBox, QFileDialog, QMessageBox

from catdog_desktop.gui.widgets.job_bar import JobBar
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Verdict


@pytest.fixture
def photos(make_photos: Callable[..., list[Path]]) -> list[Path]:
    return make_photos(3)


def bar(app: App) -> JobBar:
    return app.window.backups.bar


def choose_file(app: App, action: str, path: Path) -> None:
    app.run(action)
    dialog = app.dialog(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.reject()


def wait_for_bar(app: App, start: str) -> None:
    app.wait_for(lambda: not app.window.backups.is_running and bar(app).text.startswith(start))


def back_up(app: App, path: Path) -> None:
    choose_file(app, "file.back_up", path)
    wait_for_bar(app, "Backup “")


def question(app: App) -> QMessageBox:
    app.wait_for(lambda: any(isinstance(w, QMessageBox) and w.isVisible() for w in QApplication.topLevelWidgets()))
    box = app.dialog(QMessageBox)
    assert isinstance(box, QMessageBox)
    return box


def answer(app: App, box: QMessageBox, text: str) -> None:
    button = next(button for button in box.buttons() if button.text() == text)
    app.wait_for(button.isVisible)
    app.click(button)


def corrections(app: App) -> dict[str, Verdict | None]:
    return {row.name: row.verdict for row in app.shown if row.corrected}


@pytest.mark.parametrize("exists", [True, False])
def test_backup_is_offered_in_the_documents_or_home_folder(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, exists: bool
) -> None:
    documents, home = tmp_path / "Documents", tmp_path / "user"
    home.mkdir()
    if exists:
        documents.mkdir()
    monkeypatch.setattr(QStandardPaths, "writableLocation", lambda _kind: str(documents))
    monkeypatch.setattr(Path, "home", lambda: home)
    app.run("file.back_up")
    dialog = app.dialog(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    assert Path(dialog.selectedFiles()[0]).parent == (documents if exists else home)


def test_backup_is_restored_into_the_open_gallery(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    app.select([photos[1]])
    app.run("photos.mark.dog")
    with Store.open() as store:
        app.wait_for(lambda: bool(store.corrections(photos)))
    path = tmp_path / "pets.catdog-backup"
    back_up(app, path)
    assert bar(app).text.startswith("Backup “pets.catdog-backup” written: 1 verdict")
    assert bar(app).button_texts == ["Show"]
    app.run("photos.mark.clear")
    with Store.open() as store:
        app.wait_for(lambda: not store.corrections(photos))
    choose_file(app, "file.restore", path)
    box = question(app)
    assert "1 verdict" in box.informativeText()
    answer(app, box, "Restore")
    wait_for_bar(app, "Restored: 1 verdict")
    assert corrections(app) == {photos[1].name: Verdict.DOG}


def test_restore_replaces_only_if_the_box_is_checked(app: App, photos: list[Path], tmp_path: Path) -> None:
    app.add(*photos)
    app.select([photos[1]])
    app.run("photos.mark.dog")
    with Store.open() as store:
        app.wait_for(lambda: bool(store.corrections(photos)))
    path = tmp_path / "pets.catdog-backup"
    back_up(app, path)
    app.run("photos.mark.cat")
    with Store.open() as store:
        app.wait_for(lambda: store.corrections(photos) == {photos[1]: Verdict.CAT})
    for checked, verdict in ((False, Verdict.CAT), (True, Verdict.DOG)):
        choose_file(app, "file.restore", path)
        box = question(app)
        replace = box.checkBox()
        assert isinstance(replace, QCheckBox)
        replace.setChecked(checked)
        answer(app, box, "Restore")
        wait_for_bar(app, "Restored: ")
        assert corrections(app) == {photos[1].name: verdict}
        app.wait_for(lambda: not any(isinstance(w, QMessageBox) for w in app.window.children()))


def test_restore_of_another_file_is_refused_with_reason(app: App, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("no backup")
    choose_file(app, "file.restore", tmp_path / "a.zip")
    wait_for_bar(app, f"“{tmp_path / 'a.zip'}” is not a backup of CatDog")
