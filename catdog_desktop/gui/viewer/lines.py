"""Two lines below the large photo: the file's name, and the verdict with its sign."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.status_text import VERDICT_MEANING, YOURS, state_word
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.widgets.icons import Sign, paint_sign, sign_colour, sign_of


class NameLine(QLabel):
    """The file's name, shortened in the middle where it is too long; the tooltip has all of it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._whole = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_name(self, name: str) -> None:
        """Show `name`."""
        self._whole = name.replace("\n", " ")
        self.setAccessibleName(self._whole)
        self._shorten()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten again."""
        super().resizeEvent(event)
        self._shorten()

    def _shorten(self) -> None:
        text = self.fontMetrics().elidedText(self._whole, Qt.TextElideMode.ElideMiddle, self.width())
        self.setText(text)
        self.setToolTip(self._whole.replace("<", "&lt;") if text != self._whole else "")


class VerdictLine(QWidget):
    """The verdict in words, with its sign."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._row: Row | None = None
        self.text = ""

    def show_row(self, row: Row | None) -> None:
        """Show the verdict of `row`."""
        self._row = row
        if row is None:
            self.text = ""
        else:
            self.text = VERDICT_MEANING[row.verdict] if row.verdict is not None else state_word(row)
            if row.corrected:
                self.text += f" · {YOURS}"
        self.setAccessibleName(f"Verdict: {self.text}")
        self.setVisible(row is not None)
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for one line."""
        return QSize(100, round(self.fontMetrics().height() * 1.5))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint sign and words."""
        if self._row is None:
            return
        painter = QPainter(self)
        ours = colours(self.palette())
        edge = self.fontMetrics().height() * 1.15
        colour: QColor = ours.hint
        left = 0.0
        if self._row.verdict is not None or self._row.state is State.FAILED:
            sign = sign_of(self._row.verdict)
            colour = sign_colour(sign, ours)
            paint_sign(painter, QRectF(0, (self.height() - edge) / 2, edge, edge), sign, colour)
            left = edge + GRID
        elif self._row.state is State.WAITING:
            paint_sign(painter, QRectF(0, (self.height() - edge) / 2, edge, edge), Sign.PHOTOS, colour)
            left = edge + GRID
        painter.setPen(colour)
        words = QRectF(left, 0, self.width() - left, self.height())
        text = self.text[:1].upper() + self.text[1:]
        painter.drawText(words, Qt.AlignmentFlag.AlignVCenter, text)
        if self._row.corrected:
            end = left + self.fontMetrics().horizontalAdvance(text) + GRID
            paint_sign(painter, QRectF(end, (self.height() - edge) / 2, edge, edge), Sign.CORRECTED, ours.neutral)
