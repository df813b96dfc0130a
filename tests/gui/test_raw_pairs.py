"""A raw file and its JPEG are one card; sorting and the trash take both."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import raw_files
from driving import App
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from sort_steps import activate

from catdog_desktop.cli import main
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog
from catdog_desktop.settings import Settings


@pytest.fixture
def pair(cat: Path) -> tuple[Path, Path]:
    """Return the JPEG and the raw file of one photo."""
    raw = cat.with_suffix(".NEF")
    with Image.open(cat) as photo:
        raw.write_bytes(raw_files.nef(photo.convert("RGB").resize((320, 240))))
    return cat, raw


def test_pair_is_one_card_and_raw_file_is_named_among_skipped(app: App, pair: tuple[Path, Path]) -> None:
    app.add(pair[0].parent)
    assert [row.path for row in app.shown] == [pair[0]]
    assert "Skipped: 1 raw file that goes with its JPEG." in app.message


def test_setting_shows_two_cards(open_app: Callable[..., App], pair: tuple[Path, Path]) -> None:
    app = open_app(settings=Settings(join_raw=False))
    app.add(pair[0].parent)
    app.wait_done(2)
    assert {row.path for row in app.shown} == set(pair)


def test_setting_is_stored(app: App) -> None:
    assert app.window.settings.join_raw
    app.run("edit.settings")
    dialog = app.dialog(SettingsDialog)
    assert dialog.join_raw.isChecked()
    dialog.join_raw.click()
    assert not app.window.settings.join_raw


@pytest.mark.skipif(sys.platform != "linux", reason="the trash cannot be redirected here")
def test_trash_takes_both(app: App, pair: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    (tmp_path / "data").mkdir()
    app.add(pair[0].parent)
    app.select([pair[0]])
    activate(app)
    app.key(Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier, on=app.window.gallery)
    app.wait_for(lambda: [box for box in app.window.findChildren(QMessageBox) if box.isVisible()])
    (question,) = [box for box in app.window.findChildren(QMessageBox) if box.isVisible()]
    (button,) = [b for b in question.findChildren(QPushButton) if b.text().replace("&", "") == "Move to Trash"]
    app.click(button)
    app.wait_for(lambda: not any(path.exists() for path in pair))
    trashed = sorted(path.name for path in (tmp_path / "data" / "Trash" / "files").iterdir())
    assert trashed == sorted(path.name for path in pair)


def test_command_line_sorts_both_and_judges_once(
    pair: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["classify", "--format", "jsonl", str(pair[0].parent)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 1
    assert main(["classify", "--format", "jsonl", "--separate-raw", str(pair[0].parent)]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2
    assert main(["sort", "--yes", "--move", str(pair[0].parent), str(tmp_path / "sorted")]) == 0
    moved = [path.name for path in (tmp_path / "sorted").rglob("*") if path.is_file() and path.suffix != ".jsonl"]
    assert {path.name for path in pair} <= set(moved)
    assert not any(path.exists() for path in pair)
