"""Every action of the window, once: its words, its key, its place in a menu."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from catdog_desktop.gallery.query import Filter
from catdog_desktop.gui.filters.filter_bar import FILTER_WORDS
from catdog_desktop.settings import SORT_KEYS, THEMES

SORT_WORDS = {
    "added": "As added",
    "name": "Name",
    "date": "Date",
    "cat": "Cat score",
    "dog": "Dog score",
}
_THEME_WORDS = {"system": "As the system", "light": "Light", "dark": "Dark"}


class Commands(Protocol):
    """What the actions do; the main window has it."""

    def cancel_or_back(self) -> None: ...
    def resume(self) -> None: ...
    def copy_results(self) -> None: ...
    def select_all(self) -> None: ...
    def remove_selected(self) -> None: ...
    def find_by_name(self) -> None: ...
    def toggle_large(self) -> None: ...
    def next_heat(self) -> None: ...
    def reveal(self) -> None: ...
    def set_filter(self, chosen: Filter) -> None: ...
    def show_left_out(self) -> None: ...
    def show_settings(self) -> None: ...
    def show_keys(self) -> None: ...
    def show_about(self) -> None: ...
    def quit(self) -> None: ...


class DoorCommands(Protocol):
    """How photos are brought in; `doors.Doors` has it."""

    def open_photos(self) -> None: ...
    def open_folder(self) -> None: ...
    def paste(self) -> None: ...


class LookCommands(Protocol):
    """How the window shall look; `look.Look` has it."""

    def set_sort(self, key: str) -> None: ...
    def set_descending(self, descending: bool) -> None: ...
    def set_view(self, view: str) -> None: ...
    def set_theme(self, theme: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Actions:
    """The actions that other parts of the window show as buttons, and all of them for the list of keys."""

    open_photos: QAction
    open_folder: QAction
    paste: QAction
    cancel: QAction
    resume: QAction
    copy: QAction
    remove: QAction
    large: QAction
    heat: QAction
    reveal: QAction
    left_out: QAction
    sort_menu: QMenu
    views: dict[str, QAction]
    themes: dict[str, QAction]
    sorts: dict[str, QAction]
    descending: QAction
    make: "ActionFactory"
    """For the parts of the window that bring actions of their own."""
    every: list[QAction]


class ActionFactory:
    """Makes actions and puts each into its menu."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._menus: dict[str, QMenu] = {}
        self.every: list[QAction] = []

    def menu(self, words: str) -> QMenu:
        """Return the menu that is called `words` ("&File"); a new one comes before *Help*, which stays the last."""
        if words not in self._menus:
            menu = self._menus[words] = QMenu(words, self._window)
            bar, help_ = self._window.menuBar(), self._menus.get("&Help")
            if help_ is None:
                bar.addMenu(menu)
            else:
                bar.insertMenu(help_.menuAction(), menu)
        return self._menus[words]

    def __call__(
        self,
        menu: QMenu,
        text: str,
        run: Callable[[], object],
        keys: str | QKeySequence.StandardKey | list[str] | None = None,
        tip: str = "",
    ) -> QAction:
        """Append an action to `menu` that calls `run`."""
        action = QAction(text, self._window)
        if isinstance(keys, list):
            action.setShortcuts([QKeySequence(key) for key in keys])
        elif keys is not None:
            action.setShortcut(QKeySequence(keys))
        shortcut = action.shortcut().toString()
        words = tip or text.replace("&", "").rstrip("…")
        action.setToolTip(f"{words} ({shortcut})" if shortcut else words)
        action.triggered.connect(lambda _=False: run())
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        menu.addAction(action)
        self.every.append(action)
        return action

    def above_quit(self, *actions: QAction) -> None:
        """Put actions that were made in *File* above what ends that menu, as a group of their own."""
        file = self.menu("&File")
        quit_ = next(action for action in file.actions() if action.text() == "&Quit")
        file.insertActions(quit_, actions)
        file.insertSeparator(quit_)

    def choice(self, menu: QMenu, group: QActionGroup, text: str, run: Callable[[], object], key: str = "") -> QAction:
        """Append one of several actions of which exactly one is chosen."""
        action = self(menu, text, run, key or None)
        action.setCheckable(True)
        group.addAction(action)
        return action


