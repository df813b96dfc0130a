"""The command palette, used by keyboard and mouse."""

from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QTreeWidgetItem

from catdog_desktop.gui.action_table import plain_label
from catdog_desktop.gui.command_palette import CommandPalette, match_rank
from catdog_desktop.gui.dialogs import ShortcutsDialog

CTRL = Qt.KeyboardModifier.ControlModifier
CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def open_palette(app: App) -> CommandPalette:
    app.key(Qt.Key.Key_K, CTRL)
    palette = app.dialog(CommandPalette)
    assert isinstance(palette, CommandPalette)
    app.wait_for(palette.isActiveWindow)
    return palette


def items(palette: CommandPalette) -> list[QTreeWidgetItem]:
    return [palette.list.topLevelItem(number) for number in range(palette.list.topLevelItemCount())]


def labels(palette: CommandPalette) -> list[str]:
    return [item.text(0) for item in items(palette)]


def type_into(app: App, palette: CommandPalette, text: str) -> None:
    app.qtbot.keyClicks(palette.search, text)


def is_closed(app: App) -> bool:
    return not app.window.findChildren(CommandPalette)


@pytest.mark.parametrize(("key", "modifiers"), [(Qt.Key.Key_K, CTRL), (Qt.Key.Key_P, CTRL_SHIFT)])
def test_palette_shortcut_opens_list_of_all_actions(app: App, key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    app.key(key, modifiers)
    palette = app.dialog(CommandPalette)
    expected = [plain_label(action.text()) for _entry, action in app.window.action_table]
    assert labels(palette) == expected
    assert len(expected) > 40


def test_palette_opens_from_search_field(app: App, cat: Path) -> None:
    app.add(cat)
    app.key(Qt.Key.Key_F, CTRL)
    search = app.window.header.search
    app.wait_for(search.hasFocus)
    app.qtbot.keyClicks(search, "cat")
    search.home(False)
    app.key(Qt.Key.Key_K, CTRL, on=search)
    app.dialog(CommandPalette)
    assert search.text() == "cat", "Ctrl+K does not delete the text"


def test_palette_item_shows_menu_and_shortcut(app: App) -> None:
    palette = open_palette(app)
    item = items(palette)[labels(palette).index("Open folder")]
    assert (item.text(1), item.text(2)) == ("File", "Ctrl+Shift+O")
    item = items(palette)[labels(palette).index("Cats")]
    assert (item.text(1), item.text(2)) == ("View › Show", "Alt+2, 2")


def test_palette_enter_runs_best_match(app: App) -> None:
    palette = open_palette(app)
    type_into(app, palette, "keyb")
    assert labels(palette)[0] == "Keyboard shortcuts"
    app.key(Qt.Key.Key_Return, on=palette.search)
    app.dialog(ShortcutsDialog)
    app.wait_for(lambda: is_closed(app))


def test_palette_arrow_keys_skip_unavailable_actions(app: App) -> None:
    palette = open_palette(app)
    type_into(app, palette, "list")
    unavailable = [item.text(0) for item in items(palette) if not item.flags() & Qt.ItemFlag.ItemIsEnabled]
    assert "Remove from list" in unavailable
    visited = [palette.list.currentItem().text(0)]
    for _step in range(5):
        app.key(Qt.Key.Key_Down, on=palette.search)
        visited.append(palette.list.currentItem().text(0))
    assert visited[0] == "List"
    assert not set(unavailable) & set(visited)
    app.key(Qt.Key.Key_Up, on=palette.search)


def test_palette_click_on_unavailable_action_does_nothing(app: App) -> None:
    palette = open_palette(app)
    type_into(app, palette, "remove from")
    (item,) = items(palette)[:1]
    assert item.text(0) == "Remove from list"
    assert item.data(0, Qt.ItemDataRole.AccessibleTextRole).endswith("unavailable")
    place = palette.list.visualItemRect(item).center()
    app.qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    app.key(Qt.Key.Key_Return, on=palette.search)
    assert palette.isVisible()


def test_palette_click_runs_action(app: App, cat: Path) -> None:
    app.add(cat)
    palette = open_palette(app)
    type_into(app, palette, "list")
    item = items(palette)[labels(palette).index("List")]
    place = palette.list.visualItemRect(item).center() + QPoint(2, 0)
    app.qtbot.mouseClick(palette.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert app.window.settings.view == "list"
    app.wait_for(lambda: is_closed(app))


def test_palette_escape_closes_and_changes_nothing(app: App) -> None:
    before = app.window.settings
    palette = open_palette(app)
    type_into(app, palette, "dark")
    app.key(Qt.Key.Key_Escape, on=palette.search)
    app.wait_for(lambda: is_closed(app))
    assert app.window.settings == before


def test_palette_without_match_has_no_current_item(app: App) -> None:
    palette = open_palette(app)
    type_into(app, palette, "zzz")
    assert labels(palette) == []
    app.key(Qt.Key.Key_Return, on=palette.search)
    assert palette.isVisible()


def test_palette_announces_current_action(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    from catdog_desktop.gui import command_palette

    spoken: list[str] = []
    monkeypatch.setattr(
        command_palette.QAccessible, "updateAccessibility", lambda event: spoken.append(event.message())
    )
    palette = open_palette(app)
    type_into(app, palette, "dar")
    assert spoken[-1] == "Dark, View › Theme"
    app.key(Qt.Key.Key_Down, on=palette.search)


@pytest.mark.parametrize("size", [(520, 520), (1400, 900)])
def test_palette_stays_inside_window(app: App, size: tuple[int, int]) -> None:
    app.window.resize(*size)
    app.wait_for(lambda: app.window.height() == size[1])
    palette = open_palette(app)
    assert app.window.frameGeometry().contains(palette.frameGeometry())


def test_palette_lists_installed_models(app: App) -> None:
    app.wait_for(lambda: bool(app.window.models.choices))
    palette = open_palette(app)
    type_into(app, palette, "comes with the app")
    assert labels(palette) == ["CatDog (comes with the app)"]
    assert items(palette)[0].text(1) == "Model"


@pytest.mark.parametrize(
    ("query", "rank"),
    [
        ("", 0),
        ("open", 0),
        ("folder", 1),
        ("OPEN fold", 1),
        ("ctrl+shift+o", 1),
        ("lde", 2),
        ("file", 3),
        ("opfo", 4),
        ("open sort", None),
        ("x", None),
        ("z", None),
    ],
)
def test_match_rank_orders_kinds_of_match(query: str, rank: int | None) -> None:
    assert match_rank(query, "Open folder", "File", "Ctrl+Shift+O") == rank
