"""The photo of a cat that the app brings (Chelsea, CC0), to try models of others on."""

from pathlib import Path
from typing import Any

from catdog_desktop.importing.facts import Facts
from catdog_desktop.places import shipped


def cat_photo() -> Path:
    """Return where the photo lies."""
    return shipped("resources", "photos", "cat.jpg")


def cat_pixels(path: Path, facts: Facts, *, mirrored: bool = False) -> Any:
    """Return the photo as a model with these facts takes it: uint8 of (height, width, channels), 0..255."""
    import numpy as np
    from PIL import Image, ImageOps

    with Image.open(path) as photo:
        upright = photo.convert("L" if facts.channels == 1 else "RGB")
    if mirrored:
        upright = ImageOps.mirror(upright)
    sized = upright.resize((facts.width, facts.height), Image.Resampling.BILINEAR)
    return np.asarray(sized, dtype=np.uint8).reshape(facts.height, facts.width, facts.channels)
