"""The table of actions: complete, without conflicts, and bound to the state of the window."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.action_table import Menu, action_entries, plain_label
from catdog_desktop.gui.window_actions import Choice, WindowActions


@pytest.fixture
def table(qtbot: QtBot) -> WindowActions:
    window = QMainWindow()
    qtbot.addWidget(window)
    made = WindowActions(window)
    made.keep_window = window  # type: ignore[attr-defined]  # The window owns the table.
    return made


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions() if not action.isSeparator()]


def test_ids_are_unique_and_name_their_menu() -> None:
    ids = [entry.id for entry in action_entries()]
    assert len(set(ids)) == len(ids)
    for id_ in ids:
        assert re.fullmatch(r"(file|edit|view|photos|model|help)(\.[a-z_]+)+", id_), id_


def test_actions_are_all_bound(app: App) -> None:
    assert app.window.action_table.unbound == []


def test_shortcuts_of_design_exist(app: App) -> None:
    keys = {key.toString() for _entry, action in app.window.action_table for key in action.shortcuts()}
    wanted = "Ctrl+O Ctrl+Shift+O Ctrl+V Esc Space H Ctrl+F 1 2 3 4 5 6 Ctrl+C Ctrl+A Del F1 Ctrl+, Ctrl+K Ctrl+Shift+P"
    assert set(wanted.split()) <= keys


def test_shortcuts_are_unique(app: App) -> None:
    keys = Counter(key.toString() for _entry, action in app.window.action_table for key in action.shortcuts())
    assert [key for key, count in keys.items() if count > 1] == []


def test_mnemonics_are_unique_in_each_menu(app: App) -> None:
    menus = [action.menu() for action in app.window.menuBar().actions()]
    menus += [action.menu() for menu in menus for action in menu.actions() if action.menu() is not None]
    for entries in ([a.text() for a in app.window.menuBar().actions()], *(texts(menu) for menu in menus)):
        letters = Counter(match.group(1).lower() for text in entries if (match := re.search(r"&(\w)", text)))
        assert [letter for letter, count in letters.items() if count > 1] == [], entries


def test_actions_are_all_in_menu_with_tip(app: App) -> None:
    in_menus: set[QAction] = set()

    def collect(actions: list[QAction]) -> None:
        for action in actions:
            in_menus.add(action)
            if action.menu() is not None:
                collect(action.menu().actions())

    collect(app.window.menuBar().actions())
    for _entry, action in app.window.action_table:
        assert action in in_menus
        assert action.toolTip()


def test_unbound_action_is_disabled(table: WindowActions) -> None:
    assert not table["file.sort"].isEnabled()
    assert not table.run("file.sort")
    assert "file.sort" in table.unbound


def test_unknown_id_raises(table: WindowActions) -> None:
    with pytest.raises(KeyError):
        table.run("file.no_such_action")
    with pytest.raises(KeyError):
        table.bind("file.no_such_action", lambda: None)


def test_run_calls_bound_function_when_enabled(table: WindowActions) -> None:
    calls: list[str] = []
    state = {"ready": False}
    table.bind("file.sort", lambda: calls.append("sort"), enabled=lambda: state["ready"])
    assert not table.run("file.sort")
    assert calls == []
    state["ready"] = True
    assert table.run("file.sort"), "run asks for the state anew"
    assert calls == ["sort"]


def test_refresh_updates_enabled_and_checked(table: WindowActions) -> None:
    state = {"view": "grid", "photos": False}
    table.bind("view.grid", lambda: None, checked=lambda: state["view"] == "grid")
    table.bind("view.list", lambda: None, checked=lambda: state["view"] == "list")
    table.bind("file.export", lambda: None, enabled=lambda: state["photos"])
    assert (table["view.grid"].isChecked(), table["view.list"].isChecked()) == (True, False)
    state.update(view="list", photos=True)
    table.refresh()
    assert (table["view.grid"].isChecked(), table["view.list"].isChecked()) == (False, True)
    assert table["file.export"].isEnabled()


def test_checkable_action_shows_state_and_not_click(table: WindowActions) -> None:
    """An action whose function changes nothing stays as it was."""
    table.bind("file.watch", lambda: None, checked=lambda: False)
    table["file.watch"].trigger()
    assert not table["file.watch"].isChecked()


def choice(id_: str, chosen: dict[str, str]) -> Choice:
    return Choice(id_, id_.title(), "", lambda: chosen.update(name=id_), lambda: chosen["name"] == id_)


def test_choices_replace_each_other_at_their_marker(table: WindowActions) -> None:
    chosen = {"name": "own"}
    table.set_choices("model.choices", [choice("own", chosen), choice("old", chosen)])
    actions = table.set_choices("model.choices", [choice("own", chosen), choice("new", chosen)])
    assert [action.text() for action in actions] == ["Own", "New"]
    names = texts(table.menu(Menu.MODEL))
    assert names[2:4] == ["Own", "New"]
    assert "Old" not in names
    assert [action.isChecked() for action in actions] == [True, False]
    assert table.run("model.choices.new")
    assert [action.isChecked() for action in actions] == [False, True]
    ids = [entry.id for entry, _action in table]
    assert ids.index("model.choices.own") < ids.index("model.save")
    assert "model.choices.old" not in ids


@pytest.mark.parametrize(
    ("text", "label"),
    [("&Open photos…", "Open photos"), ("Cats && dogs", "Cats & dogs"), ("開く(&O)…", "開く"), ("Sa&ve", "Save")],
)
def test_plain_label_has_no_mnemonic(text: str, label: str) -> None:
    assert plain_label(text) == label


def test_actions_on_photos_need_photo(app: App, cat: Path) -> None:
    needing = ["view.photo", "edit.copy_result", "photos.mark.cat", "file.export", "file.show_in_file_manager"]
    assert [id_ for id_ in needing if app.action(id_).isEnabled()] == []
    app.add(cat)
    assert [id_ for id_ in needing if not app.action(id_).isEnabled()] == []
    assert not app.action("edit.remove_from_list").isEnabled(), "no photo is selected"
    app.select([cat])
    app.run("edit.remove_from_list")
    app.wait_for(lambda: not any(app.action(id_).isEnabled() for id_ in needing))


def test_clear_verdict_needs_marked_photo(app: App, make_photos: Callable[..., list[Path]]) -> None:
    paths = make_photos(2)
    app.add(*paths)
    app.select([paths[0]])
    assert not app.action("photos.mark.clear").isEnabled()
    app.run("photos.mark.dog")
    assert app.action("photos.mark.clear").isEnabled()
    app.select([paths[1]])
    assert not app.action("photos.mark.clear").isEnabled()
    app.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier, on=app.window.gallery)
    assert app.action("photos.mark.clear").isEnabled()
