"""Sort again in the window: photos whose verdict has changed go to the right folder, with plan and undo."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt
from sort_steps import activate, bar, press_and_wait, sort

from catdog_desktop.gui.sorting.sort_again_dialog import SortAgainDialog
from catdog_desktop.verdict import Verdict


@pytest.fixture
def sorted_app(app: App, make_photos: Callable[..., list[Path]], tmp_path: Path) -> App:
    """Return a window whose three photos a sort has moved: a cat and two of neither."""
    app.add(*make_photos(3))
    app.wait_done(3)
    sort(app, tmp_path / "sorted", move=True)
    return app


def open_again(app: App) -> SortAgainDialog:
    activate(app)
    app.run("file.sort_again")
    app.wait_for(lambda: app.window.findChildren(SortAgainDialog))
    dialog = app.dialog(SortAgainDialog)
    assert isinstance(dialog, SortAgainDialog)
    app.wait_for(lambda: dialog.plan is not None or dialog.error)
    return dialog


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_corrected_photo_moves_and_undo_moves_it_back(sorted_app: App, tmp_path: Path) -> None:
    app = sorted_app
    (cat,) = (tmp_path / "sorted" / "cats").iterdir()
    activate(app)
    app.select([cat])
    app.key(Qt.Key.Key_D, on=app.window.gallery)
    assert app.row(cat).verdict is Verdict.DOG
    dialog = open_again(app)
    assert dialog.destination.currentText() == str(tmp_path / "sorted")
    assert dialog.plan_page.summary.text().startswith("1 photo will be moved")
    app.key(Qt.Key.Key_Return, on=dialog.focusWidget())
    assert dialog.isVisible(), "Enter does not start a plan that was not read"
    app.click(dialog.start)
    app.wait_for(lambda: names(tmp_path / "sorted" / "dogs") == [cat.name])
    app.wait_for(lambda: not app.window.sort.is_running)
    assert app.action("edit.undo").text() == "&Undo: sort 1 photo"
    press_and_wait(app, "Undo")
    assert bar(app).text == "1 photo moved back."
    assert names(tmp_path / "sorted" / "cats") == [cat.name]


def test_empty_plan_cannot_be_started(sorted_app: App) -> None:
    dialog = open_again(sorted_app)
    assert dialog.plan_page.summary.text() == "Nothing to do: no photo would go anywhere."
    assert not dialog.start.isEnabled()
    sorted_app.key(Qt.Key.Key_Escape, on=dialog)
    sorted_app.wait_for(lambda: not sorted_app.window.findChildren(SortAgainDialog))


def test_photos_that_are_not_listed_are_known_from_the_store(sorted_app: App, tmp_path: Path) -> None:
    app = sorted_app
    (cat,) = (tmp_path / "sorted" / "cats").iterdir()
    activate(app)
    app.select([cat])
    with app.qtbot.waitSignal(app.window.session.corrected):
        app.key(Qt.Key.Key_D, on=app.window.gallery)
    app.run("edit.clear_list")
    dialog = open_again(app)
    assert dialog.plan_page.summary.text().startswith("1 photo will be moved")
    dialog.reject()


def test_sort_again_without_a_sort_reports_it(app: App) -> None:
    app.run("file.sort_again")
    app.wait_for(lambda: app.message == "No sort has filled a folder yet.")
