"""What an empty gallery shows: the start page, and a text if no photo matches the filters."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from catdog_desktop.gallery.query import Filter, Query
from catdog_desktop.gui.theme import GRID, RADIUS, colours
from catdog_desktop.gui.widgets.icons import Icon, paint_icon
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.messages import _


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
        layout.addWidget(_CatAndDog(self), 0, Qt.AlignmentFlag.AlignHCenter)
        title = QLabel(_("Drop photos or folders here"))
        font = QFont(title.font())
        font.setPointSizeF(font.pointSizeF() * 1.7)
        title.setFont(font)
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        title.setWordWrap(True)
        layout.addWidget(title)
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
        lines = (
            _("or paste with {shortcut}").format(shortcut=paste.shortcut().toString()),
            "",
            _("JPEG, PNG, HEIC, WebP, AVIF, TIFF, GIF, BMP · subfolders included"),
            _("Nothing leaves this computer."),
        )
        notes = SecondaryLabel("\n".join(lines), self)
        notes.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(notes)
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


class NoMatches(QWidget):
    """Covers the gallery while no photo passes the filters, with a button that clears them."""

    clear_clicked = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setSpacing(2 * GRID)
        self._text = SecondaryLabel("", self)
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._button = QPushButton()
        self._button.clicked.connect(self.clear_clicked)
        layout.addStretch(1)
        layout.addWidget(self._text)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(1)
        self.hide()

    @property
    def text(self) -> str:
        """The text shown."""
        return self._text.text()

    @property
    def button(self) -> QPushButton:
        """The button that clears the filters."""
        return self._button

    def show_query(self, query: Query) -> None:
        """Show the text for a query that no photo matches."""
        if query.is_narrowed:
            text, button = _("No photos match."), _("Clear filters")
        elif query.filter is Filter.TO_CHECK:
            text, button = _("Nothing left to check."), _("Show all photos")
        else:
            text, button = _("No photos here."), _("Show all photos")
        self._text.setText(text)
        self._button.setText(button)


class _CatAndDog(QWidget):
    """The large icons of the start page."""

    def sizeHint(self) -> QSize:
        """Return the size of both icons."""
        return QSize(24 * GRID, 12 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint cat and dog side by side."""
        painter = QPainter(self)
        ours = colours(self.palette())
        edge = 11.0 * GRID
        top = (self.height() - edge) / 2
        middle = self.width() / 2
        for left, icon, colour in (
            (middle - edge - GRID / 2, Icon.CAT, ours.cat),
            (middle + GRID / 2, Icon.DOG, ours.dog),
        ):
            soft = QColor(colour)
            soft.setAlphaF(0.85)
            paint_icon(painter, QRectF(left, top, edge, edge), icon, soft)
