"""New photos made of two: both animals in one picture, and small pets in large scenes.

There are no labelled photos of a cat **and** a dog. Joined ones stand in for them; so that the seam itself means
nothing, two cats, two dogs, and a pet with something else are joined in the same ways.
"""

from collections.abc import Callable
from typing import Final

import numpy as np
from PIL import Image

Join = Callable[[Image.Image, Image.Image, np.random.Generator], Image.Image]

_EDGE: Final = 320
"""Longer edge of a joined photo: enough for the input, small enough to be quick."""


def side_by_side(first: Image.Image, second: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Put the first left of the second; the seam is between 35 and 65 % of the width."""
    seam = round(_EDGE * rng.uniform(0.35, 0.65))
    height = round(_EDGE * rng.uniform(0.6, 1.0))
    joined = Image.new("RGB", (_EDGE, height))
    joined.paste(_fill(first, seam, height, rng), (0, 0))
    joined.paste(_fill(second, _EDGE - seam, height, rng), (seam, 0))
    return joined


def above_each_other(first: Image.Image, second: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Put the first above the second."""
    turned = side_by_side(first.transpose(Image.Transpose.TRANSPOSE), second.transpose(Image.Transpose.TRANSPOSE), rng)
    return turned.transpose(Image.Transpose.TRANSPOSE)


def inset(first: Image.Image, second: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Paste the first into a corner of the second, at 40 to 55 % of its edges, so that both stay to be seen."""
    width, height = _EDGE, round(_EDGE * rng.uniform(0.7, 1.0))
    joined = second.resize((width, height), Image.Resampling.BILINEAR)
    small = first.resize(
        (round(width * rng.uniform(0.4, 0.55)), round(height * rng.uniform(0.4, 0.55))), Image.Resampling.BILINEAR
    )
    joined.paste(small, (int(rng.integers(2)) * (width - small.width), int(rng.integers(2)) * (height - small.height)))
    return joined


def small_in_scene(pet: Image.Image, scene: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Paste a pet anywhere in a scene, at 30 to 60 % of its edges."""
    joined = scene.resize((_EDGE, round(_EDGE * rng.uniform(0.7, 1.0))), Image.Resampling.BILINEAR)
    share = rng.uniform(0.3, 0.6)
    small = pet.resize((round(joined.width * share), round(joined.height * share)), Image.Resampling.BILINEAR)
    place = int(rng.integers(joined.width - small.width)), int(rng.integers(joined.height - small.height))
    joined.paste(small, place)
    return joined


JOINS: Final[tuple[Join, ...]] = (side_by_side, above_each_other, inset)


def _fill(photo: Image.Image, width: int, height: int, rng: np.random.Generator) -> Image.Image:
    """Fill a field with a photo: mostly cut to its shape, so that animals keep theirs, sometimes squashed."""
    if rng.random() < 0.3:
        return photo.resize((width, height), Image.Resampling.BILINEAR)
    scale = max(width / photo.width, height / photo.height)
    # A cut to a very different shape could lose the animal: keep at least 70 % of the photo along each edge.
    cut_width = max(min(photo.width, width / scale), 0.7 * photo.width)
    cut_height = max(min(photo.height, height / scale), 0.7 * photo.height)
    left, top = (photo.width - cut_width) / 2, (photo.height - cut_height) / 2
    box = (left, top, left + cut_width, top + cut_height)
    return photo.resize((width, height), Image.Resampling.BILINEAR, box=box)
