"""The line at the top: opening, searching, sorting, grid or list, the size of the cards, light or dark."""

from typing import Final

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QSlider, QToolButton, QWidget

from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.action_table import ActionTable
from catdog_desktop.gui.actions import Menu, plain_label, sort_names
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.icons import Icon, make_icon
from catdog_desktop.settings import VIEWS

_OWN_ORDER_WORDS: Final = {Filter.TO_CHECK: "Least certain", Filter.DUPLICATES: "Equal together"}


class Header(QWidget):
    """The tools above the gallery."""

    searched = Signal(str)
    card_width_changed = Signal(int)
    theme_toggled = Signal()

    def __init__(self, actions: ActionTable, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._sort_key = "added"
        self._own_order: Filter | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, 0)
        layout.setSpacing(GRID)
        self._open = [_push_button(actions["file.open_photos"]), _push_button(actions["file.open_folder"])]
        for button in self._open:
            layout.addWidget(button)
        layout.addStretch(1)
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search by name")
        self.search.setAccessibleName("Search by name")
        self.search.setClearButtonEnabled(True)
        # A file dropped here is meant for the window, not as text.
        self.search.setAcceptDrops(False)
        self.search.setMaximumWidth(28 * GRID)
        self.search.setMinimumWidth(8 * GRID)
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.search.textChanged.connect(self.searched)
        layout.addWidget(self.search, 2)
        self._sort = QToolButton()
        self._sort.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._sort.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._sort.setMenu(actions.menu(Menu.SORT_BY))
        self._sort.setToolTip("Sort the gallery")
        layout.addWidget(self._sort)
        self._views = {view: QToolButton() for view in VIEWS}
        for name, view in self._views.items():
            view.setDefaultAction(actions[f"view.{name}"])
            view.setAutoRaise(True)
            layout.addWidget(view)
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(140, 400)
        self._size.setSingleStep(20)
        self._size.setMaximumWidth(12 * GRID)
        self._size.setAccessibleName("Size of the cards")
        self._size.setToolTip("Size of the cards")
        self._size.valueChanged.connect(self.card_width_changed)
        layout.addWidget(self._size)
        self._theme = QToolButton()
        self._theme.setAutoRaise(True)
        self._theme.setToolTip("Light or dark")
        self._theme.setAccessibleName("Light or dark")
        self._theme.clicked.connect(self.theme_toggled)
        layout.addWidget(self._theme)
        self._paint_icons()

    def show_sort(self, key: str) -> None:
        """Show by what the gallery is sorted."""
        self._sort_key = key
        self._show_order()

    def show_own_order(self, filter_: Filter | None) -> None:
        """Show that a filter brings an order of its own, until it is None again."""
        self._own_order = filter_
        self._show_order()

    def _show_order(self) -> None:
        words = sort_names()[self._sort_key] if self._own_order is None else _OWN_ORDER_WORDS[self._own_order]
        self._sort.setText(words)
        self._sort.setAccessibleName(f"Sorted by: {words}")
        self._sort.setEnabled(self._own_order is None)

    def show_card_width(self, width: int) -> None:
        """Show the size of the cards without telling anybody."""
        self._size.blockSignals(True)
        self._size.setValue(width)
        self._size.blockSignals(False)

    def show_view(self, view: str) -> None:
        """Take the size of the cards away from a list, to which it means nothing."""
        self._size.setEnabled(view == "grid")

    def changeEvent(self, event: QEvent) -> None:
        """Paint the icons again in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_icons()

    def resizeEvent(self, event: QEvent) -> None:
        """In a narrow window, leave out what is in the menus too."""
        wide = self.width()
        self._size.setVisible(wide > 90 * GRID)
        self._sort.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon if wide > 75 * GRID else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        for button, words in zip(self._open, ("Open photos", "Open folder"), strict=True):
            button.setText(words if wide > 65 * GRID else "")

    def minimumSizeHint(self) -> QSize:
        """Let the window be narrow, but not so narrow that the buttons overlap."""
        return QSize(52 * GRID, super().minimumSizeHint().height())

    def _paint_icons(self) -> None:
        colour = self.palette().buttonText().color()
        for action, sign in (
            (self._actions["file.open_photos"], Icon.PHOTOS),
            (self._actions["file.open_folder"], Icon.FOLDER),
            (self._actions["view.grid"], Icon.GRID),
            (self._actions["view.list"], Icon.LIST),
            (self._actions["edit.copy_result"], Icon.COPY),
            (self._actions["file.show_in_file_manager"], Icon.FOLDER),
            (self._actions["view.photo"], Icon.EXPAND),
        ):
            action.setIcon(make_icon(sign, colour))
        self._sort.setIcon(make_icon(Icon.SORT, colour))
        self._theme.setIcon(make_icon(Icon.MOON, colour))
        for button, action_id in zip(self._open, ("file.open_photos", "file.open_folder"), strict=True):
            button.setIcon(self._actions[action_id].icon())


def _push_button(action: QAction) -> QPushButton:
    button = QPushButton(plain_label(action.text()))
    button.setToolTip(action.toolTip())
    button.setAccessibleName(plain_label(action.text()))
    button.clicked.connect(action.trigger)
    return button
