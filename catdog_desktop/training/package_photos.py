"""Freely usable photos that installed packages ship, and changes of them that Pillow makes alike on every system.

scikit-image: `chelsea` (a cat), `astronaut`, `coffee`, `rocket` (CC0 or public domain). scikit-learn: `china.jpg`,
`flower.jpg` (CC BY). None is in the training data.
"""

from collections.abc import Callable
from typing import Final

from PIL import Image, ImageOps
from skimage import data
from sklearn.datasets import load_sample_image

CHANGES: Final[dict[str, Callable[[Image.Image], Image.Image]]] = {
    "plain": lambda photo: photo,
    "left half": lambda photo: photo.crop((0, 0, photo.width // 2, photo.height)),
    "grey": lambda photo: photo.convert("L").convert("RGB"),
    "mirrored": ImageOps.mirror,
    "rotated by 90": lambda photo: photo.transpose(Image.Transpose.ROTATE_90),
    "quarter size": lambda photo: photo.resize((photo.width // 4, photo.height // 4), Image.Resampling.BILINEAR),
}


def package_photos() -> dict[str, Image.Image]:
    """Return the photos and their changes by name, for example ``"chelsea, grey"``: RGB."""
    photos = {name: Image.fromarray(getattr(data, name)()) for name in ("chelsea", "astronaut", "coffee", "rocket")}
    photos |= {name: Image.fromarray(load_sample_image(f"{name}.jpg")) for name in ("china", "flower")}
    return {
        f"{name}, {change}": apply(photo.convert("RGB"))
        for name, photo in photos.items()
        for change, apply in CHANGES.items()
    }
