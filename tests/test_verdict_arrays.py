"""Verdicts of arrays equal those of single scores."""

import numpy as np
import pytest

from catdog_desktop import paths
from catdog_desktop.inference.model_file import check_description
from catdog_desktop.verdict import Scores, Thresholds, Verdict
from catdog_desktop.verdict_arrays import CODES, NO_VERDICT, judge_all, margins, worth_a_look

THRESHOLDS = (
    Thresholds(),
    Thresholds(0.5, 0.5, 0.0),
    Thresholds(0.3, 0.75, 0.1),
    Thresholds(0.9, 0.1, 0.49),
    Thresholds(0.4, 0.3, 0.05, exclusive=True),
)


@pytest.mark.parametrize("thresholds", THRESHOLDS)
def test_judge_all_equals_judge(thresholds: Thresholds) -> None:
    # Hundredths meet the thresholds and the edges of the unsure band exactly; random numbers lie between.
    chance = np.random.default_rng(7)
    values = np.concatenate([np.arange(101) / 100, chance.random(40)])
    cat, dog = (grid.ravel() for grid in np.meshgrid(values, values))
    expected = [thresholds.judge(Scores(*pair)) for pair in zip(cat.tolist(), dog.tolist(), strict=True)]
    assert [CODES[code] for code in judge_all(thresholds, cat, dog)] == expected


def test_judge_all_without_scores_gives_no_verdict() -> None:
    codes = judge_all(Thresholds(), np.array([np.nan, 0.9]), np.array([np.nan, 0.1]))
    assert codes.tolist() == [NO_VERDICT, CODES.index(Verdict.CAT)]


@pytest.mark.parametrize(
    ("cat", "dog", "margin", "looked_at"),
    [
        (0.50, 0.01, 0.00, True),
        (0.99, 0.52, 0.02, True),
        (0.65, 0.01, 0.15, True),
        (0.75, 0.01, 0.25, True),
        (0.90, 0.01, 0.40, False),
        (0.99, 0.99, 0.49, False),
        (np.nan, np.nan, np.nan, False),
    ],
)
def test_margins_use_the_nearer_score(cat: float, dog: float, margin: float, looked_at: bool) -> None:
    thresholds = Thresholds(0.5, 0.5, 0.2)
    pair = np.array([cat]), np.array([dog])
    assert margins(thresholds, *pair) == pytest.approx([margin], nan_ok=True)
    assert worth_a_look(thresholds, *pair).tolist() == [looked_at]


@pytest.mark.parametrize(
    ("thresholds", "cat", "looked_at"),
    [
        (Thresholds(0.35, 0.35, 0.2), (0.16, 0.10, 0.54, 0.60), True),
        (Thresholds(0.35, 0.35, 0.2), (0.0, 0.001, 0.05, 0.75, 1.0), False),
        (Thresholds(0.8, 0.35, 0.15), (0.70, 0.52, 0.96, 0.97), True),
        (Thresholds(0.8, 0.35, 0.15), (0.0, 0.48, 0.98, 1.0), False),
        (Thresholds(0.1, 0.35, 0.15), (0.0, 0.2, 0.3), True),
        (Thresholds(0.4, 0.4, 0.05, exclusive=True), (0.52, 0.99), True),
    ],
)
def test_worth_a_look_excludes_clear_scores(thresholds: Thresholds, cat: tuple[float, ...], looked_at: bool) -> None:
    """The band may reach 0 or 1, and an exclusive model calls neither and both unsure."""
    dog = np.full(len(cat), 0.99 if thresholds.exclusive else 0.001)
    assert worth_a_look(thresholds, np.array(cat), dog).tolist() == [looked_at] * len(cat)


def test_worth_a_look_shipped_thresholds_exclude_clear_photos() -> None:
    ours = check_description(paths.default_model()).thresholds
    cat, dog = np.array([0.999, 0.003, 0.002, 0.97]), np.array([0.001, 0.996, 0.004, 0.98])
    assert not worth_a_look(ours, cat, dog).any()
