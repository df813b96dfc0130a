"""Read a photo for a model: the quick way for the app's own model, or exactly as Keras reads it for an imported one.

An imported model was trained on what `keras.utils.load_img(path, color_mode, target_size, interpolation)` gives: the
whole photo, resized in one step, with transparency and EXIF orientation ignored. Only with the same pixels does it give
the same scores here.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from catdog_desktop.decoding.decode import DecodedPhoto, decode_photo, read_photo
from catdog_desktop.decoding.exif import exif_orientation, read_exif
from catdog_desktop.decoding.memory_turns import decoding_slot
from catdog_desktop.decoding.photo_date import photo_date
from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.decoding.pixels import (
    THUMBNAIL_EDGE,
    encode_thumbnail,
    load_pixels,
    to_rgb,
    upright,
    whole_size,
)
from catdog_desktop.inference.model_file import ModelFile

_GREY_AS_IT_IS = ("L", "I;16", "I")
"""Modes that Keras reads as grey without converting them to 8 bits."""


def read_for_model(path: Path, model: ModelFile, *, thumbnail: bool = True) -> DecodedPhoto:
    """Return the photo at `path` as the description of `model` asks: RGB pixels or one channel of grey.

    Raises `PhotoError`, and nothing else, for a file that cannot be read.
    """
    if model.decoding != "quick":
        return _read_whole(path, model, thumbnail=thumbnail)
    photo = decode_photo(path, model.input_size, model.resampling, thumbnail=thumbnail)
    if model.channels == 3:
        return photo
    grey = np.asarray(Image.fromarray(photo.pixels).convert("L"))[..., np.newaxis]
    return DecodedPhoto(grey, photo.thumbnail, photo.info)


def _read_whole(path: Path, model: ModelFile, *, thumbnail: bool) -> DecodedPhoto:
    def use(opened: ImageFile.ImageFile, status: os.stat_result) -> DecodedPhoto:
        exif = read_exif(opened)
        orientation = exif_orientation(opened, exif)
        date, source = photo_date(opened, exif, path, status) or (None, None)
        with decoding_slot(opened, opened.size):
            damaged = load_pixels(opened)
            stored = _in_colours(opened, grey=model.channels == 1)
            turned = upright(stored, orientation) if model.decoding == "upright" else stored
            small = encode_thumbnail(_upright_and_small(opened, orientation)) if thumbnail else b""
        # The upright size of a TIFF is known only after decoding.
        size = whole_size(opened)
        width, height = size[::-1] if orientation >= 5 else size
        return DecodedPhoto(
            pixels=_pixels(turned, model),
            thumbnail=small,
            info=PhotoInfo(width, height, date, status.st_size, damaged, source),
            orientation=1 if model.decoding == "upright" else orientation,
        )

    return read_photo(path, use)


def _in_colours(image: Image.Image, *, grey: bool) -> Image.Image:
    """Return `image` as `load_img` does with color_mode="grayscale" or "rgb"."""
    if grey:
        return image if image.mode in _GREY_AS_IT_IS else image.convert("L")
    return image if image.mode == "RGB" else image.convert("RGB")


def _pixels(image: Image.Image, model: ModelFile) -> NDArray[Any]:
    """Return (height, width, channels) of the input size. Grey keeps more than 8 bits, as in Keras."""
    if image.size != model.input_size:
        box = _middle(image.size, model.input_size) if model.fit == "crop" else None
        image = image.resize(model.input_size, Image.Resampling[model.resampling.upper()], box)
    pixels = np.asarray(image)
    return pixels if pixels.ndim == 3 else pixels[..., np.newaxis]


def _middle(size: tuple[int, int], wanted: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the box (left, top, right, bottom) of the middle that has the shape of `wanted`, as `load_img` cuts it."""
    (width, height), (wanted_width, wanted_height) = size, wanted
    cropped_height = min(height, max(1, width * wanted_height // wanted_width))
    cropped_width = min(width, max(1, height * wanted_width // wanted_height))
    left, top = (width - cropped_width) // 2, (height - cropped_height) // 2
    return left, top, left + cropped_width, top + cropped_height


def _upright_and_small(opened: Image.Image, orientation: int) -> Image.Image:
    """Return the upright photo, reduced for its thumbnail."""
    scale = min(1.0, THUMBNAIL_EDGE / max(opened.size))
    wanted = max(1, round(opened.width * scale)), max(1, round(opened.height * scale))
    return upright(to_rgb(opened, wanted), orientation)
