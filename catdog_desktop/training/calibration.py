"""From logits to honest probabilities, and from those to thresholds; learnt on photos set apart for it."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

COST_WRONG: Final = 10.0
"""A wrong verdict costs as much as this many unsure ones."""
MOST_UNSURE_PETS: Final = 0.015
"""A little below what is asked for (2 in 100), for other photos may be harder."""
SHARE_OF_BOTH: Final = 0.05
"""How many of a user's photos show a cat and a dog; those to choose by are counted as if they were so many."""
_STEP: Final = 0.05
"""Thresholds and band are multiples of it: finer ones would follow single photos."""
_NEWTON_STEPS: Final = 50
_PRIOR: Final = 1.0


class CalibrationError(Exception):
    """Nothing honest can be learnt from these photos."""


@dataclass(frozen=True)
class Calibration:
    """Platt's scaling for cat and dog: probability = sigmoid(slope * logit + offset)."""

    slope: tuple[float, float] = (1.0, 1.0)
    offset: tuple[float, float] = (0.0, 0.0)

    def scores(self, logits: NDArray[np.floating]) -> Array:
        """Turn logits [N, 2] into probabilities [N, 2]."""
        return sigmoid(np.asarray(logits, np.float64) * self.slope + self.offset)


@dataclass(frozen=True)
class Limits:
    """Thresholds of cat and dog, and the half width of the band round each in which a verdict is unsure."""

    cat: float
    dog: float
    unsure: float


def sigmoid(logits: Array) -> Array:
    """Map logits to 0..1, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * logits))


def calibrate(logits: NDArray[np.floating], targets: NDArray[np.floating]) -> Calibration:
    """Fit Platt's scaling to logits and targets [N, 2], each output by itself.

    Raises :class:`CalibrationError` where the photos have no animal of a kind, or nothing else.
    """
    _check(logits, "logits")
    for k, animal in enumerate(("cat", "dog")):
        wanted = targets[:, k] > 0.5
        if wanted.all() or not wanted.any():
            raise CalibrationError(f"calibration needs photos with a {animal} and photos without")
    fits = [_fit_platt(logits[:, k].astype(np.float64), targets[:, k].astype(np.float64)) for k in range(2)]
    (cat_slope, cat_offset), (dog_slope, dog_offset) = fits
    return Calibration((cat_slope, dog_slope), (cat_offset, dog_offset))


def _fit_platt(logit: Array, target: Array) -> tuple[float, float]:
    """Minimise the log-loss by Newton's method, with a weak pull towards (1, 0) for small or perfect data."""
    design = np.stack([logit, np.ones_like(logit)], axis=1)
    start = np.array([1.0, 0.0])
    weights = start.copy()
    for _ in range(_NEWTON_STEPS):
        probability = sigmoid(design @ weights)
        gradient = design.T @ (probability - target) + _PRIOR * (weights - start)
        curvature = (design * (probability * (1 - probability))[:, None]).T @ design + _PRIOR * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        # A full Newton step can overshoot where nearly all photos are certain.
        weights = weights - step * min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return float(weights[0]), float(weights[1])


def is_unsure(scores: Array, limits: Limits) -> NDArray[np.bool_]:
    """Tell for scores [N, 2] whether either lies strictly inside the band round its threshold."""
    return np.asarray((np.abs(scores - (limits.cat, limits.dog)) < limits.unsure).any(axis=1))


def choose_limits(scores: Array, targets: NDArray[np.floating]) -> Limits:
    """Choose threshold and unsure band of the least expected cost on calibrated scores and targets [N, 2].

    The photos should have some of both, which count as `SHARE_OF_BOTH` of all. Of the bands only those are looked at
    that leave at most `MOST_UNSURE_PETS` of the photos with one animal unsure; of equal costs the threshold nearer to
    one half wins. Raises :class:`CalibrationError` without photos.
    """
    _check(scores, "scores")
    wanted = targets > 0.5
    both = wanted.all(axis=1)
    single = wanted.any(axis=1) & ~both
    weights = np.where(both, SHARE_OF_BOTH / max(both.sum(), 1), (1 - SHARE_OF_BOTH) / max((~both).sum(), 1))
    best, least = Limits(0.5, 0.5, 0.0), math.inf
    for halves in range(10, 3, -1):
        threshold = round(halves * _STEP, 2)
        for width in range(halves):
            limits = Limits(threshold, threshold, round(width * _STEP, 2))
            unsure = is_unsure(scores, limits)
            if single.any() and unsure[single].mean() > MOST_UNSURE_PETS:
                break
            wrong = ((scores >= (limits.cat, limits.dog)) != wanted).any(axis=1) & ~unsure
            cost = float(weights @ (COST_WRONG * wrong + unsure))
            if cost < least - 1e-9:
                best, least = limits, cost
    return best


def _check(numbers: NDArray[np.floating], what: str) -> None:
    """Raise :class:`CalibrationError` unless there are numbers [N, 2], and all of them finite."""
    if not len(numbers):
        raise CalibrationError("there are no photos to calibrate on")
    if not np.isfinite(numbers).all():
        raise CalibrationError(f"{what} are not finite: training has gone astray")
