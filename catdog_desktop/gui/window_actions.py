"""The actions of one window: made from `action_table`, put into its menus and bound to what they run."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QMenuBar, QWidget

from catdog_desktop.gui.action_table import (
    MARKS,
    PARENT_MENU,
    ActionEntry,
    Menu,
    action_entries,
    menu_titles,
    plain_label,
)
from catdog_desktop.gui.keyboard_access import unique_access_keys
from catdog_desktop.gui.theme import outline_check_boxes
from catdog_desktop.gui.widgets.labels import plain_tooltip


@dataclass(frozen=True, slots=True)
class Binding:
    """What an action runs and when."""

    run: Callable[[], object]
    is_enabled: Callable[[], bool] | None = None
    """None: always enabled."""
    is_checked: Callable[[], bool] | None = None
    """Of a checkable action."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An action that exists only while the app runs, such as the choice of an installed model."""

    id: str
    text: str
    tip: str
    run: Callable[[], object]
    is_checked: Callable[[], bool] | None = None
    """None: it cannot be checked."""


class WindowActions(QObject):
    """Fills the menu bar of `window`. Every entry is disabled until it is bound."""

    def __init__(self, window: QMainWindow) -> None:
        super().__init__(window)
        self._entries: dict[str, ActionEntry] = {}
        self._actions: dict[str, QAction] = {}
        self._bindings: dict[str, Binding] = {}
        self._groups: dict[Menu, QActionGroup] = {}
        self._suspended: frozenset[str] = frozenset()
        self._menus: Final = {menu: QMenu(title, window) for menu, title in menu_titles().items()}
        for kind, widget in self._menus.items():
            outline_check_boxes(widget)
            if kind not in PARENT_MENU:
                window.menuBar().addMenu(widget)
        for entry in action_entries():
            self._append(entry)
        _set_access_keys(window.menuBar())
        for menu in self._menus.values():
            _set_access_keys(menu)
        # On the window, too: shortcuts of a hidden menu bar do not work, and the viewer hides it.
        window.addActions([action for entry, action in self if entry.context is Qt.ShortcutContext.WindowShortcut])

    def __getitem__(self, action_id: str) -> QAction:
        """Return the action with this id. Raises `KeyError` for an unknown id."""
        return self._actions[action_id]

    def __iter__(self) -> Iterator[tuple[ActionEntry, QAction]]:
        """Iterate over all actions in the order of the menus."""
        return ((entry, self._actions[id_]) for id_, entry in self._entries.items() if not entry.is_marker)

    @property
    def unbound(self) -> list[str]:
        """The ids of the entries that nothing is bound to."""
        return [entry.id for entry, _action in self if entry.id not in self._bindings]

    def menu(self, menu: Menu) -> QMenu:
        """Return a menu or submenu."""
        return self._menus[menu]

    def menu_path(self, entry: ActionEntry) -> str:
        """Return where an action is found in the menus: "View › Show"."""
        titles = [plain_label(self._menus[entry.menu].title())]
        if entry.menu in PARENT_MENU:
            titles.insert(0, plain_label(self._menus[PARENT_MENU[entry.menu]].title()))
        return " › ".join(titles)

    def bind(
        self,
        action_id: str,
        run: Callable[[], object],
        *,
        enabled: Callable[[], bool] | None = None,
        checked: Callable[[], bool] | None = None,
    ) -> QAction:
        """Let an action call `run`, and return it.

        `enabled` and `checked` are asked at each `refresh`, so they must be quick. Raises `KeyError` for an unknown id.
        """
        action = self._actions[action_id]
        self._bindings[action_id] = Binding(run, enabled, checked)
        action.triggered.connect(lambda: self._on_triggered(action_id))
        if checked is not None:
            action.toggled.connect(lambda _checked: QTimer.singleShot(0, self, partial(self._on_toggled, action_id)))
        self._refresh(action_id)
        return action

    def run(self, action_id: str) -> bool:
        """Trigger an action as its menu entry would; return whether it was enabled.

        Raises `KeyError` for an unknown id.
        """
        action = self._actions[action_id]
        self._refresh(action_id)
        is_enabled = action.isEnabled()
        action.trigger()
        return is_enabled

    def refresh(self) -> None:
        """Enable and check every action according to the state of the window."""
        for action_id in self._bindings:
            self._refresh(action_id)

    def allow_single_keys(self, allowed: bool) -> None:
        """Let single keys such as "1" work in the whole window, or not. Those of the photos work there in any case."""
        for entry, action in self:
            if entry.context is Qt.ShortcutContext.WindowShortcut:
                keys = [key for key in entry.shortcuts if allowed or len(key) > 1]
                if len(keys) != len(action.shortcuts()):
                    action.setShortcuts([QKeySequence(key) for key in keys])

    def set_mark_keys(self, keys: str) -> None:
        """Let these four letters mark photos as cat, dog, both and neither; no letter does if `keys` is empty."""
        for number, verdict in enumerate(MARKS):
            self._actions[f"photos.mark.{verdict}"].setShortcuts(
                [QKeySequence(key) for key in keys[number : number + 1]]
            )

    def suspend(self, action_ids: Iterable[str]) -> None:
        """Disable these actions, whatever their bindings say; enable those that an earlier call has disabled."""
        self._suspended = frozenset(action_ids)
        self.refresh()

    def add_to(self, *widgets: QWidget) -> None:
        """Let the shortcuts that need a photo work in these widgets."""
        for entry, action in self:
            if entry.context is not Qt.ShortcutContext.WindowShortcut:
                for widget in widgets:
                    widget.addAction(action)

    def set_choices(self, marker: str, choices: Sequence[Choice]) -> list[QAction]:
        """Replace the choices at the position of `marker` in its menu. One of those that can be checked is."""
        position = self._entries[marker]
        prefix = f"{marker}."
        for old in [id_ for id_ in self._actions if id_.startswith(prefix)]:
            action = self._actions.pop(old)
            self._menus[position.menu].removeAction(action)
            action.deleteLater()
            del self._entries[old], self._bindings[old]
        entries = [
            replace(
                position,
                id=prefix + choice.id,
                text=choice.text,
                tip=choice.tip,
                is_marker=False,
                separator=False,
                checkable=choice.is_checked is not None,
                exclusive=choice.is_checked is not None,
            )
            for choice in choices
        ]
        self._insert_entries(marker, entries)
        actions = [self._make(entry) for entry in entries]
        self._menus[position.menu].insertActions(self._actions[marker], actions)
        for entry, choice in zip(entries, choices, strict=True):
            self.bind(entry.id, choice.run, checked=choice.is_checked)
        return actions

    def _append(self, entry: ActionEntry) -> None:
        self._entries[entry.id] = entry
        menu = self._menus[entry.menu]
        if menu.isEmpty() and entry.menu in PARENT_MENU:
            parent = self._menus[PARENT_MENU[entry.menu]]
            if entry.separator:
                parent.addSeparator()
            parent.addMenu(menu)
        elif entry.separator:
            menu.addSeparator()
        if entry.is_marker:
            self._actions[entry.id] = menu.addSeparator()
        else:
            menu.addAction(self._make(entry))

    def _make(self, entry: ActionEntry) -> QAction:
        action = self._actions[entry.id] = QAction(entry.text, self.parent())
        action.setObjectName(entry.id)
        action.setShortcuts([QKeySequence(key) for key in entry.shortcuts])
        action.setShortcutContext(entry.context)
        action.setMenuRole(entry.role)
        action.setCheckable(entry.checkable)
        action.setEnabled(False)
        tip = entry.tip or plain_label(entry.text)
        shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(plain_tooltip(f"{tip} ({shortcut})" if shortcut else tip))
        if entry.exclusive:
            self._groups.setdefault(entry.menu, QActionGroup(self)).addAction(action)
        return action

    def _insert_entries(self, marker: str, entries: Sequence[ActionEntry]) -> None:
        """Keep the order of the table: the choices come before their marker."""
        table = self._entries
        self._entries = {}
        for id_, entry in table.items():
            if id_ == marker:
                self._entries.update((new.id, new) for new in entries)
            self._entries[id_] = entry

    def _refresh(self, action_id: str) -> None:
        binding, action = self._bindings.get(action_id), self._actions[action_id]
        if binding is None:
            return
        is_enabled = action_id not in self._suspended and (binding.is_enabled is None or binding.is_enabled())
        action.setEnabled(is_enabled)
        if binding.is_checked is not None:
            action.setChecked(binding.is_checked())

    def _on_toggled(self, action_id: str) -> None:
        """Run an action that a screen reader has toggled through its button: Qt only checks it then."""
        binding, action = self._bindings.get(action_id), self._actions.get(action_id)
        if binding is None or action is None or binding.is_checked is None:
            return
        # Of exclusive actions, the one that was checked runs; that the other one was unchecked follows from it.
        is_unchecked = action.actionGroup() is not None and not action.isChecked()
        if not is_unchecked and binding.is_checked() != action.isChecked():
            self._on_triggered(action_id)

    def _on_triggered(self, action_id: str) -> None:
        self._bindings[action_id].run()
        self.refresh()


def _set_access_keys(menu: QMenuBar | QMenu) -> None:
    """Give each entry an access key that no other one has, whatever the translations say."""
    actions = [action for action in menu.actions() if not action.isSeparator()]
    for action, text in zip(actions, unique_access_keys([action.text() for action in actions]), strict=True):
        action.setText(text)
