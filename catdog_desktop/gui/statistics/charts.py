"""Charts painted in the colours of the palette. Each verdict also has a pattern, so that colours are not needed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, colours, tabular_font
from catdog_desktop.gui.widgets.icons import paint_icon, verdict_icon
from catdog_desktop.gui.widgets.mirroring import mirrored, placed
from catdog_desktop.languages.formats import format_list, format_number
from catdog_desktop.messages import _
from catdog_desktop.verdict import Verdict
from catdog_desktop.verdict_arrays import CODES
from catdog_desktop.verdict_text import verdict_word

_PATTERNS: Final = {
    Verdict.DOG: Qt.BrushStyle.BDiagPattern,
    Verdict.BOTH: Qt.BrushStyle.DiagCrossPattern,
    Verdict.UNSURE: Qt.BrushStyle.Dense6Pattern,
}
"""Painted over the colour. Cats are plain, photos of neither are an outline."""
_LONGEST_LABEL: Final = 22 * GRID
_LEAST_BAR: Final = 16 * GRID


@dataclass(frozen=True, slots=True)
class StackedBar:
    """A line of a chart."""

    label: str
    counts: tuple[int, ...]
    """For each verdict in the order of `verdict_arrays.CODES`."""


def describe_bar(bar: StackedBar) -> str:
    """Return a line of a chart as text: "2019: 12 cat, 3 dog"."""
    parts = [
        _("{count} {verdict}").format(count=format_number(count), verdict=verdict_word(verdict))
        for verdict, count in zip(CODES, bar.counts, strict=True)
        if count
    ]
    return _("{label}: {counts}").format(label=bar.label, counts=format_list(parts))


@safe_overrides
class StackedBars(QWidget):
    """Horizontal bars, divided by verdict, with label and total."""

    def __init__(self, title: str, bars: Sequence[StackedBar], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars = bars
        self.setAccessibleName(title)
        self.setAccessibleDescription("\n".join(map(describe_bar, bars)))
        self.setToolTip(self.accessibleDescription())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size of all lines."""
        return QSize(60 * GRID, round(len(self._bars) * self._line_height()))

    def minimumSizeHint(self) -> QSize:
        """Return a width at which bars are still readable."""
        return QSize(_LONGEST_LABEL + _LEAST_BAR, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint labels, bars and totals."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            font = tabular_font(self.font())
            painter.setFont(font)
            metrics = QFontMetricsF(font)
            totals = [format_number(sum(bar.counts)) for bar in self._bars]
            labels = min(_LONGEST_LABEL, max((metrics.horizontalAdvance(bar.label) for bar in self._bars), default=0))
            numbers = max(map(metrics.horizontalAdvance, totals), default=0)
            most = max((sum(bar.counts) for bar in self._bars), default=0)
            line, middle = self._line_height(), Qt.AlignmentFlag.AlignVCenter
            for number, (bar, total) in enumerate(zip(self._bars, totals, strict=True)):
                top = number * line
                painter.setPen(self.palette().windowText().color())
                label = metrics.elidedText(bar.label, Qt.TextElideMode.ElideLeft, labels)
                place = placed(QRectF(0, top, labels, line), self)
                painter.drawText(place, middle | Qt.AlignmentFlag.AlignRight, label)
                area = QRectF(labels + GRID, top + line * 0.15, self.width() - labels - numbers - 3 * GRID, line * 0.7)
                filled = area.width() * sum(bar.counts) / most if most else 0.0
                stack = placed(QRectF(area.left(), area.top(), filled, area.height()), self)
                paint_stack(painter, stack, bar.counts, self.palette())
                painter.setPen(self.palette().windowText().color())
                place = placed(QRectF(area.left() + filled + GRID, top, numbers + GRID, line), self)
                painter.drawText(place, middle | Qt.AlignmentFlag.AlignLeft, total)

    def _line_height(self) -> float:
        return QFontMetricsF(self.font()).height() * 1.5


@safe_overrides
class Legend(QWidget):
    """Pattern, shape and word of each verdict."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(_("Legend"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size of one line."""
        metrics = QFontMetricsF(self.font())
        words = sum(metrics.horizontalAdvance(verdict_word(verdict)) for verdict in CODES)
        return QSize(round(words + len(CODES) * 9 * GRID), round(metrics.height() * 1.4))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a sample of the bar, the icon and the word, for each verdict."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            metrics = QFontMetricsF(self.font())
            edge, left = metrics.height(), 0.0
            for number, verdict in enumerate(CODES):
                sample = QRectF(left, (self.height() - edge * 0.8) / 2, 3 * GRID, edge * 0.8)
                paint_stack(
                    painter, placed(sample, self), tuple(int(at == number) for at in range(len(CODES))), self.palette()
                )
                left = sample.right() + GRID / 2
                square = QRectF(left, (self.height() - edge) / 2, edge, edge)
                paint_icon(painter, placed(square, self), verdict_icon(verdict), self.palette().windowText().color())
                left = square.right() + GRID / 2
                width = metrics.horizontalAdvance(verdict_word(verdict)) + 1
                painter.setPen(self.palette().windowText().color())
                place = placed(QRectF(left, 0, width, self.height()), self)
                painter.drawText(
                    place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, verdict_word(verdict)
                )
                left += width + 2 * GRID


@safe_overrides
class Histogram(QWidget):
    """Upright bars with a number above and a label below each."""

    def __init__(self, title: str, bins: Sequence[tuple[str, int]], parent: QWidget | None = None) -> None:
        """Show `bins`: label and count."""
        super().__init__(parent)
        self._bins = bins
        self.setAccessibleName(title)
        self.setAccessibleDescription("\n".join(f"{label}: {format_number(count)}" for label, count in bins))
        self.setToolTip(self.accessibleDescription())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(60 * GRID, round(QFontMetricsF(self.font()).height() * 9))

    def minimumSizeHint(self) -> QSize:
        """Return the same height in less width."""
        return QSize(30 * GRID, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars."""
        with QPainter(self) as painter:
            font = tabular_font(self.font())
            painter.setFont(font)
            line = QFontMetricsF(font).height()
            most = max((count for _label, count in self._bins), default=0)
            width = self.width() / max(1, len(self._bins))
            room = self.height() - 2 * line - GRID / 2
            text, bar = self.palette().windowText().color(), colours(self.palette()).neutral
            centred = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
            for number, (label, count) in enumerate(self._bins):
                height = room * count / most if most else 0.0
                # The whole column first: the order of the columns follows the language.
                column = placed(QRectF(number * width, 0, width, self.height()), self)
                rect = QRectF(column.left() + width * 0.1, line + room - height, width * 0.8, height)
                painter.fillRect(rect, bar)
                painter.setPen(text)
                painter.drawText(QRectF(column.left(), rect.top() - line, width, line), centred, format_number(count))
                painter.drawText(QRectF(column.left(), self.height() - line, width, line), centred, label)
            painter.setPen(QPen(colours(self.palette()).border, 1))
            base = round(line + room)
            painter.drawLine(0, base, self.width(), base)


def paint_stack(painter: QPainter, area: QRectF, counts: Sequence[int], palette: QPalette) -> None:
    """Paint one bar, divided by verdict."""
    total, left = sum(counts), area.left()
    for verdict, count in zip(CODES, counts, strict=True):
        if not count:
            continue
        part = QRectF(left, area.top(), area.width() * count / total, area.height())
        left = part.right()
        if painter.layoutDirection() is Qt.LayoutDirection.RightToLeft:
            part = mirrored(part, area)
        colour = _colour(verdict, palette)
        if verdict is Verdict.NEITHER:
            painter.setPen(QPen(colour, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(part.adjusted(0.5, 0.5, -0.5, -0.5))
            continue
        painter.fillRect(part, colour)
        if verdict in _PATTERNS:
            lines = QColor(palette.window().color())
            lines.setAlphaF(0.75)
            painter.fillRect(part, QBrush(lines, _PATTERNS[verdict]))


def _colour(verdict: Verdict, palette: QPalette) -> QColor:
    ours = colours(palette)
    return {Verdict.CAT: ours.cat, Verdict.DOG: ours.dog}.get(verdict, ours.neutral)
