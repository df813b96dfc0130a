"""Read TIFFs whose samples Pillow has no mode for: 16 to 64 bits a colour, whole or floating-point, in planes or not.

Scanners, scientific programs and editors write them. Read are those without compression or with deflate, in strips or
tiles; others are refused in a sentence that names the kind. Runs in decoder processes.
"""

import struct
import zlib
from typing import IO, TYPE_CHECKING, Any, Final

from PIL import Image, ImageFile, TiffImagePlugin

from catdog_desktop.decoding.errors import PhotoError, Unreadable
from catdog_desktop.decoding.pixels import upright
from catdog_desktop.decoding.problem_text import COMPRESSION as COMPRESSION_NUMBER
from catdog_desktop.decoding.problem_text import DEPTH, ODD_TIFF
from catdog_desktop.messages import N_

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

WIDTH, LENGTH, BITS, COMPRESSION, PHOTOMETRIC = 256, 257, 258, 259, 262
STRIP_OFFSETS, SAMPLES, ROWS_PER_STRIP, STRIP_BYTES, PLANAR = 273, 277, 278, 279, 284
ORIENTATION, PREDICTOR, TILE_WIDTH, TILE_LENGTH, TILE_OFFSETS, TILE_BYTES, FORMAT = 274, 317, 322, 323, 324, 325, 339
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB = 0, 1, 2
LOG_LUV: Final = (32844, 32845)
"""Of SGI: the logarithm of the light in grey or in colours."""
_NO_COMPRESSION, _DEFLATE = 1, (8, 32946)
_KINDS: Final = {1: "u", 2: "i", 3: "f"}
_COMPRESSIONS: Final = {
    2: "CCITT", 3: "fax 3", 4: "fax 4", 5: "LZW", 6: "JPEG", 7: "JPEG", 32773: "PackBits", 34712: "JPEG 2000",
    34925: "LZMA", 50000: "Zstandard", 50001: "WebP",
}  # fmt: skip


def needs_odd_reader(tags: "TagTable") -> bool:
    """Whether a TIFF with these tags is one that Pillow refuses or reads wrongly."""
    bits, samples = tags.first(BITS, 1), tags.first(SAMPLES, 1)
    if tags.first(PHOTOMETRIC, RGB) in LOG_LUV:
        return True
    if tags.first(PHOTOMETRIC, RGB) not in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB):
        return False
    is_read_here = tags.first(COMPRESSION, 1) in (_NO_COMPRESSION, *_DEFLATE)
    if tags.first(PLANAR, 1) == 2 and bits in (16, 32):
        return samples > 1 or is_read_here
    if samples >= 3 and bits > 8:
        return bits != 16 or tags.first(FORMAT, 1) != 1
    if bits == 32 and samples == 1 and tags.first(FORMAT, 1) == 1:
        return is_read_here  # Pillow takes large numbers for negative ones
    return bits == 64 or (bits == 16 and tags.first(FORMAT, 1) == 3) or (samples == 2 and bits > 8)


class TagTable:
    """Tags of a TIFF directory as numbers."""

    def __init__(self, tags: object) -> None:
        """`tags` is a directory of Pillow."""
        self._tags = tags

    def all(self, tag: int) -> tuple[int, ...]:
        """Return the numbers of a tag; empty if it is missing."""
        value = self._tags.get(tag, ())  # type: ignore[attr-defined]
        numbers = value if isinstance(value, tuple) else (value,)
        return tuple(int(number) for number in numbers)

    def first(self, tag: int, default: int) -> int:
        """Return the first number of a tag."""
        return next(iter(self.all(tag)), default)


