"""The proposals are tried on a cat, by models whose opinions are known (see `make_tiny`)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import.conversion.conversion import Conversion
from catdog_desktop.model_import.conversion.input_scaling_probe import misfits
from catdog_desktop.model_import.proposals.description import Question, proposed_answers, questions_for
from catdog_desktop.model_import.proposals.draft import Draft
from catdog_desktop.model_import.proposals.first_run import Numbers
from catdog_desktop.model_import.proposals.trial import try_on_cat
from catdog_desktop.model_import.proposals.trial_photos import photo_pixels, trial_photos

DATA = Path(__file__).resolve().parents[1] / "data"


def draft(name: str) -> Draft:
    return Conversion(DATA / f"{name}.tflite").run()


def asked(one: Draft) -> dict[str, Question]:
    return {question.key: question for question in one.questions()}


@pytest.mark.parametrize(
    ("name", "scaling", "labels", "kind", "because"),
    [
        ("tiny_0to1", "0..1", "cat,dog", "sigmoid", "cat 98%"),
        ("tiny_minus", "-1..1", "cat,dog", "sigmoid", "cat 98%"),
        ("tiny_one_is_cat", "0..1", "dog,cat", "sigmoid", "told nothing"),
        ("tiny_logit", "0..1", "cat,dog", "sigmoid logits", ">99%"),
        ("tiny_int8", "0..1", "cat,dog", "sigmoid", "integers"),
    ],
)
def test_the_proposals_make_sense_of_a_cat(name: str, scaling: str, labels: str, kind: str, because: str) -> None:
    one = draft(name)
    questions = asked(one)
    assert questions["scaling"].proposed == scaling
    assert questions["labels"].proposed == labels
    assert questions["answers"].proposed == kind
    assert because in questions["scaling"].because
    model = one.model_file(proposed_answers(tuple(questions.values())))
    scores = Classifier(model).classify(photo_pixels(trial_photos()[0], (8, 8), 3)).scores
    assert scores.cat > 0.9
    assert scores.dog < 0.1


def test_the_other_way_round_is_said(tmp_path: Path) -> None:
    assert "dog 99%" in asked(draft("tiny_one_is_cat"))["labels"].because


@pytest.mark.parametrize("numbers", [{}, {"0..1": ((float("nan"),), (float("nan"),))}], ids=["none", "nonsense"])
def test_a_model_that_says_nothing_is_asked_about_all_the_same(numbers: Numbers) -> None:
    facts = draft("tiny_0to1").facts
    questions = questions_for(facts)
    found = try_on_cat(questions, facts, numbers)
    assert [question.key for question in found] == [question.key for question in questions]
    assert "told nothing" in found[0].because


@pytest.mark.parametrize(
    ("misfit", "scaled", "proposed"),
    [
        ({"0..1": 3.0, "-1..1": 0.4, "in graph": 30.0, "imagenet-torch": 0.9, "imagenet-caffe": 22.0}, "no", "-1..1"),
        ({"0..1": 7.0, "-1..1": 6.0, "in graph": 0.6, "imagenet-torch": 6.0, "imagenet-caffe": 2.0}, "no", "in graph"),
        ({"0..1": 0.6, "-1..1": 0.5, "in graph": 9.0}, "no", "0..1"),  # too close: the cat decides
        ({"0..1": 2.0, "in graph": 2.5}, "yes", "in graph"),
        ({"0..1": 0.5, "in graph": 9.0}, "yes", "0..1"),
    ],
    ids=str,
)
def test_the_models_own_normalization_comes_first(misfit: dict[str, float], scaled: str, proposed: str) -> None:
    one = draft("tiny_0to1")
    facts = replace(one.facts, kind="keras3", misfits=misfit, scaled=scaled)
    found = {question.key: question for question in try_on_cat(questions_for(facts), facts, one.numbers)}
    assert found["scaling"].proposed == proposed


def test_the_photos_are_there_and_become_what_models_take() -> None:
    for path in trial_photos():
        assert photo_pixels(path, (20, 10), 3).shape == (10, 20, 3)
        assert photo_pixels(path, (20, 10), 1).shape == (10, 20, 1)
    cat = photo_pixels(trial_photos()[0], (20, 10), 3)
    assert np.abs(photo_pixels(trial_photos()[0], (20, 10), 3, mirrored=True)[:, ::-1].astype(int) - cat).mean() < 2


class BatchNormalization:
    """What `misfits` needs of Keras's layer."""

    def __init__(self, mean: float, variance: float) -> None:
        self.moving_mean = np.array([mean, mean])
        self.moving_variance = np.array([variance, variance])

    def call(self, values: np.ndarray, training: bool = False) -> np.ndarray:
        return values


class Model:
    def __init__(self, *layers: object) -> None:
        self.layers = layers

    def __call__(self, values: np.ndarray, training: bool = False) -> np.ndarray:
        for layer in self.layers:
            values = layer(values) if isinstance(layer, Model) else layer.call(values)  # type: ignore[attr-defined]
        return values


def test_the_misfit_is_least_where_the_numbers_are_as_in_training() -> None:
    values = np.random.default_rng(0).normal(100.0, 50.0, (4, 10, 10, 2))
    inputs = {"in graph": values, "0..1": values / 255, "-1..1": values / 127.5 - 1}
    inner = Model(BatchNormalization(100 / 127.5 - 1, (50 / 127.5) ** 2))
    found = misfits(Model(inner), inputs)  # type: ignore[arg-type]
    assert found["-1..1"] < 0.1
    assert found["0..1"] > 0.5
    assert found["in graph"] > 10
    assert inner.layers[0].call.__name__ == "call"  # type: ignore[attr-defined]  # the watch is gone


@pytest.mark.parametrize("layers", [(), (BatchNormalization(0.0, 1.0),)], ids=["none", "untrained"])
def test_without_a_trained_normalization_there_is_no_misfit(layers: tuple[object, ...]) -> None:
    assert misfits(Model(*layers), {"0..1": np.zeros((1, 2, 2, 2), np.float32)}) == {}
