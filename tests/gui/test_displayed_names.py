"""File names with characters that change the direction of text: shown as escapes and never obeyed."""

from pathlib import Path

import pytest
from driving import App
from PySide6.QtWidgets import QLabel, QPlainTextEdit

from catdog_desktop.gui.dialogs import SkippedFilesDialog

RIGHT_TO_LEFT_OVERRIDE = "\u202e"
ESCAPE = "\\u202e"


@pytest.fixture
def photo(folder: Path, jpegs: dict[str, bytes]) -> Path:
    """Return a photo whose name would be shown as "annexe.jpg" with its end reversed."""
    path = folder / f"ann{RIGHT_TO_LEFT_OVERRIDE}gpj.exe.jpg"
    path.write_bytes(jpegs["chelsea"])
    return path


def test_bidi_control_in_gallery_and_preview_is_escaped(app: App, photo: Path) -> None:
    app.add(photo)
    shown = [app.names[0], app.heard(photo), app.tooltip(photo)]
    shown += [label.text() for label in app.window.preview.findChildren(QLabel)]
    assert not any(RIGHT_TO_LEFT_OVERRIDE in text for text in shown)
    assert all(f"ann{ESCAPE}gpj.exe.jpg" in text for text in shown[:3])


def test_bidi_control_in_messages_is_escaped(app: App, photo: Path) -> None:
    app.add(photo)
    app.select([photo])
    app.run("photos.mark.dog")
    assert f"Marked ann{ESCAPE}gpj.exe.jpg as a dog." in app.message
    app.window.status.say(f"{photo} cannot be written.")
    assert RIGHT_TO_LEFT_OVERRIDE not in app.message


def test_bidi_control_in_skipped_files_is_escaped(app: App, folder: Path) -> None:
    (folder / f"no{RIGHT_TO_LEFT_OVERRIDE}txt.jpg.txt").write_text("text", encoding="utf-8")
    app.add(folder)
    app.run("file.skipped_files")
    text = app.dialog(SkippedFilesDialog).findChild(QPlainTextEdit).toPlainText()
    assert f"no{ESCAPE}txt.jpg.txt" in text
    assert RIGHT_TO_LEFT_OVERRIDE not in text
