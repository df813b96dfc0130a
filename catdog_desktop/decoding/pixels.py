"""Pixels of a photo: decode, turn upright, convert to 8-bit RGB, reduce, encode thumbnails."""

import contextlib
import io
from typing import IO, TYPE_CHECKING, Any, Final

from PIL import Image, ImageFile

from catdog_desktop.decoding.colour_profile import to_srgb
from catdog_desktop.decoding.damaged_jpeg import Tiles, decode_again, ends_too_early, is_plain
from catdog_desktop.decoding.damaged_png import without_damaged_chunks

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

THUMBNAIL_EDGE: Final = 320
"""Longest edge of a thumbnail in pixels: a card of 200 points is sharp on a 160% screen. A thousand take 18 MB."""
THUMBNAIL_QUALITY: Final = 78
"""JPEG quality of thumbnails."""
MAX_THUMBNAIL_EDGE: Final = 4 * THUMBNAIL_EDGE
"""Longest edge of a stored thumbnail that is still opened; other versions of the app may use another edge."""
BLOCK_ROWS: Final = 64
_JPEG: Final = ("JPEG", "MPO")
_RUNS: Final = (1, 2)
"""Compression of BMPs: BI_RLE8, BI_RLE4."""
_ANIMATED: Final = ("GIF", "PNG", "WEBP", "AVIF")
MOST_BLANK_PICTURES: Final = 10
"""An animation whose first pictures are of one colour or transparent is skipped so far."""
_BACKGROUND: Final = (255, 255, 255)
"""The colour behind transparent pixels, as in most viewers."""
_TRANSPOSE: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""EXIF 2.32, tag 0x0112: the transposition that makes a photo of each orientation upright."""


def whole_size(image: Image.Image) -> tuple[int, int]:
    """Return width and height of an opened photo: of the raw file if `image` is its preview."""
    size: tuple[int, int] | None = getattr(image, "raw_size", None)
    return size or image.size


def upright(image: Image.Image, orientation: int) -> Image.Image:
    """Return `image` turned upright from its EXIF `orientation` (1..8)."""
    return image.transpose(_TRANSPOSE[orientation]) if orientation in _TRANSPOSE else image


def upright_maps(maps: "NDArray[np.uint8] | None", orientation: int) -> "NDArray[np.uint8] | None":
    """Return heat maps (rows, columns, 2) of the stored pixels turned to match the upright photo."""
    import numpy as np

    if maps is None or orientation not in _TRANSPOSE:
        return maps
    channels = [upright(Image.fromarray(maps[:, :, channel]), orientation) for channel in range(maps.shape[2])]
    return np.stack([np.asarray(channel) for channel in channels], axis=-1)


def load_pixels(image: ImageFile.ImageFile) -> bool:
    """Decode the pixels; return whether the file is damaged, that is, a part of the picture is missing.

    Of an animation it is the first picture that is not blank.
    """
    if hasattr(image, "is_damaged"):  # a `RemoteImage`, whose process calls this function too
        image.load()
        return bool(image.is_damaged)
    file, tiles = image.fp, list(image.tile)
    try:
        image.load()
    except (OSError, ValueError, SyntaxError) as error:
        if (isinstance(error, OSError) and error.errno is not None) or file is None:
            raise
        damaged = _decode_again(image, file, tiles)
        if damaged is None:
            raise
        image.tile = []
        return damaged
    if image.format in _JPEG and file is not None:
        return ends_too_early(image, file, tiles)
    _skip_blank_pictures(image)
    return False


def _decode_again(image: ImageFile.ImageFile, file: IO[bytes], tiles: Tiles) -> bool | None:
    """Decode a JPEG or PNG that Pillow refuses; return whether it is damaged, and None if it cannot be decoded."""
    if image.format in _JPEG:
        damaged = decode_again(image, file, tiles)
        # Pillow has decoded as far as the data goes when it raises an error.
        return True if damaged is None and _has_pixels(image) else damaged
    if image.format == "BMP":
        return _decode_padded_bmp(image, file, tiles)
    if image.format != "PNG" or (repaired := without_damaged_chunks(file)) is None:
        return None
    with Image.open(repaired, formats=("PNG",)) as whole:
        whole.load()
        image.im = whole.im
    return False


def _decode_padded_bmp(image: ImageFile.ImageFile, file: IO[bytes], tiles: Tiles) -> bool | None:
    """Decode a BMP that ends too early, with black for what is missing."""
    file.seek(0)
    content = file.read()
    if image.info.get("compression") in _RUNS:
        # Pairs of a length and a colour; two zeros end a row.
        content = content[: len(content) - (len(content) - tiles[0].offset) % 2]
        padding = (b"\xff\0" * -(-image.width // 255) + b"\0\0") * image.height
    else:
        padding = bytes(image.width * image.height * 4)
    padded = io.BytesIO(content + padding)
    with Image.open(padded, formats=("BMP",)) as whole:
        whole.load()
        image.im = whole.im
        image.tile = []
    return None if is_plain(image) else True


def _skip_blank_pictures(image: ImageFile.ImageFile) -> None:
    if image.format not in _ANIMATED or not _is_blank(image):
        return
    first = image.copy()
    with contextlib.suppress(Exception):  # the animation may be damaged, and raises anything
        for number in range(1, MOST_BLANK_PICTURES + 1 if getattr(image, "is_animated", False) else 1):
            image.seek(number)
            image.load()
            if not _is_blank(image):
                return
    image.im, image._mode, image._size, image.palette = first.im, first.mode, first.size, first.palette
    image.tile = []


def _is_blank(image: Image.Image) -> bool:
    """Whether all pixels have one colour or are transparent."""
    if is_plain(image):
        return True
    return image.mode in ("RGBA", "LA", "PA") and image.getchannel("A").getextrema() == (0, 0)


def _has_pixels(image: ImageFile.ImageFile) -> bool:
    """Whether any pixel was decoded before the data ended."""
    try:
        return image.im.getbbox() is not None
    except (AttributeError, ValueError):
        return False


def to_rgb(image: Image.Image, wanted: tuple[int, int]) -> Image.Image:
    """Return `image` as 8-bit RGB, on white where it is transparent, reduced but not below the size `wanted`."""
    if getattr(image, "is_reduced", False):  # a `RemoteImage`, whose process has done it
        return image
    if image.mode.startswith("I") or image.mode == "F":
        image = _to_8_bit(image)
    if image.mode == "P" or "transparency" in image.info:
        image = image.convert("RGBA" if "transparency" in image.info else "RGB")
    if image.mode == "La":  # which Pillow reduces, and converts to LA alone
        image = image.convert("LA")
    image = _reduce(image, wanted)
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        rgba = image.convert("RGBA")
        background = Image.new("RGB", rgba.size, _BACKGROUND)
        background.paste(rgba, mask=rgba.getchannel("A"))
        return background
    return image if image.mode == "RGB" else image.convert("RGB")


def reduction(size: tuple[int, int], wanted: tuple[int, int]) -> int:
    """Return by what factor pixels of `size` can be reduced without getting smaller than `wanted`."""
    return min(size[0] // wanted[0], size[1] // wanted[1])


def _reduce(image: Image.Image, wanted: tuple[int, int]) -> Image.Image:
    """Average whole blocks of pixels, so that later steps are cheap. JPEG's draft mode does the same earlier."""
    factor = reduction(image.size, wanted)
    if factor < 2 or image.mode == "1":
        return image
    # Premultiplied alpha keeps the colours of transparent pixels from bleeding into their neighbours.
    if image.mode == "RGBA":
        return image.convert("RGBa").reduce(factor).convert("RGBA")
    return image.reduce(factor)


