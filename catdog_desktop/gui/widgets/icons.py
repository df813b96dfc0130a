"""Painted icons: a distinct shape for each verdict, and line icons for buttons.

Painted rather than SVG files, because QtSvg would be a plug-in more to bundle.
"""

from collections.abc import Callable
from enum import Enum
from functools import cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPainterPath, QPen, QPixmap, QTransform

from catdog_desktop.gui.theme import Colours
from catdog_desktop.gui.widgets.painting import kept_state
from catdog_desktop.verdict import Verdict

_UNIT: Final = 24.0
"""Edge of the square that shapes are defined on."""


class Icon(Enum):
    """An icon. Those of a verdict or a filter have its value."""

    CAT = "cat"
    DOG = "dog"
    BOTH = "both"
    NEITHER = "neither"
    UNSURE = "unsure"
    PROBLEM = "problem"
    TO_CHECK = "to check"
    CORRECTED = "corrected"
    DUPLICATES = "duplicates"
    FILTER = "filter"
    ALL = "all"
    PHOTOS = "photos"
    FOLDER = "folder"
    GRID = "grid"
    LIST = "list"
    MOON = "moon"
    SORT = "sort"
    COPY = "copy"
    EXPAND = "expand"
    SORT_INTO = "sort into"
    EXPORT = "export"


def verdict_icon(verdict: Verdict | None) -> Icon:
    """Return the icon of a verdict, or of a problem for None (an unreadable photo)."""
    return Icon.PROBLEM if verdict is None else Icon(verdict.value)


def icon_colour(icon: Icon, colours: Colours) -> QColor:
    """Return the colour of `icon`. The shape alone identifies it, too."""
    return {Icon.CAT: colours.cat, Icon.DOG: colours.dog, Icon.PROBLEM: colours.warning}.get(icon, colours.neutral)


def icon_text_colour(icon: Icon, colours: Colours) -> QColor:
    """Return the colour of text beside `icon`."""
    return colours.cat_text if icon is Icon.CAT else icon_colour(icon, colours)


def paint_icon(painter: QPainter, rect: QRectF, icon: Icon, colour: QColor) -> None:
    """Paint `icon` into `rect`, which should be a square."""
    with kept_state(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.translate(rect.topLeft())
        painter.scale(rect.width() / _UNIT, rect.height() / _UNIT)
        _PAINT[icon](painter, colour)


def make_icon(icon: Icon, colour: QColor, edge: int = 20) -> QIcon:
    """Return a `QIcon` of `icon` for scale factors of 1, 2 and 3. `edge` is in points."""
    result = QIcon()
    for image in _icon_images(icon, colour.rgba(), edge):
        result.addPixmap(QPixmap.fromImage(image))
    return result


@cache
def _icon_images(icon: Icon, rgba: int, edge: int) -> tuple[QImage, ...]:
    """Paint an icon for each scale factor. Cached, since several buttons have the same icon and are painted again.

    Images and not icons, which must not outlive the application.
    """
    images = []
    for ratio in (1, 2, 3):
        image = QImage(edge * ratio, edge * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        with QPainter(image) as painter:
            paint_icon(painter, QRectF(0, 0, edge, edge), icon, QColor.fromRgba(rgba))
        images.append(image)
    return tuple(images)


def _cat_head() -> QPainterPath:
    """Return a round head with two pointed ears."""
    path = QPainterPath(QPointF(3.5, 3))
    path.lineTo(8.6, 6.4)
    path.quadTo(12, 5.6, 15.4, 6.4)
    path.lineTo(20.5, 3)
    path.quadTo(22.2, 9, 21.4, 13)
    path.quadTo(20.2, 20.5, 12, 20.8)
    path.quadTo(3.8, 20.5, 2.6, 13)
    path.quadTo(1.8, 9, 3.5, 3)
    return path


def _dog_head() -> QPainterPath:
    """Return a long head with two hanging ears."""
    head = QPainterPath(QPointF(7, 4.5))
    head.quadTo(12, 2.4, 17, 4.5)
    head.quadTo(18.6, 9, 17.4, 14)
    head.quadTo(16.4, 21.4, 12, 21.4)
    head.quadTo(7.6, 21.4, 6.6, 14)
    head.quadTo(5.4, 9, 7, 4.5)
    ears = QPainterPath(QPointF(7.6, 4))
    ears.quadTo(2.6, 3.4, 1.6, 9)
    ears.quadTo(1.2, 14.4, 4.4, 14.8)
    ears.quadTo(6.4, 13.6, 6.4, 9.4)
    ears.closeSubpath()
    ears.moveTo(16.4, 4)
    ears.quadTo(21.4, 3.4, 22.4, 9)
    ears.quadTo(22.8, 14.4, 19.6, 14.8)
    ears.quadTo(17.6, 13.6, 17.6, 9.4)
    ears.closeSubpath()
    return head.united(ears)


def _eyes(left: float, right: float, height: float, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addEllipse(QPointF(left, height), radius, radius)
    path.addEllipse(QPointF(right, height), radius, radius)
    return path


def _fill(shape: Callable[[], QPainterPath]) -> Callable[[QPainter, QColor], None]:
    # Cached: uniting paths takes a hundred times as long as filling one.
    path = cache(shape)
    return lambda painter, colour: painter.fillPath(path(), colour)


def _cat() -> QPainterPath:
    nose = QPainterPath(QPointF(10.7, 14.6))
    nose.lineTo(13.3, 14.6)
    nose.lineTo(12, 16.3)
    nose.closeSubpath()
    return _cat_head().subtracted(_eyes(8.2, 15.8, 11.6, 1.5)).subtracted(nose)


def _dog() -> QPainterPath:
    nose = QPainterPath()
    nose.addEllipse(QPointF(12, 15.6), 1.9, 1.35)
    nose.addRoundedRect(QRectF(11.6, 16.4, 0.8, 2.6), 0.4, 0.4)
    return _dog_head().subtracted(_eyes(9.4, 14.6, 10.2, 1.2)).subtracted(nose)


def _both() -> QPainterPath:
    """Return the head of a cat in front of the head of a dog, with a gap around it."""
    gap = QTransform(0.74, 0, 0, 0.74, -1.4, 7.6).map(_cat_head())
    cat = QTransform(0.62, 0, 0, 0.62, 0.0, 9.2).map(_cat())
    dog = QTransform(0.68, 0, 0, 0.68, 7.8, 0.2).map(_dog())
    return dog.subtracted(gap).united(cat)


def _pen(colour: QColor, width: float = 2.0) -> QPen:
    return QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)


def _neither(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 2.4))
    painter.drawEllipse(QPointF(12, 12), 8.4, 8.4)
    painter.drawLine(QPointF(6.2, 17.8), QPointF(17.8, 6.2))


def _unsure(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 2.6))
    mark = QPainterPath(QPointF(7.6, 8.4))
    mark.cubicTo(7.8, 2.2, 16.8, 2.4, 16.6, 8.2)
    mark.cubicTo(16.4, 11.6, 12.2, 11.6, 12, 15.4)
    painter.drawPath(mark)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(12, 20), 1.7, 1.7)


