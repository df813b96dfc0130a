"""The row of filters with their counts."""

from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from catdog_desktop.gui.rows import Filter
from catdog_desktop.gui.signs import Sign, paint_sign, sign_colour
from catdog_desktop.gui.theme import GRID, colours, figures_font

FILTER_WORDS: Final = {
    Filter.ALL: "All",
    Filter.CAT: "Cats",
    Filter.DOG: "Dogs",
    Filter.BOTH: "Both",
    Filter.NEITHER: "Neither",
    Filter.UNSURE: "Unsure",
    Filter.PROBLEM: "Problems",
}


class FilterBar(QWidget):
    """One button for each filter; exactly one is chosen."""

    chosen = Signal(object)  # Filter

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Filters")
        self._group = QButtonGroup(self)
        self._buttons: dict[Filter, _FilterButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(GRID // 2)
        for filter_, word in FILTER_WORDS.items():
            button = _FilterButton(Sign(filter_.value), word, self)
            button.clicked.connect(lambda _=False, chosen=filter_: self.chosen.emit(chosen))
            self._group.addButton(button)
            self._buttons[filter_] = button
            layout.addWidget(button)
        layout.addStretch(1)
        self._buttons[Filter.ALL].setChecked(True)

    def show_chosen(self, filter_: Filter) -> None:
        """Show which filter is in use."""
        self._buttons[filter_].setChecked(True)

    def show_counts(self, counts: dict[Filter, int]) -> None:
        """Show how many photos each filter has."""
        for filter_, button in self._buttons.items():
            button.set_count(counts[filter_])

    def button(self, filter_: Filter) -> QAbstractButton:
        """Return the button of a filter."""
        return self._buttons[filter_]

    def minimumSizeHint(self) -> QSize:
        """Let the window be narrower than all words; the buttons then drop theirs."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: object) -> None:
        """Drop the words when there is no room for them; sign, count and tooltip stay."""
        full = sum(button.full_width() for button in self._buttons.values()) + GRID * len(self._buttons)
        for button in self._buttons.values():
            button.set_short(self.width() < full)


class _FilterButton(QAbstractButton):
    """A pill with a sign, a word and a count."""

    def __init__(self, sign: Sign, word: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._sign = sign
        self._count = 0
        self._short = False
        self.setText(word)
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Show `count`."""
        self._count = count
        self.setAccessibleName(f"{self.text()}: {count:,}")
        self.setToolTip(f"Show {self.text().lower()} ({count:,})")
        self.updateGeometry()
        self.update()

    def set_short(self, short: bool) -> None:
        """Show the word or leave it out."""
        if short != self._short:
            self._short = short
            self.updateGeometry()
            self.update()

    def full_width(self) -> int:
        """Return the width with the word."""
        return self._width(short=False)

    def sizeHint(self) -> QSize:
        """Return room for sign, word and count."""
        return QSize(self._width(short=self._short), round(QFontMetricsF(self.font()).height() + 1.5 * GRID))

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
        painter.setPen(QPen(palette.highlight().color(), 1.5) if self.isChecked() else QPen(ours.line, 1))
        painter.setBrush(ground)
        painter.drawRoundedRect(rect, radius, radius)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(palette.windowText().color(), 1, Qt.PenStyle.DotLine))
            painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), radius, radius)
        metrics = QFontMetricsF(self.font())
        edge = metrics.height() * 0.9
        centre = rect.center().y()
        colour = sign_colour(self._sign, ours)
        if self._sign is Sign.PROBLEM and not self._count:
            colour = ours.neutral
        paint_sign(
            painter,
            QRectF(QPointF(1.25 * GRID, centre - edge / 2), QPointF(1.25 * GRID + edge, centre + edge / 2)),
            self._sign,
            colour,
        )
        left = 1.25 * GRID + edge + GRID * 0.75
        painter.setFont(self.font())
        painter.setPen(palette.windowText().color())
        if not self._short:
            painter.drawText(QRectF(left, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setPen(ours.hint)
        painter.setFont(figures_font(self.font()))
        count_area = QRectF(0, 0, self.width() - 1.25 * GRID, self.height())
        painter.drawText(count_area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, f"{self._count:,}")

    def _width(self, *, short: bool) -> int:
        metrics = QFontMetricsF(self.font())
        count = QFontMetricsF(figures_font(self.font())).horizontalAdvance(f"{self._count:,}")
        word = 0.0 if short else metrics.horizontalAdvance(self.text()) + 0.75 * GRID
        return round(3.25 * GRID + metrics.height() * 0.9 + word + count)
