"""Thumbnails as the delegate paints them: found and decoded beside the GUI thread, kept as long as there is room.

Neither the JPEGs nor what is decoded from them is kept of all photos: ten thousand would take 180 MB. New JPEGs are
held for a moment, until the store has them; others are asked of `find`, which looks there.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QThread, Signal
from PySide6.QtGui import QImage

from catdog_desktop.decoding.pixels import open_thumbnail

KEPT_BYTES: Final = 12 * 2**20
"""Room for the decoded thumbnails of some two screens full; more if one screen alone takes more."""
HELD_BYTES: Final = 8 * 2**20
"""Room for the JPEGs of some 450 new photos, which is more than come before the store has them."""
_MOST_WANTED: Final = 200
"""Requests beyond it are dropped, oldest first: who scrolls by does not come back for them at once."""


FindThumbnail = Callable[[Path, str], bytes]
"""Returns the JPEG of a photo, given its path and content; empty if there is none. Called beside the GUI thread."""


class Thumbnails(QObject):
    """Decoded thumbnails by path, least recently used ones dropped. Asked from the GUI thread only."""

    ready = Signal(list)  # list[Path]
    failed = Signal(object)  # an exception that nobody expected; the next thumbnail is decoded all the same

    def __init__(self, find: FindThumbnail | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held: OrderedDict[Path, bytes] = OrderedDict()
        self._held_bytes = 0
        self._kept: OrderedDict[Path, tuple[str, QImage]] = OrderedDict()
        """With the content each was made of: one that was asked for before its file changed may come after."""
        self._bytes = 0
        self._least_kept = 1
        self._decoder = _Decoder(find)
        self._decoder.decoded.connect(self._take)
        self._decoder.failed.connect(self.failed)
        self._decoder.start()

    def hold(self, path: Path, jpeg: bytes) -> None:
        """Hold a new JPEG for a while: whoever paints the photo soon need not look for it."""
        self._drop_held(path)
        self._held[path] = jpeg
        self._held_bytes += len(jpeg)
        while self._held_bytes > HELD_BYTES:
            self._drop_held(next(iter(self._held)))

    def get(self, path: Path, jpeg: bytes, content: str = "") -> QImage | None:
        """Return the decoded thumbnail; None if it is not at hand, and then `ready` tells when it is.

        It is made from `jpeg`; where that is empty, from the one that is held or found.
        """
        made_of, image = self._kept.get(path, ("", None))
        if image is not None and made_of == content:
            self._kept.move_to_end(path)
            return None if image.isNull() else image
        jpeg = jpeg or self._held.get(path, b"")
        if jpeg or content:
            self._decoder.want(path, jpeg, content)
        return None

    def keep_at_least(self, count: int) -> None:
        """Keep so many, whatever room they take: were fewer kept than are in sight, they would push each other out."""
        self._least_kept = max(1, count)
        self._decoder.most_wanted = max(_MOST_WANTED, count)

    def forget(self, paths: Iterable[Path]) -> None:
        """Drop the thumbnails of photos that were taken off the list: when they come again, they may be others."""
        for path in paths:
            self._drop_held(path)
            dropped = self._kept.pop(path, None)
            if dropped is not None:
                self._bytes -= dropped[1].sizeInBytes()

    def move(self, places: Mapping[Path, Path]) -> None:
        """Keep what there is of photos that lie elsewhere now, from the keys to the values."""
        self._held.update({new: self._held.pop(old) for old, new in places.items() if old in self._held})
        self._kept.update({new: self._kept.pop(old) for old, new in places.items() if old in self._kept})

    def close(self) -> None:
        """End the thread."""
        self._decoder.close()
        self._decoder.wait()

    def _drop_held(self, path: Path) -> None:
        self._held_bytes -= len(self._held.pop(path, b""))

    def _take(self, decoded: list[tuple[Path, str, QImage]]) -> None:
        for path, content, image in decoded:
            _, before = self._kept.pop(path, ("", None))
            self._bytes += image.sizeInBytes() - (before.sizeInBytes() if before is not None else 0)
            self._kept[path] = content, image
        while self._bytes > KEPT_BYTES and len(self._kept) > self._least_kept:
            _, (_, dropped) = self._kept.popitem(last=False)
            self._bytes -= dropped.sizeInBytes()
        self.ready.emit([path for path, _, _ in decoded])


class _Decoder(QThread):
    """Decodes the thumbnails that were asked for last first."""

    decoded = Signal(list)  # list[tuple[Path, str, QImage]]: path, content, thumbnail
    failed = Signal(object)  # an exception that nobody expected

    def __init__(self, find: FindThumbnail | None) -> None:
        super().__init__()
        self._find = find
        self._changed = threading.Condition()
        self._wanted: OrderedDict[Path, tuple[bytes, str]] = OrderedDict()
        self._closed = False
        self.most_wanted = _MOST_WANTED

    def want(self, path: Path, jpeg: bytes, content: str) -> None:
        """Decode `jpeg` soon, or what is found of `content`."""
        with self._changed:
            self._wanted[path] = jpeg, content
            self._wanted.move_to_end(path)
            while len(self._wanted) > self.most_wanted:
                self._wanted.popitem(last=False)
            self._changed.notify()

    def close(self) -> None:
        """Ask the thread to end."""
        with self._changed:
            self._closed = True
            self._wanted.clear()
            self._changed.notify()

    def run(self) -> None:
        """Decode until closed (called by Qt in the new thread)."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._wanted or self._closed)
                if self._closed:
                    return
                batch = [self._wanted.popitem() for _ in range(min(8, len(self._wanted)))]
            self.decoded.emit([(path, content, self._image(path, jpeg, content)) for path, (jpeg, content) in batch])

    def _image(self, path: Path, jpeg: bytes, content: str) -> QImage:
        """Return the decoded thumbnail; a null image if there is none, so that nobody asks again."""
        try:
            if not jpeg and self._find is not None:
                jpeg = self._find(path, content)
            return _decode(jpeg) if jpeg else QImage()
        except Exception as error:  # noqa: BLE001  The edge of a thread: one photo must not end the others.
            self.failed.emit(error)
            return QImage()


def _decode(jpeg: bytes) -> QImage:
    # Pillow rather than QImage: it releases the interpreter lock, and the app needs no image plugin of Qt's.
    try:
        with open_thumbnail(jpeg) as opened:
            image = opened.convert("RGBX")
    except (OSError, ValueError, SyntaxError):  # a damaged one in the cache
        return QImage()
    return QImage(image.tobytes(), image.width, image.height, QImage.Format.Format_RGBX8888).copy()
