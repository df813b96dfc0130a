"""A round button with a sign, a word and a count: the filters, and the choice of a heat map."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from catdog_desktop.gui.theme import GRID, colours, tabular_font
from catdog_desktop.gui.widgets.icons import Icon, icon_colour, paint_icon


class Chip(QAbstractButton):
    """A round button that can be chosen: a sign, a word and, if it is told one, a count."""

    def __init__(self, sign: Icon, word: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._sign = sign
        self._count: int | None = None
        self._short = False
        self._counts = True
        self.tip = ""
        """What it shows, where the word alone does not say it."""
        self.setText(word)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(word)

    @property
    def count(self) -> int | None:
        """The count shown."""
        return self._count

    def set_count(self, count: int | None) -> None:
        """Show `count`, or none."""
        if count == self._count:
            return
        self._count = count
        if count is not None:
            self.setAccessibleName(f"{self.text()}: {count:,}")
            self.setToolTip(f"{self.tip or f'Show {self.text().lower()}'} ({count:,})")
        self.updateGeometry()
        self.update()

    def set_short(self, short: bool) -> None:
        """Show the word or leave it out."""
        if short != self._short:
            self._short = short
            self.updateGeometry()
            self.update()

    def set_counts(self, counts: bool) -> None:
        """Show the count or leave it out; tooltip and screen readers have it all the same."""
        if counts != self._counts:
            self._counts = counts
            self.updateGeometry()
            self.update()

    def full_width(self) -> int:
        """Return the width with the word."""
        return self._width(short=False, counts=True)

    def width_without_word(self) -> int:
        """Return the width of sign and count."""
        return self._width(short=True, counts=True)

    def sizeHint(self) -> QSize:
        """Return room for sign, word and count."""
        width = self._width(short=self._short, counts=self._counts)
        return QSize(width, round(QFontMetricsF(self.font()).height() + 1.5 * GRID))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Show that it can be pressed."""
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Show that the pointer is gone."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the pill."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ours, palette = colours(self.palette()), self.palette()
        rect = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        radius = rect.height() / 2
        ground = QColor(palette.highlight().color())
        ground.setAlpha(48 if self.isChecked() else 20 if self.underMouse() else 0)
        painter.setPen(QPen(palette.highlight().color(), 1.5) if self.isChecked() else QPen(ours.border, 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, radius, radius)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.windowText().color(), 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), radius, radius)
        metrics = QFontMetricsF(self.font())
        edge = metrics.height() * 0.9
        centre = rect.center().y()
        # No problems are no reason for a warning.
        calm = self._count == 0 and self._sign is Icon.PROBLEM
        colour = ours.neutral if calm else icon_colour(self._sign, ours)
        if not self.isEnabled():
            colour = ours.border
        paint_icon(
            painter,
            QRectF(QPointF(1.25 * GRID, centre - edge / 2), QPointF(1.25 * GRID + edge, centre + edge / 2)),
            self._sign,
            colour,
        )
        left = 1.25 * GRID + edge + GRID * 0.75
        painter.setFont(self.font())
        painter.setPen(palette.windowText().color() if self.isEnabled() else ours.border)
        if not self._short:
            painter.drawText(QRectF(left, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        if self._count is not None and self._counts:
            painter.setPen(ours.hint)
            painter.setFont(tabular_font(self.font()))
            area = QRectF(0, 0, self.width() - 1.25 * GRID, self.height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{self._count:,}")

    def _width(self, *, short: bool, counts: bool) -> int:
        metrics = QFontMetricsF(self.font())
        sign = metrics.height() * 0.9
        word = 0.0 if short else 0.75 * GRID + metrics.horizontalAdvance(self.text())
        count = 0.0
        if self._count is not None and counts:
            count = 0.75 * GRID + QFontMetricsF(tabular_font(self.font())).horizontalAdvance(f"{self._count:,}")
        return round(2.5 * GRID + sign + word + count)
