"""Paints the parts of one photo's card or line: frame, photo, badges, name, verdict, scores."""

from functools import cached_property, lru_cache
from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QImage, QPainter, QPalette, QPen, QTransform
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem

from catdog_desktop.decoding.problem_text import problem_text
from catdog_desktop.formatting import displayable, format_percent
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.photo_text import corrected_word, row_word
from catdog_desktop.gui.theme import GRID, RADIUS, Colours, colours, tabular_font
from catdog_desktop.gui.widgets.icons import Icon, icon_colour, icon_text_colour, paint_icon, verdict_icon
from catdog_desktop.gui.widgets.mirroring import mirrored
from catdog_desktop.gui.widgets.score_bars import paint_bar, score_columns, score_names

_EDGE: Final = 2.0
"""How far each card of a stack is visible behind the one before it, in points."""
_SELECTED_TINT: Final = 44 / 255
_HOVERED_TINT: Final = 16 / 255
"""How much of the highlight colour is mixed into a card's ground."""


class RowPainter:
    """Paints the parts of one row."""

    def __init__(self, painter: QPainter, option: QStyleOptionViewItem, row: Row, bar_growth: float) -> None:
        self.row = row
        self._painter = painter
        self._bar_growth = bar_growth
        self._palette: QPalette = option.palette
        self._colours: Colours = colours(option.palette)
        self._selected = bool(option.state & QStyle.StateFlag.State_Selected)
        self._focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        self._hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        self._font: QFont = option.font
        self._metrics = QFontMetricsF(self._font)
        self.line = self._metrics.height()
        self._cell = QRectF(option.rect)
        self._is_mirrored = option.direction is Qt.LayoutDirection.RightToLeft

    def placed(self, rect: QRectF) -> QRectF:
        """Return `rect`, planned from left to right, as it lies in the cell: mirrored if text runs from the right."""
        return mirrored(rect, self._cell) if self._is_mirrored else rect

    def frame(self, rect: QRectF) -> None:
        """Paint the background and border of the card; a thick border if it is selected."""
        painter, rect = self._painter, self.placed(rect)
        highlight = self._palette.highlight().color()
        ground = self._palette.base().color()
        if self._selected or self._hovered:
            ground = _tinted(ground, highlight, _SELECTED_TINT if self._selected else _HOVERED_TINT)
        border = highlight if self._selected else self._colours.border
        is_dashed = self._focused and not self._selected and not self._hovered
        dashes = highlight if is_dashed else None
        width = 2 if self._selected else 1
        place, size = rect.topLeft().toPoint(), rect.size().toSize()
        if painter.deviceTransform().isScaling() or size.isEmpty() or rect != QRectF(place, size):
            _paint_frame(painter, rect, ground, border, width, dashes)
        else:
            rgba = None if dashes is None else dashes.rgba()
            painter.drawImage(place, _frame(size.width(), size.height(), ground.rgba(), border.rgba(), width, rgba))

    def photo(self, frame: QRectF, image: QImage | None) -> None:
        """Paint the whole photo into `frame`, with round corners; a placeholder icon without an image."""
        painter, frame = self._painter, self.placed(frame)
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
        # A texture brush, because clip paths are not antialiased.
        texture = QBrush(image)
        texture.setTransform(QTransform(scale, 0, 0, scale, place.left(), place.top()))
        painter.setBrush(texture)
        painter.drawRoundedRect(place, RADIUS / 2, RADIUS / 2)

    def badge(self, photo: QRectF) -> None:
        """Paint the verdict, icon and word, over the lower right corner of the photo."""
        available = photo.width() - 3 * GRID
        width = self._verdict_width(with_corrected_word=True)
        if width > available:
            width = self._verdict_width(with_corrected_word=False)
        rect = QRectF(0, 0, width + 2 * GRID, self.line + GRID / 2)
        rect.moveBottomRight(photo.bottomRight() - QPointF(GRID / 2, GRID / 2))
        self._badge_background(rect)
        self._verdict(rect.adjusted(GRID, 0, 0, 0), available)

    def corner_badges(self, photo: QRectF) -> None:
        """Paint icons of duplicates and damaged files over the upper left corner of the photo."""
        edge = self.line + GRID / 2
        rect = QRectF(photo.left() + GRID / 2, photo.top() + GRID / 2, edge, edge)
        for icon in self._extra_icons():
            self._badge_background(rect)
            square = QRectF(0, 0, self.line * 0.8, self.line * 0.8)
            square.moveCenter(rect.center())
            paint_icon(self._painter, self.placed(square), icon, icon_colour(icon, self._colours))
            rect.translate(edge + GRID / 2, 0)

    def cards_behind(self, rect: QRectF) -> QRectF:
        """Paint the edges of two cards behind this one, at its lower right; return the place that is left for it."""
        self._painter.setBrush(self._palette.base())
        self._painter.setPen(QPen(self._colours.border, 1))
        for edge in (2 * _EDGE, _EDGE):
            back = rect.adjusted(edge, edge, edge - 2 * _EDGE, edge - 2 * _EDGE)
            self._painter.drawRoundedRect(self.placed(back).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
        return rect.adjusted(0, 0, -2 * _EDGE, -2 * _EDGE)

    def stack_mark(self, rect: QRectF, word: str) -> None:
        """Paint "5 alike" over the photo."""
        self._badge_background(rect)
        self._painter.setFont(self._font)
        self._painter.setPen(self._palette.text().color())
        self._painter.drawText(self.placed(rect), Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextSingleLine, word)

    def verdict(self, rect: QRectF) -> None:
        """Paint the verdict, icon and word, into a line, followed by icons of duplicates and damaged files."""
        right = self._verdict(rect, rect.width())
        edge = self.line * 0.8
        for icon in self._extra_icons():
            square = QRectF(right + 1.5 * GRID, rect.center().y() - edge / 2, edge, edge)
            paint_icon(self._painter, self.placed(square), icon, icon_colour(icon, self._colours))
            right = square.right()

    def name(self, rect: QRectF) -> None:
        """Paint the file name, elided in the middle: names differ mostly at the ends."""
        self._painter.setFont(self._font)
        self._painter.setPen(self._palette.text().color())
        name = self._metrics.elidedText(displayable(self.row.name), Qt.TextElideMode.ElideMiddle, rect.width())
        self._painter.drawText(
            self.placed(rect),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine,
            name,
        )

    def reason(self, rect: QRectF) -> None:
        """Paint why the photo could not be read."""
        self._painter.setFont(self._font)
        self._painter.setPen(self._colours.warning)
        self._painter.drawText(
            self.placed(rect),
            Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap,
            self._reason,
        )

    def score(self, rect: QRectF, number: int) -> None:
        """Paint one score, 0 for cat and 1 for dog: name, bar, percentage."""
        self._score(rect, number, with_name=True)

    def score_cell(self, rect: QRectF, number: int) -> None:
        """Paint one score of the list, 0 for cat and 1 for dog: bar and percentage."""
        self._score(rect, number, with_name=False)

    def text(self, rect: QRectF, text: str, elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight) -> None:
        """Paint secondary text in one line."""
        font = tabular_font(self._font)
        self._painter.setFont(font)
        self._painter.setPen(self._palette.text().color())
        shown = QFontMetricsF(font).elidedText(text, elide, rect.width())
        self._painter.drawText(
            self.placed(rect),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine,
            shown,
        )

    def text_width(self, text: str) -> float:
        """Return the width that `text` takes."""
        return QFontMetricsF(tabular_font(self._font)).horizontalAdvance(text)

    def short_reason(self, rect: QRectF) -> None:
        """Paint in one line why the photo could not be read."""
        self._painter.setFont(self._font)
        self._painter.setPen(self._colours.warning)
        shown = self._metrics.elidedText(self._reason, Qt.TextElideMode.ElideRight, rect.width())
        self._painter.drawText(
            self.placed(rect),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine,
            shown,
        )

    @property
    def _reason(self) -> str:
        error = problem_text((self.row.result.error if self.row.result is not None else "") or "")
        return f"{error[:1].upper()}{error[1:]}"

    def _score(self, rect: QRectF, number: int, *, with_name: bool) -> None:
        painter = self._painter
        font, (name_width, percent_width) = self._score_style
        painter.setFont(font)
        name_width = name_width if with_name else 0.0
        result = self.row.result
        scores = result.scores if result is not None else None
        score = None if scores is None else (scores.cat, scores.dog)[number]
        painter.setPen(self._palette.text().color() if score is not None else self._colours.hint)
        if with_name:
            painter.drawText(
                self.placed(rect), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, score_names()[number]
            )
        if score is not None:
            flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
            painter.drawText(self.placed(rect), flags, format_percent(score))
        height = max(6.0, self.line * 0.45)
        bar = QRectF(rect.left() + name_width, rect.center().y() - height / 2, 0, height)
        bar.setRight(rect.right() - percent_width)
        colour = (self._colours.cat, self._colours.dog)[number]
        paint_bar(
            painter, self.placed(bar), None if score is None else score * self._bar_growth, colour, self._colours.track
        )

    @cached_property
    def _score_style(self) -> tuple[QFont, tuple[float, float]]:
        """The font of the scores, and the widths of their names and percentages."""
        font = tabular_font(self._font)
        return font, score_columns(QFontMetricsF(font))

    def _extra_icons(self) -> list[Icon]:
        row = self.row
        icons = [Icon.DUPLICATES] if row.duplicate_group is not None else []
        is_damaged = row.result is not None and row.result.info.damaged
        return [*icons, Icon.PROBLEM] if is_damaged else icons

    @property
    def _icon_edge(self) -> float:
        return self.line * 0.86

    def _badge_background(self, rect: QRectF) -> None:
        """Paint the background of a badge on the photo."""
        ground = QColor(self._palette.base().color())
        ground.setAlphaF(0.92)
        self._painter.setPen(Qt.PenStyle.NoPen)
        self._painter.setBrush(ground)
        self._painter.drawRoundedRect(self.placed(rect), rect.height() / 2, rect.height() / 2)

    def _verdict_width(self, *, with_corrected_word: bool) -> float:
        width = self._icon_edge + GRID / 2 + self._metrics.horizontalAdvance(row_word(self.row))
        if self.row.corrected:
            width += GRID + self._icon_edge
            width += GRID / 2 + self._metrics.horizontalAdvance(corrected_word()) if with_corrected_word else 0
        return width

    def _verdict(self, rect: QRectF, available: float) -> float:
        """Paint the verdict and whether it is the user's own; return the right edge. `available` is a width."""
        row = self.row
        known = row.state is State.FAILED or row.verdict is not None
        icon = verdict_icon(row.verdict) if known else None
        right = self._icon_and_word(rect, icon, row_word(row))
        if row.corrected:
            word = corrected_word() if self._verdict_width(with_corrected_word=True) <= available else ""
            place = QRectF(right + GRID, rect.top(), rect.right() - right, rect.height())
            right = self._icon_and_word(place, Icon.CORRECTED, word)
        return right

    def _icon_and_word(self, rect: QRectF, icon: Icon | None, word: str) -> float:
        """Paint an icon, three dots without one, and a word; return the right edge."""
        painter, edge, ours = self._painter, self._icon_edge, self._colours
        painter.setFont(self._font)
        if icon is not None:
            square = QRectF(rect.left(), rect.center().y() - edge / 2, edge, edge)
            paint_icon(painter, self.placed(square), icon, icon_colour(icon, ours))
        else:
            dots = self.placed(QRectF(rect.left(), rect.center().y() - edge / 2, edge, edge))
            _paint_dots(painter, dots.center(), edge, ours.hint)
        painter.setPen(ours.hint if icon is None else icon_text_colour(icon, ours))
        place = rect.adjusted(edge + GRID / 2, 0, 0, 0)
        painter.drawText(self.placed(place), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, word)
        return place.left() + self._metrics.horizontalAdvance(word)


def _paint_frame(
    painter: QPainter, rect: QRectF, ground: QColor, border: QColor, width: int, dashes: QColor | None
) -> None:
    """Paint a frame with a border of `width` points, and dashes on it unless they are None."""
    inset = width / 2
    painter.setPen(QPen(border, width))
    painter.setBrush(ground)
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)
    if dashes is not None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(dashes, 1, Qt.PenStyle.DashLine))
        painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), RADIUS, RADIUS)


