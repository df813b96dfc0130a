"""Decode a photo file once: upright RGB pixels for the model, a thumbnail for the gallery, and its PhotoInfo.

Pillow decodes. This package adds speed (a large JPEG is decoded at an eighth of its size), orientation, limits, and a
plain sentence for each reason why a photo cannot be read.
"""

import contextlib
import errno
import io
import math
import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

from catdog_desktop.decoding.colour_profile import to_srgb
from catdog_desktop.decoding.errors import NO_LONGER_THERE, PhotoError, Unreadable, decoding_error
from catdog_desktop.decoding.exif import exif_orientation, iptc_keywords, read_exif
from catdog_desktop.decoding.formats import HEAD_BYTES, MAX_FILE_BYTES, open_image
from catdog_desktop.decoding.memory_turns import decoding_slot
from catdog_desktop.decoding.photo_date import PhotoDate, embedded_date, photo_date
from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.decoding.pixels import (
    THUMBNAIL_EDGE,
    encode_thumbnail,
    load_pixels,
    reduction,
    to_rgb,
    upright,
    whole_size,
)
from catdog_desktop.decoding.problem_text import NOT_READ, TOO_MANY_BYTES
from catdog_desktop.files.drive_calls import call_drive, open_on_drive
from catdog_desktop.messages import N_

DECODE_MARGIN: Final = 1.25
"""A photo is decoded to at least this many times the model's input. More does not change the scores."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """One photo, ready for the model and for the gallery."""

    pixels: NDArray[np.uint8] = field(repr=False)
    """(height, width, 3) RGB, 0..255, of the model's input size."""
    thumbnail: bytes = field(repr=False)
    """JPEG, longest edge at most `THUMBNAIL_EDGE`; empty if not requested."""
    info: PhotoInfo
    orientation: int = 1
    """The EXIF orientation of `pixels`; 1 if they are upright."""
    whole: Image.Image | None = field(default=None, repr=False, compare=False)
    """The upright photo with all its pixels, if it was decoded with all of them: parts need no second decoding."""


def decode_photo(
    path: Path, input_size: tuple[int, int], resampling: str = "bilinear", *, thumbnail: bool = True
) -> DecodedPhoto:
    """Decode `path` once, to the model's `input_size` (width, height) and to a thumbnail.

    The whole photo is squashed to the input, as in training. Raises `PhotoError`, and nothing else, for a file
    that cannot be read.
    """
    width, height = input_size
    at_least = (int(width * DECODE_MARGIN), int(height * DECODE_MARGIN))
    edge = THUMBNAIL_EDGE if thumbnail else 0
    image, info, resized = _read_upright(path, at_least, edge, (input_size, resampling))
    whole = image if resized is None and image.size == (info.width, info.height) else None
    try:
        if resized is None:
            resized = image.resize(input_size, Image.Resampling[resampling.upper()])
        small = encode_thumbnail(image) if thumbnail else b""
    except (OSError, ValueError, MemoryError) as error:
        raise decoding_error(error) from error
    return DecodedPhoto(np.asarray(resized, dtype=np.uint8), small, info, whole=whole)


def decode_for_view(path: Path, longest_edge: int) -> NDArray[np.uint8]:
    """Decode `path` for display: an upright (height, width, 3) RGB array, longest edge at most `longest_edge` pixels.

    Raises `PhotoError` as `decode_photo` does.
    """
    image, _info, _resized = _read_upright(path, (0, 0), longest_edge)
    try:
        image.thumbnail((longest_edge, longest_edge), Image.Resampling.LANCZOS)
    except (OSError, ValueError, MemoryError) as error:
        raise decoding_error(error) from error
    return np.ascontiguousarray(to_srgb(image, image.info.get("icc_profile")), dtype=np.uint8)


