"""A file becomes an upright RGB array for the model and a thumbnail for the eye, in one decode.

Pillow decodes. What is ours is to be quick (a large JPEG is decoded at an eighth of its size), to be upright,
to survive whatever lies in people's folders, and to say in one plain sentence why a photo cannot be read.
"""

import contextlib
import errno
import io
import os
import stat
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageFile, UnidentifiedImageError

from catdog_desktop.file_kinds import describe_content, is_heif

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF", "MPO")
"""The Pillow formats that are let in; others (EPS, say, would start Ghostscript) are not photos."""
_PILLOWS_OWN: Final = tuple(name for name in FORMATS if name not in ("HEIF", "MPO"))
"""Those with an opener in Pillow: HEIF has one only once `pi_heif` is asked for, and JPEG's opens MPO too."""
MAX_FILE_BYTES: Final = 500 * 2**20
MAX_PIXELS: Final = 200_000_000
LARGE_PIXELS: Final = 40_000_000
"""Photos decoded to more than this, some 160 MB each with their copies, take turns however many threads there are."""
THUMBNAIL_EDGE: Final = 320
"""Longest edge of a thumbnail in pixels: a card of 200 points is sharp on a 160 % screen. A thousand take 18 MB."""
THUMBNAIL_QUALITY: Final = 78
DECODE_MARGIN: Final = 1.25
"""A photo is decoded to at least this many times the model's input: beyond it the scores no longer change."""
_GROUND: Final = (255, 255, 255)
"""What shows through transparent pixels, as in most viewers."""
_TRANSPOSE: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF 2.32, tag 0x0112: what makes a photo of that orientation upright."""

T = TypeVar("T")

# Pillow's own limit warns at half of what we allow and knows no plain sentence; ours is checked by header below.
Image.MAX_IMAGE_PIXELS = None
# What Pillow finds odd about a photo that it can read is of no use in a user's terminal.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


class Unreadable(Enum):
    """Why a photo cannot be read."""

    NOT_A_PHOTO = "not a photo"
    DAMAGED = "damaged"
    TOO_LARGE = "too large"
    NOT_ALLOWED = "not readable"
    VANISHED = "vanished"


class PhotoError(Exception):
    """A photo cannot be read; the message is one sentence that follows the file's name."""

    def __init__(self, reason: Unreadable, sentence: str) -> None:
        super().__init__(sentence)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class DecodedPhoto:
    """One photo, ready for the model and for the eye."""

    pixels: NDArray[np.uint8] = field(repr=False)
    """(height, width, 3) RGB, 0..255, of the model's input size."""
    thumbnail: bytes = field(repr=False)
    """JPEG, longest edge at most `THUMBNAIL_EDGE`; empty if none was asked for."""
    width: int
    height: int
    damaged: bool
    taken: datetime | None
    file_bytes: int
    orientation: int = 1
    """How `pixels` must be turned to be upright, as in EXIF; 1 where they are so."""


@dataclass(frozen=True, slots=True)
class _Upright:
    """A photo that is decoded, in RGB and upright, at the size asked for or the next larger one at hand."""

    image: Image.Image
    width: int
    height: int
    damaged: bool
    taken: datetime | None
    file_bytes: int


def decode_photo(
    path: Path, input_size: tuple[int, int], resampling: str = "bilinear", *, thumbnail: bool = True
) -> DecodedPhoto:
    """Decode `path` once, to the model's `input_size` (width, height) and to a thumbnail.

    The whole photo is squashed to the input, as in training. Raises `PhotoError`, and nothing else, for a file
    that cannot be read.
    """
    width, height = input_size
    at_least = (int(width * DECODE_MARGIN), int(height * DECODE_MARGIN))
    photo = _read_upright(path, at_least, THUMBNAIL_EDGE if thumbnail else 0)
    try:
        resized = photo.image.resize(input_size, Image.Resampling[resampling.upper()])
        small = encode_thumbnail(photo.image) if thumbnail else b""
    except (OSError, ValueError, MemoryError) as error:
        raise _memory_or_damage(error) from error
    return DecodedPhoto(
        pixels=np.asarray(resized, dtype=np.uint8),
        thumbnail=small,
        width=photo.width,
        height=photo.height,
        damaged=photo.damaged,
        taken=photo.taken,
        file_bytes=photo.file_bytes,
    )


