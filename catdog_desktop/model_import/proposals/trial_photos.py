"""The photos that the app brings, to try models of others on: a cat (Chelsea), and three of neither."""

from pathlib import Path
from typing import Any

from catdog_desktop.paths import shipped


def trial_photos() -> tuple[Path, ...]:
    """Return where the photos lie; the first is the cat. Together they are as bright and colourful as photos are."""
    return tuple(shipped("resources", "photos", f"{name}.jpg") for name in ("cat", "cup", "person", "rocket"))


def photo_pixels(path: Path, size: tuple[int, int], channels: int, *, mirrored: bool = False) -> Any:
    """Return a photo as a model for photos of `size` (width, height) takes it.

    uint8 of (height, width, channels), 0..255; with one channel, grey.
    """
    import numpy as np
    from PIL import Image, ImageOps

    with Image.open(path) as photo:
        upright = photo.convert("L" if channels == 1 else "RGB")
    if mirrored:
        upright = ImageOps.mirror(upright)
    sized = upright.resize(size, Image.Resampling.BILINEAR)
    return np.asarray(sized, dtype=np.uint8).reshape(size[1], size[0], channels)
