"""The command palette: find any action by typing, and run it."""

from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from catdog_desktop.gui.action_table import plain_label
from catdog_desktop.gui.overrides import safe_overrides
from catdog_desktop.gui.theme import GRID, colours
from catdog_desktop.gui.window_actions import WindowActions
from catdog_desktop.languages.formats import format_list
from catdog_desktop.messages import _

_ID_ROLE: Final = Qt.ItemDataRole.UserRole
_WIDTH: Final = 72 * GRID
_ROWS: Final = 12
"""Rows that are visible at once."""
_LIST_KEYS: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
"""Keys that move through the list while the cursor stays in the search field."""


@safe_overrides
class CommandPalette(QDialog):
    """Lists every action with its menu and shortcut. Actions that cannot be run now are grey."""

    def __init__(self, actions: WindowActions, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Command palette"))
        self._actions = actions
        self.search = QLineEdit()
        self.search.setPlaceholderText(_("Type to find an action"))
        self.search.setAccessibleName(_("Find an action"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._fill)
        self.search.returnPressed.connect(self._run_current)
        self.search.installEventFilter(self)
        self.list = QTreeWidget()
        self.list.setAccessibleName(_("Actions"))
        self.list.setColumnCount(3)
        self.list.setHeaderHidden(True)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        self.list.setAllColumnsShowFocus(True)
        self.list.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.header().setStretchLastSection(False)
        self.list.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            self.list.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.list.itemClicked.connect(self._run)
        self.list.currentItemChanged.connect(self._announce)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GRID, GRID, GRID, GRID)
        layout.setSpacing(GRID)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        self._fill("")
        self._place(parent)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a border: without the frame of the window manager, the palette would merge with the window."""
        super().paintEvent(event)
        with QPainter(self) as painter:
            painter.setPen(colours(self.palette()).border)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def changeEvent(self, event: QEvent) -> None:
        """Close when the user clicks beside the palette."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isVisible() and not self.isActiveWindow():
            self.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the keys that move through a list work in the search field."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() in _LIST_KEYS:
            self.list.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def _fill(self, query: str) -> None:
        found = []
        self._actions.refresh()
        for entry, action in self._actions:
            label = plain_label(action.text())
            menu = self._actions.menu_path(entry)
            shortcuts = format_list(key.toString(QKeySequence.SequenceFormat.NativeText) for key in action.shortcuts())
            rank = match_rank(query, label, menu, shortcuts)
            if rank is not None:
                item = QTreeWidgetItem([label, menu, shortcuts])
                item.setData(0, _ID_ROLE, entry.id)
                item.setToolTip(0, action.toolTip())
                item.setSizeHint(0, QSize(0, self._row_height()))
                spoken = format_list(filter(None, [label, menu, shortcuts]))
                if not action.isEnabled():
                    spoken = _("{action}, unavailable").format(action=spoken)
                    item.setFlags(Qt.ItemFlag.NoItemFlags)
                item.setData(0, Qt.ItemDataRole.AccessibleTextRole, spoken)
                found.append((rank, item))
        found.sort(key=lambda pair: pair[0])  # Stable: equal ranks keep the order of the menus.
        self.list.clear()
        self.list.addTopLevelItems([item for _rank, item in found])
        enabled = (item for _rank, item in found if item.flags() & Qt.ItemFlag.ItemIsEnabled)
        self.list.setCurrentItem(next(enabled, None))  # type: ignore[arg-type]  # None: no current item.

    def _row_height(self) -> int:
        return self.fontMetrics().height() + GRID

    def _place(self, parent: QWidget) -> None:
        """Centre the palette at the top of `parent`, inside its area."""
        area = parent.window().frameGeometry()
        hint = self.sizeHint().height() - self.list.sizeHint().height()
        height = hint + _ROWS * self._row_height() + 2 * self.list.frameWidth()
        self.resize(min(_WIDTH, area.width() - 4 * GRID), min(height, area.height() - 10 * GRID))
        self.move(area.center().x() - self.width() // 2, area.top() + 8 * GRID)

    def _run_current(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self._run(item)

    def _run(self, item: QTreeWidgetItem) -> None:
        if item.flags() & Qt.ItemFlag.ItemIsEnabled:
            # First closed, so that a dialog of the action opens above the window.
            self.close()
            self._actions.run(item.data(0, _ID_ROLE))

    def _announce(self, item: QTreeWidgetItem | None) -> None:
        """Let a screen reader say the current action: the keyboard focus stays in the search field."""
        if item is not None and self.isVisible():
            spoken = item.data(0, Qt.ItemDataRole.AccessibleTextRole)
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.search, spoken))


def match_rank(query: str, label: str, menu: str, shortcuts: str) -> int | None:
    """Return how well an action matches `query`, 0 for best, or None if it does not match.

    Each word of `query` must be found: at the start of the label, of one of its words or of the shortcut, inside the
    label, at the start of a word of the menu, or as letters of the label in the same order.
    """
    label, menu, shortcuts = label.casefold(), menu.casefold(), shortcuts.casefold()
    total = 0
    for word in query.casefold().split():
        if label.startswith(word):
            rank = 0
        elif any(part.startswith(word) for part in [*label.split(), *shortcuts.split(", ")]):
            rank = 1
        elif word in label:
            rank = 2
        elif any(part.startswith(word) for part in menu.split()):
            rank = 3
        elif len(word) > 1 and _is_subsequence(word, label):
            rank = 4
        else:
            return None
        total += rank
    return total


def _is_subsequence(word: str, text: str) -> bool:
    letters = iter(text)
    return all(letter in letters for letter in word)
