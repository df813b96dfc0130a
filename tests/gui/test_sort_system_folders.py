"""Photos that were dropped out of a system folder are moved only after a question, and copied without one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox
from sort_steps import make_plan, open_dialog, sort

from catdog_desktop.gui.sorting.sort_dialog import SortDialog
from catdog_desktop.sorting.options import Action


@pytest.fixture
def trash(folder: Path, make_photos: Callable[..., list[Path]], app: App) -> Path:
    """A trash folder with two photos, which is opened in the window."""
    place = folder / ".Trash-1000" / "files"
    app.add(*make_photos(2, below=place))
    app.wait_done(2)
    return place


def start_move(app: App, destination: Path) -> tuple[SortDialog, QMessageBox]:
    dialog = open_dialog(app)
    dialog.choices.action_buttons[Action.MOVE].click()
    make_plan(app, dialog, destination)
    app.click(dialog.start)
    (question,) = [box for box in dialog.findChildren(QMessageBox) if box.isVisible()]
    return dialog, question


def press(app: App, question: QMessageBox, text: str) -> None:
    (button,) = [button for button in question.buttons() if button.text().replace("&", "") == text]
    app.click(button)


def test_move_out_of_system_folder_asks_first(app: App, trash: Path, tmp_path: Path) -> None:
    dialog, question = start_move(app, tmp_path / "sorted")
    assert f"“{trash.parent}” is a system folder (trash)." in question.text()
    assert question.textFormat() is Qt.TextFormat.PlainText
    app.key(Qt.Key.Key_Return, on=question)
    app.wait_for(lambda: not question.isVisible())
    assert dialog.isVisible()
    assert dialog.is_planned
    assert len(list(trash.iterdir())) == 2
    app.click(dialog.start)
    (question,) = [box for box in dialog.findChildren(QMessageBox) if box.isVisible()]
    press(app, question, "Move anyway")
    app.wait_for(lambda: not list(trash.iterdir()) and not app.window.sort.is_running)
    assert len(list((tmp_path / "sorted").rglob("*.jpg"))) == 2


def test_copy_out_of_system_folder_does_not_ask(app: App, trash: Path, tmp_path: Path) -> None:
    sort(app, tmp_path / "sorted")
    assert len(list((tmp_path / "sorted").rglob("*.jpg"))) == 2
    assert len(list(trash.iterdir())) == 2
