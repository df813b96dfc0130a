"""Which columns the list shows, how wide they are, and what a click on a heading does. Kept in the settings."""

from functools import partial

from PySide6.QtCore import QObject, QPoint

from catdog_desktop.gui.action_table import Menu
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.settings import DEFAULT_COLUMNS, LIST_COLUMNS, Settings


class ListColumns(QObject):
    """Connects the headings of the list to the settings, and binds the actions that show and hide columns."""

    def __init__(self, context: WindowContext) -> None:
        super().__init__(context.window)
        self._context = context
        self._settings = context.settings
        for name in LIST_COLUMNS:
            context.actions.bind(
                f"view.column.{name}",
                partial(self.toggle, name),
                enabled=partial(self._can_toggle, name),
                checked=partial(self._is_shown, name),
            )
        context.actions.bind("view.column.reset", self.reset)
        header = context.gallery.table_header
        header.sort_requested.connect(self._sort)
        header.columns_changed.connect(lambda columns: self._settings.change(list_columns=columns))
        header.width_changed.connect(self._on_width)
        header.menu_requested.connect(self._open_menu)
        self._settings.changed.connect(self._apply)
        self._apply(self._settings.current)

    def toggle(self, name: str) -> None:
        """Show or hide a column. A column that comes back is the last one."""
        columns = self._settings.current.list_columns
        shown = [column for column in columns if column != name] if name in columns else [*columns, name]
        if shown:
            self._settings.change(list_columns=shown)

    def reset(self) -> None:
        """Show the first columns in their first order and with their first widths."""
        self._settings.change(list_columns=list(DEFAULT_COLUMNS), list_widths={})

    def _is_shown(self, name: str) -> bool:
        return name in self._settings.current.list_columns

    def _can_toggle(self, name: str) -> bool:
        """Return whether this is not the last column."""
        return self._settings.current.list_columns != [name]

    def _sort(self, name: str) -> None:
        """Sort by a column, or the other way round if the list is sorted by it already."""
        actions = self._context.actions
        actions.run("view.sort.descending" if self._settings.current.sort_key == name else f"view.sort.{name}")
        self._apply(self._settings.current)

    def _on_width(self, name: str, width: int) -> None:
        self._settings.change(list_widths={**self._settings.current.list_widths, name: width})

    def _open_menu(self, place: QPoint) -> None:
        self._context.actions.menu(Menu.COLUMNS).popup(place)

    def _apply(self, settings: Settings) -> None:
        gallery = self._context.gallery
        gallery.set_list_columns(settings.list_columns, settings.list_widths)
        gallery.table_header.show_order(settings.sort_key, descending=settings.sort_descending)
