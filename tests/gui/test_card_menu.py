"""The menu of a right click in the gallery."""

from collections.abc import Callable
from pathlib import Path

from driving import App
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication, QMenu

from catdog_desktop.gui.action_table import Menu, plain_label


def right_click(app: App, position: QPoint) -> None:
    """Click at `position` in the viewport, as the mouse does: press, release, then the menu event."""
    viewport = app.window.gallery.viewport()
    app.qtbot.mouseClick(viewport, Qt.MouseButton.RightButton, pos=position)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, position, viewport.mapToGlobal(position))
    QApplication.sendEvent(viewport, event)


def open_menu(app: App) -> QMenu:
    menu = app.window.card_menu
    app.wait_for(lambda: menu.on_a_photo.isVisible() or menu.beside_the_photos.isVisible())
    return menu.on_a_photo if menu.on_a_photo.isVisible() else menu.beside_the_photos


def labels(menu: QMenu) -> list[str]:
    return [plain_label(action.text()) for action in menu.actions() if not action.isSeparator()]


def center_of(app: App, path: Path) -> QPoint:
    return app.window.gallery.visualRect(app.window.session.gallery.index_of(path)).center()


def test_right_click_on_photo_selects_it_and_offers_its_actions(
    app: App, make_photos: Callable[..., list[Path]]
) -> None:
    paths = make_photos(3)
    app.add(*paths)
    right_click(app, center_of(app, paths[1]))
    menu = open_menu(app)
    assert labels(menu) == [
        "View photo",
        "Compare two",
        "Why this verdict?",
        "Open with default program",
        "Show in file manager",
        "Copy",
        "Copy result as text",
        "Mark as",
        "Rating",
        "Similar photos",
        "Select photos like it",
        "Open or close stack",
        "Sort into folders",
        "Export",
        "Remove from list",
        "Move to Trash",
    ]
    assert [row.path for row in app.window.gallery.selected_rows] == [paths[1]]
    menu.close()


def test_right_click_on_selection_keeps_it(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(3)
    app.add(*paths)
    app.select(paths[:2])
    right_click(app, center_of(app, paths[1]))
    assert len(app.window.gallery.selected_rows) == 2
    open_menu(app).close()


def test_card_menu_entry_is_action_of_table(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(2)
    app.add(*paths)
    right_click(app, center_of(app, paths[0]))
    menu = open_menu(app)
    app.qtbot.keyClick(menu, Qt.Key.Key_R)
    app.wait_for(lambda: app.window.session.gallery.total == 1)
    assert app.shown[0].path == paths[1]


def test_card_menu_mark_submenu_marks_photo(app: App, cat: Path) -> None:
    app.add(cat)
    right_click(app, center_of(app, cat))
    menu = open_menu(app)
    submenus = [action.menu() for action in menu.actions() if action.menu() is not None]
    assert submenus == [app.window.action_table.menu(menu) for menu in (Menu.MARK_AS, Menu.RATING)]
    app.action("photos.mark.dog").trigger()
    assert app.row(cat).corrected
    menu.close()


def test_menu_key_opens_menu_of_current_photo(app: App, cat: Path) -> None:
    app.add(cat)
    gallery = app.window.gallery
    position = center_of(app, cat)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, position, gallery.mapToGlobal(position))
    QApplication.sendEvent(gallery, event)
    menu = open_menu(app)
    assert menu is app.window.card_menu.on_a_photo
    menu.close()


def test_right_click_beside_photos_offers_to_open_some(app: App, cat: Path) -> None:
    app.add(cat)
    right_click(app, app.window.gallery.viewport().rect().bottomRight() - QPoint(5, 5))
    menu = open_menu(app)
    assert labels(menu)[:3] == ["Open photos", "Open folder", "Paste"]
    menu.close()
