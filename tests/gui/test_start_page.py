"""The start page, in light and dark and in a small window."""

import numpy as np
import pytest
from driving import App, grab
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QPushButton

from catdog_desktop.gui.theme import colours


def _pixels(image: QImage) -> NDArray[np.int16]:
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)
    return flat[:, : image.width(), 2::-1].astype(np.int16).copy()


def _share(pixels: NDArray[np.int16], colour: QColor, within: int = 30) -> float:
    wanted = np.array([colour.red(), colour.green(), colour.blue()])
    return float((np.abs(pixels - wanted) <= within).all(axis=2).mean())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_start_page_shows_cat_dog_and_text(app: App, theme: str) -> None:
    app.run(f"view.theme.{theme}")
    dark = theme == "dark"
    app.wait_for(lambda: (app.window.palette().window().color().lightness() < 100) is dark)
    pixels, ours = _pixels(grab(app.window.empty)), colours(app.window.palette())
    assert _share(pixels, ours.cat, 60) > 0.002
    assert _share(pixels, ours.dog, 60) > 0.002
    below = pixels[pixels.shape[0] * 6 // 10 :, pixels.shape[1] // 5 : -pixels.shape[1] // 5]
    assert _share(below, ours.hint, 60) > 0.002, "the line of formats is visible"


def test_start_page_fits_small_window(app: App) -> None:
    app.window.resize(480, 420)
    for button in app.window.empty.findChildren(QPushButton):
        if button.isVisible():
            assert app.window.empty.rect().contains(button.geometry())


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_icons_of_buttons_are_visible(app: App, theme: str) -> None:
    app.run(f"view.theme.{theme}")
    app.wait_for(lambda: (app.window.palette().window().color().lightness() < 100) is (theme == "dark"))
    for button in app.window.empty.findChildren(QPushButton):
        if button.isVisible():
            image = button.icon().pixmap(20, 20).toImage()
            drawn = [image.pixelColor(x, y) for x in range(20) for y in range(20)]
            lightness = [colour.lightness() for colour in drawn if colour.alpha() > 200]
            assert lightness
            assert (min(lightness) > 150) is (theme == "dark")
