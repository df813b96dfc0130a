"""Verdicts from scores, and scores as percentages that are never 0% or 100%."""

import math
from pathlib import Path

import pytest

from catdog_desktop.formatting import format_percent
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict


@pytest.mark.parametrize(
    ("cat", "dog", "verdict"),
    [
        (0.9, 0.1, Verdict.CAT),
        (0.1, 0.9, Verdict.DOG),
        (0.9, 0.9, Verdict.BOTH),
        (0.1, 0.1, Verdict.NEITHER),
        (0.5, 0.1, Verdict.UNSURE),
        (0.1, 0.31, Verdict.UNSURE),
        (0.9, 0.69, Verdict.UNSURE),
        (0.7, 0.3, Verdict.CAT),
        (1.0, 0.0, Verdict.CAT),
        (0.0, 1.0, Verdict.DOG),
        (1.0, 1.0, Verdict.BOTH),
        (0.0, 0.0, Verdict.NEITHER),
    ],
)
def test_judge_known_scores(cat: float, dog: float, verdict: Verdict) -> None:
    assert Thresholds(0.5, 0.5, 0.199999).judge(Scores(cat, dog)) is verdict


def test_judge_uses_threshold_of_each_animal() -> None:
    limits = Thresholds(0.9, 0.1, 0.0)
    assert limits.judge(Scores(0.85, 0.05)) is Verdict.NEITHER
    assert limits.judge(Scores(0.85, 0.15)) is Verdict.DOG
    assert limits.judge(Scores(0.9, 0.1)) is Verdict.BOTH


def test_judge_without_band_is_never_unsure() -> None:
    limits = Thresholds(0.5, 0.5, 0.0)
    verdicts = {limits.judge(Scores(cat / 20, dog / 20)) for cat in range(21) for dog in range(21)}
    assert verdicts == set(Verdict) - {Verdict.UNSURE}


@pytest.mark.parametrize(
    "values", [(0, 0.5, 0.1), (0.5, 1, 0.1), (0.5, 0.5, -0.1), (0.5, 0.5, 0.5), (math.nan, 0.5, 0)]
)
def test_thresholds_invalid_values_raise(values: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="must lie between"):
        Thresholds(*values)


@pytest.mark.parametrize(
    ("score", "text"),
    [
        (0.0, "<1%"),
        (0.003, "<1%"),
        (0.0049, "<1%"),
        (0.0051, "1%"),
        (0.012, "1%"),
        (0.5, "50%"),
        (0.93, "93%"),
        (0.994, "99%"),
        (0.996, ">99%"),
        (1.0, ">99%"),
    ],
)
def test_format_percent_known_values(score: float, text: str) -> None:
    assert format_percent(score) == text


def test_result_needs_either_scores_or_error() -> None:
    with pytest.raises(ValueError, match="either"):
        Result(Path("a"))
    with pytest.raises(ValueError, match="either"):
        Result(Path("a"), scores=Scores(0, 0), error="is damaged")
