"""Many verdicts at once are the same as one by one."""

import numpy as np
import pytest

from catdog_desktop.many_scores import CODES, NO_VERDICT, judge_all, margins, worth_a_look
from catdog_desktop.verdict import Scores, Thresholds, Verdict

THRESHOLDS = (
    Thresholds(),
    Thresholds(0.5, 0.5, 0.0),
    Thresholds(0.3, 0.75, 0.1),
    Thresholds(0.9, 0.1, 0.49),
    Thresholds(0.4, 0.3, 0.05, exclusive=True),
)


@pytest.mark.parametrize("thresholds", THRESHOLDS)
def test_many_are_judged_as_one_is(thresholds: Thresholds) -> None:
    # Hundredths meet the thresholds and the edges of the unsure band exactly; random numbers lie between.
    chance = np.random.default_rng(7)
    values = np.concatenate([np.arange(101) / 100, chance.random(40)])
    cat, dog = (grid.ravel() for grid in np.meshgrid(values, values))
    expected = [thresholds.judge(Scores(*pair)) for pair in zip(cat.tolist(), dog.tolist(), strict=True)]
    assert [CODES[code] for code in judge_all(thresholds, cat, dog)] == expected


def test_without_scores_there_is_no_verdict() -> None:
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
def test_a_margin_is_that_of_the_nearer_score(cat: float, dog: float, margin: float, looked_at: bool) -> None:
    thresholds = Thresholds(0.5, 0.5, 0.2)
    found = margins(thresholds, np.array([cat]), np.array([dog]))
    assert found == pytest.approx([margin], nan_ok=True)
    assert worth_a_look(thresholds, found).tolist() == [looked_at]
