"""Showing a photo in the file manager: one program for each system, and the folder if it does not answer."""

import html
import sys
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from pytestqt.qtbot import QtBot

from catdog_desktop.gui import file_manager
from catdog_desktop.gui.file_manager import reveal


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the folders that were opened instead."""
    folders: list[str] = []

    def open_url(url: QUrl) -> bool:
        folders.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return folders


def install(folder: Path, name: str, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the programs are shell scripts")
@pytest.mark.parametrize(
    ("platform", "program", "expected"),
    [
        ("win32", "explorer", "/select,{path}"),
        ("darwin", "open", "-R\n{path}"),
        ("linux", "dbus-send", "array:string:{uri}"),
    ],
)
def test_show_runs_program_of_system(
    qtbot: QtBot,
    platform: str,
    program: str,
    expected: str,
    tmp_path: Path,
    opened: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    photo = tmp_path / "ein Hund, müde.jpg"
    called = tmp_path / "called"
    install(tmp_path, program, f'printf "%s\\n" "$@" > "{called}.tmp"; mv "{called}.tmp" "{called}"', monkeypatch)
    monkeypatch.setattr(file_manager.sys, "platform", platform)
    reveal(photo, print)
    qtbot.waitUntil(lambda: called.exists() and not file_manager._running)
    assert expected.format(path=photo, uri=photo.as_uri()) in called.read_text(encoding="utf-8")
    assert opened == []


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the program is a shell script")
def test_show_without_answer_opens_folder(
    qtbot: QtBot, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "dbus-send", "echo 'Error: the name was not provided' >&2; exit 1", monkeypatch)
    reveal(tmp_path / "a.jpg", print)
    qtbot.waitUntil(lambda: opened == [str(tmp_path)])


def test_show_without_program_opens_folder(
    qtbot: QtBot, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    reveal(tmp_path / "a.jpg", print)
    qtbot.waitUntil(lambda: opened == [str(tmp_path)])


def test_action_shows_current_photo(
    app: App, cat: Path, tmp_path: Path, opened: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not app.action("file.show_in_file_manager").isEnabled()
    app.add(cat)
    app.run("file.show_in_file_manager")
    app.wait_for(lambda: opened == [str(cat.parent)])


def test_action_without_any_program_says_where_the_photo_is(
    app: App, cat: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _url: False)
    app.add(cat)
    app.run("file.show_in_file_manager")
    app.wait_for(lambda: app.message.startswith("No file manager was found."))
    assert str(cat.parent) in html.unescape(app.message)
