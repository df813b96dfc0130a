"""Photos that take much memory while they are decoded take turns.

The memory is estimated from the header, before any pixel is decoded. Photos of usual size never wait.
"""

import contextlib
import threading
from collections import deque
from collections.abc import Iterator
from typing import Final

from PIL import ImageFile

USUAL_BYTES: Final = 64 * 2**20
"""Photos that take less do not wait: 16 megapixels of RGB, and every baseline JPEG, which is decoded smaller."""
TOGETHER_BYTES: Final = 320 * 2**20
"""What all photos that wait for turns may take at the same time. One that takes more is decoded alone.

A progressive JPEG of 96 megapixels takes 275 MB, and the app without it about 200 MB."""
_COEFFICIENT_BYTES: Final = 2
"""libjpeg keeps a JPEG with several scans as coefficients of 16 bits (`JCOEF`), at full size, until it is decoded."""
_PIXEL_BYTES: Final = {"1": 1, "L": 1, "RGB": 4, "YCbCr": 4, "CMYK": 4, "RGBX": 4, "P": 5, "RGBA": 12, "LA": 12}
"""Bytes of a pixel in Pillow, where RGB takes four, and those of the copies that `to_rgb` makes before it reduces."""
_OTHER_PIXEL_BYTES: Final = 16
"""Of all other modes: 16 bits, 32 bits and floating point are scaled to 8 bits in arrays of numpy."""
_DECODER_PIXEL_BYTES: Final = {"WEBP": 4, "AVIF": 5, "HEIF": 5}
"""What the decoders of these formats hold beside the pixels: the planes, and a copy in RGB."""
_ONE_COMPONENT: Final = b"\xff\xda\x00\x08"
_TWO_COMPONENTS: Final = b"\xff\xda\x00\x0a"
"""How a JPEG scan begins that has only one or two of the components (ITU T.81, B.2.3)."""


class MemoryTurns:
    """Lets callers pass, first come first served, as long as they fit into a limit together."""

    def __init__(self, together_bytes: int = TOGETHER_BYTES, usual_bytes: int = USUAL_BYTES) -> None:
        self._together_bytes = together_bytes
        self._usual_bytes = usual_bytes
        self._changed = threading.Condition()
        self._queue: deque[object] = deque()
        self._in_use = 0

    @contextlib.contextmanager
    def hold(self, size_bytes: int) -> Iterator[None]:
        """Wait until `size_bytes` may be used, and hold them until the end of the context."""
        if size_bytes <= self._usual_bytes:
            yield
            return
        ticket = object()
        with self._changed:
            self._queue.append(ticket)
            try:
                self._changed.wait_for(lambda: self._queue[0] is ticket and self._fits(size_bytes))
                self._in_use += size_bytes
            finally:
                # Also when an interrupt ends the wait: a ticket that stays would block all that follow.
                self._queue.remove(ticket)
                self._changed.notify_all()
        try:
            yield
        finally:
            with self._changed:
                self._in_use -= size_bytes
                self._changed.notify_all()

    def _fits(self, size_bytes: int) -> bool:
        return not self._in_use or self._in_use + size_bytes <= self._together_bytes


_turns = MemoryTurns()


def decoding_slot(image: ImageFile.ImageFile, stored_size: tuple[int, int]) -> contextlib.AbstractContextManager[None]:
    """Return a context in which `image` may be decoded to its present size.

    `stored_size` is its width and height in the file: `draft` may have made the present size smaller.
    """
    return _turns.hold(decoding_bytes(image, stored_size))


def decoding_bytes(image: ImageFile.ImageFile, stored_size: tuple[int, int]) -> int:
    """Return about how much memory it takes to decode `image`, which is open and not decoded."""
    pixels = image.width * image.height
    each = _PIXEL_BYTES.get(image.mode, _OTHER_PIXEL_BYTES) + _DECODER_PIXEL_BYTES.get(image.format or "", 0)
    return pixels * each + _coefficient_bytes(image, stored_size[0] * stored_size[1])


def _coefficient_bytes(image: ImageFile.ImageFile, stored_pixels: int) -> int:
    """Return the size of the coefficients of a JPEG with several scans; 0 for other photos."""
    sampling = [(across, down) for _id, across, down, _table in getattr(image, "layer", ())]
    if not sampling or not (image.info.get("progressive") or _has_several_scans(image, len(sampling))):
        return 0
    largest = max(across for across, _ in sampling) * max(down for _, down in sampling)
    samples = sum(across * down for across, down in sampling)
    return int(stored_pixels * samples / max(1, largest)) * _COEFFICIENT_BYTES


def _has_several_scans(image: ImageFile.ImageFile, components: int) -> bool:
    """Whether the first scan of a sequential JPEG lacks components. Pillow has stopped right behind its header."""
    file = image.fp
    if file is None or components == 1:
        return False
    position = file.tell()
    found = []
    for header, length in ((_ONE_COMPONENT, 10), (_TWO_COMPONENTS, 12)):
        file.seek(max(0, position - length))
        found.append(file.read(len(header)) == header)
    file.seek(position)
    return any(found)
