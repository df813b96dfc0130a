"""One undo and redo: the stack, and the Edit menu with corrections and the list."""

from collections.abc import Callable
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton
from sort_steps import activate, bar, press_and_wait, sort

from catdog_desktop.gui.undo_stack import MOST_CHANGES, Change, ChangeKind, UndoStack
from catdog_desktop.verdict import Verdict

CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Recorder:
    """A stack, and what was undone and made again."""

    def __init__(self) -> None:
        self.stack = UndoStack()
        self.calls: list[str] = []

    def do(self, text: str, kind: ChangeKind = ChangeKind.LIST, key: str = "", *, can_redo: bool = True) -> None:
        def redo() -> None:
            self.calls.append(f"redo {text}")
            self.do(text, kind, key)

        undo = lambda: self.calls.append(f"undo {text}")  # noqa: E731
        self.stack.push(Change(kind, text, undo, redo if can_redo else None, key=key))

    @property
    def names(self) -> tuple[str | None, str | None]:
        undo, redo = self.stack.next_undo, self.stack.next_redo
        return undo.text if undo else None, redo.text if redo else None


def test_stack_undoes_and_redoes_in_order() -> None:
    made = Recorder()
    made.do("a")
    made.do("b")
    made.stack.undo()
    made.stack.undo()
    assert made.names == (None, "a")
    made.stack.undo()
    made.stack.redo()
    made.stack.redo()
    made.stack.redo()
    assert made.calls == ["undo b", "undo a", "redo a", "redo b"]
    assert made.names == ("b", None)


def test_new_change_drops_what_was_undone() -> None:
    made = Recorder()
    made.do("a")
    made.stack.undo()
    made.do("b")
    assert made.names == ("b", None)


def test_change_that_cannot_be_made_again_drops_what_was_undone_before() -> None:
    made = Recorder()
    made.do("a", can_redo=False)
    made.do("b")
    made.stack.undo()
    made.stack.undo()
    assert made.names == (None, None)


def test_discarded_change_is_not_undone() -> None:
    made = Recorder()
    made.do("sort", ChangeKind.SORT, "id")
    made.do("mark")
    made.stack.discard("id")
    made.stack.discard("unknown")
    made.stack.undo()
    made.stack.undo()
    assert made.calls == ["undo mark"]


def test_keep_newest_drops_older_changes_of_the_kind() -> None:
    made = Recorder()
    for text, kind in (("a", ChangeKind.CORRECTION), ("b", ChangeKind.LIST), ("c", ChangeKind.CORRECTION)):
        made.do(text, kind)
    made.stack.keep_newest(ChangeKind.CORRECTION, 1)
    made.stack.undo()
    made.stack.undo()
    made.stack.undo()
    assert made.calls == ["undo c", "undo b"]


# In the window.


@pytest.fixture
def paths(app: App, make_photos: Callable[..., list[Path]]) -> list[Path]:
    """Return three photos that are listed and classified."""
    made = make_photos(3)
    app.add(*made)
    app.wait_done(3)
    return made


def undo_texts(app: App) -> tuple[str, str]:
    return app.action("edit.undo").text(), app.action("edit.redo").text()


def answer(app: App, words: str) -> str:
    """Press a button of the question that is open, and return the question."""
    activate_question = [box for box in app.window.findChildren(QMessageBox) if box.isVisible()]
    (question,) = activate_question
    (button,) = [one for one in question.findChildren(QPushButton) if one.text().replace("&", "") == words]
    text = f"{question.text()} {question.informativeText()}"
    app.click(button)
    return text


def test_stack_keeps_the_newest_changes() -> None:
    made = Recorder()
    for number in range(MOST_CHANGES + 3):
        made.do(str(number))
    while made.stack.next_undo is not None:
        made.stack.undo()
    assert len(made.calls) == MOST_CHANGES
    assert made.calls[-1] == "undo 3"


def test_edit_menu_names_the_changes(app: App, paths: list[Path]) -> None:
    assert undo_texts(app) == ("&Undo", "Re&do")
    assert not app.action("edit.undo").isEnabled()
    app.select(paths)
    app.key(Qt.Key.Key_D)
    assert undo_texts(app) == ("&Undo: mark 3 photos as dog", "Re&do")
    app.key(Qt.Key.Key_Z, CTRL)
    assert undo_texts(app) == ("&Undo", "Re&do: mark 3 photos as dog")
    assert not any(app.row(path).corrected for path in paths)
    app.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert undo_texts(app) == ("&Undo: mark 3 photos as dog", "Re&do")
    assert [app.row(path).verdict for path in paths] == [Verdict.DOG] * 3
    app.key(Qt.Key.Key_Z, CTRL)
    assert not any(app.row(path).corrected for path in paths)


