"""Overlay that says what a drop onto the window would do."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, RADIUS, colours


@safe_overrides
class DropOverlay(QWidget):
    """Covers the window while something is dragged over it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._text = ""
        self._accepted = True
        self.hide()

    @property
    def text(self) -> str:
        """The text shown."""
        return self._text

    def cover_parent(self) -> None:
        """Resize to the parent widget."""
        parent = self.parentWidget()
        assert parent is not None
        self.setGeometry(parent.rect())

    def show_text(self, text: str, *, accepted: bool) -> None:
        """Cover the window and show `text`; `accepted` is whether a drop would be taken."""
        self._text, self._accepted = text, accepted
        self.cover_parent()
        self.raise_()
        self.show()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame and the text."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            shade = QColor(self.palette().window().color())
            shade.setAlphaF(0.86)
            painter.fillRect(self.rect(), shade)
            ours = colours(self.palette())
            colour = self.palette().highlight().color() if self._accepted else ours.warning
            painter.setPen(QPen(colour, 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            area = QRectF(self.rect()).adjusted(1.5 * GRID, 1.5 * GRID, -1.5 * GRID, -1.5 * GRID)
            painter.drawRoundedRect(area, 2 * RADIUS, 2 * RADIUS)
            font = QFont(self.font())
            font.setPointSizeF(font.pointSizeF() * 1.6)
            painter.setFont(font)
            painter.setPen(self.palette().windowText().color())
            text_area = area.adjusted(4 * GRID, 0, -4 * GRID, 0)
            painter.drawText(text_area, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._text)
