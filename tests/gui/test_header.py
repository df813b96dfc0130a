"""The toolbar above the gallery, at every width."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App, scored
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QFileDialog, QSlider, QWidget

from catdog_desktop.gui.exporting.export_dialog import ExportDialog
from catdog_desktop.gui.sorting.sort_dialog import SortDialog
from catdog_desktop.settings import Settings


def test_size_slider_changes_card_width(app: App, cat: Path) -> None:
    app.add(cat)
    app.window.resize(1100, 700)
    slider = app.window.header.findChild(QSlider)
    app.wait_for(slider.isVisible)
    before = app.window.settings.card_width
    slider.setFocus()
    app.key(Qt.Key.Key_Right)
    assert app.window.settings.card_width == before + slider.singleStep()
    app.key(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert not slider.isEnabled(), "cards have no width in the list view"


@pytest.mark.parametrize("width", [420, 600, 800, 1200])
def test_header_widgets_do_not_overlap(app: App, cat: Path, width: int) -> None:
    app.add(cat)
    app.window.resize(width, 600)
    app.wait_for(lambda: app.window.header.width() <= app.window.width())
    assert app.window.width() <= max(width, 480)
    parts = [
        widget
        for widget in app.window.header.findChildren(QWidget)
        if widget.isVisible() and widget.parent() is app.window.header
    ]
    for number, first in enumerate(parts):
        assert app.window.header.rect().contains(first.geometry()), first.accessibleName()
        for second in parts[number + 1 :]:
            assert not first.geometry().intersects(second.geometry()), (first, second)


def test_header_buttons_open_file_dialogs(app: App, cat: Path) -> None:
    app.add(cat)
    for action_id, mode in (
        ("file.open_photos", QFileDialog.FileMode.ExistingFiles),
        ("file.open_folder", QFileDialog.FileMode.Directory),
    ):
        menu = app.window.header.open.menu()
        menu.popup(app.window.header.open.mapToGlobal(QPoint(0, 20)))
        app.wait_for(menu.isVisible)
        app.qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(app.action(action_id)).center())
        dialog = app.dialog(QFileDialog)
        assert isinstance(dialog, QFileDialog)
        assert dialog.fileMode() is mode
        dialog.reject()
        app.wait_for(lambda: not app.window.findChildren(QFileDialog))


def test_toolbar_sorts_exports_and_shows_what_to_check(open_app: Callable[..., App]) -> None:
    app = open_app(settings=Settings(cat_threshold=0.5, dog_threshold=0.5, unsure_band=0.1))
    app.window.resize(1200, 700)
    gallery, header = app.window.session.gallery, app.window.header
    assert not header.sort_photos.isEnabled()
    paths = [Path(f"/photos/{number}.jpg") for number in range(3)]
    gallery.add(paths)
    gallery.apply_results([scored(path, score, 0.01) for path, score in zip(paths, (0.99, 0.52, 0.47), strict=True)])
    app.window.session.counts_changed.emit()
    assert header.to_check.text() == "To check (2)"
    assert header.to_check.accessibleName() == "To check (2)"
    app.click(header.to_check)
    assert app.names == ["1.jpg", "2.jpg"]
    for button, kind in ((header.sort_photos, SortDialog), (header.export, ExportDialog)):
        app.click(button)
        app.dialog(kind).reject()


@pytest.mark.parametrize(("width", "words"), [(1200, True), (700, False), (480, False)])
def test_toolbar_folds_in_narrow_windows(app: App, cat: Path, width: int, *, words: bool) -> None:
    app.add(cat)
    app.window.resize(width, 600)
    header = app.window.header
    app.wait_for(lambda: header.width() == width)
    for button in (header.sort_photos, header.export):
        assert bool(button.text()) is words
        assert button.accessibleName()
        assert not button.icon().isNull()
