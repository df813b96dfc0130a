"""What the window shows without photos: a large drop area, the last session, and the folders opened recently."""

from pathlib import Path
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFont, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from catdog_desktop.formatting import displayable, format_photos
from catdog_desktop.gui.action_table import plain_label
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, RADIUS, colours
from catdog_desktop.gui.widgets.icons import Icon, make_icon, paint_icon
from catdog_desktop.gui.widgets.labels import SecondaryLabel, plain_tooltip
from catdog_desktop.last_session import LastUse, describe_sources
from catdog_desktop.messages import _

_ICONS_FROM: Final = 66 * GRID
"""In a window lower than this, the icons of cat and dog leave their place to the recent folders."""
_NOTES_FROM: Final = 50 * GRID
"""In a window lower than this, the notes below the buttons are not shown either."""
_COLUMN: Final = 62 * GRID
"""Width of the column of recent folders, if the window is wide enough."""


@safe_overrides
class StartPage(QWidget):
    """A large drop area with two buttons. Below them: continue with the last session, the last folders."""

    recent_chosen = Signal(object)  # Path

    def __init__(
        self,
        open_photos: QAction,
        open_folder: QAction,
        paste: QAction,
        continue_: QAction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icons: dict[QPushButton, Icon] = {}
        self._cat_and_dog = _CatAndDog(self)
        self._title = QLabel(_("Drop photos or folders here"))
        self.continue_button = QPushButton()
        self.continue_button.setMinimumHeight(5 * GRID)
        # Less than its text, which is elided: a long name must not widen the window.
        self.continue_button.clicked.connect(continue_.trigger)
        self.continue_button.hide()
        self._recent_title = SecondaryLabel(_("Recent folders"), self)
        self._recent_title.hide()
        self.recent_buttons: list[QPushButton] = []
        """A button for each recent folder, the newest first."""
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        lines = (
            _("or paste with {shortcut}").format(shortcut=paste.shortcut().toString()),
            "",
            _("JPEG, PNG, HEIC, WebP, AVIF, TIFF, GIF, BMP · subfolders included"),
            _("Nothing leaves this computer."),
        )
        self._notes = SecondaryLabel("\n".join(lines), self)
        self._build(open_photos, open_folder)
        self._paint_icons()

    def show_last_use(self, last_use: LastUse) -> None:
        """Offer to continue with the last session, and the recent folders."""
        session = last_use.session
        self.continue_button.setVisible(session is not None)
        if session is not None:
            text = _("Continue with {name}, {photos}").format(
                name=describe_sources(session.sources), photos=format_photos(session.photos)
            )
            self.continue_button.setToolTip(plain_tooltip("\n".join(displayable(path) for path in session.sources[:9])))
            self.continue_button.setAccessibleName(text)
        for button in self.recent_buttons:
            self._recent.removeWidget(button)
            del self._icons[button]
            button.hide()
            button.deleteLater()
        self.recent_buttons = [self._recent_button(folder) for folder in last_use.recent_folders]
        for button in self.recent_buttons:
            self._recent.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        self._paint_icons()
        self._fit()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the border of the drop area."""
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            pen = QPen(colours(self.palette()).border, 2, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([4, 4])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            area = QRectF(self.rect()).adjusted(2 * GRID, 2 * GRID, -2 * GRID, -2 * GRID)
            painter.drawRoundedRect(area, 2 * RADIUS, 2 * RADIUS)

    def changeEvent(self, event: QEvent) -> None:
        """Paint the icons in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_icons()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave out in a low window what is not needed to start."""
        super().resizeEvent(event)
        self._fit()

    def _build(self, open_photos: QAction, open_folder: QAction) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * GRID, 4 * GRID, 4 * GRID, 4 * GRID)
        layout.setSpacing(2 * GRID)
        layout.addStretch(3)
        layout.addWidget(self._cat_and_dog, 0, Qt.AlignmentFlag.AlignHCenter)
        font = QFont(self._title.font())
        font.setPointSizeF(font.pointSizeF() * 1.7)
        self._title.setFont(font)
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._title.setWordWrap(True)
        layout.addWidget(self._title)
        buttons = QHBoxLayout()
        buttons.setSpacing(GRID)
        buttons.addStretch(1)
        for action, icon in ((open_photos, Icon.PHOTOS), (open_folder, Icon.FOLDER)):
            button = QPushButton(" " + plain_label(action.text()))
            self._icons[button] = icon
            button.setMinimumHeight(5 * GRID)
            button.setMinimumWidth(18 * GRID)
            button.setToolTip(action.toolTip())
            button.clicked.connect(action.trigger)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout.addLayout(buttons)
        layout.addWidget(self.continue_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self._notes.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._notes)
        recent = QVBoxLayout()
        recent.setSpacing(GRID // 2)
        recent.addWidget(self._recent_title)
        recent.addLayout(self._recent)
        column = QHBoxLayout()
        column.addStretch(1)
        column.addLayout(recent)
        column.addStretch(1)
        layout.addLayout(column)
        layout.addStretch(4)

    def _paint_icons(self) -> None:
        colour = self.palette().buttonText().color()
        for button, icon in self._icons.items():
            button.setIcon(make_icon(icon, colour))

    def _recent_button(self, folder: Path) -> QPushButton:
        button = QPushButton()
        self._icons[button] = Icon.FOLDER
        button.setFlat(True)
        button.setMinimumWidth(4 * GRID)
        button.setToolTip(plain_tooltip(displayable(folder)))
        button.setProperty("folder", displayable(folder))
        button.setAccessibleName(_("Open {folder}").format(folder=displayable(folder)))
        button.clicked.connect(lambda: self.recent_chosen.emit(folder))
        return button

    def _fit(self) -> None:
        height = self.height()
        has_more = bool(self.recent_buttons) or not self.continue_button.isHidden()
        self._cat_and_dog.setVisible(height >= (_ICONS_FROM + 16 * GRID if self.recent_buttons else _ICONS_FROM))
        if not has_more:
            self._cat_and_dog.setVisible(True)
        self._notes.setVisible(height >= _NOTES_FROM + (24 * GRID if self.recent_buttons else 0) or not has_more)
        line = self.fontMetrics().height() + GRID
        room = max(1, (height - 40 * GRID) // max(1, line)) if has_more else 0
        self._recent_title.setVisible(bool(self.recent_buttons))
        width = min(_COLUMN, self.width() - 12 * GRID)
        for number, button in enumerate(self.recent_buttons):
            button.setVisible(number < room)
            text = button.fontMetrics().elidedText(button.property("folder"), Qt.TextElideMode.ElideMiddle, width)
            button.setText(" " + text.replace("&", "&&"))
        text = self.continue_button.accessibleName()
        metrics = self.continue_button.fontMetrics()
        elided = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, self.width() - 14 * GRID)
        self.continue_button.setText(elided.replace("&", "&&"))
        self.continue_button.setFixedWidth(max(18 * GRID, metrics.horizontalAdvance(elided) + 5 * GRID))


@safe_overrides
class _CatAndDog(QWidget):
    """The large icons of the start page."""

    def sizeHint(self) -> QSize:
        """Return the size of both icons."""
        return QSize(24 * GRID, 12 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint cat and dog side by side."""
        with QPainter(self) as painter:
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
