"""How the window looks: sort order, grid or list, size of the cards, theme. Kept in the settings."""

from functools import partial

from PySide6.QtCore import QObject

from catdog_desktop.gallery.groups import GROUPINGS
from catdog_desktop.gui.filters.filter_controller import FilterController
from catdog_desktop.gui.header import Header
from catdog_desktop.gui.theme import apply_theme, is_dark
from catdog_desktop.gui.window_context import WindowContext
from catdog_desktop.settings import CARD_WIDTHS, SORT_KEYS, THEMES, VIEWS, Settings

_DESCENDING_FIRST = ("cat", "dog", "date", "size", "rating")
"""Orders that begin with the highest value unless the user reverses them."""

_CARD_STEP = 20
"""How much a key or a notch of the wheel resizes the cards, in points."""


class Appearance(QObject):
    """Binds the actions that change the settings, and applies the settings whenever they change."""

    def __init__(self, context: WindowContext, filtering: FilterController, header: Header) -> None:
        super().__init__(context.window)
        self._context = context
        self._settings = context.settings
        self._filtering = filtering
        self._header = header
        actions = context.actions
        for key in SORT_KEYS:
            actions.bind(f"view.sort.{key}", partial(self.set_sort, key), checked=partial(self._has, "sort_key", key))
        actions.bind(
            "view.sort.descending",
            lambda: self.set_descending(not self._settings.current.sort_descending),
            checked=partial(self._has, "sort_descending", True),
        )
        actions.bind(
            "view.single_keys",
            lambda: self._settings.change(single_keys=not self._settings.current.single_keys),
            checked=partial(self._has, "single_keys", True),
        )
        for view in VIEWS:
            actions.bind(f"view.{view}", partial(self.set_view, view), checked=partial(self._has, "view", view))
        for theme in THEMES:
            actions.bind(
                f"view.theme.{theme}", partial(self.set_theme, theme), checked=partial(self._has, "theme", theme)
            )
        for grouping in GROUPINGS:
            actions.bind(
                f"view.group.{grouping}",
                partial(self.set_grouping, grouping),
                checked=partial(self._has, "grouping", grouping),
            )
        for name, steps in (("larger", 1), ("smaller", -1)):
            actions.bind(
                f"view.{name}", partial(self.resize_cards, steps), enabled=partial(self._can_resize_cards, steps)
            )
        context.gallery.resize_requested.connect(self.resize_cards)
        header.card_width_changed.connect(self.set_card_width)
        header.theme_toggled.connect(self.toggle_theme)
        self._settings.changed.connect(self._apply)
        self._apply(self._settings.current)

    def set_sort(self, key: str) -> None:
        """Sort the gallery by one of `SORT_KEYS`."""
        self._settings.change(sort_key=key, sort_descending=key in _DESCENDING_FIRST)

    def set_descending(self, descending: bool) -> None:
        """Reverse the order, or not."""
        self._settings.change(sort_descending=descending)

    def set_view(self, view: str) -> None:
        """Show a "grid" or a "list"."""
        self._settings.change(view=view)

    def set_card_width(self, width: int) -> None:
        """Make the cards larger or smaller: `width` is in points."""
        self._settings.change(card_width=width)

    def set_grouping(self, grouping: str) -> None:
        """Group the gallery by one of `GROUPINGS`."""
        self._settings.change(grouping=grouping)

    def resize_cards(self, steps: int) -> None:
        """Make the cards larger by this number of steps, or smaller."""
        least, most = CARD_WIDTHS
        width = self._settings.current.card_width + steps * _CARD_STEP
        self.set_card_width(min(max(least, width), most))

    def set_theme(self, theme: str) -> None:
        """Use one of `THEMES`."""
        self._settings.change(theme=theme)

    def toggle_theme(self) -> None:
        """Make a light app dark and a dark one light."""
        self.set_theme("light" if is_dark(self._context.window.palette()) else "dark")

    def _can_resize_cards(self, steps: int) -> bool:
        settings = self._settings.current
        limit = CARD_WIDTHS[1] if steps > 0 else CARD_WIDTHS[0]
        return settings.view == "grid" and settings.card_width != limit

    def _has(self, field: str, value: object) -> bool:
        return bool(getattr(self._settings.current, field) == value)

    def _apply(self, settings: Settings) -> None:
        gallery, header = self._context.gallery, self._header
        apply_theme(settings.theme)
        self._filtering.set_order(settings.sort_key, settings.sort_descending, settings.grouping)
        gallery.set_card_width(settings.card_width)
        gallery.set_view_mode(settings.view)
        gallery.single_keys = settings.single_keys
        self._context.actions.allow_single_keys(settings.single_keys)
        self._context.actions.set_mark_keys(settings.mark_keys)
        header.show_sort(settings.sort_key)
        header.show_card_width(settings.card_width)
        header.show_view(settings.view)
        self._context.actions.refresh()