def _problem(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 2.0))
    triangle = QPainterPath(QPointF(12, 3.2))
    triangle.lineTo(21.6, 20)
    triangle.lineTo(2.4, 20)
    triangle.closeSubpath()
    painter.drawPath(triangle)
    painter.drawLine(QPointF(12, 9.6), QPointF(12, 14))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(12, 17), 1.2, 1.2)


def _to_check(painter: QPainter, colour: QColor) -> None:
    """Paint a magnifying glass."""
    painter.setPen(_pen(colour, 2.4))
    painter.drawEllipse(QPointF(10, 10), 6.4, 6.4)
    painter.drawLine(QPointF(14.9, 14.9), QPointF(20.6, 20.6))


def _corrected(painter: QPainter, colour: QColor) -> None:
    """Paint a pencil."""
    painter.setPen(_pen(colour, 2.0))
    pencil = QPainterPath(QPointF(3.4, 20.6))
    pencil.lineTo(4.6, 15.6)
    pencil.lineTo(15.8, 4.4)
    pencil.quadTo(17.2, 3, 18.6, 4.4)
    pencil.lineTo(19.6, 5.4)
    pencil.quadTo(21, 6.8, 19.6, 8.2)
    pencil.lineTo(8.4, 19.4)
    pencil.closeSubpath()
    painter.drawPath(pencil)
    painter.drawLine(QPointF(13.4, 6.8), QPointF(17.2, 10.6))


def _duplicates(painter: QPainter, colour: QColor) -> None:
    """Paint two overlapping photos."""
    painter.setPen(_pen(colour, 2.0))
    painter.drawRoundedRect(QRectF(3, 8, 13, 13), 2.4, 2.4)
    behind = QPainterPath(QPointF(8.2, 4.6))
    behind.quadTo(8.6, 3, 10.4, 3)
    behind.lineTo(18.6, 3)
    behind.quadTo(21, 3, 21, 5.4)
    behind.lineTo(21, 13.6)
    behind.quadTo(21, 15.4, 19.4, 15.8)
    painter.drawPath(behind)


def _filter(painter: QPainter, colour: QColor) -> None:
    """Paint a funnel."""
    painter.setPen(_pen(colour, 2.0))
    funnel = QPainterPath(QPointF(3, 4.6))
    funnel.lineTo(21, 4.6)
    funnel.lineTo(14.2, 12.4)
    funnel.lineTo(14.2, 17.6)
    funnel.lineTo(9.8, 20)
    funnel.lineTo(9.8, 12.4)
    funnel.closeSubpath()
    painter.drawPath(funnel)


