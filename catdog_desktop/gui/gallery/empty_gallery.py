"""What an empty gallery shows: the start page before any photo is opened."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from catdog_desktop.gui.theme import GRID, RADIUS, colours
from catdog_desktop.gui.widgets.icons import Icon, paint_icon

FORMATS_SENTENCE = "JPEG, PNG, HEIC, WebP, AVIF, TIFF, GIF, BMP · folders are searched to their depth"


class StartPage(QWidget):
    """A large drop area with two buttons."""

    def __init__(
        self, open_photos: QAction, open_folder: QAction, paste: QAction, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addStretch(3)
        layout.addWidget(_Mark(self), 0, Qt.AlignmentFlag.AlignHCenter)
        title = QLabel("Drop photos or folders here")
        font = QFont(title.font())
        font.setPointSizeF(font.pointSizeF() * 1.7)
        title.setFont(font)
        layout.addWidget(title, 0, Qt.AlignmentFlag.AlignHCenter)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addStretch(1)
        for action in (open_photos, open_folder):
            button = QPushButton(action.icon(), " " + action.text().replace("&", "").rstrip("…"))
            button.setMinimumHeight(5 * GRID)
            button.setMinimumWidth(18 * GRID)
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout.addLayout(buttons)
        keys = paste.shortcut().toString()
        layout.addWidget(_Hint(f"or paste with {keys}\n\n{FORMATS_SENTENCE}\nNothing leaves this computer."))
        layout.addStretch(4)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the border of the drop area."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(colours(self.palette()).border, 2, Qt.PenStyle.CustomDashLine)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        area = QRectF(self.rect()).adjusted(2 * GRID, 2 * GRID, -2 * GRID, -2 * GRID)
        painter.drawRoundedRect(area, 2 * RADIUS, 2 * RADIUS)


class _Hint(QLabel):
    """A small line of second rank."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the text in the colour of hints, whatever the theme is by now."""
        painter = QPainter(self)
        painter.setPen(colours(self.palette()).hint)
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap, self.text())


class _Mark(QWidget):
    """The large soft sign of the drop area: a cat and a dog."""

    def sizeHint(self) -> QSize:
        """Return its size."""
        return QSize(24 * GRID, 12 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint cat and dog side by side."""
        painter = QPainter(self)
        ours = colours(self.palette())
        edge = 11.0 * GRID
        top = (self.height() - edge) / 2
        middle = self.width() / 2
        for left, sign, colour in (
            (middle - edge - GRID / 2, Icon.CAT, ours.cat),
            (middle + GRID / 2, Icon.DOG, ours.dog),
        ):
            soft = QColor(colour)
            soft.setAlphaF(0.85)
            paint_icon(painter, QRectF(left, top, edge, edge), sign, soft)
