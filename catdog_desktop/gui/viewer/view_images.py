"""Photos decoded for the viewer: those shown, their neighbours, and a part of a photo in full resolution."""

import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QRectF, QSize, Signal
from PySide6.QtGui import QImage

from catdog_desktop.decoding.decode import decode_for_view, decode_parts
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.gui.images import image_from_array
from catdog_desktop.gui.task_queue import TaskQueue

KEPT_BYTES: Final = 64 * 2**20
"""Limit for decoded photos, about four at the size of a 4K screen. Photos that are shown are kept in any case."""
MOST_DETAIL: Final = 12_500_000
"""Most pixels of a part in full resolution: a whole photo of a phone, 37 MB."""
_LARGE_ENOUGH: Final = 0.95
"""A kept photo is not decoded again for a view that is at most this much larger."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A photo to decode: longest edge at most `edge` device pixels."""

    path: Path
    fingerprint: str
    """A file that was changed has another fingerprint."""
    edge: int


@dataclass(frozen=True, slots=True)
class Detail:
    """A part of a photo in higher resolution."""

    part: QRectF
    """In fractions 0..1 of the photo."""
    image: QImage


@dataclass(frozen=True, slots=True)
class _Kept:
    fingerprint: str
    edge: int
    image: QImage
    problem: str = ""
    """Why the file cannot be decoded, to be read after its name."""


