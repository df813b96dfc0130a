"""A raw file and its JPEG are one card; sorting and the trash take both."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
import raw_files
from driving import App
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from sort_steps import activate

from catdog_desktop.cli import main
from catdog_desktop.discovery.skip_rules import SkipReason
from catdog_desktop.gui.settings.settings_dialog import SettingsDialog
from catdog_desktop.settings import Settings
from catdog_desktop.verdict import Verdict
from catdog_desktop.watching import folder_watch
from catdog_desktop.watching.arrivals import Arrivals


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


@pytest.fixture
def raw_alone(pair: tuple[Path, Path]) -> tuple[Path, bytes]:
    """Return the raw file of a photo whose JPEG has not come yet, and the content of the JPEG."""
    content = pair[0].read_bytes()
    pair[0].unlink()
    return pair[1], content


@pytest.fixture
def watched(open_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch) -> Callable[..., App]:
    """Return a function that opens a window which watches the folders that are added to it."""
    monkeypatch.setattr(folder_watch, "Arrivals", partial(Arrivals, settle_seconds=0.1))
    monkeypatch.setattr(folder_watch, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(folder_watch, "_ROOTS_SECONDS", 0.1)

    def open_(source: Path, **settings: bool) -> App:
        app = open_app(settings=Settings(watch=True, **settings))
        app.add(source)
        app.wait_for(app.window.watch.label.isVisible)
        app.wait_done(1)
        return app

    return open_


def test_jpeg_that_comes_later_into_a_watched_folder_replaces_the_card_of_the_raw_file(
    watched: Callable[..., App], raw_alone: tuple[Path, bytes]
) -> None:
    raw, content = raw_alone
    app = watched(raw.parent)
    jpeg = raw.with_suffix(".Jpg")
    jpeg.write_bytes(content)
    app.wait_for(lambda: [row.path for row in app.shown] == [jpeg])
    app.wait_done(1)
    assert app.window.session.gallery.total == 1
    assert [(item.path, item.reason) for item in app.window.session.skipped] == [(raw, SkipReason.RAW_OF_PAIR)]


def test_jpeg_that_comes_later_is_a_second_card_if_the_setting_says_so(
    watched: Callable[..., App], raw_alone: tuple[Path, bytes]
) -> None:
    raw, content = raw_alone
    app = watched(raw.parent, join_raw=False)
    raw.with_suffix(".jpg").write_bytes(content)
    app.wait_done(2)
    assert {row.path for row in app.shown} == {raw, raw.with_suffix(".jpg")}


def test_marked_raw_file_keeps_its_card_when_the_jpeg_comes(
    watched: Callable[..., App], raw_alone: tuple[Path, bytes]
) -> None:
    raw, content = raw_alone
    app = watched(raw.parent)
    app.window.session.correct([raw], Verdict.DOG)
    raw.with_suffix(".jpg").write_bytes(content)
    app.wait_done(2)
    assert app.row(raw).verdict is Verdict.DOG


def test_rescan_joins_raw_files_unless_they_were_opened_by_name(app: App, raw_alone: tuple[Path, bytes]) -> None:
    raw, content = raw_alone
    named = raw.with_name("named.NEF")
    named.write_bytes(raw.read_bytes())
    app.add(raw.parent)
    app.add(named)
    app.wait_done(2)
    for path in (raw, named):
        path.with_suffix(".jpg").write_bytes(content)
    app.run("photos.look_for_new")
    app.wait_for(lambda: app.window.session.gallery.row_of(raw) is None)
    app.wait_done(3)
    assert {row.path.name for row in app.shown} == {"cat.jpg", "named.jpg", "named.NEF"}


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
