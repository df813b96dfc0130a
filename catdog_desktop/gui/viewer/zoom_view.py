"""One photo of the viewer: fitted, or zoomed by wheel, pinch and keys, and moved by dragging."""

from typing import Final

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QSizePolicy, QWidget

from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.viewer.view_images import Detail, detail_part
from catdog_desktop.gui.viewer.zoom import STEP, Frame, Zoom
from catdog_desktop.gui.widgets.labels import Picture
from catdog_desktop.messages import _

_SETTLE_MS: Final = 60
"""Pause after zooming or moving after which the visible part is decoded in full resolution."""
_PAN_SHARE: Final = 0.2
"""An arrow key moves the photo by this share of the view."""


@safe_overrides
class ZoomView(Picture):
    """Paints one photo with a heat map over it. `zoom` says how large and which part."""

    zoom_changed = Signal(object)  # Zoom: the user has zoomed or moved
    detail_wanted = Signal(object, object)  # QRectF (fractions of the photo) and QSize (pixels) to decode
    pressed = Signal()
    resized = Signal()  # also the fitted photo has another size then

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._is_placeholder = False
        self._detail: Detail | None = None
        self._overlay: QImage | None = None
        self._pixels = QSize()
        self._zoom = Zoom()
        self._dragged_from: QPointF | None = None
        self.message = ""
        self.is_marked = False
        """Whether a frame shows that the keys concern this photo: of two, one is marked."""
        self._settled = QTimer(self, interval=_SETTLE_MS, singleShot=True)
        self._settled.timeout.connect(self._request_detail)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(160, 120)
        self.grabGesture(Qt.GestureType.PinchGesture)
        self.setAccessibleName(_("Large photo"))

    @property
    def has_photo(self) -> bool:
        """Whether the decoded photo is shown, and not only its thumbnail."""
        return self._image is not None and not self._is_placeholder

    @property
    def has_overlay(self) -> bool:
        """Whether a heat map is shown."""
        return self._overlay is not None and self._image is not None

    @property
    def has_detail(self) -> bool:
        """Whether a part is shown in higher resolution than the whole photo."""
        return self._detail is not None

    @property
    def zoom(self) -> Zoom:
        """What is shown."""
        return self._zoom

    @property
    def frame(self) -> Frame | None:
        """Sizes of view and photo; None without a photo."""
        if self._pixels.isEmpty() or self.width() < 1 or self.height() < 1:
            return None
        return Frame(QSizeF(self.size()), QSizeF(self._pixels), self.devicePixelRatioF())

    @property
    def can_pan(self) -> bool:
        """Whether the photo is larger than the view."""
        frame = self.frame
        return frame is not None and self._image is not None and frame.can_pan(self._zoom)

    @property
    def percent(self) -> int | None:
        """The zoom in percent of the photo's pixels; None without a photo."""
        frame = self.frame
        return None if frame is None or self._image is None else frame.percent(self._zoom)

    def show_photo(
        self, image: QImage | None, pixels: QSize | None = None, message: str = "", *, is_placeholder: bool = False
    ) -> None:
        """Show `image`, or `message` if it is None. `pixels` is the size of the whole photo, if it is known."""
        self._image, self.message, self._is_placeholder = image, message, is_placeholder
        self._pixels = pixels if pixels is not None and not pixels.isEmpty() else QSize()
        if self._pixels.isEmpty() and image is not None:
            self._pixels = image.size()
        self._detail = None
        if not self._zoom.is_fitted:
            self._settled.start()
        self._update_cursor()
        self.update()

    def show_detail(self, detail: Detail) -> None:
        """Show a part in higher resolution over the photo."""
        if self.has_photo:
            self._detail = detail
            self.update()

    def show_overlay(self, overlay: QImage | None) -> None:
        """Show a small image with alpha over the whole photo; None removes it."""
        self._overlay = overlay
        self.update()

    def set_marked(self, marked: bool) -> None:
        """Show or hide the frame that marks this photo."""
        self.is_marked = marked
        self.update()

    def set_zoom(self, zoom: Zoom) -> None:
        """Show another part, or another size, without emitting `zoom_changed`."""
        frame = self.frame
        self._zoom = zoom if frame is None else frame.clamped(zoom)
        self._settled.start()
        self._update_cursor()
        self.update()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom by `factor` around `at` (default: the middle), in points of the view."""
        frame = self.frame
        if frame is not None and self._image is not None:
            self._change(frame.zoomed(self._zoom, factor, at or self._middle()))

    def next_zoom(self, at: QPointF | None = None) -> None:
        """Show the whole photo, a filled view or 100%, in turn."""
        frame = self.frame
        if frame is not None and self._image is not None:
            self._change(frame.next_zoom(self._zoom, at or self._middle()))

    def pan(self, columns: int, rows: int) -> None:
        """Move the view over the photo: (1, 0) shows what is further right."""
        frame = self.frame
        if frame is not None and self.can_pan:
            by = QPointF(-columns * self.width() * _PAN_SHARE, -rows * self.height() * _PAN_SHARE)
            self._change(frame.panned(self._zoom, by))

    def sizeHint(self) -> QSize:
        """Return a size for a large photo."""
        return QSize(800, 600)

    # Events.

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the zoom valid."""
        self.set_zoom(self._zoom)
        self.resized.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        notches = event.angleDelta().y() / 120
        if notches:
            self.zoom_by(STEP**notches, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to move the photo."""
        self.pressed.emit()
        if event.button() == Qt.MouseButton.LeftButton and self.can_pan:
            self._dragged_from = event.position()
            self._update_cursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the photo with the pointer."""
        frame = self.frame
        if self._dragged_from is not None and frame is not None:
            by, self._dragged_from = event.position() - self._dragged_from, event.position()
            self._change(frame.panned(self._zoom, by))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stop moving the photo."""
        self._dragged_from = None
        self._update_cursor()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Show the whole photo or 100% around the pointer, in turn."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.next_zoom(event.position())

    def event(self, event: QEvent) -> bool:
        """Zoom by pinching: on a touchpad (native gesture) or on a touch screen."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom_by(1 + event.value(), event.position())
            return True
        if isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self.zoom_by(pinch.scaleFactor(), QPointF(self.mapFromGlobal(pinch.centerPoint())))
                event.accept(pinch)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint photo, detail, heat map and frame."""
        with QPainter(self) as painter:
            frame = self.frame
            if self._image is None or frame is None:
                painter.setPen(colours(self.palette()).hint)
                text_area = QRectF(self.rect()).adjusted(2 * GRID, 0, -2 * GRID, 0)
                painter.drawText(text_area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self.message)
            else:
                self._paint_photo(painter, frame, self._image)
            if self.is_marked:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(self.palette().highlight().color(), 3))
                painter.drawRect(QRectF(self.rect()).adjusted(1.5, 1.5, -1.5, -1.5))

    def _paint_photo(self, painter: QPainter, frame: Frame, image: QImage) -> None:
        ratio = self.devicePixelRatioF()
        place = frame.place(self._zoom)
        if max(abs(place.width() * ratio - image.width()), abs(place.height() * ratio - image.height())) < 2:
            # Decoded at exactly this size. On whole pixels it stays sharp and is painted fastest.
            left, top = round(place.left() * ratio) / ratio, round(place.top() * ratio) / ratio
            place = QRectF(left, top, image.width() / ratio, image.height() / ratio)
        is_enlarged = frame.percent(self._zoom) > 200
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._is_placeholder or not is_enlarged)
        painter.fillRect(place, QColor(Qt.GlobalColor.black))  # behind transparent photos, and while nothing is decoded
        painter.drawImage(place, image)
        if self._detail is not None:
            part = self._detail.part
            target = QRectF(
                place.left() + part.left() * place.width(),
                place.top() + part.top() * place.height(),
                part.width() * place.width(),
                part.height() * place.height(),
            )
            painter.drawImage(target, self._detail.image)
        if self._overlay is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._overlay)

    # Helpers.

    def _change(self, zoom: Zoom) -> None:
        if zoom != self._zoom:
            self.set_zoom(zoom)
            self.zoom_changed.emit(self._zoom)

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def _request_detail(self) -> None:
        """Request the visible part in the resolution of the screen, unless what is shown has it."""
        frame, image = self.frame, self._image
        if frame is None or image is None or self._is_placeholder:
            return
        density = min(1.0, frame.fitted_scale * self._zoom.factor * frame.ratio)
        visible = frame.visible_part(self._zoom)
        if visible.isEmpty() or density <= 1.05 * image.width() / self._pixels.width():
            return
        if self._detail is not None and self._detail.part.contains(visible):
            shown = self._detail.image.width() / (self._detail.part.width() * self._pixels.width())
            if shown * 1.05 >= density:
                return
        self.detail_wanted.emit(*detail_part(visible, self._pixels, density))

    def _update_cursor(self) -> None:
        dragging = self._dragged_from is not None
        shape = Qt.CursorShape.ClosedHandCursor if dragging else Qt.CursorShape.OpenHandCursor
        self.setCursor(shape if self.can_pan else Qt.CursorShape.ArrowCursor)
