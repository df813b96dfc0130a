"""Reading the scores output of every kind of model."""

import math

import numpy as np
import pytest

from catdog_desktop.inference.answers import AnswerError, Answers
from catdog_desktop.verdict import Scores, Thresholds, Verdict


def close(scores: Scores, cat: float, dog: float) -> bool:
    return scores.cat == pytest.approx(cat, abs=1e-6) and scores.dog == pytest.approx(dog, abs=1e-6)


@pytest.mark.parametrize(
    ("answers", "numbers", "cat", "dog"),
    [
        (Answers(), [0.9, 0.8], 0.9, 0.8),
        (Answers(labels=("dog", "cat")), [0.9, 0.2], 0.2, 0.9),
        (Answers(logits=True), [0.0, math.log(3)], 0.5, 0.75),
        (Answers("sigmoid"), [0.7], 0.3, 0.7),
        (Answers("sigmoid", labels=("dog", "cat")), [0.7], 0.7, 0.3),
        (Answers("sigmoid", logits=True), [math.log(3)], 0.25, 0.75),
        (Answers("sigmoid", logits=True), [-10_000.0], 1.0, 0.0),
        (Answers("sigmoid", logits=True), [10_000.0], 0.0, 1.0),
        (Answers("softmax"), [0.6, 0.4], 0.6, 0.4),
        (Answers("softmax", labels=("dog", "cat")), [0.6, 0.4], 0.4, 0.6),
        (Answers("softmax", logits=True), [math.log(3), 0.0], 0.75, 0.25),
        (Answers("softmax", logits=True), [5000.0, -5000.0], 1.0, 0.0),
        (Answers("softmax"), [255 / 256, 0.0], 255 / 256, 0.0),
    ],
)
def test_read_two_scores_by_label(answers: Answers, numbers: list[float], cat: float, dog: float) -> None:
    for shape in ((-1,), (1, -1), (1, 1, 1, -1)):
        assert close(answers.read(np.array(numbers, np.float32).reshape(shape)), cat, dog)


@pytest.mark.parametrize("background", [0, 1])
def test_read_imagenet_sums_breeds(background: int) -> None:
    """keras.applications.imagenet_utils: 151 Chihuahua, 268 Mexican hairless, 281 tabby, 285 Egyptian cat."""
    answers = Answers("imagenet")
    for index, cat, dog in (
        (150, 0, 0),
        (151, 0, 1),
        (268, 0, 1),
        (269, 0, 0),
        (280, 0, 0),
        (281, 1, 0),
        (285, 1, 0),
        (286, 0, 0),
    ):
        numbers = np.zeros(1000 + background)
        numbers[index + background] = 1.0
        assert close(answers.read(numbers), cat, dog), index
    many = np.full(1000, 0.001)
    assert close(answers.read(many), 0.005, 0.118)
    in_bytes = np.floor(np.full(1000, 0.7 / 999) * 256) / 256
    in_bytes[281] = 0.3
    assert close(answers.read(in_bytes), 0.3, 0.0), "most of what was shared out is rounded to nothing"
    logits = np.zeros(1000)
    logits[282] = 40.0
    assert close(Answers("imagenet", logits=True).read(logits), 1.0, 0.0)


@pytest.mark.parametrize(
    ("answers", "numbers"),
    [
        (Answers(), [float("nan"), 0.5]),
        (Answers(), [1.0001, 0.5]),
        (Answers(), [-0.1, 0.5]),
        (Answers("sigmoid"), [3.7]),
        (Answers("sigmoid"), [-1.0]),
        (Answers("sigmoid"), [float("inf")]),
        (Answers("softmax"), [0.9, 0.8]),
        (Answers("softmax"), [3.0, -2.0]),
        (Answers("softmax"), [0.2, 0.3]),
        (Answers("softmax", logits=True), [float("nan"), 0.0]),
        (Answers("imagenet"), [0.5] * 1000),
        (Answers("imagenet"), [0.0] * 1000),
    ],
)
def test_read_invalid_probabilities_raises(answers: Answers, numbers: list[float]) -> None:
    with pytest.raises(AnswerError, match="no probabilities"):
        answers.read(np.array(numbers))


@pytest.mark.parametrize(
    ("kind", "count"), [("independent", 1), ("sigmoid", 2), ("softmax", 3), ("softmax", 1), ("imagenet", 999)]
)
def test_read_wrong_count_raises(kind: str, count: int) -> None:
    assert not Answers(kind).fits(count)
    with pytest.raises(AnswerError, match=f"answers {count} numbers"):
        Answers(kind).read(np.zeros(count))


def test_answers_invalid_fields_raise() -> None:
    with pytest.raises(ValueError, match="'guess' are unknown"):
        Answers("guess")
    with pytest.raises(ValueError, match="labels are"):
        Answers(labels=("cat", "cat"))
    for labels in (("neither", "neither", "neither"), ("cat", "dog", "fox"), ("cat",)):
        with pytest.raises(ValueError, match="labels are"):
            Answers("softmax", labels=labels)
    with pytest.raises(ValueError, match="labels are"):
        Answers("sigmoid", labels=("cat", "dog", "neither"))


def test_answers_of_several_classes_may_be_neither_but_not_both() -> None:
    answers = Answers("softmax", labels=("cat", "dog", "neither"))
    assert not answers.exclusive
    assert "among 3 classes. It can say neither." in answers.limits


def test_limits_name_verdicts_that_cannot_be_given() -> None:
    assert Answers().limits == ""
    assert "never neither or both" in Answers("sigmoid").limits
    assert Answers("softmax").limits == Answers("sigmoid").limits
    assert "hardly ever says both" in Answers("imagenet").limits
    assert [kind for kind in ("independent", "sigmoid", "softmax", "imagenet") if Answers(kind).exclusive] == [
        "sigmoid",
        "softmax",
    ]


@pytest.mark.parametrize(
    ("cat", "limits", "verdict"),
    [
        (0.9, (0.5, 0.5, 0.2), Verdict.CAT),
        (0.1, (0.5, 0.5, 0.2), Verdict.DOG),
        (0.6, (0.5, 0.5, 0.2), Verdict.UNSURE),
        (0.6, (0.9, 0.9, 0.0), Verdict.UNSURE),  # low and low would be neither
        (0.6, (0.2, 0.2, 0.0), Verdict.UNSURE),  # high and high would be both
    ],
)
def test_exclusive_scores_give_neither_both_nor_neither(
    cat: float, limits: tuple[float, float, float], verdict: Verdict
) -> None:
    assert Thresholds(*limits, exclusive=True).judge(Scores(cat, 1 - cat)) is verdict
