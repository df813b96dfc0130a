"""How the tests of sorting use the dialog and the bar."""

from pathlib import Path

from driving import App
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.sorting.plan_model import COLUMNS, Column
from catdog_desktop.gui.sorting.sort_dialog import SortDialog
from catdog_desktop.gui.widgets.job_bar import JobBar

CTRL_SHIFT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


def activate(app: App) -> None:
    """Give the window the keyboard focus again, after a dialog was closed."""
    app.window.activateWindow()
    app.wait_for(lambda: QApplication.activeWindow() is app.window)


def open_dialog(app: App) -> SortDialog:
    activate(app)
    app.key(Qt.Key.Key_S, CTRL_SHIFT)
    dialog = app.dialog(SortDialog)
    assert isinstance(dialog, SortDialog)
    app.wait_for(lambda: QApplication.activeWindow() is dialog)
    return dialog


def make_plan(app: App, dialog: SortDialog, destination: Path) -> None:
    """Enter a destination and wait for the plan."""
    dialog.choices.destination.setText(str(destination))
    app.click(dialog.preview)
    app.wait_for(lambda: dialog.is_planned)


def sort(app: App, destination: Path, *, move: bool = False) -> None:
    """Sort everything, and wait for the end."""
    start(app, destination, move=move)
    app.wait_for(lambda: not app.window.sort.is_running)


def start(app: App, destination: Path, *, move: bool = False) -> None:
    from catdog_desktop.sorting.options import Action

    dialog = open_dialog(app)
    if move:
        dialog.choices.action_buttons[Action.MOVE].click()
    make_plan(app, dialog, destination)
    app.click(dialog.start)


def bar(app: App) -> JobBar:
    return app.window.sort.bar


def press(app: App, words: str, on: JobBar | None = None) -> None:
    """Press a button of a bar (default: the bar of sorting)."""
    where = on or bar(app)
    app.wait_for(lambda: words in where.button_texts and where.button(words).isVisible())
    app.click(where.button(words))


def press_and_wait(app: App, words: str) -> None:
    press(app, words)
    app.wait_for(lambda: not app.window.sort.is_running)


def plan_rows(dialog: SortDialog) -> list[dict[Column, str]]:
    """Return the rows of the table of the plan."""
    model = dialog.plan_page.table.model()
    return [
        {column: model.index(row, number).data() for number, column in enumerate(COLUMNS)}
        for row in range(model.rowCount())
    ]


def tab_to(app: App, wanted: object) -> None:
    """Press Tab until `wanted` has the focus."""
    for _ in range(80):
        where = QApplication.focusWidget()
        if where is wanted:
            return
        app.key(Qt.Key.Key_Tab, on=where or app.window)
    raise AssertionError("it cannot be reached with the keyboard")