def kind_of(tags: TagTable) -> str:
    """Return what a TIFF is in words, for a sentence: "32-bit floating point, LZW"."""
    if tags.first(PHOTOMETRIC, RGB) in LOG_LUV:
        return "LogLuv"
    words = {1: N_("whole numbers"), 2: N_("signed numbers"), 3: N_("floating point")}.get(tags.first(FORMAT, 1), "")
    compression = tags.first(COMPRESSION, 1)
    parts = [DEPTH.format(bits=tags.first(BITS, 1), kind=words)]
    if compression not in (_NO_COMPRESSION, *_DEFLATE):
        parts.append(_COMPRESSIONS.get(compression, COMPRESSION_NUMBER.format(number=compression)))
    return ", ".join(parts)


def unreadable_kind(tags: TagTable) -> PhotoError:
    """Return the error for a TIFF that cannot be read, though it may be whole."""
    return PhotoError(Unreadable.NOT_A_PHOTO, ODD_TIFF, kind=kind_of(tags))


def read_odd_tiff(file: IO[bytes], tags: TagTable, *, big_endian: bool) -> Image.Image:
    """Return the picture as 8-bit "L" or "RGB". Raises `PhotoError` for a kind that is not read, and `ValueError`."""
    import numpy as np

    compression, kind = tags.first(COMPRESSION, 1), _KINDS.get(tags.first(FORMAT, 1))
    bits = tags.first(BITS, 1)
    is_known = (
        tags.first(PHOTOMETRIC, RGB) in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB)
        and kind is not None
        and bits in ((16, 32, 64) if kind == "f" else (8, 16, 32, 64))
    )
    if not is_known or compression not in (_NO_COMPRESSION, *_DEFLATE) or len(set(tags.all(BITS))) > 1:
        raise unreadable_kind(tags)
    predictor = tags.first(PREDICTOR, 1)
    if predictor not in (1, 2):
        raise unreadable_kind(tags)
    dtype = np.dtype(f"{'>' if big_endian else '<'}{kind}{bits // 8}")
    samples = _read_samples(file, tags, dtype, predictor)
    colours = samples[:, :, : 3 if tags.first(PHOTOMETRIC, RGB) == RGB else 1]
    eight = _to_8_bit(colours, dtype)
    if tags.first(PHOTOMETRIC, RGB) == WHITE_IS_ZERO:
        eight = 255 - eight
    return Image.fromarray(eight if eight.shape[2] == 3 else eight[:, :, 0])


