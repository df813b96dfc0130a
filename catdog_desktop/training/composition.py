"""Photos made of several: two animals in one photo, small subjects in scenes, panoramas, close-ups.

There are no labelled photos of a cat **and** a dog, and few of small pets. Composed photos stand in for them. So that a
seam or a scene means nothing by itself, everything that is done with pets is done in the same ways with other things.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Join = Callable[[Image.Image, Image.Image, np.random.Generator], Image.Image]

_EDGE: Final = 320
"""Longer edge of a joined photo: enough for the input, small enough to be quick."""
SMALLEST_SHARE: Final = 0.035
"""Least share of a scene's area that a pasted subject covers."""
_LARGEST_SHARE: Final = 0.36
_PANORAMA_HEIGHT: Final = 112
LONGEST_PANORAMA: Final = 6.0
"""Width divided by height."""


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


def in_scene(subject: Image.Image, scene: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Paste a subject anywhere in a scene, at 3.5 to 36 % of its area, with a hard or a soft edge."""
    backdrop = scene.resize(_scene_size(rng), Image.Resampling.BILINEAR)
    share = math.exp(rng.uniform(math.log(SMALLEST_SHARE), math.log(_LARGEST_SHARE)))
    area = share * backdrop.width * backdrop.height
    ratio = subject.width / subject.height * math.exp(rng.uniform(-0.2, 0.2))
    return _pasted(subject, backdrop, math.sqrt(area * ratio), math.sqrt(area / ratio), rng)


def panorama(scenes: tuple[Image.Image, ...], subject: Image.Image | None, rng: np.random.Generator) -> Image.Image:
    """Make a photo of 2.5:1 to 6:1 of one or more scenes, with a subject pasted into it, or without one.

    A single scene is cut to the shape; several are put side by side with soft seams.
    """
    length = rng.uniform(2.5, LONGEST_PANORAMA)
    height, width = _PANORAMA_HEIGHT, round(_PANORAMA_HEIGHT * length)
    backdrop = _strip(scenes[0], width, height, rng) if len(scenes) == 1 else _row(scenes, width, height, rng)
    if subject is None:
        return backdrop
    tall = height * rng.uniform(0.4, 1.0)
    return _pasted(subject, backdrop, tall * subject.width / subject.height, tall, rng)


def close_up(photo: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Cut out a window of 6 to 45 % of the area, as a second look at a part of a photo does."""
    share = math.exp(rng.uniform(math.log(0.06), math.log(0.45)))
    width, height = (max(8, round(edge * math.sqrt(share))) for edge in photo.size)
    left, top = int(rng.integers(photo.width - width + 1)), int(rng.integers(photo.height - height + 1))
    return photo.crop((left, top, left + width, top + height))


def _scene_size(rng: np.random.Generator) -> tuple[int, int]:
    """Choose width and height of a scene: the longer edge is `_EDGE`, the other 55 to 100 % of it."""
    short = round(_EDGE * rng.uniform(0.55, 1.0))
    return (_EDGE, short) if rng.random() < 0.7 else (short, _EDGE)


def _pasted(
    subject: Image.Image, backdrop: Image.Image, width: float, height: float, rng: np.random.Generator
) -> Image.Image:
    """Paste a subject of about width x height pixels at a random place, often in the light of the backdrop."""
    scale = min(1.0, 0.95 * backdrop.width / width, 0.98 * backdrop.height / height)
    size = max(6, round(width * scale)), max(6, round(height * scale))
    small = subject.resize(size, Image.Resampling.BOX if rng.random() < 0.5 else Image.Resampling.BILINEAR)
    left, top = (int(rng.integers(free - taken + 1)) for free, taken in zip(backdrop.size, size, strict=True))
    if rng.random() < 0.5:
        small = _in_the_light_of(small, backdrop.crop((left, top, left + size[0], top + size[1])), rng)
    joined = backdrop.copy()
    joined.paste(small, (left, top), Image.fromarray(edge_mask(size, rng)))
    return joined


def edge_mask(size: tuple[int, int], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Make the mask [height, width] of a pasted subject: a rectangle or an ellipse, with a hard or a soft edge."""
    width, height = size
    x = np.abs(np.linspace(-1, 1, width))[None, :]
    y = np.abs(np.linspace(-1, 1, height))[:, None]
    kind = rng.random()
    if kind < 0.25:
        return np.full((height, width), 255, np.uint8)
    # Distance from the centre as a p-norm: 2 is an ellipse, a large p nearly a rectangle.
    power = 2.0 if kind < 0.6 else rng.uniform(3.0, 12.0)
    distance = (x**power + y**power) ** (1 / power)
    soft = rng.uniform(0.05, 0.5)
    return np.asarray(np.clip((1.0 - distance) / soft, 0.0, 1.0) * 255).astype(np.uint8)


def _in_the_light_of(subject: Image.Image, there: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Move mean and spread of the colours part of the way to those of the place."""
    ours, theirs = np.asarray(subject, np.float32), np.asarray(there, np.float32)
    share = rng.uniform(0.2, 0.7)
    mean, spread = ours.mean(axis=(0, 1)), ours.std() + 1.0
    wanted_mean = mean + share * (theirs.mean(axis=(0, 1)) - mean)
    # Not below half of the contrast: the animal must stay visible on a plain wall.
    wanted_spread = max(spread + share * (theirs.std() - spread), 0.5 * spread)
    return Image.fromarray(np.clip((ours - mean) * (wanted_spread / spread) + wanted_mean, 0, 255).astype(np.uint8))


def _strip(scene: Image.Image, width: int, height: int, rng: np.random.Generator) -> Image.Image:
    """Cut a scene to width:height, stretched by at most 1.6."""
    stretch = rng.uniform(1.0, 1.6)
    rows = min(scene.height, max(4, round(scene.width * height / width * stretch)))
    top = int(rng.integers(scene.height - rows + 1))
    return scene.resize((width, height), Image.Resampling.BILINEAR, box=(0, top, scene.width, top + rows))


def _row(scenes: tuple[Image.Image, ...], width: int, height: int, rng: np.random.Generator) -> Image.Image:
    """Put scenes side by side; neighbours overlap softly in 5 to 40 % of a scene's width."""
    step = width / len(scenes)
    overlap = round(step * rng.uniform(0.05, 0.4))
    joined = Image.new("RGB", (width, height))
    for number, scene in enumerate(scenes):
        left = round(number * step) - (overlap if number else 0)
        right = round((number + 1) * step)
        part = scene.resize((right - left, height), Image.Resampling.BILINEAR)
        mask = np.full((height, right - left), 255, np.uint8)
        if number:
            mask[:, :overlap] = np.linspace(0, 255, overlap).astype(np.uint8)
        joined.paste(part, (left, 0), Image.fromarray(mask))
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
