"""Render the app's icon from its drawing: PNGs for Linux, an .ico for Windows, an .icns for macOS.

    python packaging/render_icons.py

`catdog.svg` is drawn for 48 pixels and more; `catdog-small.svg` is the same face with less in it, for 16 to 32.
"""

import io
import os
from pathlib import Path

from PIL import Image
from PySide6.QtCore import QBuffer, QByteArray, QIODevice
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).resolve().parent.parent / "resources" / "icons"
SMALL_UP_TO = 32
PNG_SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
ICO_SIZES = (16, 20, 24, 32, 40, 48, 64, 128, 256)
ICNS_SIZES = (16, 32, 64, 128, 256, 512, 1024)


def render(size: int) -> Image.Image:
    """Draw the icon at `size` pixels: RGBA on nothing."""
    drawing = "catdog-small.svg" if size <= SMALL_UP_TO else "catdog.svg"
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(ICONS / drawing)).render(painter)
    painter.end()
    content = QByteArray()
    buffer = QBuffer(content)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return Image.open(io.BytesIO(content.data())).convert("RGBA")


def main() -> None:
    """Write every size and container to `resources/icons`."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication([])
    for size in PNG_SIZES:
        render(size).save(ICONS / f"catdog-{size}.png", optimize=True)
    _save_all("catdog.ico", ICO_SIZES, [(size, size) for size in ICO_SIZES])
    _save_all("catdog.icns", ICNS_SIZES, None)
    application.quit()


def _save_all(name: str, sizes: tuple[int, ...], listed: list[tuple[int, int]] | None) -> None:
    images = [render(size) for size in sizes]
    options = {} if listed is None else {"sizes": listed}
    images[-1].save(ICONS / name, append_images=images[:-1], **options)


if __name__ == "__main__":
    main()
