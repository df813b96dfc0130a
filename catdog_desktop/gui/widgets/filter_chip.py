"""Round buttons with an icon, a word and a count: the filters, and the choice of a heat map."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QEnterEvent, QFontMetricsF, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QRadioButton, QSizePolicy, QWidget

from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, colours, tabular_font
from catdog_desktop.gui.widgets.icons import Icon, icon_colour, paint_icon
from catdog_desktop.gui.widgets.mirroring import placed
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _

if TYPE_CHECKING:
    _Button = QAbstractButton
else:
    _Button = object
    """At runtime the button class comes from the subclass, which decides the role for screen readers."""


class _Chip(_Button):
    """Layout and painting of a chip; mixed into a button class."""

    def set_up(self, icon: Icon, word: str) -> None:
        """Initialize; called once after the constructor of the button class."""
        self._icon = icon
        self._count: int | None = None
        self._shows_word = True
        self._shows_count = True
        self.tip = ""
        """Tooltip without the count; empty: "Show", and the word."""
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
        """Show `count`; None hides it."""
        if count == self._count:
            return
        self._count = count
        if count is not None:
            self.setAccessibleName(_("{filter}: {count}").format(filter=self.text(), count=format_number(count)))
            tip = self.tip or _("Show: {filter}").format(filter=self.text())
            # Without a description of its own, screen readers would read the tooltip after the same name.
            self.setAccessibleDescription(self.tip or _("Filter"))
            self.setToolTip(_("{tip} ({count})").format(tip=tip, count=format_number(count)))
        self.updateGeometry()
        self.update()

    def show_word(self, shown: bool) -> None:
        """Show or hide the word. Tooltip and accessible name keep it."""
        if shown != self._shows_word:
            self._shows_word = shown
            self.updateGeometry()
            self.update()

    def show_count(self, shown: bool) -> None:
        """Show or hide the count. Tooltip and accessible name keep it."""
        if shown != self._shows_count:
            self._shows_count = shown
            self.updateGeometry()
            self.update()

    def full_width(self) -> int:
        """Return the width with word and count."""
        return self._width(word=True, count=True)

    def width_without_word(self) -> int:
        """Return the width with the count only."""
        return self._width(word=False, count=True)

    def sizeHint(self) -> QSize:
        """Return the size for what is shown."""
        width = self._width(word=self._shows_word, count=self._shows_count)
        return QSize(width, round(QFontMetricsF(self.font()).height() + 1.5 * GRID))

    def minimumSizeHint(self) -> QSize:
        """Return the same: a chip is never squeezed."""
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Repaint for the hover state."""
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Repaint for the hover state."""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chip."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            ours, palette = colours(self.palette()), self.palette()
            rect = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
            radius = rect.height() / 2
            background = QColor(palette.highlight().color())
            background.setAlpha(48 if self.isChecked() else 20 if self.underMouse() else 0)
            painter.setPen(QPen(palette.highlight().color(), 1.5) if self.isChecked() else QPen(ours.border, 1))
            painter.setBrush(background)
            painter.drawRoundedRect(rect, radius, radius)
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(palette.windowText().color(), 1, Qt.PenStyle.DotLine))
                painter.drawRoundedRect(rect.adjusted(2, 2, -2, -2), radius, radius)
            metrics = QFontMetricsF(self.font())
            edge = metrics.height() * 0.9
            centre = rect.center().y()
            # Without problems, the icon of problems is not a warning.
            is_calm = self._count == 0 and self._icon is Icon.PROBLEM
            colour = ours.neutral if is_calm else icon_colour(self._icon, ours)
            if not self.isEnabled():
                colour = ours.disabled
            paint_icon(
                painter,
                placed(QRectF(1.25 * GRID, centre - edge / 2, edge, edge), self),
                self._icon,
                colour,
            )
            left = 1.25 * GRID + edge + GRID * 0.75
            painter.setFont(self.font())
            painter.setPen(palette.windowText().color() if self.isEnabled() else ours.disabled)
            if self._shows_word:
                word = placed(QRectF(left, 0, self.width() - left, self.height()), self)
                flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextDontClip
                painter.drawText(word, flags, self.text())
            if self._count is not None and self._shows_count:
                painter.setPen(ours.hint)
                painter.setFont(tabular_font(self.font()))
                area = placed(QRectF(0, 0, self.width() - 1.25 * GRID, self.height()), self)
                painter.drawText(
                    area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, format_number(self._count)
                )

    def _width(self, *, word: bool, count: bool) -> int:
        metrics = QFontMetricsF(self.font())
        width = 2.5 * GRID + metrics.height() * 0.9
        if word:
            width += 0.75 * GRID + metrics.horizontalAdvance(self.text())
        if self._count is not None and count:
            width += 0.75 * GRID + QFontMetricsF(tabular_font(self.font())).horizontalAdvance(
                format_number(self._count)
            )
        return round(width)


@safe_overrides
class RadioChip(_Chip, QRadioButton):
    """One of several chips. Exactly one of them is chosen. A radio button for screen readers."""

    def __init__(self, icon: Icon, word: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.set_up(icon, word)

    def hitButton(self, pos: QPoint) -> bool:  # noqa: N802
        """Return whether `pos` is within the chip: a radio button would accept clicks on its own layout only."""
        return self.rect().contains(pos)


class ToggleChip(_Chip, QAbstractButton):
    """A chip that is switched on and off by itself."""

    def __init__(self, icon: Icon, word: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.set_up(icon, word)