def decode_parts(
    path: Path,
    parts: Sequence[tuple[float, float, float, float]],
    input_size: tuple[int, int],
    resampling: str = "bilinear",
) -> list[NDArray[np.uint8]]:
    """Decode `path` once, at the size that its smallest part needs; return each part squashed to `input_size`.

    `parts` are left, top, right and bottom as fractions 0..1 of the upright photo; the arrays are (height, width, 3)
    RGB, 0..255. Raises `PhotoError` as `decode_photo` does.
    """
    width, height = input_size
    across = min(right - left for left, _, right, _ in parts)
    down = min(bottom - top for _, top, _, bottom in parts)
    image, _info, _resized = _read_upright(path, (math.ceil(width / across), math.ceil(height / down)), 0)
    return cut_parts(image, parts, input_size, resampling)


def cut_parts(
    image: Image.Image,
    parts: Sequence[tuple[float, float, float, float]],
    input_size: tuple[int, int],
    resampling: str = "bilinear",
) -> list[NDArray[np.uint8]]:
    """Return `parts` of an upright RGB `image`, as `decode_parts` does. Raises `PhotoError` if memory runs out."""
    try:
        return [_part(image, part, input_size, Image.Resampling[resampling.upper()]) for part in parts]
    except (OSError, ValueError, MemoryError) as error:
        raise decoding_error(error) from error


def _part(
    image: Image.Image,
    part: tuple[float, float, float, float],
    input_size: tuple[int, int],
    resampling: Image.Resampling,
) -> NDArray[np.uint8]:
    left, top, right, bottom = part
    box = (left * image.width, top * image.height, right * image.width, bottom * image.height)
    return np.asarray(image.resize(input_size, resampling, box=box), dtype=np.uint8)


def read_embedded_date(path: Path) -> PhotoDate | None:
    """Open the photo at `path` and return the date inside it. Decodes no pixels. Raises `PhotoError`."""
    return read_photo(path, lambda image, _status: embedded_date(image, read_exif(image)))


def read_photo(path: Path, use: Callable[[ImageFile.ImageFile, os.stat_result], T]) -> T:
    """Open and check the photo at `path`, and return what `use` returns for it; `use` may decode it.

    Raises `PhotoError`, and nothing else, whatever happens in either.
    """
    try:
        with _open_file(path) as file:
            return _use_stream(file, call_drive(path, os.fstat, file.fileno()), use)
    except PhotoError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise _missing(path) from error
    except TimeoutError as error:
        raise PhotoError(Unreadable.NOT_ALLOWED, N_("could not be read: its drive does not answer")) from error
    except PermissionError as error:
        raise PhotoError(Unreadable.NOT_ALLOWED, N_("may not be read: you have no permission")) from error
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EINVAL):
            raise PhotoError(Unreadable.VANISHED, N_("cannot be found: its name is not valid here")) from error
        if error.errno is None:
            raise PhotoError(Unreadable.DAMAGED, N_("is damaged and cannot be decoded")) from error
        raise PhotoError(Unreadable.NOT_ALLOWED, NOT_READ, reason=os.strerror(error.errno)) from error
    except ValueError as error:  # a NUL in the path
        raise PhotoError(Unreadable.VANISHED, N_("cannot be found: its name is not valid here")) from error


def _missing(path: Path) -> PhotoError:
    """Return the error for a photo that is not there: deleted, or its folder is away."""
    with contextlib.suppress(OSError, ValueError):
        if call_drive(path, os.path.exists, path.parent):
            return PhotoError(Unreadable.VANISHED, NO_LONGER_THERE)
    return PhotoError(Unreadable.NOT_ALLOWED, N_("is not available: its folder is not there. Is its drive connected?"))


def read_embedded_keywords(path: Path) -> tuple[bytes | str, list[bytes]]:
    """Return the XMP packet in a photo (empty without one) and its IPTC keywords; neither is decoded.

    Raises `PhotoError`.
    """
    return read_photo(path, lambda opened, status: (opened.info.get("xmp", b""), iptc_keywords(opened)))


