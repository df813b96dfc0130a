"""Decode JPEGs that end too early as far as they go, and find out whether anything of the picture is missing.

libjpeg does not report this through Pillow: it stops where data end, or fills what is missing when an end marker comes
too early. So the data are completed here and decoded again: with a few zero bits, which let a decoder finish that has
all data but the end marker, or with the marker itself.
"""

import contextlib
import io
import re
from collections.abc import Sequence
from typing import IO, Any, Final

from PIL import Image, ImageChops, ImageFile

Tiles = Sequence[Any]
"""What Pillow has to decode: `ImageFile.tile`."""

END: Final = b"\xff\xd9"
ZERO_BITS: Final = bytes(16)
"""More than a decoder reads ahead, and too few for more than some ten blocks of a picture."""
LEAST_SCAN_BYTES: Final = 16
"""A scan with fewer bytes than this has no picture."""
LARGEST_COMPARED: Final = 40_000_000
"""Pixels up to which a progressive JPEG is decoded twice to see whether it is whole."""
_LAST_BYTES: Final = 512
_LAST_ROWS: Final = 32
"""Two rows of blocks: where the last bytes of a scan belong."""
_MARKER: Final = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
"""In entropy-coded data: 0xFF00 is a byte 0xFF, and D0 to D7 are restart markers."""
_SCAN: Final = 0xDA
_PROGRESSIVE: Final = 0xC2


def decode_again(image: ImageFile.ImageFile, file: IO[bytes], tiles: Tiles) -> bool | None:
    """Decode the pixels of `image`, a JPEG whose data in `file` ended while it was loaded, into it.

    `tiles` is what `image.tile` was before. Returns whether the picture is damaged, that is, a part is missing; None
    if there is no picture to decode.
    """
    content = _content(file)
    scans = _Scans(content)
    if scans.data_bytes < LEAST_SCAN_BYTES:
        return None
    if not scans.is_progressive and _decode(image, content + ZERO_BITS, tiles):
        return False
    if not _decode(image, content[: scans.end] + END, tiles) or is_plain(image):
        return None
    if not scans.is_progressive:
        return True
    return not (scans.has_all_scans and _reaches_the_end(image, content[: scans.end]))


def ends_too_early(image: ImageFile.ImageFile, file: IO[bytes], tiles: Tiles) -> bool:
    """Whether an end marker came too early in `image`, a JPEG that was loaded from `file` without an error.

    In a baseline JPEG, what is missing is then of one colour to the last row, which is looked at first. In a
    progressive one, scans are missing.
    """
    if image.info.get("progressive"):
        scans = _Scans(_content(file))
        return not scans.has_all_scans
    bottom = image.crop((0, image.height - 1, image.width, image.height))
    if image.height < 2 or not is_plain(bottom):
        return False
    content = _content(file)
    scans = _Scans(content)
    if scans.data_bytes < LEAST_SCAN_BYTES:
        return True
    trial = _opened(image, content[: scans.end] + ZERO_BITS, tiles)
    with contextlib.suppress(OSError):
        trial.load()
        return False
    return True


def has_end_marker(content: bytes) -> bool:
    """Whether the JPEG `content` has its end marker; that of a thumbnail inside does not count."""
    return _Scans(content).end < len(content)


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def _decode(image: ImageFile.ImageFile, content: bytes, tiles: Tiles) -> bool:
    """Decode `content` into `image`; return whether it went without an error."""
    trial = _opened(image, content, tiles)
    try:
        trial.load()
    except OSError:
        return False
    image.im, image.tile = trial.im, []
    return True


def _opened(image: ImageFile.ImageFile, content: bytes, tiles: Tiles) -> ImageFile.ImageFile:
    """Return a JPEG like `image` with other data, to be decoded at the same size."""
    trial = Image.open(io.BytesIO(content), formats=("JPEG",))
    trial._mode, trial._size, trial.decoderconfig, trial.tile = image.mode, image.size, image.decoderconfig, list(tiles)
    return trial


def is_plain(image: Image.Image) -> bool:
    """Whether all pixels have one colour."""
    extrema = image.getextrema()
    bands = extrema if isinstance(extrema[0], tuple) else (extrema,)
    return all(low == high for low, high in bands)


def _reaches_the_end(image: ImageFile.ImageFile, data: bytes) -> bool:
    """Whether the last bytes of a progressive JPEG belong to the last rows, so that no data are missing."""
    if image.width * image.height > LARGEST_COMPARED:
        return False
    try:
        whole, shorter = (Image.open(io.BytesIO(part + END), formats=("JPEG",)) for part in (data, data[:-_LAST_BYTES]))
        difference = ImageChops.difference(whole, shorter).getbbox()
    except (OSError, ValueError, SyntaxError):
        return False
    return difference is None or difference[1] >= whole.height - _LAST_ROWS


class _Scans:
    """Scans of a JPEG, found by its markers."""

    def __init__(self, content: bytes) -> None:
        self.is_progressive = False
        self.end = len(content)
        """Where the last scan ends: at the end marker, or at the end of the data."""
        self.data_bytes = 0
        """Of the entropy-coded data of all scans."""
        self._lowest_bit: dict[tuple[int, int], int] = {}
        """By component and coefficient: the lowest bit that a scan brings, as far as there are any scans for it."""
        self._components: tuple[int, ...] = ()
        self._read(content)

    @property
    def has_all_scans(self) -> bool:
        """Whether the scans of a progressive JPEG bring every coefficient down to its last bit."""
        wanted = [(component, number) for component in self._components for number in range(64)]
        return bool(wanted) and not any(self._lowest_bit.get(key, 1) for key in wanted)

    def _read(self, content: bytes) -> None:
        at = 2
        while at + 2 <= len(content):
            if content[at] != 0xFF:
                found = _MARKER.search(content, at)
                if found is None:
                    return
                at = found.start()
            marker = content[at + 1]
            if marker == END[1]:
                self.end = at
                return
            if marker in (0xFF, 0x00, 0x01) or 0xD0 <= marker <= 0xD8:
                at += 1 if marker == 0xFF else 2
                continue
            length = int.from_bytes(content[at + 2 : at + 4], "big")
            segment = content[at + 4 : at + 2 + length]
            following = at + 2 + max(2, length)
            if marker == _PROGRESSIVE or (marker in (0xC0, 0xC1) and not self._components):
                self.is_progressive = marker == _PROGRESSIVE
                self._components = tuple(segment[6::3]) if len(segment) > 6 else ()
            if marker == _SCAN:
                self._add(segment)
                found = _MARKER.search(content, following)
                end = len(content) if found is None else found.start()
                self.data_bytes += max(0, end - following)
                following = end
            at = following

    def _add(self, segment: bytes) -> None:
        count = segment[0] if segment else 0
        if len(segment) < 4 + 2 * count:
            return
        first, last, bits = segment[1 + 2 * count : 4 + 2 * count]
        for component in segment[1 : 1 + 2 * count : 2]:
            for number in range(first, min(last, 63) + 1):
                key = (component, number)
                self._lowest_bit[key] = min(self._lowest_bit.get(key, 15), bits & 15)
