"""The settings while the app runs: reported at once, written once."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.settings.settings_store import SettingsStore
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.settings import Settings, load_settings


def test_changes_are_reported_at_once_and_written_once(qtbot: QtBot, tmp_path: Path) -> None:
    tasks = TaskQueue(lambda error: pytest.fail(str(error)))
    store = SettingsStore(Settings(), tmp_path / "deep" / "settings.json", tasks)
    changes: list[Settings] = []
    store.changed.connect(changes.append)
    for width in range(200, 260):
        store.change(card_width=width)
    store.change(card_width=259)
    assert [settings.card_width for settings in changes] == list(range(201, 260)), "equal settings are no change"
    qtbot.waitUntil((tmp_path / "deep" / "settings.json").exists)
    tasks.close()
    assert load_settings(tmp_path / "deep" / "settings.json") == (replace(Settings(), card_width=259), None)


def test_settings_that_cannot_be_written_are_reported_and_hold(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    tasks = TaskQueue(lambda error: pytest.fail(str(error)))
    store = SettingsStore(Settings(), tmp_path / "file" / "settings.json", tasks)
    with qtbot.waitSignal(store.failed) as failed:
        store.change(theme="dark")
    assert "could not be saved" in failed.args[0]
    assert store.current.theme == "dark"
    tasks.close()
