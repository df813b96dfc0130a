"""Geometry of the viewer: how large a photo is shown, and which part of it. No widgets."""

from dataclasses import dataclass, replace
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSizeF

STEP: Final = 1.25
"""Factor of one notch of the mouse wheel, and of the keys + and -."""
_MOST_PIXELS: Final = 8.0
"""The largest zoom: device pixels per pixel of the photo."""
_MOST_FITTED: Final = 2.0
"""A small photo is fitted with at most this many device pixels per pixel: it stays recognisably small."""
_PANORAMA: Final = 1.6
"""From this ratio between filling and fitting the view, *Zoom* offers to fill it."""


@dataclass(frozen=True, slots=True)
class Zoom:
    """What a view shows. The same values show the same part of two photos, whatever their sizes."""

    factor: float = 1.0
    """Relative to the size at which the whole photo fits."""
    x: float = 0.5
    """The place of the photo in the middle of the view, as a fraction of its width."""
    y: float = 0.5

    @property
    def is_fitted(self) -> bool:
        """Whether the whole photo is shown as large as it fits."""
        return self.factor == 1.0


@dataclass(frozen=True, slots=True)
class Frame:
    """A photo in a view: `view` in points, `photo` in pixels, `ratio` device pixels per point."""

    view: QSizeF
    photo: QSizeF
    ratio: float = 1.0

    @property
    def fitted_scale(self) -> float:
        """Points per pixel of the photo when the whole photo is shown."""
        across = self.view.width() / self.photo.width()
        down = self.view.height() / self.photo.height()
        return min(across, down, _MOST_FITTED / self.ratio)

    @property
    def full_factor(self) -> float:
        """The factor for 100%: one device pixel per pixel of the photo."""
        return 1.0 / self.ratio / self.fitted_scale

    @property
    def filling_factor(self) -> float:
        """The factor at which the photo fills the view in both directions."""
        across = self.view.width() / self.photo.width()
        down = self.view.height() / self.photo.height()
        return max(across, down) / self.fitted_scale

    def percent(self, zoom: Zoom) -> int:
        """Return the zoom in percent of the photo's pixels."""
        return round(100 * zoom.factor * self.fitted_scale * self.ratio)

    def place(self, zoom: Zoom) -> QRectF:
        """Return where the whole photo lies, in points of the view."""
        scale = self.fitted_scale * zoom.factor
        width, height = self.photo.width() * scale, self.photo.height() * scale
        return QRectF(self.view.width() / 2 - zoom.x * width, self.view.height() / 2 - zoom.y * height, width, height)

    def visible_part(self, zoom: Zoom) -> QRectF:
        """Return the part of the photo that is visible, in fractions 0..1 of its size."""
        place = self.place(zoom)
        left, top = max(0.0, -place.left() / place.width()), max(0.0, -place.top() / place.height())
        right = min(1.0, (self.view.width() - place.left()) / place.width())
        bottom = min(1.0, (self.view.height() - place.top()) / place.height())
        return QRectF(left, top, max(0.0, right - left), max(0.0, bottom - top))

    def can_pan(self, zoom: Zoom) -> bool:
        """Whether the photo is larger than the view."""
        place = self.place(zoom)
        return place.width() > self.view.width() + 1 or place.height() > self.view.height() + 1

    def zoomed(self, zoom: Zoom, factor: float, at: QPointF) -> Zoom:
        """Return `zoom` changed by `factor`. The point of the photo under `at`, in points of the view, stays there."""
        least = min(1.0, self.full_factor)
        most = max(1.0, _MOST_PIXELS * self.full_factor)
        wanted = min(max(zoom.factor * factor, least), most)
        if abs(wanted - 1.0) < 0.01 or (wanted < 1.0 and least == 1.0):
            return Zoom()
        before = self.place(zoom)
        x, y = (at.x() - before.left()) / before.width(), (at.y() - before.top()) / before.height()
        after = self.place(replace(zoom, factor=wanted))
        moved = replace(
            zoom,
            factor=wanted,
            x=x + (self.view.width() / 2 - at.x()) / after.width(),
            y=y + (self.view.height() / 2 - at.y()) / after.height(),
        )
        return self.clamped(moved)

    def panned(self, zoom: Zoom, by: QPointF) -> Zoom:
        """Return `zoom` after the photo was moved by `by` points."""
        place = self.place(zoom)
        return self.clamped(replace(zoom, x=zoom.x - by.x() / place.width(), y=zoom.y - by.y() / place.height()))

    def clamped(self, zoom: Zoom) -> Zoom:
        """Return `zoom` without empty space on one side while the other side is cut off."""
        if zoom.is_fitted:
            return Zoom()
        place = self.place(zoom)
        return replace(
            zoom,
            x=_clamped(zoom.x, self.view.width() / place.width()),
            y=_clamped(zoom.y, self.view.height() / place.height()),
        )

    def next_zoom(self, zoom: Zoom, at: QPointF) -> Zoom:
        """Return the next of: whole photo, filled view (for panoramas and tall photos), 100%."""
        stops = [1.0]
        if self.filling_factor >= _PANORAMA and self.filling_factor < 0.9 * self.full_factor:
            stops.append(self.filling_factor)
        if abs(self.full_factor - 1.0) >= 0.01:
            stops.append(self.full_factor)
        rising = sorted(stops)
        factor = next((stop for stop in rising if stop > zoom.factor * 1.01), rising[0])
        if factor == zoom.factor:
            return zoom
        return self.zoomed(zoom, factor / zoom.factor, at)


def _clamped(centre: float, visible: float) -> float:
    """Return the centre of a visible share so that it lies within 0..1; the middle if all is visible."""
    return 0.5 if visible >= 1 else min(max(centre, visible / 2), 1 - visible / 2)