class ViewImages(QObject):
    """Decodes photos in two background threads: one for what is shown, one for the neighbours. Used in the GUI thread.

    What is no longer wanted is not decoded, except a photo whose decoding has begun.
    """

    ready = Signal(object)  # Path
    detail_ready = Signal(object, object)  # Path, Detail

    def __init__(self, shown: TaskQueue, neighbours: TaskQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown_tasks, self._neighbour_tasks = shown, neighbours
        self._kept: OrderedDict[Path, _Kept] = OrderedDict()
        self._shown: list[Wanted] = []
        self._wanted: frozenset[Wanted] = frozenset()
        self._running: set[Wanted] = set()
        self._details: dict[Path, QRectF] = {}
        """The part wanted of each photo shown."""

    @property
    def kept_bytes(self) -> int:
        """Memory of the decoded photos, in bytes."""
        return sum(kept.image.sizeInBytes() for kept in self._kept.values())

    def want(self, shown: Sequence[Wanted], neighbours: Sequence[Wanted]) -> None:
        """Decode the photos `shown` at once, then `neighbours` in this order. Replaces what was wanted before."""
        is_other = list(shown) != self._shown
        self._shown, self._wanted = list(shown), frozenset([*shown, *neighbours])
        self._neighbour_tasks.clear()
        if is_other:
            self._details.clear()
            self._shown_tasks.clear()
            self._run(self._shown_tasks, shown)
        self._run(self._neighbour_tasks, neighbours)

    def clear(self) -> None:
        """Drop all photos and requests."""
        self.want([], [])
        self._kept.clear()

    def image(self, path: Path, fingerprint: str) -> QImage | None:
        """Return a decoded photo; None if it is not decoded yet, or cannot be."""
        kept = self._find(path, fingerprint)
        return None if kept is None or kept.problem else kept.image

    def problem(self, path: Path, fingerprint: str) -> str:
        """Return why the photo cannot be decoded, to be read after the file's name; empty if it can or may be."""
        kept = self._find(path, fingerprint)
        return "" if kept is None else kept.problem

    def want_detail(self, path: Path, part: QRectF, size: QSize) -> None:
        """Decode `part` of a photo (fractions 0..1) to `size` pixels; `detail_ready` follows.

        Replaces the part that was wanted of this photo before.
        """
        self._details[path] = part
        self._shown_tasks.run(partial(self._decode_part, path, part, size), partial(self._show, path, part))

    def _run(self, queue: TaskQueue, photos: Sequence[Wanted]) -> None:
        for photo in photos:
            if not self._has(photo) and photo not in self._running:
                queue.run(partial(self._decode, photo), self._take)

    # In the threads of the task queues.

    def _decode(self, photo: Wanted) -> tuple[Wanted, _Kept | None]:
        if photo not in self._wanted:
            return photo, None
        self._running.add(photo)
        try:
            image = image_from_array(decode_for_view(photo.path, photo.edge))
        except PhotoError as error:
            return photo, _Kept(photo.fingerprint, photo.edge, QImage(), str(error))
        except BaseException:
            self._running.discard(photo)
            raise
        return photo, _Kept(photo.fingerprint, photo.edge, image)

    def _decode_part(self, path: Path, part: QRectF, size: QSize) -> QImage | None:
        if self._details.get(path) != part:
            return None
        box = (part.left(), part.top(), part.right(), part.bottom())
        try:
            (pixels,) = decode_parts(path, [box], (size.width(), size.height()), "lanczos")
        except PhotoError:  # the photo itself is shown, or why it is not
            return None
        return image_from_array(pixels)

    # In the GUI thread.

    def _take(self, answer: tuple[Wanted, _Kept | None]) -> None:
        photo, kept = answer
        self._running.discard(photo)
        if kept is None or photo not in self._wanted:
            return
        self._kept[photo.path] = kept
        self._kept.move_to_end(photo.path)
        self._drop_excess()
        self.ready.emit(photo.path)

    def _show(self, path: Path, part: QRectF, image: QImage | None) -> None:
        if image is not None and self._details.get(path) == part:
            self.detail_ready.emit(path, Detail(part, image))

    def _has(self, photo: Wanted) -> bool:
        kept = self._find(photo.path, photo.fingerprint)
        if kept is None:
            return False
        self._kept.move_to_end(photo.path)
        # A photo with a shorter edge than wanted is complete: the file has no more pixels.
        is_complete = bool(kept.problem) or max(kept.image.width(), kept.image.height()) < kept.edge
        return is_complete or kept.edge >= photo.edge * _LARGE_ENOUGH

    def _find(self, path: Path, fingerprint: str) -> _Kept | None:
        kept = self._kept.get(path)
        if kept is None or not fingerprint or kept.fingerprint == fingerprint:
            return kept
        if kept.fingerprint:
            return None  # of the file before it was changed
        # The photo was waiting for its result when it was decoded: its fingerprint is known only now.
        kept = self._kept[path] = replace(kept, fingerprint=fingerprint)
        return kept

    def _drop_excess(self) -> None:
        """Drop the photos used longest ago, shown ones aside, until the rest is within the limit."""
        shown = {photo.path for photo in self._shown}
        for path in [path for path in self._kept if path not in shown]:
            if self.kept_bytes <= KEPT_BYTES:
                return
            del self._kept[path]


def detail_part(visible: QRectF, photo: QSize, density: float) -> tuple[QRectF, QSize]:
    """Return the part to decode for a `visible` part (fractions 0..1) of a photo of `photo` pixels, and its size.

    `density` is how many pixels are wanted per pixel of the photo, at most 1. Half of the view is added on each side,
    so that a short move needs no decoding, as far as `MOST_DETAIL` allows.
    """
    wanted = min(1.0, density)
    area = visible.width() * photo.width() * wanted * visible.height() * photo.height() * wanted
    grown = min(2.0, math.sqrt(MOST_DETAIL / max(1.0, area)))
    if grown < 1.0:  # a view of more pixels than the limit: fewer pixels for all of it
        wanted *= grown
    margin_x, margin_y = (visible.width() * max(0.0, grown - 1.0) / 2, visible.height() * max(0.0, grown - 1.0) / 2)
    part = visible.adjusted(-margin_x, -margin_y, margin_x, margin_y).intersected(QRectF(0, 0, 1, 1))
    # On whole pixels: the part is then copied instead of resampled.
    left, top = math.floor(part.left() * photo.width()), math.floor(part.top() * photo.height())
    right, bottom = math.ceil(part.right() * photo.width()), math.ceil(part.bottom() * photo.height())
    exact = QRectF(
        left / photo.width(), top / photo.height(), (right - left) / photo.width(), (bottom - top) / photo.height()
    )
    return exact, QSize(max(1, round((right - left) * wanted)), max(1, round((bottom - top) * wanted)))
