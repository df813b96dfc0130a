"""The bar for selected photos, and photos as files for other programs."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices, QDrag, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton

from catdog_desktop.gui.exporting.export_dialog import ExportDialog
from catdog_desktop.gui.photo_files import GNOME_FILES, files_mime
from catdog_desktop.gui.sorting.sort_dialog import SortDialog
from catdog_desktop.verdict import Verdict

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def paths(app: App, make_photos: Callable[..., list[Path]]) -> list[Path]:
    made = make_photos(5)
    app.add(*made)
    app.wait_done(5)
    return made


def button(app: App, text: str) -> QToolButton:
    return next(one for one in app.window.selection_bar.buttons if one.text() == text)


def test_bar_is_shown_while_more_than_one_photo_is_selected(app: App, paths: list[Path]) -> None:
    bar = app.window.selection_bar
    assert not bar.isVisible()
    app.select(paths[:1])
    app.select(paths[:3])
    app.wait_for(bar.isVisible)
    assert bar.text == "3 selected:"
    assert [one.text() for one in bar.buttons] == [
        "Sort…", "Export…", "Mark as", "Copy", "Move to Trash", "Remove from list",
    ]  # fmt: skip
    app.key(Qt.Key.Key_A, CTRL, on=app.window.gallery)
    app.wait_for(lambda: bar.text == "5 selected:")
    app.select(paths[:1])
    app.wait_for(lambda: not bar.isVisible())


def test_removed_photos_leave_the_bar(app: App, paths: list[Path]) -> None:
    app.select(paths[:2])
    app.wait_for(app.window.selection_bar.isVisible)
    app.click(button(app, "Remove from list"))
    assert len(app.names) == 3
    app.wait_for(lambda: not app.window.selection_bar.isVisible())


@pytest.mark.parametrize(("text", "kind"), [("Sort…", SortDialog), ("Export…", ExportDialog)])
def test_bar_opens_dialogs_for_the_selection(app: App, paths: list[Path], text: str, kind: type[SortDialog]) -> None:
    app.select(paths[:2])
    app.wait_for(app.window.selection_bar.isVisible)
    app.click(button(app, text))
    dialog = app.dialog(kind)
    assert "The 2 selected photos" in [box.currentText() for box in dialog.findChildren(type(_scope(dialog)))]
    dialog.reject()


def _scope(dialog: object) -> object:
    from catdog_desktop.gui.selection_scope import ScopeBox

    return dialog.findChild(ScopeBox)  # type: ignore[attr-defined]


def test_bar_marks_the_selection(app: App, paths: list[Path]) -> None:
    app.select(paths[:2])
    app.wait_for(app.window.selection_bar.isVisible)
    menu = button(app, "Mark as").menu()
    next(action for action in menu.actions() if action.text() == "&Both").trigger()
    assert [app.row(path).verdict for path in paths[:2]] == [Verdict.BOTH] * 2


@pytest.mark.parametrize("width", [480, 700, 1200])
def test_buttons_of_the_bar_fit_the_window(app: App, paths: list[Path], width: int) -> None:
    app.window.resize(width, 700)
    app.select(paths[:2])
    bar = app.window.selection_bar
    app.wait_for(lambda: bar.isVisible() and bar.width() <= width)
    assert bar._label.x() > 0
    for number, one in enumerate(bar.buttons):
        assert bar.rect().contains(one.geometry()), one.text()
        assert not any(one.geometry().intersects(other.geometry()) for other in bar.buttons[number + 1 :])


def test_copy_puts_files_and_names_on_the_clipboard(app: App, paths: list[Path]) -> None:
    app.select(paths[1:3])
    app.key(Qt.Key.Key_C, CTRL, on=app.window.gallery)
    mime = QGuiApplication.clipboard().mimeData()
    assert [Path(url.toLocalFile()) for url in mime.urls()] == paths[1:3]
    assert mime.text() == "IMG_2.jpg\nIMG_3.jpg"
    assert bytes(mime.data(GNOME_FILES).data()).decode() == "\n".join(["copy", *(path.as_uri() for path in paths[1:3])])
    assert app.message == "Copied 2 photos."


def test_copied_files_can_be_pasted_here(app: App, paths: list[Path]) -> None:
    app.select(paths[3:4])
    app.key(Qt.Key.Key_C, CTRL, on=app.window.gallery)
    app.select(paths[:1])
    app.key(Qt.Key.Key_V, CTRL, on=app.window.gallery)
    app.wait_for(lambda: [row.path for row in app.window.gallery.selected_rows] == paths[3:4])


def test_name_that_is_not_utf8_keeps_its_bytes(tmp_path: Path) -> None:
    mime = files_mime([tmp_path / "a\udcff.jpg"])
    assert bytes(mime.urls()[0].toEncoded().data()).endswith(b"/a%FF.jpg")
    assert bytes(mime.data(GNOME_FILES).data()).endswith(b"/a%FF.jpg")


def test_open_with_default_program(app: App, paths: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[QUrl] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url)
        return len(opened) == 1

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    app.select(paths[2:3])
    app.key(Qt.Key.Key_Return, CTRL, on=app.window.gallery)
    assert [Path(url.toLocalFile()) for url in opened] == paths[2:3]
    app.run("file.open_with")
    assert app.message == "No program opens IMG_3.jpg."


# Drag out.


class Drags:
    """Drags that were started, with their data."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.paths: list[list[Path]] = []
        self.actions: list[Qt.DropAction] = []

        def execute(drag: QDrag, action: Qt.DropAction) -> Qt.DropAction:
            self.paths.append([Path(url.toLocalFile()) for url in drag.mimeData().urls()])
            self.actions.append(action)
            return action

        monkeypatch.setattr(QDrag, "exec", execute)


@pytest.fixture
def drags(monkeypatch: pytest.MonkeyPatch) -> Drags:
    return Drags(monkeypatch)


def drag(
    app: App, path: Path, *, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, low: bool = False
) -> None:
    """Press on the picture of a photo, or `low`, on its bars, and move the pointer far to the right."""
    gallery = app.window.gallery
    rect = gallery.visualRect(app.window.session.gallery.index_of(path))
    start = QPoint(rect.center().x(), rect.bottom() - 16 if low else rect.top() + rect.height() // 3)
    QTest.mousePress(gallery.viewport(), Qt.MouseButton.LeftButton, keys, start)
    for step in (20, 60, 120):
        QTest.mouseMove(gallery.viewport(), start + QPoint(step, 0))
    QTest.mouseRelease(gallery.viewport(), Qt.MouseButton.LeftButton, keys, start + QPoint(120, 0))


def test_picture_is_dragged_out_as_a_copy(app: App, paths: list[Path], drags: Drags) -> None:
    drag(app, paths[1])
    assert drags.paths == [[paths[1]]]
    assert drags.actions == [Qt.DropAction.CopyAction]


def test_selected_photos_are_dragged_out_together(app: App, paths: list[Path], drags: Drags) -> None:
    app.select(paths[:3])
    drag(app, paths[1], low=True)
    assert drags.paths == [paths[:3]]


@pytest.mark.parametrize("keys", [Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier])
def test_press_beside_the_picture_starts_a_rubber_band(
    app: App, paths: list[Path], drags: Drags, keys: Qt.KeyboardModifier
) -> None:
    drag(app, paths[0], keys=keys, low=keys is Qt.KeyboardModifier.NoModifier)
    assert drags.paths == []
