"""Right, wrong and unsure photos for each threshold, and the confusion matrix."""

from pathlib import Path

import numpy as np

from catdog_desktop.learning.lesson import JudgedPhotos
from catdog_desktop.learning.threshold_curve import PERCENTS, Outcomes, checked_photos, curve_as_csv
from catdog_desktop.verdict import Thresholds, Verdict

THRESHOLDS = Thresholds(0.5, 0.5, 0.1)
PHOTOS = JudgedPhotos(
    [Path(f"{number}.jpg") for number in range(5)],
    np.array([(0.9, 0.1), (0.3, 0.1), (0.45, 0.1), (0.1, 0.9), (0.7, 0.7)]),
    np.ones((5, 8), np.int8),
    [Verdict.CAT, Verdict.CAT, Verdict.NEITHER, Verdict.NEITHER, None],
)


def test_outcomes_count_checked_photos_only() -> None:
    checked = checked_photos(PHOTOS, None)
    assert len(checked) == 4
    assert checked.outcomes(THRESHOLDS) == Outcomes(right=1, wrong=2, unsure=1)


def test_curve_has_outcomes_for_each_percent() -> None:
    curve = checked_photos(PHOTOS, None).curve(THRESHOLDS)
    assert len(curve) == len(PERCENTS)
    assert curve[49] == Outcomes(1, 2, 1)
    assert curve[19] == Outcomes(right=1, wrong=2, unsure=1), "0.3 is no longer unsure with a threshold of 0.2"
    assert {found.right + found.wrong + found.unsure for found in curve} == {4}


def test_confusion_has_own_verdicts_in_rows() -> None:
    matrix = checked_photos(PHOTOS, None).confusion(THRESHOLDS)
    assert matrix[Verdict.CAT, Verdict.CAT] == 1
    assert matrix[Verdict.CAT, Verdict.NEITHER] == 1
    assert matrix[Verdict.NEITHER, Verdict.UNSURE] == 1
    assert matrix[Verdict.NEITHER, Verdict.DOG] == 1
    assert sum(matrix.values()) == 4


def test_csv_has_curve_and_matrix() -> None:
    lines = curve_as_csv(checked_photos(PHOTOS, None), THRESHOLDS).splitlines()
    assert lines[0] == "threshold,right,wrong,unsure"
    assert lines[50] == "0.50,1,2,1"
    assert lines[101:103] == ["yours,cat,dog,both,neither,unsure", "cat,1,0,0,1,0"]
