"""Problems of photos are kept in English and translated where they are shown."""

import ast
from collections.abc import Callable
from pathlib import Path

import pytest

import catdog_desktop
from catdog_desktop.decoding.decode import decode_for_view
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.decoding.problem_text import problem_text

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


def test_decoding_translates_nothing_before_it_is_stored() -> None:
    for path in DECODING.glob("*.py"):
        calls = {
            node.func.id
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        assert path.name == "problem_text.py" or not calls & {"_", "ngettext", "pgettext"}, path.name
