"""Running the model: the same scores each time and in each thread, and nothing on the terminal."""

import dataclasses
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from conftest import open_package_photo
from numpy.typing import NDArray

from catdog_desktop.inference import runtime
from catdog_desktop.inference.model_file import ModelError, ModelFile
from catdog_desktop.inference.runtime import Classifier, Inference
from catdog_desktop.verdict import Scores, Verdict


def pixels_of(name: str, model: ModelFile) -> NDArray[np.uint8]:
    return np.asarray(open_package_photo(name).resize(model.input_size))


@pytest.mark.parametrize(
    ("name", "verdict"), [("chelsea", Verdict.CAT), ("coffee", Verdict.NEITHER), ("rocket", Verdict.NEITHER)]
)
def test_classify_real_photos(name: str, verdict: Verdict, model: ModelFile) -> None:
    assert model.thresholds.judge(Classifier(model).classify(pixels_of(name, model)).scores) is verdict


def test_classify_gives_scores_and_heat_maps(model: ModelFile) -> None:
    inference = Classifier(model).classify(pixels_of("chelsea", model))
    assert 0.9 < inference.scores.cat <= 1
    assert 0 <= inference.scores.dog < 0.1
    assert inference.heat_maps is not None
    assert inference.heat_maps.dtype == np.uint8
    rows, columns, animals = inference.heat_maps.shape
    assert animals == 2
    assert min(rows, columns) >= 5
    assert inference.heat_maps[..., 0].max() > inference.heat_maps[..., 1].max()


def test_classify_heat_map_lies_on_the_cat(model: ModelFile) -> None:
    cat, width = open_package_photo("chelsea"), model.input_width
    for side in (0, 1):
        joined = open_package_photo("coffee").resize(model.input_size)
        joined.paste(cat.resize((width // 2, model.input_height)), (side * (width // 2), 0))
        maps = Classifier(model).classify(np.asarray(joined)).heat_maps
        assert maps is not None
        left, right = np.array_split(maps[..., 0].astype(float), 2, axis=1)
        assert bool(left.mean() > right.mean()) is (side == 0)


def test_classify_result_is_independent_of_the_next_photo(model: ModelFile) -> None:
    """The arrays of a result must be copies: the interpreter overwrites its own with the next photo."""
    classifier = Classifier(model)
    first = classifier.classify(pixels_of("chelsea", model))
    assert first.heat_maps is not None
    kept = first.heat_maps.copy()
    classifier.classify(pixels_of("coffee", model))
    assert (first.heat_maps == kept).all()
    assert classifier.classify(pixels_of("chelsea", model)).scores == first.scores


def test_classify_in_threads_gives_the_same_scores(model: ModelFile) -> None:
    pixels = [pixels_of(name, model) for name in ("chelsea", "coffee", "rocket")]
    alone = Classifier(model)
    expected = [alone.classify(photo).scores for photo in pixels]
    answers: dict[int, list[Scores]] = {}

    def work(number: int) -> None:
        own = Classifier(model)
        answers[number] = [own.classify(photo).scores for _ in range(3) for photo in pixels]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert list(answers.values()) == [expected * 3] * 4


@pytest.mark.parametrize("answer", [(float("nan"), 0.5), (0.5, 1.5), (-0.1, 0.5), (3.0, -4.0)])
def test_classify_invalid_probabilities_raise(
    answer: tuple[float, float], model: ModelFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    classifier = Classifier(model)
    maps = np.zeros((1, 2, 2, 2), np.float32)
    answers = {model.scores_output: np.array([answer], np.float32), model.maps_output: maps}
    monkeypatch.setattr(classifier, "_run", lambda **_: answers)
    with pytest.raises(ModelError, match="no probabilities"):
        classifier.classify(pixels_of("coffee", model))


def test_classifier_wrong_input_size_raises(model: ModelFile) -> None:
    with pytest.raises(ModelError, match="takes float32 of shape"):
        Classifier(dataclasses.replace(model, input_height=model.input_height + 1))


def test_classify_model_with_features_output_gives_vector_of_length_one(model: ModelFile) -> None:
    classifier = Classifier(dataclasses.replace(model, features_output=model.maps_output))
    features = classifier.classify(pixels_of("chelsea", model)).features
    assert features is not None
    assert (features.dtype, features.ndim) == (np.float32, 1)
    assert np.linalg.norm(features) == pytest.approx(1.0)
    assert (
        Classifier(dataclasses.replace(model, features_output=None)).classify(pixels_of("coffee", model)).features
        is None
    )


def test_classifier_features_output_missing_raises(model: ModelFile) -> None:
    with pytest.raises(ModelError, match="no output 'nowhere'"):
        Classifier(dataclasses.replace(model, features_output="nowhere"))


def test_classifier_features_output_too_long_raises(model: ModelFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "MAX_FEATURES", 16)
    with pytest.raises(ModelError, match="at most 16 numbers"):
        Classifier(dataclasses.replace(model, features_output=model.maps_output))


PROGRAM = """
import os, sys
from pathlib import Path
import numpy as np
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.inference.runtime import Classifier
model = load_model_file(Path(sys.argv[1]))
Classifier(model).classify(np.zeros((*model.input_size[::-1], 3), np.uint8))
os.write(2, b"still here\\n")
Classifier(model)
os.write(2, b"and here\\n")
"""


def test_classifier_prints_nothing(model_folder: Path) -> None:
    run = subprocess.run([sys.executable, "-c", PROGRAM, str(model_folder)], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("", "still here\nand here\n")


def test_classifier_without_standard_error_runs(model_folder: Path) -> None:
    program = "import os\nos.close(2)\n" + PROGRAM.replace("os.write(2", "os.write(1")
    run = subprocess.run([sys.executable, "-c", program, str(model_folder)], capture_output=True, text=True, check=True)
    assert run.stdout == "still here\nand here\n"


def test_inference_is_immutable() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Inference(Scores(0, 0), None).scores = Scores(1, 1)  # type: ignore[misc]
