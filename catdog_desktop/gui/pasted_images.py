"""Saves images that are pasted or dropped without a file, so that they can be sorted like any other photo."""

from datetime import datetime
from pathlib import Path

from PySide6.QtGui import QImage

from catdog_desktop.gui.dropped_addresses import EncodedImage
from catdog_desktop.paths import pasted_folder


def save_pixels(image: QImage) -> Path | None:
    """Write `image` as PNG to the user's data folder under a free name; return None if that fails."""
    try:
        path = _new_file(".png")
        if image.save(str(path), "PNG"):  # type: ignore[call-overload]
            return path
        path.unlink(missing_ok=True)
    except OSError:
        pass
    return None


def save_image(image: EncodedImage) -> Path | None:
    """Write the bytes of an image file to the user's data folder under a free name; return None if that fails."""
    try:
        path = _new_file(image.suffix)
        try:
            path.write_bytes(image.data)
        except OSError:
            path.unlink(missing_ok=True)
            raise
    except OSError:
        return None
    return path


def _new_file(suffix: str) -> Path:
    """Create an empty file under a free name. Raises `OSError`."""
    folder = pasted_folder()
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"Pasted {datetime.now():%Y-%m-%d %H.%M.%S}"
    number = 1
    while True:
        path = folder / (f"{stem}{suffix}" if number == 1 else f"{stem} ({number}){suffix}")
        try:
            path.open("xb").close()
        except FileExistsError:
            number += 1
            continue
        return path
