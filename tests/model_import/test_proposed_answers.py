"""Proposals chosen by a photo of a cat, with models whose outputs are known (see `make_tiny`)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import.conversion.conversion import Conversion
from catdog_desktop.model_import.conversion.input_scaling_probe import misfits
from catdog_desktop.model_import.proposals.draft import ModelDraft
from catdog_desktop.model_import.proposals.proposed_answers import choose_proposals
from catdog_desktop.model_import.proposals.questions import Question, proposed_answers, questions_for
from catdog_desktop.model_import.proposals.trial_run import RawOutputs, photo_pixels, trial_photos

DATA = Path(__file__).resolve().parents[1] / "data"


def draft(name: str) -> ModelDraft:
    return Conversion(DATA / f"{name}.tflite").run()


def asked(one: ModelDraft) -> dict[str, Question]:
    return {question.key: question for question in one.questions()}


@pytest.mark.parametrize(
    ("name", "scaling", "labels", "kind", "reason"),
    [
        ("tiny_0to1", "0..1", "cat,dog", "sigmoid", "cat 98%"),
        ("tiny_minus", "-1..1", "cat,dog", "sigmoid", "cat 98%"),
        ("tiny_one_is_cat", "0..1", "dog,cat", "sigmoid", "did not help"),
        ("tiny_logit", "0..1", "cat,dog", "sigmoid logits", ">99%"),
        ("tiny_int8", "0..1", "cat,dog", "sigmoid", "integers"),
    ],
)
def test_proposals_make_sense_for_a_cat(name: str, scaling: str, labels: str, kind: str, reason: str) -> None:
    one = draft(name)
    questions = asked(one)
    assert questions["scaling"].proposed == scaling
    assert questions["labels"].proposed == labels
    assert questions["answers"].proposed == kind
    assert reason in questions["scaling"].reason
    model = one.model_file(proposed_answers(tuple(questions.values())))
    scores = Classifier(model).classify(photo_pixels(trial_photos()[0], (8, 8), 3)).scores
    assert scores.cat > 0.9
    assert scores.dog < 0.1


def test_labels_in_the_other_order_are_proposed() -> None:
    assert "dog 99%" in asked(draft("tiny_one_is_cat"))["labels"].reason


@pytest.mark.parametrize("outputs", [{}, {"0..1": ((float("nan"),), (float("nan"),))}], ids=["none", "nonsense"])
def test_proposals_without_usable_outputs_are_the_usual_ones(outputs: RawOutputs) -> None:
    facts = draft("tiny_0to1").facts
    questions = questions_for(facts)
    found = choose_proposals(questions, facts, outputs)
    assert [question.key for question in found] == [question.key for question in questions]
    assert "did not help" in found[0].reason


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
def test_misfit_of_the_normalization_decides_the_scaling(misfit: dict[str, float], scaled: str, proposed: str) -> None:
    one = draft("tiny_0to1")
    facts = replace(one.facts, kind="keras3", misfits=misfit, scaled=scaled)
    found = {question.key: question for question in choose_proposals(questions_for(facts), facts, one.outputs)}
    assert found["scaling"].proposed == proposed


def test_trial_photos_have_the_shape_of_inputs() -> None:
    for path in trial_photos():
        assert photo_pixels(path, (20, 10), 3).shape == (10, 20, 3)
        assert photo_pixels(path, (20, 10), 1).shape == (10, 20, 1)
    cat = photo_pixels(trial_photos()[0], (20, 10), 3)
    assert np.abs(photo_pixels(trial_photos()[0], (20, 10), 3, mirrored=True)[:, ::-1].astype(int) - cat).mean() < 2


class BatchNormalization:
    """The part of Keras's layer that `misfits` uses."""

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


def test_misfit_is_least_for_the_scaling_of_training() -> None:
    values = np.random.default_rng(0).normal(100.0, 50.0, (4, 10, 10, 2))
    inputs = {"in graph": values, "0..1": values / 255, "-1..1": values / 127.5 - 1}
    inner = Model(BatchNormalization(100 / 127.5 - 1, (50 / 127.5) ** 2))
    found = misfits(Model(inner), inputs)  # type: ignore[arg-type]
    assert found["-1..1"] < 0.1
    assert found["0..1"] > 0.5
    assert found["in graph"] > 10
    assert inner.layers[0].call.__name__ == "call"  # type: ignore[attr-defined]  # the recording call is gone


@pytest.mark.parametrize("layers", [(), (BatchNormalization(0.0, 1.0),)], ids=["none", "untrained"])
def test_misfits_without_trained_normalization_are_empty(layers: tuple[object, ...]) -> None:
    assert misfits(Model(*layers), {"0..1": np.zeros((1, 2, 2, 2), np.float32)}) == {}
