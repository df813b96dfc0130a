"""Marks beside the scroll bar: where years, months, letters or folders begin. A bubble says where a drag would go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QScrollBar, QWidget

from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, RADIUS, colours
from catdog_desktop.gui.widgets.mirroring import is_mirrored

_BUBBLE_MS: Final = 900
"""How long the bubble stays after the last movement."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A label at a height of the content."""

    text: str
    top: int
    """In points from the top of the content."""


@safe_overrides
class ScrollMarks(QWidget):
    """A narrow strip beside the scroll bar. A click on a mark scrolls there."""

    def __init__(self, bar: QScrollBar, marks: Callable[[], Sequence[Mark]], parent: QWidget) -> None:
        """Ask `marks` for all marks, in order, whenever it is painted or clicked; it must be quick."""
        super().__init__(parent)
        self._bar = bar
        self._marks = marks
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        # The keys Home, End and Page Down go through the photos; the strip is for the mouse.
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bar.rangeChanged.connect(self.update)
        bar.valueChanged.connect(self.update)

    def sizeHint(self) -> QSize:
        """Return the width of a year."""
        return QSize(round(QFontMetricsF(self.font()).horizontalAdvance("2000")) + GRID, 0)

    def placed(self) -> list[tuple[Mark, float]]:
        """Return the marks that have room, each with its height in the strip."""
        line = QFontMetricsF(self.font()).height()
        content = self._bar.maximum() + self._bar.pageStep()
        if not self._bar.maximum() or self.height() < 2 * line:
            return []
        shown: list[tuple[Mark, float]] = []
        for mark in self._marks():
            y = mark.top / content * self.height()
            if (not shown or y - shown[-1][1] >= line) and y + line <= self.height():
                shown.append((mark, y))
        return shown

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the labels; the one in view is in the colour of text."""
        with QPainter(self) as painter:
            ours = colours(self.palette())
            line = QFontMetricsF(self.font()).height()
            placed = self.placed()
            value = self._bar.value()
            current = max((number for number, (mark, _y) in enumerate(placed) if mark.top <= value), default=0)
            for number, (mark, y) in enumerate(placed):
                painter.setPen(self.palette().text().color() if number == current else ours.hint)
                painter.drawText(QRectF(0, y, self.width() - 2, line), Qt.AlignmentFlag.AlignRight, mark.text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Scroll to the mark above the pointer."""
        above = [mark for mark, y in self.placed() if y <= event.position().y()]
        if above:
            self._bar.setValue(above[-1].top)


@safe_overrides
class ScrollBubble(QLabel):
    """Says beside the scroll bar what is at the top, while the user drags its slider."""

    def __init__(self, bar: QScrollBar, text: Callable[[], str], parent: QWidget) -> None:
        """Ask `text` for the words, which may be empty, at each movement."""
        super().__init__(parent)
        self._bar = bar
        self._words = text
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hide_soon = QTimer(self, interval=_BUBBLE_MS, singleShot=True)
        self._hide_soon.timeout.connect(self.hide)
        bar.valueChanged.connect(self._on_moved)
        bar.sliderReleased.connect(self.hide)
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a round background below the text."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colours(self.palette()).border, 1))
            painter.setBrush(self.palette().toolTipBase())
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS / 2, RADIUS / 2)
        super().paintEvent(event)

    def _on_moved(self, value: int) -> None:
        words = self._words() if self._bar.isSliderDown() else ""
        if not words:
            return
        self.setText(words)
        self.adjustSize()
        parent = self.parentWidget()
        assert parent is not None
        left = self._bar.mapTo(parent, QPoint(0, 0)).x() - self.width() - GRID
        if is_mirrored(self):
            left += self.width() + 2 * GRID + self._bar.width()
        track = max(1, self._bar.height() - self.height())
        y = round(value / max(1, self._bar.maximum()) * track)
        self.move(left, self._bar.mapTo(parent, QPoint(0, 0)).y() + y)
        self.show()
        self.raise_()
        self._hide_soon.start()
