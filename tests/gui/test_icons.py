"""The painted icons: size, colour, and a shape of its own for each verdict."""

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.widgets.icons import Icon, make_icon, paint_icon


def painted(icon: Icon, edge: int) -> QImage:
    image = QImage(edge, edge, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setBrush(QColor("red"))  # left over from other painting: it must not fill the icon
    paint_icon(painter, QRectF(0, 0, edge, edge), icon, QColor("black"))
    painter.end()
    return image


@pytest.mark.parametrize("icon", list(Icon))
def test_icon_is_painted_in_its_square_and_colour_only(icon: Icon) -> None:
    image = painted(icon, 48)
    colours = [image.pixelColor(x, y) for x in range(48) for y in range(48)]
    share = sum(colour.lightness() < 128 for colour in colours) / len(colours)
    assert 0.02 < share < 0.8, "neither empty nor a solid block"
    assert all(colour.saturation() == 0 for colour in colours), "no other colour"


def test_verdict_icons_have_different_shapes() -> None:
    shapes = [painted(icon, 16) for icon in (Icon.CAT, Icon.DOG, Icon.BOTH, Icon.NEITHER, Icon.UNSURE, Icon.PROBLEM)]
    for number, shape in enumerate(shapes):
        for other in shapes[number + 1 :]:
            differing = sum(
                abs(shape.pixelColor(x, y).lightness() - other.pixelColor(x, y).lightness()) > 100
                for x in range(16)
                for y in range(16)
            )
            assert differing > 20, "of 256 pixels"


def test_icon_has_pixmaps_for_dense_screens(qtbot: QtBot) -> None:
    icon = make_icon(Icon.CAT, QColor("black"), 20)
    assert {size.width() for size in icon.availableSizes()} == {20, 40, 60}


def test_icons_of_other_colour_or_size_differ_from_first(qtbot: QtBot) -> None:
    first = make_icon(Icon.CAT, QColor("black"), 20).pixmap(20, 20).toImage()
    assert make_icon(Icon.CAT, QColor("black"), 20).pixmap(20, 20).toImage() == first
    assert make_icon(Icon.CAT, QColor("red"), 20).pixmap(20, 20).toImage() != first
    assert make_icon(Icon.CAT, QColor("black"), 16).availableSizes()[0].width() == 16
