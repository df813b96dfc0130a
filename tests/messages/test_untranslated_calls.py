"""Texts that are given to widgets, dialogs, argparse and errors for users go through the translation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import catdog_desktop

PACKAGE = Path(catdog_desktop.__file__).parent
TRANSLATORS = {"_", "N_", "ngettext", "pgettext"}
SHOWING = {
    "setText", "setWindowTitle", "setToolTip", "setAccessibleName", "setAccessibleDescription", "setPlaceholderText",
    "setTitle", "setStatusTip", "setWhatsThis", "setInformativeText", "setSpecialValueText", "setSuffix", "setPrefix",
    "setLabelText", "setCancelButtonText", "setHeaderLabels", "setHtml", "addAction", "addMenu", "addItem", "addRow",
    "addButton", "addTab", "showMessage", "say", "information", "warning", "question", "critical", "drawText",
    "getOpenFileName", "getOpenFileNames", "getSaveFileName", "getExistingDirectory", "QLabel", "QPushButton",
    "QCheckBox", "QRadioButton", "QGroupBox", "QAction", "QMenu", "QToolButton", "QMessageBox", "QProgressDialog",
    "Choice", "SecondaryLabel", "ErrorLabel", "write_line",
}  # fmt: skip
"""Functions whose texts users see."""
ARGPARSE = {"help", "description", "epilog", "title"}
FOR_DEVELOPERS = {
    "AssertionError", "AttributeError", "FrozenInstanceError", "ImportError", "IndexError", "KeyError", "LookupError",
    "NotImplementedError", "OSError", "RuntimeError", "TimeoutError", "TypeError", "UnicodeError", "ValueError",
    "WireError", "LandlockError", "SeccompError", "ThreadsError",
}  # fmt: skip
"""Errors that are caught before a user sees them, or that are written to the log."""
TOOLS = {"evaluating/second_look_trial.py", "gui/animated_picture.py", "gui/screenshots.py", "gui/self_test.py"}
"""Programs for developers."""
CONSTANTS = re.compile(r"\w+( \S+){4,}", re.DOTALL)
"""Texts of five words and more."""
CODE = re.compile(
    r"INSERT |UPDATE |SELECT |CREATE |PRAGMA |Traceback |The above exception |During handling |error return |cat, dog, "
)
"""SQL, and texts of Python itself."""
NAMES = re.compile(r"CatDog|catdog[\w-]*|Ctrl|Shift|Alt|sha256")


def untranslated(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of each literal that is shown without translation."""
    for statement in getattr(tree, "body", ()):
        if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
            yield from _sentences(statement.value)
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        is_error = name.endswith("Error") and name not in FOR_DEVELOPERS
        shown = list(call.args) if name in SHOWING or is_error else []
        shown += [keyword.value for keyword in call.keywords if keyword.arg in ARGPARSE]
        for argument in shown:
            yield from _literals(argument)


def _sentences(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield line and text of each sentence of a constant that is not marked for translation."""
    if isinstance(node, ast.Call):
        return
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if CONSTANTS.match(node.value) and not CODE.match(node.value):
            yield node.lineno, node.value
        return
    for part in ast.iter_child_nodes(node):
        yield from _sentences(part)


def _literals(node: ast.AST) -> Iterator[tuple[int, str]]:
    if any(isinstance(n, ast.Call) and getattr(n.func, "id", "") in TRANSLATORS for n in ast.walk(node)):
        return
    match node:
        case ast.Constant(value=str(text)):
            texts = [text]
        case ast.JoinedStr(values=values):
            texts = [str(part.value) for part in values if isinstance(part, ast.Constant)]
        case ast.IfExp(body=first, orelse=second) | ast.BinOp(left=first, right=second):
            yield from _literals(first)
            yield from _literals(second)
            return
        case _:
            return
    if re.search(r"[a-z]{2}", NAMES.sub("", " ".join(texts))):
        yield node.lineno, " ".join(texts)  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_texts_for_users_are_translated(path: Path) -> None:
    below = path.relative_to(PACKAGE).as_posix()
    if below.startswith("training/") or below in TOOLS:
        return
    assert list(untranslated(ast.parse(path.read_text(encoding="utf-8")))) == []


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ('label.setText("Hello there")', 1),
        ('label.setText(_("Hello there"))', 0),
        ('label.setText(f"{count} photos")', 1),
        ('label.setText(f"{count} · {name}")', 0),
        ('label.setText("yes" if ready else "no")', 2),
        ('raise ModelError(f"has no {name}")', 1),
        ('raise ValueError("not a number")', 0),
        ('parser.add_argument("--jobs", help="how many")', 1),
        ('parser.add_argument("--jobs", metavar="N")', 0),
        ('window.setWindowTitle("CatDog")', 0),
        ('ADVICE = {"zip": "Make the file again, please."}', 1),
        ('ADVICE = {"zip": N_("Make the file again, please.")}', 0),
        ('_QUERY = "SELECT path FROM file WHERE size = ?"', 0),
    ],
)
def test_untranslated_finds_literals(source: str, count: int) -> None:
    assert len(list(untranslated(ast.parse(source)))) == count
