"""The bar of a score: painted the same in the gallery, in the list and, as a widget of its own, in the preview."""

from typing import Final

from PySide6.QtCore import QEasingCurve, QPropertyAnimation, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from catdog_desktop.formatting import format_percent
from catdog_desktop.gui.theme import BAR_ANIMATION_MS, animations_enabled, colours, tabular_font

WIDEST_PERCENT: Final = ">99%"
_STEPS: Final = 10_000
"""A progress bar counts in whole numbers: so fine that the smallest score is still more than nothing."""


def paint_bar(painter: QPainter, rect: QRectF, fraction: float | None, colour: QColor, track: QColor) -> None:
    """Paint a bar of 0..1 into `rect`; only its track while there is no score."""
    radius = rect.height() / 2
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(track)
    painter.drawRoundedRect(rect, radius, radius)
    if fraction:
        filled = QRectF(rect)
        # Never shorter than it is high: a score of half a percent is a dot, not nothing.
        filled.setWidth(max(rect.height(), rect.width() * min(1.0, fraction)))
        painter.setBrush(colour)
        painter.drawRoundedRect(filled, radius, radius)


class ScoreBar(QProgressBar):
    """A large bar with its word and its percentage, for one score."""

    def __init__(self, word: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._word = word
        self._score: float | None = None
        self.setRange(0, _STEPS)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{word} score")
        self._growth = QPropertyAnimation(self, b"value", self)
        self._growth.setDuration(BAR_ANIMATION_MS)
        self._growth.setEasingCurve(QEasingCurve.Type.OutCubic)
        self.set_score(None)

    @property
    def score(self) -> float | None:
        """The score shown, 0..1."""
        return self._score

    def set_score(self, score: float | None, *, grow: bool = False) -> None:
        """Show `score`, or an empty bar. One that is shown already does not grow again."""
        if score is not None and score == self._score:
            return
        self._score = score
        self._growth.stop()
        target = 0 if score is None else round(score * _STEPS)
        self.setToolTip("" if score is None else f"{self._word}: {score:.2%}")
        self.setAccessibleDescription(self.text())
        if grow and animations_enabled(self.style()):
            self._growth.setStartValue(0)
            self._growth.setEndValue(target)
            self._growth.start()
        else:
            self.setValue(target)
        self.update()

    def text(self) -> str:
        """Return the percentage as shown."""
        return "" if self._score is None else format_percent(self._score)

    def sizeHint(self) -> QSize:
        """Return room for the text and a comfortable bar."""
        return QSize(220, round(QFontMetricsF(self._font()).height() * 1.35))

    def minimumSizeHint(self) -> QSize:
        """Return the least room."""
        return QSize(140, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint word, bar and percentage in one line."""
        painter = QPainter(self)
        painter.setFont(self._font())
        metrics = QFontMetricsF(painter.font())
        ours = colours(self.palette())
        colour = ours.cat if self._word == "Cat" else ours.dog
        area = QRectF(self.rect())
        word, percent = metrics.horizontalAdvance("Dog  "), metrics.horizontalAdvance(WIDEST_PERCENT + " ")
        painter.setPen(self.palette().windowText().color())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self._word)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self.text())
        height = max(8.0, metrics.height() * 0.55)
        bar = QRectF(area.left() + word, area.center().y() - height / 2, area.width() - word - percent, height)
        # A score too small to be counted is a dot, as in the gallery.
        fraction = None if self._score is None else max(self.value() / _STEPS, 1e-9)
        paint_bar(painter, bar, fraction, colour, ours.track)

    def _font(self) -> QFont:
        font = tabular_font(self.font())
        font.setPointSizeF(font.pointSizeF() * 1.15)
        return font
