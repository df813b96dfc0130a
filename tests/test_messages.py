"""Texts are translated where they are shown, not when a module is imported."""

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

import catdog_desktop
from catdog_desktop.inference.model_file import ModelError
from catdog_desktop.messages import N_, MessageError, use_catalog

PACKAGE = Path(catdog_desktop.__file__).parent
TRANSLATORS = {"_", "ngettext", "pgettext"}


def early_translations(node: ast.AST) -> Iterator[int]:
    """Yield the lines of calls that translate a text while the module is imported.

    The body of a function runs later. Its decorators, default arguments and annotations do not.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
            early: list[ast.AST] = [default for default in child.args.defaults + child.args.kw_defaults if default]
            if not isinstance(child, ast.Lambda):
                early += child.decorator_list
            for part in early:
                yield from early_translations(ast.Expression(part))  # type: ignore[arg-type]
            continue
        if isinstance(child, ast.Call) and isinstance(child.func, ast.Name) and child.func.id in TRANSLATORS:
            yield child.lineno
        yield from early_translations(child)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_module_translates_nothing_when_imported(path: Path) -> None:
    lines = list(early_translations(ast.parse(path.read_text(encoding="utf-8"))))
    assert lines == [], f"mark these texts with N_() and translate them with _() where they are shown: {lines}"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('TITLE = _("a")', [1]),
        ('TITLES = {1: _("a"), 2: [ngettext("b", "c", 2)]}', [1, 1]),
        ('class A:\n    title = pgettext("b", "a")', [2]),
        ('def f(title=_("a"), *, other=_("b")): pass', [1, 1]),
        ('@named(_("a"))\ndef f(): pass', [1]),
        ('TITLE = N_("a")', []),
        ('def f():\n    return _("a")', []),
        ('f = lambda: _("a")', []),
        ('class A:\n    def f(self):\n        return _("a")', []),
    ],
)
def test_early_translations_finds_calls_outside_of_functions(source: str, lines: list[int]) -> None:
    assert list(early_translations(ast.parse(source))) == lines


def test_marker_returns_its_message() -> None:
    assert N_("trash") == "trash"


def test_message_error_fills_in_its_fields() -> None:
    error = MessageError("{path} could not be read ({reason}).", path=Path("a{b}.json"), reason="no permission")
    assert str(error) == "a{b}.json could not be read (no permission)."
    assert error.template == "{path} could not be read ({reason})."
    assert error.fields == {"path": Path("a{b}.json"), "reason": "no permission"}


@pytest.mark.parametrize("text", ["", "a {brace} without fields"])
def test_message_error_without_fields_is_its_template(text: str) -> None:
    assert str(MessageError(text)) == text


def test_message_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(ModelError("has no {args}.", Path("model.json"), args="'labels'")))
    assert str(error) == "model.json has no 'labels'."
    assert (error.path, error.problem) == (Path("model.json"), "has no 'labels'.")


def test_message_error_is_translated_when_it_is_shown() -> None:
    error = MessageError("There is no model in {parent}: model.json is missing.", parent="x")
    english = str(error)
    try:
        assert use_catalog(PACKAGE / "locale" / "de" / "LC_MESSAGES" / "catdog.mo") == "de"
        assert str(error) != english
    finally:
        use_catalog(None)
    assert str(error) == english
