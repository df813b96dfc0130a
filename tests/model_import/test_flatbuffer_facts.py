"""What a flatbuffer tells of itself, and which ones are no models for photos."""

import contextlib
from pathlib import Path

import hostile_models as make
import pytest

from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.inspection.flatbuffer_model import End, inspect_flatbuffer, read_ends
from catdog_desktop.model_import.proposals.flatbuffer_facts import check_photo_shape, facts_of_flatbuffer
from catdog_desktop.model_import.refused import RefusedModelError
from catdog_desktop.paths import default_model

DATA = Path(__file__).resolve().parents[1] / "data"


def test_ends_are_those_of_the_signature() -> None:
    inputs, outputs = read_ends(default_model() / "model.tflite")
    assert [end.name for end in inputs] == ["photo"]
    assert {end.name: len(end.shape) for end in outputs} == {"scores": 2, "maps": 4}
    assert inputs[0].dtype == "float32"


def test_without_a_signature_they_are_those_of_the_graph(tmp_path: Path) -> None:
    assert read_ends(make.flatbuffer(tmp_path / "m.tflite", shape=(1, 2))) == (
        [End("", (1, 2), "float32", 0.0, 0)],
        [End("", (1, 2), "float32", 0.0, 0)],
    )


def test_integers_say_what_they_stand_for() -> None:
    path = DATA / "tiny_int8.tflite"
    photo = read_ends(path)[0][0]
    assert (photo.dtype, photo.zero) == ("int8", -128)
    assert photo.step == pytest.approx(1 / 255)
    facts = facts_of_flatbuffer(path, inspect_flatbuffer(path))
    assert min(facts.misfits, key=lambda scaling: facts.misfits[scaling]) == "0..1"


def test_maps_beside_the_scores_are_let_pass() -> None:
    path = default_model() / "model.tflite"
    facts = facts_of_flatbuffer(path, inspect_flatbuffer(path))
    assert (facts.outputs, facts.activation, facts.scores_output) == (2, "sigmoid", "scores")


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ((1, 4), "not a single photo"),
        ((1, 8, 8, 3, 3), "not a single photo"),
        ((32, 8, 8, 3), "not a single photo"),
        ((1, 3, 32, 32), "colours first"),
        ((1, 8, 8, 4), "takes 4 channels"),
        ((1, 8, 8, None), "any number of channels"),
        ((1, 4096, 8, 3), "up to 2,048 by 2,048"),
        ((), "not a single photo"),
    ],
    ids=str,
)
def test_shapes_that_no_photo_has(shape: tuple[int | None, ...], said: str) -> None:
    with pytest.raises(ModelImportError, match=said):
        check_photo_shape(shape)


@pytest.mark.parametrize("shape", [(1, 8, 8, 3), (None, None, None, 1), (1, 2048, 1, 3)], ids=str)
def test_shapes_of_photos(shape: tuple[int | None, ...]) -> None:
    check_photo_shape(shape)


def test_answers_that_cannot_be_read(tmp_path: Path) -> None:
    path = make.flatbuffer(tmp_path / "m.tflite", shape=(1, 8, 8, 3))
    with pytest.raises(ModelImportError, match="answers with 192 numbers"):
        facts_of_flatbuffer(path, inspect_flatbuffer(path))


def test_a_damaged_signature_is_refused(tmp_path: Path) -> None:
    """Cut short or changed at any place, it is read or refused."""
    whole = (DATA / "tiny_logit.tflite").read_bytes()
    path = tmp_path / "m.tflite"
    for place in range(8, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        with contextlib.suppress(RefusedModelError, ModelImportError):
            facts_of_flatbuffer(path, inspect_flatbuffer(path))
