"""Verdicts for arrays of scores: the same as `Thresholds.judge`, and how certain they are."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.verdict import Thresholds, Verdict

CODES: Final = tuple(Verdict)
"""The verdicts by the numbers that `judge_all` returns."""
NO_VERDICT: Final = -1
NEAR_MISS: Final = 0.15
"""How far outside the unsure band a score is still worth checking, as a probability. See `_near`."""

Floats = NDArray[np.float64]


def judge_all(thresholds: Thresholds, cat: Floats, dog: Floats) -> NDArray[np.int8]:
    """Return the verdict of each pair of scores as an index into `CODES`; `NO_VERDICT` where a score is NaN."""
    has_cat, has_dog = cat >= thresholds.cat, dog >= thresholds.dog
    codes = np.where(
        has_cat,
        np.where(has_dog, CODES.index(Verdict.BOTH), CODES.index(Verdict.CAT)),
        np.where(has_dog, CODES.index(Verdict.DOG), CODES.index(Verdict.NEITHER)),
    ).astype(np.int8)
    unsure = (np.abs(cat - thresholds.cat) < thresholds.unsure) | (np.abs(dog - thresholds.dog) < thresholds.unsure)
    if thresholds.exclusive:
        unsure |= has_cat == has_dog
    codes[unsure] = CODES.index(Verdict.UNSURE)
    codes[np.isnan(cat) | np.isnan(dog)] = NO_VERDICT
    return codes


def margins(thresholds: Thresholds, cat: Floats, dog: Floats) -> Floats:
    """Return for each pair of scores the distance to another verdict: the smaller distance to a threshold."""
    return np.minimum(np.abs(cat - thresholds.cat), np.abs(dog - thresholds.dog))


def worth_a_look(thresholds: Thresholds, cat: Floats, dog: Floats) -> NDArray[np.bool_]:
    """Return which pairs of scores a person should check: those that are unsure or nearly so."""
    unsure: NDArray[np.bool_] = judge_all(thresholds, cat, dog) == CODES.index(Verdict.UNSURE)
    return unsure | _near(cat, thresholds.cat, thresholds) | _near(dog, thresholds.dog, thresholds)


def _near(scores: Floats, threshold: float, thresholds: Thresholds) -> NDArray[np.bool_]:
    """Return which scores are in the unsure band around `threshold`, or at most `NEAR_MISS` outside it.

    Where the band comes close to 0 or 1, only the half of the gap next to the band counts. Otherwise every clear "no",
    the most common score, would have to be checked.
    """
    low, high = threshold - thresholds.unsure, threshold + thresholds.unsure
    near: NDArray[np.bool_] = (scores > low - min(NEAR_MISS, max(low, 0) / 2)) & (
        scores < high + min(NEAR_MISS, max(1 - high, 0) / 2)
    )
    return near
