"""Facts that a flatbuffer states itself, and flatbuffers that are not models for photos."""

import contextlib
from pathlib import Path

import hostile_models as make
import pytest

from catdog_desktop.model_import.errors import ModelImportError, RefusedModelError
from catdog_desktop.model_import.inspection.flatbuffer_model import Endpoint, inspect_flatbuffer, read_endpoints
from catdog_desktop.model_import.proposals.flatbuffer_facts import check_photo_shape, facts_of_flatbuffer
from catdog_desktop.paths import default_model

DATA = Path(__file__).resolve().parents[1] / "data"


def test_endpoints_come_from_the_signature() -> None:
    inputs, outputs = read_endpoints(default_model() / "model.tflite")
    assert [end.name for end in inputs] == ["photo"]
    assert {end.name: len(end.shape) for end in outputs} == {"scores": 2, "maps": 4, "features": 2}
    assert inputs[0].dtype == "float32"


def test_endpoints_without_signature_come_from_the_graph(tmp_path: Path) -> None:
    assert read_endpoints(make.flatbuffer(tmp_path / "m.tflite", shape=(1, 2))) == (
        [Endpoint("", (1, 2), "float32", 0.0, 0)],
        [Endpoint("", (1, 2), "float32", 0.0, 0)],
    )


def test_quantized_input_states_its_scaling() -> None:
    path = DATA / "tiny_int8.tflite"
    photo = read_endpoints(path)[0][0]
    assert (photo.dtype, photo.zero) == ("int8", -128)
    assert photo.step == pytest.approx(1 / 255)
    facts = facts_of_flatbuffer(path, inspect_flatbuffer(path))
    assert min(facts.misfits, key=lambda scaling: facts.misfits[scaling]) == "0..1"


def test_heat_maps_and_features_beside_the_scores_are_accepted() -> None:
    path = default_model() / "model.tflite"
    facts = facts_of_flatbuffer(path, inspect_flatbuffer(path))
    assert (facts.outputs, facts.activation, facts.scores_output) == (2, "sigmoid", "scores")


@pytest.mark.parametrize(
    ("shape", "words"),
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
def test_check_photo_shape_other_shape_raises(shape: tuple[int | None, ...], words: str) -> None:
    with pytest.raises(ModelImportError, match=words):
        check_photo_shape(shape)


@pytest.mark.parametrize("shape", [(1, 8, 8, 3), (None, None, None, 1), (1, 2048, 1, 3)], ids=str)
def test_check_photo_shape_photo_passes(shape: tuple[int | None, ...]) -> None:
    check_photo_shape(shape)


def test_facts_unreadable_number_of_outputs_raises(tmp_path: Path) -> None:
    path = make.flatbuffer(tmp_path / "m.tflite", shape=(1, 8, 8, 3))
    with pytest.raises(ModelImportError, match="answers with a picture"):
        facts_of_flatbuffer(path, inspect_flatbuffer(path))


def test_facts_of_damaged_flatbuffer_are_read_or_refused(tmp_path: Path) -> None:
    whole = (DATA / "tiny_logit.tflite").read_bytes()
    path = tmp_path / "m.tflite"
    for at in range(8, len(whole), 7):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        with contextlib.suppress(RefusedModelError, ModelImportError):
            facts_of_flatbuffer(path, inspect_flatbuffer(path))
