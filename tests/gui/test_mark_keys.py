"""The letters that mark photos: changed and switched off in the settings."""

from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from catdog_desktop.gui.action_table import action_entries
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog
from catdog_desktop.settings import OTHER_LETTERS, Settings, check_mark_keys
from catdog_desktop.verdict import Verdict


@pytest.fixture
def dialog(app: App, cat: Path) -> SettingsDialog:
    app.add(cat)
    app.wait_done(1)
    app.run("edit.settings")
    dialog = app.dialog(SettingsDialog)
    assert isinstance(dialog, SettingsDialog)
    return dialog


def own_verdict(app: App, path: Path) -> Verdict | None:
    result = app.row(path).result
    assert result is not None
    return result.correction


def close(app: App, dialog: SettingsDialog) -> None:
    """Close the dialog and go back to the gallery: shortcuts work in the active window only."""
    dialog.close()
    app.window.activateWindow()
    app.wait_for(app.window.isActiveWindow)
    app.window.gallery.setFocus()


def test_letters_can_be_changed(app: App, dialog: SettingsDialog, cat: Path) -> None:
    dialog.mark_keys.clear()
    app.qtbot.keyClicks(dialog.mark_keys, "1")
    assert dialog.mark_keys_error.text()
    dialog.mark_keys.clear()
    app.qtbot.keyClicks(dialog.mark_keys, "jklm")
    assert not dialog.mark_keys_error.text()
    assert app.window.settings.mark_keys == "JKLM"
    close(app, dialog)
    app.select([cat])
    app.key(Qt.Key.Key_D, on=app.window.gallery)
    assert own_verdict(app, cat) is None
    app.key(Qt.Key.Key_K, on=app.window.gallery)
    app.wait_for(lambda: own_verdict(app, cat) is Verdict.DOG)
    dog = app.window.preview.own_data.verdicts.button(Verdict.DOG)
    assert isinstance(dog, QToolButton)
    assert "(K)" in dog.toolTip()


def test_letters_can_be_switched_off(app: App, dialog: SettingsDialog, cat: Path) -> None:
    dialog.mark_keys.setFocus()
    dialog.mark_keys.selectAll()
    app.key(Qt.Key.Key_Delete, on=dialog.mark_keys)
    assert app.window.settings.mark_keys == ""
    close(app, dialog)
    app.select([cat])
    app.key(Qt.Key.Key_D, on=app.window.gallery)
    assert own_verdict(app, cat) is None
    assert "(" not in app.window.preview.own_data.verdicts.button(Verdict.DOG).toolTip()
    app.run("photos.mark.dog")
    assert own_verdict(app, cat) is Verdict.DOG


@pytest.mark.parametrize("keys", ["CDB", "CDBC", "CDBH", "cdbn", "CDBÑ", "1234", None, 7])
def test_other_letters_are_refused(keys: object) -> None:
    with pytest.raises(ValueError, match="mark_keys"):
        check_mark_keys(keys)


def test_letters_with_another_meaning_are_those_of_the_table() -> None:
    entries = {entry.id: entry.shortcuts for entry in action_entries()}
    letters = {
        key
        for id_, keys in entries.items()
        if not id_.startswith("photos.mark.")
        for key in keys
        if len(key) == 1 and key.isalpha()
    }
    assert letters == set(OTHER_LETTERS)
    assert (
        "".join(entries[f"photos.mark.{verdict}"][0] for verdict in ("cat", "dog", "both", "neither"))
        == Settings().mark_keys
    )