def test_rating_is_undone_and_made_again(app: App, paths: list[Path]) -> None:
    app.select(paths[:2])
    app.window.ratings.rate_targets(4)
    assert undo_texts(app)[0] == "&Undo: rate 2 photos"
    app.run("edit.undo")
    assert [app.row(path).result.rating for path in paths[:2]] == [None, None]
    app.run("edit.redo")
    assert [app.row(path).result.rating for path in paths[:2]] == [4, 4]


def test_removal_from_list_is_undone_and_made_again(app: App, paths: list[Path]) -> None:
    app.select(paths[:2])
    app.key(Qt.Key.Key_Delete)
    assert len(app.names) == 1
    assert undo_texts(app)[0] == "&Undo: remove 2 photos from the list"
    app.key(Qt.Key.Key_Z, CTRL)
    app.wait_done(3)
    app.key(Qt.Key.Key_Y, CTRL)
    assert app.names == ["IMG_3.jpg"]
    app.follow("undo")
    app.wait_done(3)
    assert all(path.exists() for path in paths)


def test_cleared_list_shows_start_page_and_is_undone(app: App, folder: Path, paths: list[Path]) -> None:
    app.add(folder)
    app.run("edit.clear_list")
    assert app.window.pages.currentWidget() is app.window.empty
    assert list(app.window.session.sources) == []
    assert not app.action("edit.clear_list").isEnabled()
    app.run("edit.undo")
    app.wait_done(3)
    assert folder in app.window.session.sources
    assert app.window.pages.currentWidget() is not app.window.empty


def test_undo_of_a_sort_asks_with_the_number(app: App, paths: list[Path], tmp_path: Path) -> None:
    sort(app, tmp_path / "sorted", move=True)
    assert not any(path.exists() for path in paths)
    assert undo_texts(app)[0] == "&Undo: sort 3 photos"
    activate(app)
    app.key(Qt.Key.Key_Z, CTRL)
    assert answer(app, "Cancel") == "Undo: sort 3 photos? 3 photos are moved."
    assert not any(path.exists() for path in paths)
    activate(app)
    app.key(Qt.Key.Key_Z, CTRL)
    answer(app, "Undo")
    app.wait_for(lambda: not app.window.sort.is_running and all(path.exists() for path in paths))
    activate(app)
    app.key(Qt.Key.Key_Y, CTRL)
    assert answer(app, "Redo") == "Redo: sort 3 photos? 3 photos are moved."
    app.wait_for(lambda: not app.window.sort.is_running and not any(path.exists() for path in paths))
    app.wait_for(lambda: undo_texts(app) == ("&Undo: sort 3 photos", "Re&do"))


def test_sort_undone_by_its_bar_is_not_undone_twice(app: App, paths: list[Path], tmp_path: Path) -> None:
    app.select(paths[:1])
    app.key(Qt.Key.Key_C)
    sort(app, tmp_path / "sorted")
    press_and_wait(app, "Undo")
    assert bar(app).text.endswith("removed.")
    assert undo_texts(app)[0] == "&Undo: mark 1 photo as cat"


def test_correction_is_undone_at_the_new_path_after_a_sort(app: App, paths: list[Path], tmp_path: Path) -> None:
    app.select(paths[:1])
    app.key(Qt.Key.Key_B)
    sort(app, tmp_path / "sorted", move=True)
    activate(app)
    app.window.context.undo.discard(app.window.context.undo.next_undo.key)
    app.key(Qt.Key.Key_Z, CTRL)
    app.wait_for(lambda: not any(row.corrected for row in app.shown))
    app.key(Qt.Key.Key_Z, CTRL | SHIFT)
    assert [row.verdict for row in app.shown if row.corrected] == [Verdict.BOTH]


def test_undo_is_disabled_while_a_job_runs(app: App, paths: list[Path], tmp_path: Path) -> None:
    sort(app, tmp_path / "sorted")
    app.window.sort._job = object()  # type: ignore[assignment]
    app.window.action_table.refresh()
    assert not app.action("edit.undo").isEnabled()
    app.window.sort._job = None
    app.window.action_table.refresh()
    assert app.action("edit.undo").isEnabled()
