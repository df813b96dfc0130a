"""Conversion of unusual and unusable models; usual ones are in `test_import_matrix`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from catdog_desktop.model_import.proposals.trial_run import photo_pixels, trial_photos

pytestmark = pytest.mark.slow
HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, run_beside: Callable[..., str]) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("odd")
    program = f"import sys; sys.path.insert(0, {str(HERE.parent)!r}); sys.path.insert(0, {str(HERE)!r}); "
    printed = run_beside(
        f"{program}import convert_odd; convert_odd.main(convert_odd.Path('.').resolve())", folder=folder
    )
    return dict(json.loads(printed.splitlines()[-1]))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no weights.keras", "can open this model. Keras 3.0.0 wrote it. Keras says: A total of 1 objects could"),
        ("unknown argument.keras", "Unrecognized keyword arguments passed to Dense: {'groups': 3}. Open it where"),
        ("newer.keras", "That is newer: pip install --upgrade keras."),
        ("no photo.keras", "takes an input of 4, not a single photo"),
        ("colours first.keras", "colours first (3 x 32 x 32)"),
        ("large.keras", "up to 2,048 by 2,048 pixels"),
        ("no size.keras", "does not say which size of photo"),
        ("two inputs.keras", "takes 2 inputs at once"),
        ("two outputs.keras", "gives 2 answers at once"),
        ("two outputs", "gives 2 answers at once"),
        ("random layers", "The exported graph changes photos at random (random_flip, random_rotation, "),
        ("broken", "cannot open this SavedModel"),
        ("half", "computes in half precision"),
        ("swish.keras", "takes photos of 8 by 8 pixels; 9 by 9 is not possible"),
    ],
)
def test_unusable_model_gives_a_sentence(name: str, words: str, results: dict[str, Any]) -> None:
    assert isinstance(results[name], str)
    assert words in results[name]
    assert results[name].endswith(".")
    assert len(results[name]) < 500


@pytest.mark.parametrize(
    ("name", "facts"),
    [
        ("37.h5", {"outputs": 37, "activation": "softmax"}),
        ("lobe", {"outputs": 2, "kind": "saved_model"}),
        ("keras1.h5", {"outputs": 1, "activation": "sigmoid", "keras_version": "1.2.2"}),
        ("1000.h5", {"outputs": 1000, "activation": "softmax"}),
        ("free.keras", {"width": 20, "height": 10, "free_size": True, "scaled": "no"}),
        ("free", {"width": 20, "height": 10, "free_size": True, "channels": 1, "kind": "saved_model"}),
        ("half.keras", {"activation": "sigmoid"}),
        ("half.h5", {"activation": "sigmoid"}),
        ("caffe.keras", {"scaled": "yes"}),
        ("normalized.keras", {"scaled": "no"}),
        ("augmented.keras", {"scaled": "no"}),
        ("exported", {"kind": "saved_model", "scaled": "yes", "activation": "sigmoid"}),
        ("bytes.keras", {"scaled": "yes", "activation": "sigmoid"}),
        ("custom layer", {"kind": "saved_model", "activation": "sigmoid", "scaled": "yes"}),
    ],
)
def test_unusual_model_is_converted(name: str, facts: dict[str, Any], results: dict[str, Any]) -> None:
    assert isinstance(results[name], dict), results[name]
    assert {key: results[name][key] for key in facts} == facts
    assert results[name]["difference"] < 1e-4
    half = "half precision" in " ".join(results[name]["notes"])
    assert half == name.startswith("half")


def test_custom_layer_is_named_in_a_note(results: dict[str, Any]) -> None:
    assert any("KerasLayer" in note for note in results["custom layer"]["notes"])


def test_keras_1_model_answers_as_before(results: dict[str, Any]) -> None:
    folder = Path(results["keras1.h5"]["folder"])
    expected = json.loads((folder / "keras1.json").read_text(encoding="utf-8"))
    interpreter = Interpreter(model_path=str(folder / "model.tflite"), num_threads=1)
    run = interpreter.get_signature_runner()
    photos = [photo_pixels(path, (12, 12), 3) for path in trial_photos()]
    found = [float(run(photo=(photo[np.newaxis] / 255).astype(np.float32))["scores"].ravel()[0]) for photo in photos]
    assert found == pytest.approx(expected, abs=1e-4)