def _open_file(path: Path) -> io.BufferedReader:
    # Checked before opening: opening a pipe without a writer would block forever.
    mode = call_drive(path, path.stat).st_mode
    if stat.S_ISDIR(mode):
        raise PhotoError(Unreadable.NOT_A_PHOTO, N_("is a folder, not a photo"))
    if not stat.S_ISREG(mode):
        raise PhotoError(Unreadable.NOT_A_PHOTO, N_("is not a photo (it is a pipe or a device)"))
    return open_on_drive(path)


def _use_stream(
    file: io.BufferedReader, status: os.stat_result, use: Callable[[ImageFile.ImageFile, os.stat_result], T]
) -> T:
    if status.st_size == 0:
        raise PhotoError(Unreadable.NOT_A_PHOTO, N_("is not a photo (it is empty)"))
    if status.st_size > MAX_FILE_BYTES:
        megabytes, limit = status.st_size >> 20, MAX_FILE_BYTES >> 20
        raise PhotoError(Unreadable.TOO_LARGE, TOO_MANY_BYTES, size=megabytes, limit=limit)
    head = file.read(HEAD_BYTES)
    file.seek(0)
    try:
        with open_image(file, head) as opened:
            return use(opened, status)
    except PhotoError:
        raise
    except MemoryError as error:
        raise decoding_error(error) from error
    except Exception as error:
        # Pillow's plugins raise nearly every exception there is for broken files (struct.error, SyntaxError,
        # KeyError, ZeroDivisionError ...). Here, where they are called, all mean the same.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise decoding_error(error) from error


def _read_upright(
    path: Path, at_least: tuple[int, int], longest_edge: int, model_input: tuple[tuple[int, int], str] | None = None
) -> tuple[Image.Image, PhotoInfo, Image.Image | None]:
    """Decode to upright RGB of at least the size `at_least` and `longest_edge`, as far as the file has it.

    A decoder process also makes the `model_input` (size, resampling) of a large photo, which is the last value then;
    the first one is no larger than `longest_edge` in this case. So fewer pixels have to be passed.
    """

    def use(opened: ImageFile.ImageFile, status: os.stat_result) -> tuple[Image.Image, PhotoInfo, Image.Image | None]:
        whole, true_size = opened.size, whole_size(opened)
        exif = read_exif(opened)
        orientation = exif_orientation(opened, exif)
        date, source = photo_date(opened, exif, path, status) or (None, None)
        is_turned = orientation >= 5
        wanted = _decode_size(whole, at_least[::-1] if is_turned else at_least, longest_edge)
        # Only JPEG can be decoded at 1/2, 1/4 or 1/8 of its size; for other formats draft() does nothing.
        opened.draft(opened.mode, wanted)
        resize = getattr(opened, "resize_in_process", None)  # of a `RemoteImage`
        if resize is not None and model_input is not None and reduction(whole, wanted) > 1:
            resize(*model_input, orientation, thumbnail=longest_edge > 0)
        with decoding_slot(opened, whole):
            damaged = load_pixels(opened)
            image = to_rgb(opened, wanted)
        width, height = true_size[::-1] if is_turned else true_size
        resized = getattr(opened, "resized", None)
        turned = upright(image, orientation) if resized is None else image
        turned.info["icc_profile"] = opened.info.get("icc_profile")
        return turned, PhotoInfo(width, height, date, status.st_size, damaged, source), resized

    return read_photo(path, use)


def _decode_size(whole: tuple[int, int], at_least: tuple[int, int], longest_edge: int) -> tuple[int, int]:
    """Return the smallest size with the proportions of `whole` that covers `at_least` and has `longest_edge`."""
    width, height = whole
    scale = max(at_least[0] / width, at_least[1] / height, longest_edge / max(whole))
    scale = min(1.0, scale)
    return max(1, round(width * scale)), max(1, round(height * scale))
