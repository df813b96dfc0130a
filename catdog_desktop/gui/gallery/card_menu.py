"""What a right click on a photo of the gallery offers, and one beside the photos."""

from typing import Final

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtWidgets import QMenu, QWidget

from catdog_desktop.gui.action_table import Menu
from catdog_desktop.gui.gallery.gallery_view import GalleryView
from catdog_desktop.gui.window_actions import WindowActions

_SEPARATOR: Final = ""
ON_A_PHOTO: Final[tuple[str | Menu, ...]] = (
    "view.photo",
    "view.compare",
    "view.why",
    "file.open_with",
    "file.show_in_file_manager",
    "edit.copy",
    "edit.copy_result",
    _SEPARATOR,
    Menu.MARK_AS,
    Menu.RATING,
    "photos.similar",
    "photos.select_alike",
    "photos.open_stack",
    _SEPARATOR,
    "file.sort",
    "file.export",
    _SEPARATOR,
    "edit.remove_from_list",
    "edit.trash",
)
"""Ids of actions, and submenus."""
BESIDE_THE_PHOTOS: Final[tuple[str | Menu, ...]] = (
    "file.open_photos",
    "file.open_folder",
    "edit.paste",
    _SEPARATOR,
    "edit.select_all",
    Menu.SORT_BY,
    Menu.GROUP_BY,
    _SEPARATOR,
    "view.clear_filters",
)


class CardMenu(QObject):
    """Opens the menu on a right click or on the Menu key."""

    def __init__(self, gallery: GalleryView, actions: WindowActions) -> None:
        super().__init__(gallery)
        self._gallery = gallery
        self.on_a_photo = self._make(actions, ON_A_PHOTO)
        self.beside_the_photos = self._make(actions, BESIDE_THE_PHOTOS)
        gallery.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        gallery.customContextMenuRequested.connect(self._open)

    def add_to(self, viewer: QWidget) -> None:
        """Open the menu of a photo on the viewer, too."""
        viewer.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        viewer.customContextMenuRequested.connect(lambda position: self.on_a_photo.popup(viewer.mapToGlobal(position)))

    def _make(self, actions: WindowActions, content: tuple[str | Menu, ...]) -> QMenu:
        menu = QMenu(self._gallery)
        for item in content:
            if isinstance(item, Menu):
                menu.addMenu(actions.menu(item))
            elif item == _SEPARATOR:
                menu.addSeparator()
            else:
                menu.addAction(actions[item])
        return menu

    def _open(self, position: QPoint) -> None:
        """Open the menu at `position` in the gallery. Qt gives the current photo's position for the Menu key."""
        viewport = self._gallery.viewport()
        on_photo = self._gallery.indexAt(viewport.mapFrom(self._gallery, position)).isValid()
        menu = self.on_a_photo if on_photo else self.beside_the_photos
        menu.popup(self._gallery.mapToGlobal(position))
