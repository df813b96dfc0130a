"""The photo of the preview, fitted, and how a heat map is laid over a photo."""

from enum import Enum
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from catdog_desktop.gui.images import image_from_array
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, RADIUS, colours
from catdog_desktop.gui.widgets.labels import Picture
from catdog_desktop.messages import _

_LEAST_HEIGHT: Final = 2 * GRID
"""A lower photo would be a dot, in points."""


class Heat(Enum):
    """Which heat map is shown over the photo."""

    OFF = "off"
    CAT = "cat"
    DOG = "dog"


@safe_overrides
class PhotoView(Picture):
    """Paints one photo, fitted, with a heat map over it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._overlay: QImage | None = None
        self.message = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        # On a screen of 540 points, which 1080 pixels at 200 % are, the photo gets smaller before texts are cut.
        self.setMinimumSize(160, 0)
        self.setAccessibleName(_("Large photo"))

    @property
    def has_photo(self) -> bool:
        """Whether a photo is shown."""
        return self._image is not None

    @property
    def has_overlay(self) -> bool:
        """Whether a heat map is shown."""
        return self._overlay is not None and self._image is not None

    def show_photo(self, image: QImage | None, message: str = "") -> None:
        """Show `image`, or `message` if it is None."""
        self._image, self.message = image, message
        self.update()

    def show_overlay(self, overlay: QImage | None) -> None:
        """Show a small image with alpha over the whole photo; None removes it."""
        self._overlay = overlay
        self.update()

    def sizeHint(self) -> QSize:
        """Return a size for the preview beside the gallery."""
        return QSize(360, 360)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint photo and heat map."""
        with QPainter(self) as painter:
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            area = QRectF(self.rect())
            if area.height() < _LEAST_HEIGHT:
                return
            ours = colours(self.palette())
            if self._image is None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ours.backdrop)
                painter.drawRoundedRect(area, RADIUS, RADIUS)
                painter.setPen(ours.hint)
                text_area = area.adjusted(2 * GRID, 0, -2 * GRID, 0)
                painter.drawText(text_area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.message)
                return
            # Fitted, but enlarged at most twice: a small photo stays recognizably small.
            ratio = self.devicePixelRatioF()
            scale = min(area.width() / self._image.width(), area.height() / self._image.height(), 2.0 / ratio)
            place = QRectF(QPointF(0, 0), self._image.size().toSizeF() * scale)
            place.moveCenter(area.center())
            painter.drawImage(place, self._image)
            if self._overlay is not None:
                painter.drawImage(place, self._overlay)


def heat_overlay(heat: NDArray[np.uint8], colour: QColor) -> QImage:
    """Return a small image to show over the photo: areas that the model ignored are dimmed, the others tinted.

    `heat` is (rows, columns), 0..255. The dimming is visible with any colour vision; the tint is the animal's colour.
    """
    share = heat.astype(np.float32) / 255
    pixels = np.empty((*heat.shape, 4), dtype=np.uint8)
    tint = np.array([colour.red(), colour.green(), colour.blue()], dtype=np.float32)
    dimming, tinting = 0.62 * (1 - share), 0.38 * share
    alpha = dimming + tinting
    for channel in range(3):
        pixels[:, :, channel] = tint[channel] * tinting / np.maximum(alpha, 1e-6)
    pixels[:, :, 3] = np.rint(alpha * 255)
    return image_from_array(pixels)
