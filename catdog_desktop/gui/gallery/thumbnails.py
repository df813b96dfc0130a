"""Cache of decoded thumbnails. They are loaded and decoded in a thread of their own.

The JPEGs of ten thousand photos would take 180 MB, so only some are in memory: decoded ones least recently used, and
JPEGs of new photos until the store has them. All others are loaded by a `FindThumbnail` function, from the store.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import numpy as np
from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage

from catdog_desktop.decoding.pixels import open_thumbnail
from catdog_desktop.gui.images import image_from_array

KEPT_BYTES: Final = 12 * 2**20
"""Limit for decoded thumbnails, about two screens full. Exceeded if one screen alone needs more."""
HELD_BYTES: Final = 8 * 2**20
"""Limit for JPEGs of new photos: about 450, more than arrive before the store has them."""
_MOST_REQUESTS: Final = 200
"""Limit for open requests; the oldest are dropped, because the user has scrolled past those photos."""


FindThumbnail = Callable[[Path, str], bytes]
"""Returns the JPEG for a path and a fingerprint, empty if not stored. Called in the decoder thread."""


class Thumbnails(QObject):
    """LRU cache of decoded thumbnails by path. Used in the GUI thread only."""

    ready = Signal(list)  # list[Path]
    failed = Signal(object)  # an unexpected exception; decoding goes on with the next thumbnail

    def __init__(self, find: FindThumbnail | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held: OrderedDict[Path, bytes] = OrderedDict()
        self._held_bytes = 0
        self._kept: OrderedDict[Path, tuple[str, QImage]] = OrderedDict()
        """With fingerprints: a thumbnail requested before its file changed may arrive afterwards."""
        self._bytes = 0
        self._least_kept = 1
        self._decoder = _Decoder(find)
        self._decoder.decoded.connect(self._take)
        self._decoder.failed.connect(self.failed)
        self._decoder.start()

    def hold(self, path: Path, jpeg: bytes) -> None:
        """Keep the JPEG of a new photo for a while, so that it need not be loaded from the store."""
        self._drop_held(path)
        self._held[path] = jpeg
        self._held_bytes += len(jpeg)
        while self._held_bytes > HELD_BYTES:
            self._drop_held(next(iter(self._held)))

    def get(self, path: Path, jpeg: bytes, fingerprint: str = "") -> QImage | None:
        """Return the decoded thumbnail. If it is not cached, return None, decode it and emit `ready`.

        An empty `jpeg` is replaced by the one that `hold` was given, or by the stored one with `fingerprint`.
        """
        cached_fingerprint, image = self._kept.get(path, ("", None))
        if image is not None and cached_fingerprint == fingerprint:
            self._kept.move_to_end(path)
            return None if image.isNull() else image
        jpeg = jpeg or self._held.get(path, b"")
        if jpeg or fingerprint:
            self._decoder.request(path, jpeg, fingerprint)
        return None

    def keep_at_least(self, count: int) -> None:
        """Keep at least `count`, whatever their size: with fewer than are visible, they would evict each other."""
        self._least_kept = max(1, count)
        self._decoder.most_requests = max(_MOST_REQUESTS, count)

    def forget(self, paths: Iterable[Path]) -> None:
        """Drop the thumbnails of photos that were removed from the list or have changed."""
        for path in paths:
            self._drop_held(path)
            dropped = self._kept.pop(path, None)
            if dropped is not None:
                self._bytes -= dropped[1].sizeInBytes()

    def move(self, places: Mapping[Path, Path]) -> None:
        """Update the paths of moved files, old to new."""
        self._held.update({new: self._held.pop(old) for old, new in places.items() if old in self._held})
        self._kept.update({new: self._kept.pop(old) for old, new in places.items() if old in self._kept})

    def close(self) -> None:
        """Stop the thread, and wait for it."""
        self._decoder.close()
        self._decoder.wait()

    def _drop_held(self, path: Path) -> None:
        self._held_bytes -= len(self._held.pop(path, b""))

    def _take(self, decoded: list[tuple[Path, str, QImage]]) -> None:
        for path, fingerprint, image in decoded:
            _, before = self._kept.pop(path, ("", None))
            self._bytes += image.sizeInBytes() - (before.sizeInBytes() if before is not None else 0)
            self._kept[path] = fingerprint, image
        while self._bytes > KEPT_BYTES and len(self._kept) > self._least_kept:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= dropped.sizeInBytes()
        self.ready.emit([path for path, _, _ in decoded])


class _Decoder(QThread):
    """Decodes requested thumbnails, the latest request first."""

    decoded = Signal(list)  # list[tuple[Path, str, QImage]]: path, fingerprint, thumbnail
    failed = Signal(object)  # an unexpected exception

    def __init__(self, find: FindThumbnail | None) -> None:
        super().__init__()
        self._find = find
        self._changed = threading.Condition()
        self._requests: OrderedDict[Path, tuple[bytes, str]] = OrderedDict()
        self._closed = False
        self.most_requests = _MOST_REQUESTS

    def request(self, path: Path, jpeg: bytes, fingerprint: str) -> None:
        """Decode `jpeg`; if it is empty, the stored one with `fingerprint`."""
        with self._changed:
            self._requests[path] = jpeg, fingerprint
            self._requests.move_to_end(path)
            while len(self._requests) > self.most_requests:
                self._requests.popitem(last=False)
            self._changed.notify()

    def close(self) -> None:
        """Ask the thread to stop."""
        with self._changed:
            self._closed = True
            self._requests.clear()
            self._changed.notify()

    def run(self) -> None:
        """Decode until closed (called by Qt in the new thread)."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._requests or self._closed)
                if self._closed:
                    return
                batch = [self._requests.popitem() for _ in range(min(8, len(self._requests)))]
            self.decoded.emit([(path, key, self._image(path, jpeg, key)) for path, (jpeg, key) in batch])

    def _image(self, path: Path, jpeg: bytes, fingerprint: str) -> QImage:
        """Return the decoded thumbnail, or a null image, which is cached, too: the request is not repeated."""
        try:
            if not jpeg and self._find is not None:
                jpeg = self._find(path, fingerprint)
            return _decode(jpeg) if jpeg else QImage()
        except Exception as error:  # noqa: BLE001  The edge of a thread: it goes on with the next photo.
            self.failed.emit(error)
            return QImage()


def _decode(jpeg: bytes) -> QImage:
    # Pillow instead of QImage: it releases the GIL, and the image plugins of Qt need not be bundled.
    try:
        with open_thumbnail(jpeg) as opened:
            image = opened.convert("RGBX")
    except (OSError, ValueError, SyntaxError):  # a damaged one in the cache
        return QImage()
    return image_from_array(np.asarray(image), has_alpha=False)
