"""How photos come into the window: drop, paste, file dialogs. Arguments are tested in test_app.py."""

import base64
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import App, files, pixels
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QLineEdit, QPlainTextEdit, QPushButton, QWidget

from catdog_desktop.gallery.photo_row import State
from catdog_desktop.gui.dialogs import SkippedFilesDialog


def _pasted(home: Path) -> list[Path]:
    return sorted((home / "data" / "pasted").glob("*.png"))


def _browser(address: str, image: QImage | None) -> QMimeData:
    """Return the data of a browser when an image is dragged from a page."""
    mime = QMimeData()
    mime.setUrls([QUrl(address)])
    mime.setHtml(f'<img src="{address}">')
    if image is not None:
        mime.setImageData(image)
    return mime


def test_window_starts_empty(app: App) -> None:
    window = app.window
    assert window.pages.currentWidget() is window.empty
    assert window.empty.isVisible()
    assert not window.gallery.isVisible()
    texts = [button.text().strip() for button in window.empty.findChildren(QPushButton) if button.isVisible()]
    assert texts == ["Open photos", "Open folder"]
    assert "Ctrl+V" in " ".join(label.text() for label in window.empty.findChildren(QWidget) if hasattr(label, "text"))


def test_drop_files_classifies_them(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(3)
    app.add(*paths)
    assert [row.path for row in app.shown] == paths
    assert all(row.state is State.DONE and row.verdict is not None for row in app.shown)
    assert app.window.gallery.isVisible()
    assert not app.window.empty.isVisible()
    assert app.message == "1 cat, 2 neither."


def test_drop_does_not_change_files(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(2)
    before = [path.read_bytes() for path in paths]
    mime = files(paths)
    event = QDropEvent(
        app.window.rect().center(),
        Qt.DropAction.MoveAction | Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.ShiftModifier,
    )
    event.setDropAction(Qt.DropAction.MoveAction)
    app.window.dropEvent(event)
    assert event.dropAction() is Qt.DropAction.CopyAction, "a move would tell the file manager to delete them"
    app.wait_done(2)
    assert [path.read_bytes() for path in paths] == before


def test_drop_folder_searches_subfolders(app: App, folder: Path, make_photos: Callable[..., list[Path]]) -> None:
    first = make_photos(2)
    deep = make_photos(2, below=folder / "2019" / "June")
    nameless = folder / "2019" / "no ending"
    nameless.write_bytes(first[0].read_bytes())
    (folder / "Thumbs.db").write_bytes(b"\0" * 64)
    (folder / "2019" / "notes.txt").write_text("These are my pets.", encoding="utf-8")
    app.add(folder)
    assert {row.path for row in app.shown} == {*first, *deep, nameless}
    assert "3 cats, 2 neither." in app.message
    assert "Skipped: 1 system file, 1 file that is not a photo." in app.message
    app.follow("skipped")
    text = app.dialog(SkippedFilesDialog).findChild(QPlainTextEdit).toPlainText()
    assert sorted(text.splitlines()) == [
        f"{folder / '2019' / 'notes.txt'}  —  it holds text",
        f"{folder / 'Thumbs.db'}  —  system files",
    ]


def test_drop_empty_folder_reports_no_photos(app: App, folder: Path) -> None:
    app.add(folder)
    assert app.message == "No photos found."
    assert app.window.empty.isVisible()


def test_drop_folder_without_photos_reports_skipped_files(app: App, folder: Path) -> None:
    (folder / "notes.txt").write_text("text", encoding="utf-8")
    app.add(folder)
    assert "Skipped: 1 file that is not a photo." in app.message
    assert app.window.session.gallery.total == 0


def test_next_drop_does_not_repeat_skipped_files(app: App, folder: Path, cat: Path) -> None:
    (folder / "notes.txt").write_text("text", encoding="utf-8")
    app.add(folder)
    assert "Skipped: 1 file that is not a photo." in app.message
    other = folder / "other.jpg"
    other.write_bytes(cat.read_bytes() + b"other")
    app.add(other)
    assert app.message == "A cat (&gt;99%)."


def test_drop_file_not_a_photo_lists_reason(app: App, folder: Path) -> None:
    path = folder / "notes.txt"
    path.write_text("text", encoding="utf-8")
    app.add(path)
    assert app.row(path).state is State.FAILED
    assert app.heard(path) == "notes.txt: This file is not a photo (it holds text)."


def test_drop_pixels_saves_and_classifies(app: App, home: Path) -> None:
    mime = QMimeData()
    mime.setImageData(pixels())
    app.drop(mime)
    app.wait_done(1)
    (saved,) = _pasted(home)
    assert app.shown[0].path == saved
    image = QImage(str(saved))
    assert (image.width(), image.height()) == (64, 48)
    assert image.pixelColor(5, 5) == pixels().pixelColor(5, 5)


def test_drop_browser_image_takes_pixels(app: App, home: Path) -> None:
    app.drop(_browser("https://example.org/cat.jpg", pixels()))
    app.wait_done(1)
    assert [row.path for row in app.shown] == _pasted(home)
    assert "web address" not in app.message


def test_drop_browser_file_takes_file(app: App, cat: Path, home: Path) -> None:
    mime = files([cat])
    mime.setImageData(pixels())
    app.drop(mime)
    app.wait_done(1)
    assert app.shown[0].path == cat
    assert _pasted(home) == []


@pytest.mark.parametrize("address", ["https://example.org/cat.jpg", "http://example.org/", "ftp://example.org/a.png"])
def test_drop_web_address_is_refused_with_reason(app: App, address: str, home: Path) -> None:
    app.drop(_browser(address, None))
    assert app.message == (
        "That is a web address. CatDog never goes online. Save the photo first, then drop the file here."
    )
    assert not app.window.drop_overlay.isVisible()
    assert app.window.session.gallery.total == 0
    assert not home.joinpath("data", "pasted").exists()


@pytest.mark.skipif(os.name == "nt", reason="names on Windows are UTF-16")
def test_drop_name_that_is_not_utf8_is_classified(app: App, cat: Path) -> None:
    odd = Path(os.fsdecode(os.fsencode(cat.parent) + b"/caf\xe9 1.jpg"))
    shutil.copyfile(cat, odd)
    mime = QMimeData()
    address = f"file://localhost{odd.parent}/caf%E9%201.jpg\r\n"
    mime.setData("text/uri-list", address.encode())
    app.drop(mime)
    app.wait_done(1)
    assert app.row(odd).state is State.DONE


def test_paste_path_as_text_classifies_it(app: App, cat: Path) -> None:
    mime = QMimeData()
    mime.setText(f"{cat}\n")
    app.paste(mime)
    app.wait_done(1)
    assert app.row(cat).state is State.DONE


def test_drop_data_address_keeps_bytes_of_photo(app: App, cat: Path, home: Path) -> None:
    content = cat.read_bytes()
    mime = QMimeData()
    mime.setData("text/uri-list", b"data:image/jpeg;base64," + base64.b64encode(content))
    app.drop(mime)
    app.wait_done(1)
    (saved,) = (home / "data" / "pasted").iterdir()
    assert (saved.suffix, saved.read_bytes()) == (".jpg", content)
    assert app.row(saved).state is State.DONE


PORTAL = """
import os, sys
import dbus, dbus.service, dbus.mainloop.glib
from gi.repository import GLib

class Portal(dbus.service.Object):
    @dbus.service.method("org.freedesktop.portal.FileTransfer", in_signature="sa{sv}", out_signature="as")
    def RetrieveFiles(self, key, options):
        if key != "1234":
            raise dbus.exceptions.DBusException("unknown key")
        return [sys.argv[1]]

dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
name = dbus.service.BusName("org.freedesktop.portal.Documents", bus)
Portal(bus, "/org/freedesktop/portal/documents")
print("ready", flush=True)
GLib.MainLoop().run()
"""
"""The part of the desktop's portal that hands over files, at which one key is known."""


@pytest.fixture
def portal(cat: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run a session bus with a portal that hands over `cat`."""
    python = "/usr/bin/python3"
    tools = shutil.which("dbus-daemon") and Path(python).exists()
    if not tools or subprocess.run([python, "-c", "import dbus, gi"], capture_output=True, check=False).returncode:
        pytest.skip("a portal needs dbus-daemon, python3-dbus and python3-gi")
    bus = subprocess.Popen(
        ["dbus-daemon", "--session", "--nofork", "--print-address=1"], stdout=subprocess.PIPE, text=True
    )
    assert bus.stdout is not None
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.stdout.readline().strip())
    service = subprocess.Popen([python, "-c", PORTAL, str(cat)], stdout=subprocess.PIPE, text=True)
    assert service.stdout is not None
    assert service.stdout.readline() == "ready\n"
    yield
    for process in (service, bus):
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


@pytest.mark.usefixtures("portal")
def test_drop_of_sandboxed_program_takes_files_from_portal(app: App, cat: Path) -> None:
    mime = QMimeData()
    mime.setData("application/vnd.portal.filetransfer", b"1234")
    app.drop(mime)
    app.wait_done(1)
    assert app.row(cat).state is State.DONE
    mime.setData("application/vnd.portal.filetransfer", b"5678")
    app.drop(mime)
    app.wait_for(lambda: app.message.startswith("The other program did not hand over its files."))


def test_drop_with_portal_key_without_portal_is_refused(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nonexistent")
    mime = QMimeData()
    mime.setData("application/vnd.portal.filetransfer", b"1234")
    app.drop(mime)
    app.wait_for(lambda: app.message.startswith("The other program did not hand over its files."))


def test_paste_files_classifies_them(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(2)
    app.paste(files(paths))
    app.wait_done(2)
    assert [row.path for row in app.shown] == paths


def test_paste_pixels_twice_adds_two_photos(app: App, home: Path) -> None:
    for number in (1, 2):
        mime = QMimeData()
        mime.setImageData(pixels(Qt.GlobalColor.red))
        app.paste(mime)
        app.wait_done(number)
    assert len(_pasted(home)) == 2
    assert {row.path for row in app.shown} == set(_pasted(home))


def test_paste_pixels_save_failure_is_reported(app: App, home: Path) -> None:
    (home / "data").mkdir(exist_ok=True)
    (home / "data" / "pasted").write_text("a file where the folder should be", encoding="utf-8")
    mime = QMimeData()
    mime.setImageData(pixels())
    app.paste(mime)
    app.wait_for(lambda: "could not be saved" in app.message)
    assert app.window.session.gallery.total == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("https://example.org/cat.jpg", "That is a web address. CatDog never goes online."),
        ("  www.example.org/dog.png\n", "That is a web address."),
        ("data:image/png;base64,A", "That image is damaged"),
        ("smb://nas/cat.jpg", "That file is not in a folder of this computer (smb)."),
        ("a cat", "That is text, not a photo."),
        ("", "That is not a photo."),
    ],
)
def test_paste_other_data_is_refused_with_reason(app: App, text: str, sentence: str) -> None:
    mime = QMimeData()
    if text:
        mime.setText(text)
    app.paste(mime)
    assert app.message.startswith(sentence)
    assert app.window.session.gallery.total == 0


def test_drag_shows_overlay_with_count(app: App, folder: Path) -> None:
    # None of these files is there: to answer, only names are looked at.
    twelve = [folder / f"{number}.HEIC" for number in range(12)]
    event = app.drag(files(twelve))
    assert event.isAccepted()
    assert event.dropAction() is Qt.DropAction.CopyAction
    assert app.window.drop_overlay.isVisible()
    assert app.window.drop_overlay.text == "Drop to add 12 photos"
    assert app.window.drop_overlay.size() == app.window.centralWidget().size()
    app.leave()
    assert not app.window.drop_overlay.isVisible()


@pytest.mark.parametrize(
    ("names", "text"),
    [
        (["a.jpg"], "Drop to add 1 photo"),
        (["Holidays"], "Drop to add 1 folder"),
        (["Holidays", "Garden"], "Drop to add 2 folders"),
        (["a.jpg", "Holidays"], "Drop to add 2 files and folders"),
        (["notes.txt"], "Drop to add this file"),
    ],
)
def test_drag_text_names_kinds(app: App, folder: Path, names: list[str], text: str) -> None:
    app.drag(files(folder / name for name in names))
    assert app.window.drop_overlay.text == text
    app.leave()


def test_drag_pixels_and_web_address_text(app: App) -> None:
    app.drag(_browser("https://example.org/a.png", pixels()))
    assert app.window.drop_overlay.text == "Drop to add this photo"
    app.leave()
    app.drag(_browser("https://example.org/a.png", None))
    assert app.window.drop_overlay.text.startswith("That is a web address.")
    app.leave()


def test_child_widgets_accept_no_drops(app: App, cat: Path) -> None:
    app.add(cat)
    takers = [child for child in app.window.findChildren(QWidget) if child.acceptDrops() and child.isVisible()]
    assert takers == []
    assert app.window.gallery.dragDropMode() is QAbstractItemView.DragDropMode.NoDragDrop


def test_drop_while_busy_is_queued(app: App, folder: Path, make_photos: Callable[..., list[Path]]) -> None:
    first = make_photos(30, stem="a")
    second = make_photos(3, stem="b")
    app.drop(files(first))
    app.wait_for(lambda: app.window.session.busy)
    app.drop(files(second))
    app.wait_done(33)
    assert {row.path for row in app.shown} == {*first, *second}
    assert app.message == "11 cats, 22 neither."


def test_drops_while_model_loads_are_all_kept(
    open_app: Callable[..., App], folder: Path, make_photos: Callable[..., list[Path]]
) -> None:
    """All reach the worker at once: the second arrives while the first folder is searched."""
    app = open_app()
    for name in ("a", "b", "c"):
        make_photos(4, below=folder / name)
        app.drop(files([folder / name]))
    app.wait_done(12)
    assert [row.path.parent.name for row in app.shown] == ["a"] * 4 + ["b"] * 4 + ["c"] * 4


def test_drop_same_photo_again_is_reported(app: App, cat: Path) -> None:
    app.add(cat)
    app.add(cat)
    assert [row.path for row in app.shown] == [cat]
    assert "Skipped: 1 photo already in the list." in app.message


def test_drop_same_photo_twice_lists_it_once(app: App, cat: Path) -> None:
    app.add(cat, cat.parent)
    assert [row.path for row in app.shown] == [cat]
    assert "A cat (&gt;99%). Skipped: 1 photo already in the list." in app.message


def test_add_relative_path_is_same_photo(app: App, cat: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(cat.parent)
    app.window.add([Path(cat.name)])
    app.wait_done(1)
    app.add(cat)
    assert len(app.shown) == 1


def test_open_photos_dialog_adds_selection(app: App, make_photos: Callable[..., list[Path]], folder: Path) -> None:
    paths = make_photos(3)
    (folder / "notes.txt").write_text("text", encoding="utf-8")
    app.key(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    dialog = app.dialog(QFileDialog)
    assert "*.heic" in dialog.nameFilters()[0]
    assert "*.JPG" in dialog.nameFilters()[0]
    dialog.setDirectory(str(folder))
    _type_names(dialog, f'"{paths[0].name}" "{paths[2].name}"')
    dialog.accept()
    app.wait_done(2)
    assert [row.path for row in app.shown] == [paths[0], paths[2]]
    assert app.window.settings.last_folder == str(folder)


def test_open_photos_dialog_cancelled_adds_nothing(app: App) -> None:
    app.click(app.window.empty.findChildren(QPushButton)[0])
    dialog = app.dialog(QFileDialog)
    dialog.reject()
    assert app.window.session.gallery.total == 0
    assert app.message == ""


def test_open_folder_dialog_adds_folder(app: App, make_photos: Callable[..., list[Path]], folder: Path) -> None:
    inside = make_photos(2, below=folder / "inside")
    make_photos(1)
    app.click(app.window.empty.findChildren(QPushButton)[1])
    dialog = app.dialog(QFileDialog)
    assert dialog.fileMode() is QFileDialog.FileMode.Directory
    dialog.setDirectory(str(folder))
    _type_names(dialog, "inside")
    dialog.accept()
    app.wait_done(2)
    assert [row.path for row in app.shown] == inside


def _type_names(dialog: QFileDialog, text: str) -> None:
    dialog.findChild(QLineEdit).setText(text)
