"""The toolbar above the gallery, at every width."""

from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QPushButton, QSlider, QWidget


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
    for number, mode in enumerate((QFileDialog.FileMode.ExistingFiles, QFileDialog.FileMode.Directory)):
        app.click(app.window.header.findChildren(QPushButton)[number])
        dialog = app.dialog(QFileDialog)
        assert isinstance(dialog, QFileDialog)
        assert dialog.fileMode() is mode
        dialog.reject()
        app.wait_for(lambda: not app.window.findChildren(QFileDialog))
