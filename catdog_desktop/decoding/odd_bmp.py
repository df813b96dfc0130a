"""Read BMPs whose colours have other bit masks than Pillow knows, 16 or 32 bits a pixel.

Headers: BITMAPINFOHEADER and its successors (Microsoft, "Bitmap Header Types"). Runs in decoder processes.
"""

import struct
from typing import IO, Any, Final

from PIL import Image, ImageFile

MASKS_FOLLOW: Final = (3, 6)
"""Compression: BI_BITFIELDS and BI_ALPHABITFIELDS."""
_LARGEST: Final = 2**27
"""Bytes of pixels: more than a photo of the largest size that fits into a file of the usual limits."""


class OddBmp(ImageFile.ImageFile):
    """A BMP that is read here, as RGB."""

    format = "BMP"

    def __init__(self, file: IO[bytes], size: tuple[int, int], bits: int, masks: tuple[int, ...], offset: int) -> None:
        """`size`: the height is negative if the first row is the upper one; `masks`: red, green, blue."""
        Image.Image.__init__(self)
        self.fp, self.tile = file, []
        self._stored, self._bits, self._masks, self._offset = size, bits, masks, offset
        self._mode, self._size = "RGB", (size[0], abs(size[1]))
        self._is_loaded = False

    def _open(self) -> None:
        """Do nothing: `open_odd_bmp` opens the file."""

    def load(self) -> Any:
        """Decode the pixels, once; rows that are missing are black."""
        if not self._is_loaded:
            assert self.fp is not None
            self.im = self._read(self.fp).im
            self._is_loaded = True
        return Image.Image.load(self)

    def _read(self, file: IO[bytes]) -> Image.Image:
        import numpy as np

        width, height = self._size
        stride = (width * self._bits // 8 + 3) // 4 * 4
        file.seek(self._offset)
        content = file.read(stride * height).ljust(stride * height, b"\0")
        rows = np.frombuffer(content, np.uint8).reshape(height, stride)[:, : width * self._bits // 8]
        values = np.ascontiguousarray(rows).view(f"<u{self._bits // 8}").astype(np.uint32)
        channels = []
        for mask in self._masks:
            lowest = (mask & -mask).bit_length() - 1 if mask else 0
            largest = mask >> lowest
            channel = ((values & mask) >> lowest).astype(np.float32) * (255.0 / largest if largest else 0.0)
            channels.append((channel + 0.5).astype(np.uint8))
        whole = np.stack(channels, axis=-1)
        return Image.fromarray(np.ascontiguousarray(whole if self._stored[1] < 0 else whole[::-1]))


def open_odd_bmp(file: IO[bytes]) -> OddBmp | None:
    """Open a BMP with bit masks; None for any other file. Raises `struct.error` for a damaged header."""
    file.seek(0)
    head = file.read(70)
    if head[:2] != b"BM":
        return None
    (offset,) = struct.unpack_from("<I", head, 10)
    header, width, height, _planes, bits, compression = struct.unpack_from("<IiiHHI", head, 14)
    if header < 40 or compression not in MASKS_FOLLOW or bits not in (16, 32) or width <= 0 or height == 0:
        return None
    masks = struct.unpack_from("<III", head, 54)
    if width * abs(height) * bits // 8 > _LARGEST or not any(masks):
        return None
    return OddBmp(file, (width, height), bits, masks, offset)