def decode_for_view(path: Path, longest_edge: int) -> NDArray[np.uint8]:
    """Decode `path` to look at: an upright (height, width, 3) RGB array, longest edge at most `longest_edge` pixels.

    Raises `PhotoError` as `decode_photo` does.
    """
    photo = _read_upright(path, (0, 0), longest_edge)
    try:
        photo.image.thumbnail((longest_edge, longest_edge), Image.Resampling.LANCZOS)
    except (OSError, ValueError, MemoryError) as error:
        raise _memory_or_damage(error) from error
    return np.ascontiguousarray(photo.image, dtype=np.uint8)


def read_photo(path: Path, use: Callable[[ImageFile.ImageFile, os.stat_result], T]) -> T:
    """Open and check the photo at `path`, and return what `use` makes of it, which may decode it.

    Raises `PhotoError`, and nothing else, whatever happens in either.
    """
    try:
        with _open_file(path) as file:
            return _use_stream(file, os.fstat(file.fileno()), use)
    except PhotoError:
        raise
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PhotoError(Unreadable.VANISHED, "is no longer there") from error
    except PermissionError as error:
        raise PhotoError(Unreadable.NOT_ALLOWED, "may not be read: you have no permission") from error
    except OSError as error:
        if error.errno in (errno.ENAMETOOLONG, errno.EINVAL):
            raise PhotoError(Unreadable.VANISHED, "cannot be found: its name is not valid here") from error
        if error.errno is None:
            raise PhotoError(Unreadable.DAMAGED, "is damaged and cannot be decoded") from error
        raise PhotoError(Unreadable.NOT_ALLOWED, f"could not be read ({os.strerror(error.errno)})") from error
    except ValueError as error:  # a NUL in the path
        raise PhotoError(Unreadable.VANISHED, "cannot be found: its name is not valid here") from error


def _open_file(path: Path) -> io.BufferedReader:
    # Asked before opening: to open a pipe without a writer would wait for ever.
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise PhotoError(Unreadable.NOT_A_PHOTO, "is a folder, not a photo")
    if not stat.S_ISREG(mode):
        raise PhotoError(Unreadable.NOT_A_PHOTO, "is not a photo (it is a pipe or a device)")
    return path.open("rb")


def _use_stream(
    file: io.BufferedReader, status: os.stat_result, use: Callable[[ImageFile.ImageFile, os.stat_result], T]
) -> T:
    if status.st_size == 0:
        raise PhotoError(Unreadable.NOT_A_PHOTO, "is not a photo (it is empty)")
    if status.st_size > MAX_FILE_BYTES:
        raise PhotoError(
            Unreadable.TOO_LARGE,
            f"is too large ({status.st_size >> 20:,} MB; the limit is {MAX_FILE_BYTES >> 20} MB)",
        )
    head = file.read(512)
    file.seek(0)
    try:
        opened = _open_image(file, head)
        width, height = opened.size
        if width * height > MAX_PIXELS:
            raise PhotoError(
                Unreadable.TOO_LARGE,
                f"is too large ({width:,} x {height:,} pixels; the limit is {MAX_PIXELS // 10**6} megapixels)",
            )
        return use(opened, status)
    except PhotoError:
        raise
    except MemoryError as error:
        raise _memory_or_damage(error) from error
    except Exception as error:
        # Pillow's plugins answer broken files with nearly every exception there is (struct.error, SyntaxError,
        # KeyError, ZeroDivisionError ...), so here, at the edge to them, all mean the same.
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise PhotoError(Unreadable.DAMAGED, "is damaged and cannot be decoded") from error


