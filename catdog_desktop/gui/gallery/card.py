"""Delegate that paints a photo as a card of the grid or as a line of the list. Paints from roles only."""

import time
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QHelpEvent, QImage, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyledItemDelegate, QStyleOptionViewItem, QToolTip, QWidget

from catdog_desktop.formatting import escape_html
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.gallery.gallery_model import ROW_ROLE, STACK_ROLE, THUMBNAIL_ROLE
from catdog_desktop.gui.gallery.row_painter import RowPainter
from catdog_desktop.gui.gallery.stack_text import StackMark, stack_word
from catdog_desktop.gui.gallery.table_header import TableColumn
from catdog_desktop.gui.gallery.table_line import LIST_PHOTO, paint_table_line
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import BAR_ANIMATION_MS, GRID
from catdog_desktop.gui.widgets.painting import kept_state


@safe_overrides
class CardDelegate(QStyledItemDelegate):
    """Paints rows as cards or as lines. A card has its full size before its result arrives: the layout never shifts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table: Sequence[TableColumn] = ()
        """The columns of the list; empty for cards."""
        self.cell = QSize(200, 200)
        """Size of a cell, in points; set by the view."""
        self.animates = True
        """Whether bars grow when scores arrive."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of a cell, the same for all rows."""
        return self.cell

    def card_height(self, width: int, font: QFont) -> int:
        """Return the height of a card of `width`: a 4:3 photo, the name and two bars."""
        line = QFontMetricsF(font).height()
        photo = (width - 4 * GRID) * 3 / 4
        return round(photo + 3 * line + 6.5 * GRID)

    def line_height(self, font: QFont) -> int:
        """Return the height of a line of the list."""
        return max(LIST_PHOTO.height() + GRID, round(2 * QFontMetricsF(font).height()))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        row: Row = index.data(ROW_ROLE)
        thumbnail: QImage | None = index.data(THUMBNAIL_ROLE)
        with kept_state(painter):
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
            parts = RowPainter(painter, option, row, self._bar_growth(row))
            stack: StackMark | None = index.data(STACK_ROLE)
            margin = 0.5 if self.table else GRID / 2
            frame = QRectF(option.rect).adjusted(margin, margin, -margin, -margin)
            if stack is not None and stack.place is None and not self.table:
                frame = parts.cards_behind(frame)
            parts.frame(frame)
            if self.table:
                paint_table_line(parts, QRectF(option.rect), self.table, thumbnail, stack)
            else:
                self._paint_card(parts, QRectF(option.rect), thumbnail)
                if stack is not None:
                    parts.stack_mark(self.stack_mark_rect(QRectF(option.rect), stack, option.font), stack_word(stack))

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Show the tooltip as plain text: file names may contain HTML."""
        if event.type() == QEvent.Type.ToolTip and index.isValid():
            text = str(index.data(Qt.ItemDataRole.ToolTipRole))
            QToolTip.showText(event.globalPos(), f"<p style='white-space:pre'>{escape_html(text)}</p>", view)
            return True
        return super().helpEvent(event, view, option, index)

    def _bar_growth(self, row: Row) -> float:
        """Return the progress of the bar animation of `row`, 0..1."""
        if not self.animates:
            return 1.0
        age = (time.monotonic() - row.result_time) * 1000 / BAR_ANIMATION_MS
        return 1.0 if age >= 1 else 1 - (1 - max(0.0, age)) ** 3

    def photo_rect(self, cell: QRectF) -> QRectF:
        """Return where the photo is painted in a cell of the grid."""
        inner = cell.adjusted(2 * GRID, 2 * GRID, -2 * GRID, -1.5 * GRID)
        return QRectF(inner.left(), inner.top(), inner.width(), inner.width() * 3 / 4)

    def stack_mark_rect(self, cell: QRectF, mark: StackMark, font: QFont) -> QRectF:
        """Return where "5 alike" is painted in a cell of the grid: the upper right corner of the photo."""
        metrics = QFontMetricsF(font)
        photo = self.photo_rect(cell)
        rect = QRectF(0, 0, metrics.horizontalAdvance(stack_word(mark)) + 2 * GRID, metrics.height() + GRID / 2)
        rect.moveTopRight(photo.topRight() + QPointF(-GRID / 2, GRID / 2))
        return rect

    def _paint_card(self, parts: RowPainter, cell: QRectF, thumbnail: QImage | None) -> None:
        inner = cell.adjusted(2 * GRID, 2 * GRID, -2 * GRID, -1.5 * GRID)
        photo = self.photo_rect(cell)
        parts.photo(photo, thumbnail)
        parts.badge(photo)
        parts.corner_badges(photo)
        line = parts.line
        top = photo.bottom() + GRID
        parts.name(QRectF(inner.left(), top, inner.width(), line))
        top += line + GRID / 2
        if parts.row.state is State.FAILED:
            parts.reason(QRectF(inner.left(), top, inner.width(), 2 * line + GRID / 2))
            return
        for number in range(2):
            parts.score(QRectF(inner.left(), top + number * (line + GRID / 2), inner.width(), line), number)
