"""How a photo looks in the gallery: as a card of the grid, or as a line of the list. Paints from roles only."""

import time
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFont,
    QFontMetricsF,
    QHelpEvent,
    QImage,
    QPainter,
    QPalette,
    QPen,
    QTransform,
)
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip, QWidget

from catdog_desktop.formatting import escape_html, format_percent
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.gallery.gallery_model import ROW_ROLE, THUMBNAIL_ROLE
from catdog_desktop.gui.status_text import YOURS, state_word
from catdog_desktop.gui.theme import BAR_ANIMATION_MS, GRID, RADIUS, Colours, colours, tabular_font
from catdog_desktop.gui.widgets.icons import Icon, icon_colour, paint_icon, verdict_icon
from catdog_desktop.gui.widgets.score_bars import WIDEST_PERCENT, paint_bar

_LIST_PHOTO: Final = QSize(72, 54)
_SCORE_WORDS: Final = ("Cat", "Dog")


class CardDelegate(QStyledItemDelegate):
    """Paints rows as cards or as lines. Every card has its full size from the start, so that nothing ever jumps."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.as_list = False
        self.cell = QSize(200, 200)
        """What the view gives a card, in points; the view divides its width evenly."""
        self.grows = True
        """Whether bars grow when a result arrives."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the size of a cell; the same for all."""
        return self.cell

    def card_height(self, width: int, font: QFont) -> int:
        """Return how high a card of `width` is: a 4:3 photo, the name and two bars."""
        line = QFontMetricsF(font).height()
        photo = (width - 4 * GRID) * 3 / 4
        return round(photo + 3 * line + 6.5 * GRID)

    def line_height(self, font: QFont) -> int:
        """Return how high a line of the list is."""
        return max(_LIST_PHOTO.height() + 2 * GRID, round(3 * QFontMetricsF(font).height()))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Paint one row."""
        row: Row = index.data(ROW_ROLE)
        thumbnail: QImage | None = index.data(THUMBNAIL_ROLE)
        painter.save()
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        brush = _Brush(painter, option, row, self._growth(row))
        brush.frame(QRectF(option.rect).adjusted(GRID / 2, GRID / 2, -GRID / 2, -GRID / 2))
        if self.as_list:
            self._paint_line(brush, QRectF(option.rect), thumbnail)
        else:
            self._paint_card(brush, QRectF(option.rect), thumbnail)
        painter.restore()

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """Show the tooltip as plain text: a file may be called `<b>.jpg`."""
        if event.type() == QEvent.Type.ToolTip and index.isValid():
            text = str(index.data(Qt.ItemDataRole.ToolTipRole))
            QToolTip.showText(event.globalPos(), _as_plain(text), view)
            return True
        return super().helpEvent(event, view, option, index)

    def _growth(self, row: Row) -> float:
        """Return how far the bars of `row` have grown, 0..1."""
        if not self.grows:
            return 1.0
        age = (time.monotonic() - row.result_time) * 1000 / BAR_ANIMATION_MS
        return 1.0 if age >= 1 else 1 - (1 - max(0.0, age)) ** 3

    def _paint_card(self, brush: "_Brush", cell: QRectF, thumbnail: QImage | None) -> None:
        inner = cell.adjusted(2 * GRID, 2 * GRID, -2 * GRID, -1.5 * GRID)
        photo = QRectF(inner.left(), inner.top(), inner.width(), inner.width() * 3 / 4)
        brush.photo(photo, thumbnail)
        brush.badge(photo)
        if brush.row.duplicate_group is not None:
            brush.equal(photo)
        line = brush.line
        top = photo.bottom() + GRID
        brush.name(QRectF(inner.left(), top, inner.width(), line))
        top += line + GRID / 2
        if brush.row.state is State.FAILED:
            brush.reason(QRectF(inner.left(), top, inner.width(), 2 * line + GRID / 2))
            return
        for number in range(2):
            brush.score(QRectF(inner.left(), top + number * (line + GRID / 2), inner.width(), line), number)

    def _paint_line(self, brush: "_Brush", cell: QRectF, thumbnail: QImage | None) -> None:
        inner = cell.adjusted(2 * GRID, GRID, -2 * GRID, -GRID)
        photo = QRectF(inner.left(), inner.center().y() - _LIST_PHOTO.height() / 2, *_LIST_PHOTO.toTuple())
        brush.photo(photo, thumbnail)
        scores = min(320.0, inner.width() * 0.4)
        words = QRectF(photo.right() + 2 * GRID, 0, inner.width() - photo.width() - scores - 4 * GRID, brush.line)
        words.moveTop(inner.center().y() - brush.line - GRID / 4)
        brush.name(words)
        words.moveTop(inner.center().y() + GRID / 4)
        brush.verdict(words)
        right = QRectF(inner.right() - scores, inner.center().y() - brush.line - GRID / 4, scores, brush.line)
        if brush.row.state is State.FAILED:
            brush.reason(QRectF(right.left(), right.top(), right.width(), 2 * brush.line + GRID / 2))
            return
        for number in range(2):
            brush.score(right.translated(0, number * (brush.line + GRID / 2)), number)


class _Brush:
    """Paints the parts of one row."""

    def __init__(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, growth: float) -> None:
        self.row = row
        self._painter = painter
        self._growth = growth
        self._palette: QPalette = option.palette
        self._colours: Colours = colours(option.palette)
        self._selected = bool(option.state & QStyle.StateFlag.State_Selected)
        self._focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        self._hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        self._font: QFont = option.font
        self._metrics = QFontMetricsF(self._font)
        self.line = self._metrics.height()

    def frame(self, rect: QRectF) -> None:
        """Paint the card itself: a soft ground, and a clear frame when it is selected."""
        painter = self._painter
        painter.setPen(QPen(self._colours.border, 1) if not self._selected else Qt.PenStyle.NoPen)
        painter.setBrush(self._palette.base())
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        highlight = QColor(self._palette.highlight().color())
        if self._selected or self._hovered:
            wash = QColor(highlight)
            wash.setAlpha(44 if self._selected else 16)
            painter.setBrush(wash)
            painter.setPen(QPen(highlight, 2) if self._selected else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS, RADIUS)
        elif self._focused:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(highlight, 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS, RADIUS)

    def photo(self, frame: QRectF, image: QImage | None) -> None:
        """Paint the whole photo into `frame`, with round corners, on a quiet ground."""
        painter = self._painter
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colours.backdrop)
        painter.drawRoundedRect(frame, RADIUS / 2, RADIUS / 2)
        if image is None or image.isNull():
            edge = min(frame.width(), frame.height()) * 0.3
            square = QRectF(0, 0, edge, edge)
            square.moveCenter(frame.center())
            faint = QColor(self._colours.hint)
            faint.setAlphaF(0.45)
            paint_icon(painter, square, Icon.PROBLEM if self.row.state is State.FAILED else Icon.PHOTOS, faint)
            return
        scale = min(frame.width() / image.width(), frame.height() / image.height())
        place = QRectF(0, 0, image.width() * scale, image.height() * scale)
        place.moveCenter(frame.center())
        # As a texture, because a clip path would leave the round corners jagged.
        texture = QBrush(image)
        texture.setTransform(QTransform(scale, 0, 0, scale, place.left(), place.top()))
        painter.setBrush(texture)
        painter.drawRoundedRect(place, RADIUS / 2, RADIUS / 2)

    def badge(self, photo: QRectF) -> None:
        """Paint the verdict onto the lower right corner of the photo: its sign and its word."""
        room = photo.width() - 3 * GRID
        width = self._width_of_words(with_yours=True)
        if width > room:
            width = self._width_of_words(with_yours=False)
        pill = QRectF(0, 0, width + 2 * GRID, self.line + GRID / 2)
        pill.moveBottomRight(photo.bottomRight() - QPointF(GRID / 2, GRID / 2))
        self._pill(pill)
        self._signs_and_words(pill.adjusted(GRID, 0, 0, 0), room)

    def equal(self, photo: QRectF) -> None:
        """Paint the sign of a photo that is there more than once onto the upper left corner."""
        pill = QRectF(photo.left() + GRID / 2, photo.top() + GRID / 2, self.line + GRID / 2, self.line + GRID / 2)
        self._pill(pill)
        edge = self.line * 0.8
        sign = QRectF(0, 0, edge, edge)
        sign.moveCenter(pill.center())
        paint_icon(self._painter, sign, Icon.DUPLICATES, self._colours.neutral)

    def verdict(self, rect: QRectF) -> None:
        """Paint the verdict's sign and word into a line, and the sign of a photo that is there more than once."""
        right = self._signs_and_words(rect, rect.width())
        if self.row.duplicate_group is not None:
            edge = self.line * 0.8
            place = QRectF(right + 1.5 * GRID, rect.center().y() - edge / 2, edge, edge)
            paint_icon(self._painter, place, Icon.DUPLICATES, self._colours.neutral)

    def name(self, rect: QRectF) -> None:
        """Paint the file's name, shortened in the middle, where names differ least."""
        self._painter.setFont(self._font)
        self._painter.setPen(self._palette.text().color())
        name = self._metrics.elidedText(self.row.name.replace("\n", " "), Qt.TextElideMode.ElideMiddle, rect.width())
        self._painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, name)

    def reason(self, rect: QRectF) -> None:
        """Paint why the photo could not be read, in at most two lines."""
        assert self.row.result is not None
        self._painter.setFont(self._font)
        self._painter.setPen(self._colours.warning)
        text = f"{(self.row.result.error or '')[:1].upper()}{(self.row.result.error or '')[1:]}"
        self._painter.drawText(rect, Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap, text)

    def score(self, rect: QRectF, number: int) -> None:
        """Paint one score: word, bar, percentage."""
        painter = self._painter
        font = tabular_font(self._font)
        painter.setFont(font)
        metrics = QFontMetricsF(font)
        word, percent = metrics.horizontalAdvance("Dog  "), metrics.horizontalAdvance(WIDEST_PERCENT + " ")
        result = self.row.result
        scores = result.scores if result is not None else None
        score = None if scores is None else (scores.cat, scores.dog)[number]
        painter.setPen(self._palette.text().color() if score is not None else self._colours.hint)
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, _SCORE_WORDS[number])
        if score is not None:
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(rect, flags, format_percent(score))
        height = max(6.0, self.line * 0.45)
        bar = QRectF(rect.left() + word, rect.center().y() - height / 2, rect.width() - word - percent, height)
        colour = (self._colours.cat, self._colours.dog)[number]
        paint_bar(painter, bar, None if score is None else score * self._growth, colour, self._colours.track)

    @property
    def _sign_edge(self) -> float:
        return self.line * 0.86

    def _pill(self, rect: QRectF) -> None:
        """Paint the ground of what is written upon a photo."""
        ground = QColor(self._palette.base().color())
        ground.setAlphaF(0.92)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(ground)
        self._painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)

    def _width_of_words(self, *, with_yours: bool) -> float:
        width = self._sign_edge + GRID / 2 + self._metrics.horizontalAdvance(state_word(self.row))
        if self.row.corrected:
            width += GRID + self._sign_edge
            width += GRID / 2 + self._metrics.horizontalAdvance(YOURS) if with_yours else 0
        return width

    def _signs_and_words(self, rect: QRectF, room: float) -> float:
        """Paint sign and word of the verdict, and that it is the user's own; return where they end."""
        row = self.row
        known = row.state is State.FAILED or row.verdict is not None
        sign = verdict_icon(row.verdict) if known else None
        colour = icon_colour(sign, self._colours) if sign is not None else self._colours.hint
        right = self._sign_and_word(rect, sign, state_word(row), colour)
        if row.corrected:
            word = YOURS if self._width_of_words(with_yours=True) <= room else ""
            place = QRectF(right + GRID, rect.top(), rect.right() - right, rect.height())
            right = self._sign_and_word(place, Icon.CORRECTED, word, self._colours.neutral)
        return right

    def _sign_and_word(self, rect: QRectF, sign: Icon | None, word: str, colour: QColor) -> float:
        """Paint a sign, or the dots of a photo that waits, and a word; return where the word ends."""
        painter, edge = self._painter, self._sign_edge
        painter.setFont(self._font)
        if sign is not None:
            paint_icon(painter, QRectF(rect.left(), rect.center().y() - edge / 2, edge, edge), sign, colour)
        else:
            _paint_dots(painter, QPointF(rect.left() + edge / 2, rect.center().y()), edge, colour)
        painter.setPen(colour)
        place = rect.adjusted(edge + GRID / 2, 0, 0, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, word)
        return place.left() + self._metrics.horizontalAdvance(word)


def _paint_dots(painter: QPainter, centre: QPointF, edge: float, colour: QColor) -> None:
    """Paint the three dots of a photo that waits."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for offset in (-0.32, 0.0, 0.32):
        painter.drawEllipse(centre + QPointF(offset * edge, 0), edge * 0.1, edge * 0.1)


def _as_plain(text: str) -> str:
    """Return `text` so that a tooltip shows it to the letter."""
    escaped = escape_html(text)
    return f"<p style='white-space:pre'>{escaped}</p>"
