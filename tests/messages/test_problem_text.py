"""Problems of photos are kept in English and translated where they are shown."""

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

import catdog_desktop
from catdog_desktop.decoding.decode import decode_for_view
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.decoding.problem_text import SENTENCES, problem_sentence, problem_text

DECODING = Path(catdog_desktop.__file__).parent / "decoding"


@pytest.mark.parametrize(
    ("error", "shown"),
    [
        ("is damaged and cannot be decoded", "⟦îs dåmågéd åñd"),
        ("is not a photo (it is a video)", "⟦îs ñöt å phötö (⟦ît îs å vîdéö"),
        ("is too large (1,204 MB; the limit is 500 MB)", "⟦îs töö lårgé (1,204 MB; thé lîmît îs 500 MB)"),
        (
            "is a TIFF of a kind that cannot be read (32-bit floating point, LZW); save it as JPEG or PNG first",
            "⟦îs å TÎFF öf å kîñd thåt çåññöt bé réåd (⟦32-bît ⟦flöåtîñg pöîñt",
        ),
        ("was never heard before", "was never heard before"),
        ("", ""),
    ],
)
def test_problem_is_shown_in_language(error: str, shown: str, pseudo: None) -> None:
    assert problem_text(error).startswith(shown)


def test_numbers_of_problem_are_written_as_in_language(speak: Callable[[str], None]) -> None:
    speak("de")
    assert "1.204" in problem_text("is too large (1,204 MB; the limit is 500 MB)")


def test_problem_that_is_raised_is_english(tmp_path: Path, pseudo: None) -> None:
    """It is stored and written to files."""
    text = tmp_path / "note.jpg"
    text.write_text("no photo")
    with pytest.raises(PhotoError) as raised:
        decode_for_view(text, 100)
    assert str(raised.value) == "is not a photo (it holds text)"
    assert "⟦" in problem_text(str(raised.value))


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ("is damaged and cannot be decoded", "This file is damaged and cannot be decoded."),
        ("is not a photo (it is a video)", "This file is not a photo (it is a video)."),
        ("is not a photo (it is empty)", "This is not a photo. The file is empty."),
        ("is too large (1,204 MB; the limit is 500 MB)", "This file is too large: 1,204 MB. The limit is 500 MB."),
        ("could not be classified (OSError: no, never)", "This photo could not be classified (OSError: no, never)."),
        ("was not classified: No model is there, or it is broken",
         "This photo was not classified: No model is there, or it is broken."),
        ("was never heard before", "was never heard before"),
        ("", ""),
    ],
)  # fmt: skip
def test_problem_is_a_whole_sentence(error: str, sentence: str) -> None:
    assert problem_sentence(error) == sentence


def test_every_problem_has_a_sentence() -> None:
    """Those that the package marks as a clause: "is a folder, not a photo"."""
    clauses = {
        node.args[0].value
        for path in [*DECODING.glob("*.py"), *map(DECODING.parent.joinpath, ("pipeline.py", "commands/cli_inputs.py"))]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("N_", "_")
        if isinstance(node.args[0], ast.Constant)
    }
    problems = {text for text in clauses if re.match(r"(is|may|could|cannot|was|does) ", text)}
    assert len(problems) > 20
    assert problems == set(SENTENCES)
    assert all(text.startswith("This ") and text[-1] in ".?" for text in SENTENCES.values())
    for clause, text in SENTENCES.items():
        assert set(re.findall(r"\{\w+\}", clause)) == set(re.findall(r"\{\w+\}", text))


def test_decoding_translates_nothing_before_it_is_stored() -> None:
    for path in DECODING.glob("*.py"):
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert path.name == "problem_text.py" or not calls & {"_", "ngettext", "pgettext"}, path.name