def _read_samples(
    file: IO[bytes], tags: TagTable, dtype: "np.dtype[np.generic]", predictor: int
) -> "NDArray[np.generic]":
    """Return (height, width, samples)."""
    import numpy as np

    width, height, samples = tags.first(WIDTH, 0), tags.first(LENGTH, 0), tags.first(SAMPLES, 1)
    if width < 1 or height < 1 or not 1 <= samples <= 8:
        raise ValueError("no picture")
    planes, inside = (samples, 1) if tags.first(PLANAR, 1) == 2 else (1, samples)
    tiled = bool(tags.all(TILE_OFFSETS))
    across, down = (tags.first(TILE_WIDTH, 0), tags.first(TILE_LENGTH, 0)) if tiled else (width, 0)
    down = down if tiled else min(height, tags.first(ROWS_PER_STRIP, height))
    if across < 1 or down < 1:
        raise ValueError("no tiles")
    offsets, lengths = (
        tags.all(TILE_OFFSETS if tiled else STRIP_OFFSETS),
        tags.all(TILE_BYTES if tiled else STRIP_BYTES),
    )
    whole = np.zeros((planes, height, width, inside), dtype.newbyteorder("="))
    columns, rows = -(-width // across), -(-height // down)
    for number in range(min(len(offsets), len(lengths), planes * rows * columns)):
        plane, place = divmod(number, rows * columns)
        row, column = divmod(place, columns)
        top, left = row * down, column * across
        tall = down if tiled else min(down, height - top)
        content = _unpacked(
            file, offsets[number], lengths[number], tags.first(COMPRESSION, 1), tall * across * inside * dtype.itemsize
        )
        part = np.frombuffer(content, dtype).reshape(tall, across, inside)
        if predictor == 2:
            part = np.cumsum(part, axis=1, dtype=part.dtype.newbyteorder("="))
        cut = part[: height - top, : width - left]
        whole[plane, top : top + cut.shape[0], left : left + cut.shape[1]] = cut
    return np.concatenate(list(whole), axis=2) if planes > 1 else whole[0]


def _unpacked(file: IO[bytes], offset: int, length: int, compression: int, wanted: int) -> bytes:
    """Return exactly `wanted` bytes of a strip or tile; what is missing at its end is zero."""
    file.seek(offset)
    content = file.read(length if compression != _NO_COMPRESSION else min(length, wanted))
    if compression != _NO_COMPRESSION:
        content = zlib.decompressobj().decompress(content, wanted)
    return content[:wanted].ljust(wanted, b"\0")


def _to_8_bit(values: "NDArray[np.generic]", dtype: "np.dtype[np.generic]") -> "NDArray[np.uint8]":
    """Scale to 0..255: unsigned by the range of the type, others by 0..1 if they lie in it, else by the largest."""
    import numpy as np

    real = np.nan_to_num(values.astype(np.float32), nan=0.0, posinf=0.0, neginf=0.0)
    largest = float(real.max(initial=0.0))
    if dtype.kind == "u":
        top = float(2 ** (8 * dtype.itemsize) - 1)
        if dtype.itemsize > 2:  # programs that store 8 or 16 bits in wider numbers do not scale them
            top = next((smaller for smaller in (255.0, 65535.0) if largest <= smaller), top)
    else:
        top = 1.0 if largest <= 1.0 else max(largest, 255.0)
    return np.asarray(np.clip(real * (255.0 / top), 0, 255), dtype=np.uint8)


class OddTiff(ImageFile.ImageFile):
    """A TIFF that is read here. As with Pillow's own, size and pixels are upright."""

    format = "TIFF"

    def __init__(self, file: IO[bytes], directory: Any, tags: TagTable, *, big_endian: bool) -> None:
        """`directory` is Pillow's, which reads the EXIF data of the image."""
        Image.Image.__init__(self)
        self.fp, self.tag_v2, self.tile = file, directory, []
        self._tags, self._big_endian = tags, big_endian
        self._orientation = tags.first(ORIENTATION, 1)
        size = tags.first(WIDTH, 0), tags.first(LENGTH, 0)
        self._size = size[::-1] if 5 <= self._orientation <= 8 else size
        self._mode = "RGB" if tags.first(PHOTOMETRIC, RGB) == RGB else "L"
        self._is_loaded = False

    def _open(self) -> None:
        """Do nothing: `open_odd_tiff` opens the file."""

    def load(self) -> Any:
        """Decode the pixels, once. Raises `PhotoError` for a kind that cannot be read, and `ValueError`."""
        if not self._is_loaded:
            assert self.fp is not None
            stored = read_odd_tiff(self.fp, self._tags, big_endian=self._big_endian)
            self.im = upright(stored, self._orientation).im
            self._is_loaded = True
        return Image.Image.load(self)


def open_odd_tiff(file: IO[bytes]) -> OddTiff | None:
    """Open a TIFF that Pillow refuses or reads wrongly; None for other TIFFs. Raises as Pillow for damaged ones."""
    file.seek(0)
    head = file.read(8)
    if head[2:3] == b"+" or head[3:4] == b"+":
        head += file.read(8)
    is_big_endian_bigtiff = head[:4] == b"MM\0+"
    directory = TiffImagePlugin.ImageFileDirectory_v2(b"MM\0*\0\0\0\0" if is_big_endian_bigtiff else head)
    if is_big_endian_bigtiff:  # which Pillow does not recognize
        directory._bigtiff = True
        (directory.next,) = struct.unpack(">Q", head[8:16])
    file.seek(directory.next)
    directory.load(file)
    tags = TagTable(directory)
    if not is_big_endian_bigtiff and not needs_odd_reader(tags):
        return None
    return OddTiff(file, directory, tags, big_endian=head[:1] == b"M")