def _all(painter: QPainter, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for x in (4.0, 13.4):
        for y in (4.0, 13.4):
            painter.drawRoundedRect(QRectF(x, y, 6.8, 6.8), 1.8, 1.8)


def _photos(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 1.8))
    painter.drawRoundedRect(QRectF(3, 4.5, 18, 15), 2.6, 2.6)
    hills = QPainterPath(QPointF(4, 17.6))
    hills.lineTo(9.4, 11.4)
    hills.lineTo(13.6, 16)
    hills.lineTo(16, 13.6)
    hills.lineTo(20, 17.6)
    painter.drawPath(hills)
    painter.drawEllipse(QPointF(15.6, 9), 1.5, 1.5)


def _folder(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 1.8))
    shape = QPainterPath(QPointF(3, 18.4))
    shape.lineTo(3, 6)
    shape.quadTo(3, 5, 4, 5)
    shape.lineTo(9, 5)
    shape.lineTo(11.4, 7.6)
    shape.lineTo(20, 7.6)
    shape.quadTo(21, 7.6, 21, 8.6)
    shape.lineTo(21, 18.4)
    shape.quadTo(21, 19.4, 20, 19.4)
    shape.lineTo(4, 19.4)
    shape.quadTo(3, 19.4, 3, 18.4)
    painter.drawPath(shape)


def _list(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 2.0))
    for y in (6.0, 12.0, 18.0):
        painter.drawPoint(QPointF(4.6, y))
        painter.drawLine(QPointF(9, y), QPointF(20, y))


def _moon(painter: QPainter, colour: QColor) -> None:
    disc = QPainterPath()
    disc.addEllipse(QPointF(12, 12), 8.6, 8.6)
    bite = QPainterPath()
    bite.addEllipse(QPointF(16.4, 8.6), 7.6, 7.6)
    painter.fillPath(disc.subtracted(bite), colour)


def _sort(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 2.0))
    for y, right in ((6.0, 20.0), (12.0, 15.0), (18.0, 10.0)):
        painter.drawLine(QPointF(4, y), QPointF(right, y))


def _copy(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 1.8))
    painter.drawRoundedRect(QRectF(8.5, 8.5, 11.5, 11.5), 2, 2)
    behind = QPainterPath(QPointF(15.5, 4))
    behind.lineTo(6, 4)
    behind.quadTo(4, 4, 4, 6)
    behind.lineTo(4, 15.5)
    painter.drawPath(behind)


def _expand(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 1.8))
    for x, y, dx, dy in ((4, 4, 1, 1), (20, 4, -1, 1), (4, 20, 1, -1), (20, 20, -1, -1)):
        painter.drawLine(QPointF(x, y), QPointF(x + 5 * dx, y))
        painter.drawLine(QPointF(x, y), QPointF(x, y + 5 * dy))


def _sort_into(painter: QPainter, colour: QColor) -> None:
    """Paint an arrow into a tray."""
    _tray(painter, colour)
    painter.drawLine(QPointF(12, 3.6), QPointF(12, 14))
    painter.drawPolyline([QPointF(8, 10.2), QPointF(12, 14.2), QPointF(16, 10.2)])


def _export(painter: QPainter, colour: QColor) -> None:
    """Paint an arrow out of a tray."""
    _tray(painter, colour)
    painter.drawLine(QPointF(12, 4), QPointF(12, 14.4))
    painter.drawPolyline([QPointF(8, 7.8), QPointF(12, 3.8), QPointF(16, 7.8)])


def _tray(painter: QPainter, colour: QColor) -> None:
    painter.setPen(_pen(colour, 1.8))
    painter.drawPolyline([QPointF(4, 13.6), QPointF(4, 20), QPointF(20, 20), QPointF(20, 13.6)])


_PAINT: Final[dict[Icon, Callable[[QPainter, QColor], None]]] = {
    Icon.CAT: _fill(_cat),
    Icon.DOG: _fill(_dog),
    Icon.BOTH: _fill(_both),
    Icon.NEITHER: _neither,
    Icon.UNSURE: _unsure,
    Icon.PROBLEM: _problem,
    Icon.TO_CHECK: _to_check,
    Icon.CORRECTED: _corrected,
    Icon.DUPLICATES: _duplicates,
    Icon.FILTER: _filter,
    Icon.ALL: _all,
    Icon.PHOTOS: _photos,
    Icon.FOLDER: _folder,
    Icon.GRID: _all,
    Icon.LIST: _list,
    Icon.MOON: _moon,
    Icon.SORT: _sort,
    Icon.COPY: _copy,
    Icon.EXPAND: _expand,
    Icon.SORT_INTO: _sort_into,
    Icon.EXPORT: _export,
}
