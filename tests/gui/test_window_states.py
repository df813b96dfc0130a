"""Tests that look at all of the window see all of it: every dialog, page and part, and every question."""

import ast
import importlib
import pkgutil
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from driving import App
from further_states import QUESTIONS
from PySide6.QtWidgets import QWidget
from window_states import states

import catdog_desktop
from catdog_desktop import gui

PACKAGE = Path(catdog_desktop.__file__).parent
FILE_DIALOGS = {
    "gui/photo_intake.py:_file_dialog",
    "gui/photo_commands.py:save_problems",
    "gui/report_command.py:save_report",
    "gui/model_import/model_commands.py:_file_dialog",
    "gui/library/backup_commands.py:_file_dialog",
    "gui/library/locate_dialog.py:_choose_folder",
    "gui/sorting/sort_choices.py:_choose",
    "gui/exporting/export_dialog.py:_choose_file",
    "gui/learning/threshold_dialog.py:_choose_file",
}
"""The functions that make a file dialog; `further_states.py` opens each."""
NOT_SHOWN = {
    "ScrollMarks": "only beside many photos in groups; it shows names of groups, which are in the gallery, too",
    "ScrollBubble": "only while the slider is dragged; it shows the same",
}
"""Classes that no state shows, and why not."""


def widget_classes() -> set[type[QWidget]]:
    """Return the classes of widgets that the package defines."""
    for module in pkgutil.walk_packages(gui.__path__, f"{gui.__name__}."):
        importlib.import_module(module.name)
    return {kind for kind in _below(QWidget) if kind.__module__.startswith(gui.__name__)}


def _below(kind: type[QWidget]) -> Iterator[type[QWidget]]:
    for child in kind.__subclasses__():
        yield child
        yield from _below(child)


def makers_of(name: str) -> set[str]:
    """Return where the class `name` is called: "gui/undo_commands.py:_ask"."""
    return {function for function, called in calls() if name in called}


@cache
def calls() -> list[tuple[str, set[str]]]:
    """Return each function of the package, and the names that it calls."""
    found = []
    for path in PACKAGE.rglob("*.py"):
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(function, ast.FunctionDef):
                called = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
                names = {each.id for each in called if isinstance(each, ast.Name)}
                found.append((f"{path.relative_to(PACKAGE).as_posix()}:{function.name}", names))
    return found


def test_states_show_every_widget_class_and_question(
    app: App, folder: Path, make_photos: Callable[..., list[Path]]
) -> None:
    names: list[str] = []
    seen: set[type[QWidget]] = set()
    for name, root in states(app, folder, make_photos(4)):
        names.append(name)
        seen |= {type(widget) for widget in [root, *root.findChildren(QWidget)] if widget.isVisible()}
    assert set(QUESTIONS.values()) <= set(names)
    shown = {base for kind in seen for base in kind.__mro__}
    assert {kind.__qualname__ for kind in widget_classes() - shown} == set(NOT_SHOWN)


def test_every_question_has_a_state() -> None:
    assert makers_of("QMessageBox") == set(QUESTIONS)


def test_every_file_dialog_has_a_state() -> None:
    assert makers_of("QFileDialog") == FILE_DIALOGS


def test_there_are_no_other_dialogs_of_qt() -> None:
    for name in ("QInputDialog", "QProgressDialog", "QErrorMessage", "QColorDialog", "QFontDialog", "QWizard"):
        assert makers_of(name) == set(), name
