"""Conversion of arrays to `QImage`."""

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage


def image_from_array(pixels: NDArray[np.uint8], *, has_alpha: bool = True) -> QImage:
    """Return an image that owns its pixels.

    `pixels` is (height, width, 3) for RGB or (height, width, 4) for RGBA. Without `has_alpha`, the fourth channel is
    ignored: of all opaque formats, four bytes per pixel are painted fastest.
    """
    height, width, channels = pixels.shape
    with_four = QImage.Format.Format_RGBA8888 if has_alpha else QImage.Format.Format_RGBX8888
    image = QImage(width, height, QImage.Format.Format_RGB888 if channels == 3 else with_four)
    if image.isNull():
        return image
    # Written in place: a photo of 12 megapixels is 37 MB, and each copy of it counts. Lines may have padding.
    lines = np.frombuffer(image.bits(), np.uint8).reshape(height, image.bytesPerLine())
    lines[:, : channels * width] = pixels.reshape(height, channels * width)
    return image