def _read_upright(path: Path, at_least: tuple[int, int], longest_edge: int) -> _Upright:
    """Decode to RGB, upright, covering `at_least` and with `longest_edge`, as far as the file has it."""

    def use(opened: ImageFile.ImageFile, status: os.stat_result) -> _Upright:
        whole = opened.size
        orientation, taken = photo_exif(opened)
        turned = orientation >= 5
        wanted = _decode_size(whole, at_least[::-1] if turned else at_least, longest_edge)
        # JPEG alone can be decoded at 1/2, 1/4 or 1/8 of its size; elsewhere draft() does nothing.
        opened.draft(opened.mode, wanted)
        with room_for(opened.width * opened.height):
            damaged = load_pixels(opened)
            image = to_rgb(opened, wanted)
        width, height = whole[::-1] if turned else whole
        when = taken or last_changed(status)
        return _Upright(upright(image, orientation), width, height, damaged, when, status.st_size)

    return read_photo(path, use)


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return `image` turned as its EXIF `orientation` (1..8) asks for."""
    return image.transpose(_TRANSPOSE[orientation]) if orientation in _TRANSPOSE else image


def upright_maps(maps: NDArray[np.uint8] | None, orientation: int) -> NDArray[np.uint8] | None:
    """Return heat maps (rows, columns, 2) of a photo that the model saw as it is stored, for the upright photo."""
    if maps is None or orientation not in _TRANSPOSE:
        return maps
    channels = [upright(Image.fromarray(maps[:, :, channel]), orientation) for channel in range(maps.shape[2])]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


def last_changed(status: os.stat_result) -> datetime | None:
    """Return when a file was last changed, local time."""
    try:
        # Not st_mtime: it may be a microsecond off what the store makes of the nanoseconds.
        return datetime.fromtimestamp(max(0.0, status.st_mtime_ns / 1e9))
    except (OverflowError, ValueError, OSError):  # network drives have files from the year 30828
        return None


def _open_image(file: io.BufferedReader, head: bytes) -> ImageFile.ImageFile:
    heif = is_heif(head)
    if heif:
        _register_heif()
    try:
        # Pillow raises KeyError for a format without an opener of its own, instead of saying that none fits.
        return Image.open(file, formats=("HEIF",) if heif else _PILLOWS_OWN)
    except UnidentifiedImageError as error:
        kind = describe_content(head)
        if kind is None:
            raise PhotoError(Unreadable.DAMAGED, "is damaged and cannot be decoded") from error
        raise PhotoError(Unreadable.NOT_A_PHOTO, f"is not a photo ({kind})") from error


_heif_lock = threading.Lock()
_heif_registered = False


def _register_heif() -> None:
    """Let Pillow open HEIF; only once a photo of that kind is met, since the import takes a while."""
    global _heif_registered
    with _heif_lock:
        if not _heif_registered:
            import pi_heif

            # The thumbnails inside would be a second image of the file that nobody asked for.
            pi_heif.register_heif_opener(thumbnails=False)
            _heif_registered = True


def photo_exif(image: Image.Image) -> tuple[int, datetime | None]:
    """Return the orientation (1..8; 1 for anything else) and when the photo was taken, if the camera says so."""
    try:
        exif = image.getexif()
        orientation = exif.get(ExifTags.Base.Orientation, 1)
        stamp = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    except Exception:  # noqa: BLE001  Broken EXIF raises anything, and must cost no photo that decodes.
        return 1, None
    if not isinstance(orientation, int) or not 1 <= orientation <= 8:
        orientation = 1
    if image.format == "TIFF":
        orientation = 1  # Pillow turns these itself while it loads them, and gives the upright size before
    return orientation, _parse_exif_date(stamp)


def _parse_exif_date(stamp: object) -> datetime | None:
    if not isinstance(stamp, str):
        return None
    try:
        return datetime.strptime(stamp.strip("\0 ")[:19], "%Y:%m:%d %H:%M:%S")  # EXIF has local time
    except ValueError:
        return None


def _decode_size(whole: tuple[int, int], at_least: tuple[int, int], longest_edge: int) -> tuple[int, int]:
    """Return the smallest size with the proportions of `whole` that covers `at_least` and has `longest_edge`."""
    width, height = whole
    scale = max(at_least[0] / width, at_least[1] / height, longest_edge / max(whole))
    scale = min(1.0, scale)
    return max(1, round(width * scale)), max(1, round(height * scale))


_one_large = threading.Lock()


def room_for(pixels: int) -> contextlib.AbstractContextManager[object]:
    """Let photos that take hundreds of megabytes pass one by one; all others at once."""
    return _one_large if pixels > LARGE_PIXELS else contextlib.nullcontext()


def load_pixels(image: ImageFile.ImageFile) -> bool:
    """Decode; return whether the file ends too early."""
    try:
        image.load()
    except OSError as error:
        # Pillow has decoded as far as the data went when it raises this. LOAD_TRUNCATED_IMAGES would do the same
        # for the whole process at once, but would not tell us.
        if error.errno is not None or image.format not in ("JPEG", "MPO") or not _has_pixels(image):
            raise
        image.tile = []
        return True
    return False


def _has_pixels(image: ImageFile.ImageFile) -> bool:
    """Whether anything but the untouched ground was decoded before the data ended."""
    try:
        return image.im.getbbox() is not None
    except (AttributeError, ValueError):
        return False


def to_rgb(image: Image.Image, wanted: tuple[int, int]) -> Image.Image:
    """Return `image` in RGB, 8 bits, on white where it is transparent; reduced, but not below `wanted`."""
    if image.mode.startswith("I") or image.mode == "F":
        image = _to_8_bit(image)
    if image.mode == "P" or "transparency" in image.info:
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    image = _reduce(image, wanted)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        rgba = image.convert("RGBA")
        ground = Image.new("RGB", rgba.size, _GROUND)
        ground.paste(rgba, mask=rgba.getchannel("A"))
        return ground
    return image if image.mode == "RGB" else image.convert("RGB")


def _reduce(image: Image.Image, wanted: tuple[int, int]) -> Image.Image:
    """Average whole blocks, so that what follows works on a small image; as JPEG's draft mode, for other formats."""
    factor = min(image.width // wanted[0], image.height // wanted[1])
    if factor < 2 or image.mode == "1":
        return image
    # A palette cannot be averaged, but by now it is RGB; alpha is multiplied in so that hidden colours do not bleed.
    if image.mode == "RGBA":
        return image.convert("RGBa").reduce(factor).convert("RGBA")
    return image.reduce(factor)


def _to_8_bit(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and float pixels to 0..255: by their type's range where it is known, else by their own."""
    values = np.asarray(image).astype(np.float32)
    values = np.nan_to_num(values, posinf=0.0, neginf=0.0)
    largest = float(values.max(initial=0.0))
    if image.mode.startswith("I;16") or (image.mode == "I" and 255 < largest <= 65535):
        scale = 255 / 65535
    elif image.mode == "F" and largest <= 1.0:
        scale = 255.0
    else:
        scale = 255 / max(largest, 255.0)
    return Image.fromarray(np.clip(values * scale, 0, 255).astype(np.uint8))


def encode_thumbnail(image: Image.Image) -> bytes:
    """Return an RGB `image` as a small JPEG."""
    small = image.copy()
    small.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return buffer.getvalue()


def _memory_or_damage(error: BaseException) -> PhotoError:
    if isinstance(error, MemoryError):
        return PhotoError(Unreadable.TOO_LARGE, "is too large for this computer's memory")
    return PhotoError(Unreadable.DAMAGED, "is damaged and cannot be decoded")