def _to_8_bit(image: Image.Image) -> Image.Image:
    """Scale 16-bit, 32-bit and floating-point pixels to 0..255, by the range of their type or else of the image."""
    # Imported on need: a decoder process takes 20 MB less without it.
    import numpy as np

    values = np.asarray(image)
    # In blocks of rows: floating point takes four bytes a pixel, several times.
    blocks = [slice(top, top + BLOCK_ROWS) for top in range(0, values.shape[0], BLOCK_ROWS)]
    largest = max(float(_finite(values[block]).max(initial=0.0)) for block in blocks)
    if image.mode.startswith("I;16") or (image.mode == "I" and 255 < largest <= 65535):
        scale = 255 / 65535
    elif image.mode == "F" and largest <= 1.0:
        scale = 255.0
    else:
        scale = 255 / max(largest, 255.0)
    scaled = np.empty(values.shape, np.uint8)
    for block in blocks:
        scaled[block] = np.clip(_finite(values[block]) * scale, 0, 255)
    return Image.fromarray(scaled)


def _finite(values: "NDArray[Any]") -> "NDArray[np.float32]":
    import numpy as np

    return np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)


def to_thumbnail(image: Image.Image) -> Image.Image:
    """Return `image` so small that its longest edge is at most `THUMBNAIL_EDGE`."""
    small = image._new(image.im)  # no copy of the pixels: `thumbnail` leaves these as they are
    small.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE), Image.Resampling.BILINEAR, reducing_gap=2.0)
    return small


def encode_thumbnail(image: Image.Image) -> bytes:
    """Return an RGB `image` as a JPEG in sRGB whose longest edge is at most `THUMBNAIL_EDGE`."""
    small = to_srgb(to_thumbnail(image), image.info.get("icc_profile"))
    buffer = io.BytesIO()
    small.save(buffer, "JPEG", quality=THUMBNAIL_QUALITY)
    return buffer.getvalue()


def open_thumbnail(jpeg: bytes) -> ImageFile.ImageFile:
    """Open a stored thumbnail without decoding it.

    The cache is a file like any other, so its content is not trusted: decoding a JPEG of 65,535 x 65,535 pixels would
    take 12 GB. Raises `OSError` or `SyntaxError` for damaged data and `ValueError` for an image larger than
    `MAX_THUMBNAIL_EDGE`.
    """
    image = Image.open(io.BytesIO(jpeg), formats=("JPEG",))
    if max(image.size) > MAX_THUMBNAIL_EDGE:
        raise ValueError(f"a thumbnail of {image.width} x {image.height} pixels")
    return image
