"""How the window looks, as the user likes it: order, grid or list, size of the cards, light or dark. It is kept."""

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from catdog_desktop.gui.actions import Actions
from catdog_desktop.gui.filters.filter_controller import FilterController
from catdog_desktop.gui.gallery.gallery_view import GalleryView
from catdog_desktop.gui.header import Header
from catdog_desktop.gui.settings.kept_settings import KeptSettings
from catdog_desktop.gui.theme import apply_theme, is_dark
from catdog_desktop.settings import Settings


class Look(QObject):
    """Changes the settings that show; the parts of the window follow them, whoever changed them."""

    def __init__(self, window: QWidget, kept: KeptSettings) -> None:
        super().__init__(window)
        self._window = window
        self._kept = kept

    def set_sort(self, key: str) -> None:
        """Sort the gallery; scores from the highest down, unless told otherwise."""
        self._kept.change(sort_key=key, sort_descending=key in ("cat", "dog", "date"))

    def set_descending(self, descending: bool) -> None:
        """Sort the other way round."""
        self._kept.change(sort_descending=descending)

    def set_view(self, view: str) -> None:
        """Show a grid or a list."""
        self._kept.change(view=view)

    def set_card_width(self, width: int) -> None:
        """Make the cards larger or smaller."""
        self._kept.change(card_width=width)

    def set_theme(self, theme: str) -> None:
        """Make the app light, dark or as the system."""
        self._kept.change(theme=theme)

    def toggle_theme(self) -> None:
        """Make a light app dark and a dark one light."""
        self.set_theme("light" if is_dark(self._window.palette()) else "dark")

    def show_on(self, gallery: GalleryView, filtering: FilterController, header: Header, actions: Actions) -> None:
        """Let these parts look as the user likes it, now and whenever that changes."""

        def show(settings: Settings) -> None:
            apply_theme(settings.theme)
            filtering.set_sort(settings.sort_key, settings.sort_descending)
            gallery.set_card_width(settings.card_width)
            gallery.set_view_mode(settings.view)
            header.show_sort(settings.sort_key)
            header.show_card_width(settings.card_width)
            header.show_view(settings.view)
            actions.sorts[settings.sort_key].setChecked(True)
            actions.descending.setChecked(settings.sort_descending)
            actions.views[settings.view].setChecked(True)
            actions.themes[settings.theme].setChecked(True)

        header.card_width_changed.connect(self.set_card_width)
        header.theme_toggled.connect(self.toggle_theme)
        self._kept.changed.connect(show)
        show(self._kept.current)
