"""Verdicts of many photos at once: what `Thresholds.judge` says of one, said of whole arrays, and how sure it is."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.verdict import Thresholds, Verdict

CODES: Final = tuple(Verdict)
"""What the numbers stand for that `judge_all` returns."""
NO_VERDICT: Final = -1
NEAR_MISS: Final = 0.15
"""How far beyond the unsure band a score is still close enough to be looked at, as a probability; at most half way."""

Floats = NDArray[np.float64]


def judge_all(thresholds: Thresholds, cat: Floats, dog: Floats) -> NDArray[np.int8]:
    """Return the verdict of each pair of scores as a number, see `CODES`; -1 where a score is NaN."""
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
    """Return how far each pair of scores is from another verdict: that of the nearer score to its threshold."""
    return np.minimum(np.abs(cat - thresholds.cat), np.abs(dog - thresholds.dog))


def worth_a_look(thresholds: Thresholds, cat: Floats, dog: Floats) -> NDArray[np.bool_]:
    """Return which pairs of scores a person should look at: the unsure ones, and those that are only just not."""
    unsure: NDArray[np.bool_] = judge_all(thresholds, cat, dog) == CODES.index(Verdict.UNSURE)
    return unsure | _near(cat, thresholds.cat, thresholds) | _near(dog, thresholds.dog, thresholds)


def _near(scores: Floats, threshold: float, thresholds: Thresholds) -> NDArray[np.bool_]:
    """Return which scores lie in the unsure band around `threshold`, or not far from it.

    Scores cannot fall below 0 nor rise above 1. Where the band comes close to one of them, what lies between is a near
    miss only in its half beside the band: else a clear no, of which there are most, would have to be looked at.
    """
    low, high = threshold - thresholds.unsure, threshold + thresholds.unsure
    near: NDArray[np.bool_] = (scores > low - min(NEAR_MISS, max(low, 0) / 2)) & (
        scores < high + min(NEAR_MISS, max(1 - high, 0) / 2)
    )
    return near
