"""The toolbar above the gallery: open, sort, export, to check; search, order, grid or list, card size, theme."""

from PySide6.QtCore import QEvent, QKeyCombination, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QSizePolicy, QSlider, QToolButton, QWidget

from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.action_table import Menu, sort_names
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID
from catdog_desktop.gui.widgets.action_button import ActionButton, ExclusiveButton
from catdog_desktop.gui.widgets.icons import Icon, make_icon
from catdog_desktop.gui.window_actions import WindowActions
from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import _
from catdog_desktop.settings import VIEWS


@safe_overrides
class Header(QWidget):
    """Buttons for the most frequent actions, and the search field."""

    searched = Signal(str)  # the text of the search field
    card_width_changed = Signal(int)  # points
    theme_toggled = Signal()

    def __init__(self, actions: WindowActions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._actions = actions
        self._sort_key = "added"
        self._own_order: Filter | None = None
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2 * GRID, GRID, 2 * GRID, 0)
        layout.setSpacing(GRID)
        self.open = QToolButton()
        self.open.setText(_("Open"))
        self.open.setToolTip(_("Open photos or a folder"))
        self.open.setAccessibleName(_("Open"))
        self.open.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.open.setMenu(_open_menu(actions, self))
        self.sort_photos = ActionButton(actions["file.sort"], _("Sort"))
        self.export = ActionButton(actions["file.export"], _("Export"))
        self.to_check = ActionButton(actions["view.show.to_check"], _("To check"))
        for button in (self.open, self.sort_photos, self.export, self.to_check):
            layout.addWidget(button)
        layout.addStretch(1)
        self.search = _SearchField()
        self.search.setPlaceholderText(_("Search"))
        self.search.setAccessibleName(_("Search"))
        self.search.setClearButtonEnabled(True)
        # Let the window take files that are dropped here.
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
        self._sort.setToolTip(_("Sort the gallery"))
        layout.addWidget(self._sort)
        self._views = {view: ExclusiveButton(actions[f"view.{view}"]) for view in VIEWS}
        for view in self._views.values():
            layout.addWidget(view)
        self._size = QSlider(Qt.Orientation.Horizontal)
        self._size.setRange(140, 400)
        self._size.setSingleStep(20)
        self._size.setMaximumWidth(12 * GRID)
        self._size.setAccessibleName(_("Width of the cards in points"))
        self._size.setToolTip(_("Size of the cards"))
        self._size.valueChanged.connect(self.card_width_changed)
        layout.addWidget(self._size)
        self._theme = QToolButton()
        self._theme.setAutoRaise(True)
        self._theme.setToolTip(_("Switch between light and dark"))
        self._theme.setAccessibleName(_("Theme"))
        self._theme.clicked.connect(self.theme_toggled)
        layout.addWidget(self._theme)
        self._paint_icons()

    def show_to_check(self, count: int) -> None:
        """Show how many photos are to be checked."""
        self.to_check.set_text(_("To check ({count})").format(count=format_number(count)) if count else _("To check"))

    def show_sort(self, key: str) -> None:
        """Show the sort order: one of `SORT_KEYS`."""
        self._sort_key = key
        self._show_order()

    def show_own_order(self, filter_: Filter | None) -> None:
        """Show the order of a filter that has its own, and disable the button. None: the order that the user chose."""
        self._own_order = filter_
        self._show_order()

    def _show_order(self) -> None:
        own_orders = {Filter.TO_CHECK: _("Least certain"), Filter.DUPLICATES: _("Grouped")}
        name = sort_names()[self._sort_key] if self._own_order is None else own_orders[self._own_order]
        self._sort.setText(name)
        self._sort.setAccessibleName(_("Sorted by: {order}").format(order=name))
        self._sort.setEnabled(self._own_order is None)

    def show_card_width(self, width: int) -> None:
        """Show the size of the cards, in points, without emitting `card_width_changed`."""
        self._size.blockSignals(True)
        self._size.setValue(width)
        self._size.blockSignals(False)

    def show_view(self, view: str) -> None:
        """Disable the size of the cards in the list view."""
        self._size.setEnabled(view == "grid")

    def changeEvent(self, event: QEvent) -> None:
        """Paint the icons in the colours of a new theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_icons()

    def resizeEvent(self, event: QEvent) -> None:
        """Hide in a narrow window what the menus offer, too."""
        width = self.width()
        self._size.setVisible(width > 90 * GRID)
        self._sort.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon if width > 75 * GRID else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        for button in (self._theme, *self._views.values()):
            button.setVisible(width > 62 * GRID)
        shows_words = width > 100 * GRID
        self.open.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon if shows_words else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        for button in (self.sort_photos, self.export):
            button.show_text(shown=shows_words)
        # Its number is worth more than the words of the others.
        self.to_check.show_text(shown=width > 75 * GRID)
        layout = self.layout()
        assert layout is not None
        layout.activate()

    def minimumSizeHint(self) -> QSize:
        """Allow a narrow window in which the buttons do not overlap."""
        return QSize(60 * GRID, super().minimumSizeHint().height())

    def _paint_icons(self) -> None:
        colour = self.palette().buttonText().color()
        for action, icon in (
            (self._actions["file.open_photos"], Icon.PHOTOS),
            (self._actions["file.open_folder"], Icon.FOLDER),
            (self._actions["view.grid"], Icon.GRID),
            (self._actions["view.list"], Icon.LIST),
            (self._actions["edit.copy"], Icon.COPY),
            (self._actions["file.show_in_file_manager"], Icon.FOLDER),
            (self._actions["view.photo"], Icon.EXPAND),
            (self._actions["file.sort"], Icon.SORT_INTO),
            (self._actions["file.export"], Icon.EXPORT),
            (self._actions["view.show.to_check"], Icon.TO_CHECK),
        ):
            action.setIcon(make_icon(icon, colour))
        self._sort.setIcon(make_icon(Icon.SORT, colour))
        self._theme.setIcon(make_icon(Icon.MOON, colour))
        self.open.setIcon(make_icon(Icon.FOLDER, colour))


@safe_overrides
class _SearchField(QLineEdit):
    """Leaves Ctrl+K to the command palette: on Linux, `QLineEdit` would delete to the end of the line."""

    def event(self, event: QEvent) -> bool:
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.ShortcutOverride
            and event.keyCombination() == QKeyCombination(Qt.KeyboardModifier.ControlModifier, Qt.Key.Key_K)
        ):
            event.ignore()
            return False
        return super().event(event)


def _open_menu(actions: WindowActions, parent: QWidget) -> QMenu:
    menu = QMenu(parent)
    for action_id in ("file.open_photos", "file.open_folder"):
        menu.addAction(actions[action_id])
    menu.addMenu(actions.menu(Menu.RECENT))
    menu.addSeparator()
    menu.addAction(actions["edit.paste"])
    return menu
