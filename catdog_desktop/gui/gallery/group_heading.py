"""The heading of a group of photos: its month or folder, and how many photos it has."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPalette, QPen

from catdog_desktop.formatting import displayable, format_photos
from catdog_desktop.gallery.groups import Group
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.widgets.mirroring import mirrored
from catdog_desktop.gui.widgets.painting import kept_state
from catdog_desktop.languages.formats import format_month
from catdog_desktop.messages import _


def group_title(group: Group) -> str:
    """Return what the heading says: "May 2019", "Without a date", or the path of the folder."""
    if group.folder is not None:
        return displayable(group.folder)
    return _("Without a date") if group.month is None else format_month(group.month)


def heading_height(font: QFont) -> int:
    """Return the height of a heading, in points."""
    return round(QFontMetricsF(_bold(font)).height()) + 2 * GRID


def paint_group_heading(painter: QPainter, rect: QRectF, group: Group, font: QFont, palette: QPalette) -> None:
    """Paint the title, the number of photos and a line to the right end of `rect`."""
    with kept_state(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ours = colours(palette)
        inner = rect.adjusted(GRID / 2, 0, -GRID / 2, 0)
        aligned = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
        count = format_photos(group.photos or group.count)
        count_width = QFontMetricsF(font).horizontalAdvance(count)
        bold = _bold(font)
        metrics = QFontMetricsF(bold)
        title = metrics.elidedText(
            group_title(group), Qt.TextElideMode.ElideLeft, max(0.0, inner.width() - count_width - 2 * GRID)
        )
        painter.setFont(bold)
        painter.setPen(palette.text().color())
        painter.drawText(inner, aligned, title)
        left = inner.left() + metrics.horizontalAdvance(title) + 1.5 * GRID
        painter.setFont(font)
        painter.setPen(ours.hint)
        place = QRectF(left, inner.top(), count_width + GRID, inner.height())
        is_mirrored = painter.layoutDirection() is Qt.LayoutDirection.RightToLeft
        painter.drawText(mirrored(place, inner) if is_mirrored else place, aligned, count)
        left += count_width + 1.5 * GRID
        painter.setPen(QPen(ours.border, 1))
        middle = round(inner.center().y()) + 0.5
        if left < inner.right():
            line = QRectF(left, middle, inner.right() - left, 0)
            line = mirrored(line, inner) if is_mirrored else line
            painter.drawLine(int(line.left()), int(middle), int(line.right()), int(middle))


def _bold(font: QFont) -> QFont:
    bold = QFont(font)
    bold.setBold(True)
    return bold