def make_actions(window: QMainWindow, do: Commands, doors: DoorCommands, look: LookCommands) -> Actions:
    """Fill the menu bar of `window` with actions that call `do`, `doors` and `look`."""
    make = ActionFactory(window)
    names = ("&File", "&Edit", "&View", "&Photos", "&Help")
    file, edit, view, _, help_ = (make.menu(words) for words in names)
    open_photos = make(file, "&Open photos…", doors.open_photos, "Ctrl+O", "Choose photos to classify")
    open_folder = make(
        file, "Open &folder…", doors.open_folder, "Ctrl+Shift+O", "Choose a folder; it is searched to its depth"
    )
    file.addSeparator()
    cancel = make(file, "&Cancel, or back", do.cancel_or_back, "Esc", "Stop classifying; what is done stays")
    resume = make(file, "Classify the &rest", do.resume, "Ctrl+R", "Classify the photos that were stopped")
    left_out = make(file, "Show what was &left out", do.show_left_out)
    reveal = make(file, "Show in file &manager", do.reveal, "Ctrl+Shift+R")
    file.addSeparator()
    make(file, "&Quit", do.quit, "Ctrl+Q").setMenuRole(QAction.MenuRole.QuitRole)

    paste = make(edit, "&Paste", doors.paste, "Ctrl+V", "Add photos from the clipboard")
    copy = make(edit, "&Copy result", do.copy_results, "Ctrl+C", "Copy the result as text")
    make(edit, "Select &all", do.select_all, "Ctrl+A")
    remove = make(edit, "&Remove from list", do.remove_selected, "Del", "Take off the list; the file stays where it is")
    edit.addSeparator()
    make(edit, "&Find by name", do.find_by_name, "Ctrl+F")
    make(edit, "&Settings…", do.show_settings, "Ctrl+,").setMenuRole(QAction.MenuRole.PreferencesRole)

    large = make(view, "Photo &large", do.toggle_large, "Space", "Show the photo large, or the gallery again")
    heat = make(view, "&Heat map: cat, dog, off", do.next_heat, "H", "Show where in the photo the model sees it")
    view.addSeparator()
    filters = view.addMenu("&Show")
    filter_group = QActionGroup(window)
    for number, (filter_, words) in enumerate(FILTER_WORDS.items(), 1):
        action = make(filters, words, partial(do.set_filter, filter_), str(number % 10), f"Show {words.lower()}")
        filter_group.addAction(action)
    sort_menu = view.addMenu("S&ort by")
    sort_group = QActionGroup(window)
    sorts = {key: make.choice(sort_menu, sort_group, SORT_WORDS[key], partial(look.set_sort, key)) for key in SORT_KEYS}
    sort_menu.addSeparator()
    descending = make(sort_menu, "&Descending", lambda: look.set_descending(descending.isChecked()))
    descending.setCheckable(True)
    view.addSeparator()
    view_group = QActionGroup(window)
    views = {
        "grid": make.choice(view, view_group, "&Grid", partial(look.set_view, "grid"), "Ctrl+1"),
        "list": make.choice(view, view_group, "L&ist", partial(look.set_view, "list"), "Ctrl+2"),
    }
    theme_menu = view.addMenu("&Theme")
    theme_group = QActionGroup(window)
    themes = {
        theme: make.choice(theme_menu, theme_group, _THEME_WORDS[theme], partial(look.set_theme, theme))
        for theme in THEMES
    }

    make(help_, "&Keys", do.show_keys, "F1")
    make(help_, "&About CatDog", do.show_about).setMenuRole(QAction.MenuRole.AboutRole)
    return Actions(
        open_photos=open_photos,
        open_folder=open_folder,
        paste=paste,
        cancel=cancel,
        resume=resume,
        copy=copy,
        remove=remove,
        large=large,
        heat=heat,
        reveal=reveal,
        left_out=left_out,
        sort_menu=sort_menu,
        views=views,
        themes=themes,
        sorts=sorts,
        descending=descending,
        make=make,
        every=make.every,
    )
