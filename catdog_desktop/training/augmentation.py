"""Changes of a photo that keep its label: what cameras, apps and bad light do to photos.

The pets of the training data are small and blurry and most other photos are not, so resolution, sharpness and JPEG
quality are made random for all of them: none may separate pets from other photos.
"""

import io
import math
from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

Change = Callable[[Image.Image, np.random.Generator], Image.Image]

SMALLEST: Final = 60
"""Pixels to which the longer edge of a photo is reduced at most."""


def crop(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Cut out a window of 45 to 100 % of the area, and stretch it a little."""
    area, stretch = rng.uniform(0.45, 1.0), math.exp(rng.uniform(-0.25, 0.25))
    width = min(photo.width, max(8, round(photo.width * math.sqrt(area) * stretch)))
    height = min(photo.height, max(8, round(photo.height * math.sqrt(area) / stretch)))
    left, top = int(rng.integers(photo.width - width + 1)), int(rng.integers(photo.height - height + 1))
    return photo.crop((left, top, left + width, top + height))


def mirror(photo: Image.Image, _rng: np.random.Generator) -> Image.Image:
    """Swap left and right."""
    return ImageOps.mirror(photo)


def tilt(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Turn by up to 20 degrees, and cut off most of the empty corners."""
    turned = photo.rotate(rng.uniform(-20, 20), Image.Resampling.BILINEAR)
    border_x, border_y = photo.width // 12, photo.height // 12
    return turned.crop((border_x, border_y, photo.width - border_x, photo.height - border_y))


def recolour(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Change saturation, contrast and the white balance."""
    photo = ImageEnhance.Color(photo).enhance(rng.uniform(0.3, 1.7))
    photo = ImageEnhance.Contrast(photo).enhance(rng.uniform(0.6, 1.4))
    balance = np.exp(rng.uniform(-0.15, 0.15, 3))
    return Image.fromarray(np.clip(np.asarray(photo) * balance, 0, 255).astype(np.uint8))


def relight(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Make darker, down to a fifth, or brighter, up to 1.6 times."""
    return ImageEnhance.Brightness(photo).enhance(math.exp(rng.uniform(math.log(0.2), math.log(1.6))))


def grey(photo: Image.Image, _rng: np.random.Generator) -> Image.Image:
    """Remove the colour."""
    return photo.convert("L").convert("RGB")


def reduce_resolution(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Resize to a longer edge of 60 to 260 pixels, by any of the filters that apps use."""
    edge = math.exp(rng.uniform(math.log(SMALLEST), math.log(260)))
    ratio = min(1.0, edge / max(photo.size))
    size = max(8, round(photo.width * ratio)), max(8, round(photo.height * ratio))
    filters = (Image.Resampling.NEAREST, Image.Resampling.BILINEAR, Image.Resampling.BICUBIC, Image.Resampling.LANCZOS)
    return photo.resize(size, filters[int(rng.integers(len(filters)))])


def blur(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Put out of focus: a Gaussian of up to 1.5 % of the edge."""
    return photo.filter(ImageFilter.GaussianBlur(rng.uniform(0.1, 1.0) * 0.015 * max(photo.size)))


def sharpen(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Sharpen as phones do, up to halos."""
    return photo.filter(ImageFilter.UnsharpMask(rng.uniform(0.5, 2.5), int(rng.uniform(40, 250)), 1))


def compress(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Write as JPEG of quality 6 to 92, more often a low one, and read again."""
    quality = math.exp(rng.uniform(math.log(6), math.log(92)))
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=round(quality))
    with Image.open(buffer) as image:
        return image.convert("RGB")


def add_noise(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Add the noise of a small sensor in bad light: a standard deviation of up to 16 of 255."""
    noise = rng.normal(0.0, rng.uniform(2, 16), (photo.height, photo.width, 3))
    return Image.fromarray(np.clip(np.asarray(photo) + noise, 0, 255).astype(np.uint8))


CHANGES: Final[tuple[tuple[float, Change], ...]] = (
    (0.6, crop),
    (0.5, mirror),
    (0.2, tilt),
    (0.5, recolour),
    (0.35, relight),
    (0.12, grey),
    (0.35, reduce_resolution),
    (0.3, blur),
    (0.2, sharpen),
    (0.15, add_noise),
    (0.5, compress),
)
"""How likely each change is, in the order in which they are applied."""

LIGHT_CHANGES: Final = tuple((chance / 2, change) for chance, change in CHANGES if change not in (crop, tilt))
"""For joined photos: nothing that could cut off one of the animals."""

SMALL_CHANGES: Final = tuple(
    (chance / 6 if change in (blur, reduce_resolution, add_noise) else chance, change)
    for chance, change in LIGHT_CHANGES
)
"""For photos with a small subject, which a strong blur would remove altogether."""


def augment(
    photo: Image.Image, rng: np.random.Generator, changes: tuple[tuple[float, Change], ...] = CHANGES
) -> Image.Image:
    """Apply a random choice of the changes to an RGB photo; the result may have another size."""
    for chance, change in changes:
        if rng.random() < chance:
            photo = change(photo, rng)
    return photo
