"""The line at the top and the start page: at every size, in light and in dark."""

from pathlib import Path

import numpy as np
import pytest
from driving import App, grab
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QPushButton, QSlider

from catdog_desktop.gui.theme import colours


def _pixels(image: QImage) -> NDArray[np.int16]:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return flat[:, : image.width(), 2::-1].astype(np.int16).copy()


def _share(pixels: NDArray[np.int16], colour: QColor, within: int = 30) -> float:
    wanted = np.array([colour.red(), colour.green(), colour.blue()])
    return float((np.abs(pixels - wanted) <= within).all(axis=2).mean())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_start_page_shows_a_cat_a_dog_and_its_words(app: App, theme: str) -> None:
    app.run(f"view.theme.{theme}")
    dark = theme == "dark"
    app.wait_for(lambda: (app.window.palette().window().color().lightness() < 100) is dark)
    pixels, ours = _pixels(grab(app.window.empty)), colours(app.window.palette())
    assert _share(pixels, ours.cat, 60) > 0.002
    assert _share(pixels, ours.dog, 60) > 0.002
    below = pixels[pixels.shape[0] * 6 // 10 :, pixels.shape[1] // 5 : -pixels.shape[1] // 5]
    assert _share(below, ours.hint, 60) > 0.002, "the line of formats can be seen"


def test_the_start_page_stays_whole_in_a_small_window(app: App) -> None:
    app.window.resize(480, 420)
    for button in app.window.empty.findChildren(QPushButton):
        assert app.window.empty.rect().contains(button.geometry())


def test_the_size_slider_changes_the_cards(app: App, cat: Path) -> None:
    app.add(cat)
    app.window.resize(1100, 700)
    slider = app.window.header.findChild(QSlider)
    app.wait_for(slider.isVisible)
    before = app.window.settings.card_width
    slider.setFocus()
    app.key(Qt.Key.Key_Right)
    assert app.window.settings.card_width == before + slider.singleStep()
    app.key(Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert not slider.isEnabled(), "in a list it means nothing"


@pytest.mark.parametrize("width", [420, 600, 800, 1200])
def test_nothing_overlaps_at_any_width(app: App, cat: Path, width: int) -> None:
    app.add(cat)
    app.window.resize(width, 600)
    app.wait_for(lambda: app.window.header.width() <= app.window.width())
    assert app.window.width() <= max(width, 480)
    parts = [w for w in app.window.header.children() if hasattr(w, "geometry") and getattr(w, "isVisible", bool)()]
    for number, first in enumerate(parts):
        assert app.window.header.rect().contains(first.geometry()), first.accessibleName()
        for second in parts[number + 1 :]:
            assert not first.geometry().intersects(second.geometry()), (first, second)


def test_the_header_opens_the_pickers(app: App, cat: Path) -> None:
    from PySide6.QtWidgets import QFileDialog

    app.add(cat)
    for number, mode in enumerate((QFileDialog.FileMode.ExistingFiles, QFileDialog.FileMode.Directory)):
        app.click(app.window.header.findChildren(QPushButton)[number])
        dialog = app.dialog(QFileDialog)
        assert isinstance(dialog, QFileDialog)
        assert dialog.fileMode() is mode
        dialog.reject()
        app.wait_for(lambda: not app.window.findChildren(QFileDialog))