@lru_cache(maxsize=16)
def _frame(width: int, height: int, ground: int, border: int, border_width: int, dashes: int | None) -> QImage:
    """Return an image of a frame; colours are 0xAARRGGBB.

    With smooth edges, a frame is the dearest part of a card, and all cards of a window have the same few.
    """
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = QColor.fromRgba(ground), QColor.fromRgba(border), None if dashes is None else QColor.fromRgba(dashes)
        _paint_frame(painter, QRectF(0, 0, width, height), colours[0], colours[1], border_width, colours[2])
    return image


def _tinted(ground: QColor, colour: QColor, share: float) -> QColor:
    """Return `ground` with a share of `colour` in it."""
    mixed = (below * (1 - share) + above * share for below, above in zip(_rgb(ground), _rgb(colour), strict=True))
    return QColor.fromRgbF(*mixed)


def _rgb(colour: QColor) -> tuple[float, float, float]:
    return colour.redF(), colour.greenF(), colour.blueF()


def _paint_dots(painter: QPainter, centre: QPointF, edge: float, colour: QColor) -> None:
    """Paint the three dots of a photo that is not classified yet."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for offset in (-0.32, 0.0, 0.32):
        painter.drawEllipse(centre + QPointF(offset * edge, 0), edge * 0.1, edge * 0.1)
