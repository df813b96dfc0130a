"""The line at the top of the viewer: back, file name, position, zoom, and buttons."""

from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.action_table import plain_label
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, tabular_font
from catdog_desktop.gui.viewer.preview_labels import FileNameLabel
from catdog_desktop.languages.formats import format_share
from catdog_desktop.messages import _

_NAME_WIDTH: Final = 16 * GRID
"""What the file name has at least, in points."""


@safe_overrides
class ViewerBar(QWidget):
    """What belongs to the photo shown, and what can be done with the view."""

    def __init__(self, actions: Sequence[QAction], parent: QWidget | None = None) -> None:
        """`actions` become buttons with their words."""
        super().__init__(parent)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(GRID, GRID // 2, GRID, GRID // 2)
        layout.setSpacing(GRID)
        self.back = QToolButton(self)
        self.back.setText(_("Back"))
        self.back.setToolTip(_("Back to the gallery (Esc)"))
        self.back.setArrowType(Qt.ArrowType.LeftArrow)
        self.back.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.back.setAutoRaise(True)
        self._name = FileNameLabel(self)
        font = QFont(self._name.font())
        font.setBold(True)
        self._name.setFont(font)
        self._position, self._percent = QLabel(self), QLabel(self)
        for label in (self._position, self._percent):
            label.setFont(tabular_font(label.font()))
        layout.addWidget(self.back)
        layout.addWidget(self._name, 1)
        layout.addWidget(self._position)
        layout.addWidget(self._percent)
        self._buttons: list[QToolButton] = []
        for action in actions:
            button = QToolButton(self)
            self._buttons.append(button)
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setAutoRaise(True)
            button.setText(plain_label(action.text()))
            button.setAccessibleName(plain_label(action.text()))
            layout.addWidget(button)

    def minimumSizeHint(self) -> QSize:
        """Return no minimum width: in a narrow window, buttons are hidden that the menus offer, too."""
        return QSize(0, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Hide the buttons that leave too little for the file name, the last ones first."""
        super().resizeEvent(event)
        others = (self.back, self._position, self._percent)
        left = self.width() - _NAME_WIDTH - sum(widget.sizeHint().width() + GRID for widget in others)
        for button in self._buttons:
            left -= button.sizeHint().width() + GRID
            button.setVisible(left >= 0)

    @property
    def name(self) -> str:
        """The whole name shown."""
        return self._name.accessibleName()

    @property
    def position(self) -> str:
        """The position shown."""
        return self._position.text()

    @property
    def percent(self) -> str:
        """The zoom shown."""
        return self._percent.text()

    def show_name(self, name: str) -> None:
        """Show the file name."""
        self._name.show_name(displayable(name))

    def show_position(self, text: str) -> None:
        """Show the position among the photos: "12 of 1,204"."""
        self._position.setText(text)

    def show_percent(self, percent: int | None) -> None:
        """Show the zoom in percent of the photo's pixels; None shows nothing."""
        self._percent.setText("" if percent is None else format_share(percent / 100))
