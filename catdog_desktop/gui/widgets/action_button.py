"""Buttons with an icon beside a short text; some run an action of the table."""

from typing import Final

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QRadioButton, QStyle, QStyleOptionToolButton, QToolButton, QWidget

from catdog_desktop.gui.action_table import plain_label
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.widgets.labels import plain_tooltip

_END: Final = 3
"""Space right of the text beside the frame, in points: Qt leaves as much left of the icon."""


@safe_overrides
class TextButton(QToolButton):
    """A button with an icon beside its text, and as much space right of the text as left of the icon."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)

    def sizeHint(self) -> QSize:
        """Return the size without the two spaces that Qt adds behind the text."""
        size = super().sizeHint()
        beside = self.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        if beside and self.text() and not self.icon().isNull():
            size.setWidth(size.width() - 2 * self.fontMetrics().horizontalAdvance(" ") + _END)
        return size

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()


class ActionButton(TextButton):
    """A button for an action of the table, with a text of its own: shorter than the one in the menu.

    Follows the action: enabled, icon, tooltip with the shortcut.
    """

    def __init__(self, action: QAction, text: str = "", parent: QWidget | None = None) -> None:
        """Use `text`, or the text of the action without mnemonic and ellipsis."""
        super().__init__(parent)
        self._action = action
        self._text = text or plain_label(action.text())
        self.setText(self._text)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self._text)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def set_text(self, text: str) -> None:
        """Change the text, which is also the accessible name."""
        self._text = text
        self.setAccessibleName(text)
        if self.text():
            self.setText(text)

    def show_text(self, *, shown: bool) -> None:
        """Show the text, or only the icon."""
        self.setText(self._text if shown else "")
        style = Qt.ToolButtonStyle.ToolButtonTextBesideIcon if shown else Qt.ToolButtonStyle.ToolButtonIconOnly
        self.setToolButtonStyle(style)

    def _follow(self) -> None:
        action = self._action
        self.setEnabled(action.isEnabled())
        self.setIcon(action.icon())
        tip = action.toolTip()
        shortcut = shortcut_text(action)
        self.setToolTip(tip if not shortcut or shortcut in tip else plain_tooltip(f"{tip} ({shortcut})"))


@safe_overrides
class ExclusiveButton(QRadioButton):
    """An icon for one of several exclusive actions. Looks like a tool button.

    Screen readers call a `QToolButton` that is checkable a check box in any case.
    """

    def __init__(self, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._action = action
        self.setText(plain_label(action.text()))
        self.setAccessibleName(self.text())
        self.setAccessibleDescription(shortcut_text(action))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.toggled.connect(self._on_toggled)
        action.changed.connect(self._follow)
        self._follow()

    def sizeHint(self) -> QSize:
        """Return the size of a tool button with this icon."""
        return self.style().sizeFromContents(
            QStyle.ContentsType.CT_ToolButton, self._option(), self.iconSize() + QSize(2, 2), self
        )

    def minimumSizeHint(self) -> QSize:
        """Return the same."""
        return self.sizeHint()

    def hitButton(self, position: QPoint) -> bool:  # noqa: N802
        """Return whether a click at `position` is on the button (called by Qt)."""
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a flat tool button."""
        with QPainter(self) as painter:
            self.style().drawComplexControl(QStyle.ComplexControl.CC_ToolButton, self._option(), painter, self)

    def _option(self) -> QStyleOptionToolButton:
        option = QStyleOptionToolButton()
        option.initFrom(self)
        option.icon, option.iconSize = self.icon(), self.iconSize()
        option.subControls = QStyle.SubControl.SC_ToolButton
        option.toolButtonStyle = Qt.ToolButtonStyle.ToolButtonIconOnly
        option.state |= QStyle.StateFlag.State_AutoRaise
        if self.isDown():
            option.state |= QStyle.StateFlag.State_Sunken
        elif self.isChecked():
            option.state |= QStyle.StateFlag.State_On
        return option

    def _follow(self) -> None:
        self.setIcon(self._action.icon())
        self.setEnabled(self._action.isEnabled())
        self.setToolTip(self._action.toolTip())
        self.setChecked(self._action.isChecked())

    def _on_toggled(self, checked: bool) -> None:
        if checked and not self._action.isChecked():
            self._action.trigger()


def shortcut_text(action: QAction) -> str:
    """Return the first shortcut of an action, as the system writes it; empty without one."""
    return action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
