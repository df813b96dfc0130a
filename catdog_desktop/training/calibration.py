"""From logits to calibrated probabilities, and from those to thresholds; learnt on photos set apart for it."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

COST_WRONG: Final = 10.0
"""A wrong verdict costs as much as this many unsure ones."""
MOST_UNSURE_PETS: Final = 0.015
"""A little below the 2 in 100 that are asked for, because other photos may be harder."""
SHARE_OF_NEITHER: Final = 0.85
SHARE_OF_BOTH: Final = 0.02
"""How many of a user's photos show no pet, and a cat and a dog; photos to choose by are weighted to these shares."""
_STEP: Final = 0.05
"""Thresholds and band are multiples of it: finer ones would follow single photos."""
_NEWTON_STEPS: Final = 50
_PRIOR: Final = 1.0


class CalibrationError(Exception):
    """The photos do not suffice to calibrate, or the model gives numbers that are not finite."""


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


def calibrate(
    logits: NDArray[np.floating], targets: NDArray[np.floating], weights: NDArray[np.floating] | None = None
) -> Calibration:
    """Fit Platt's scaling to logits and targets [N, 2], each output by itself; `weights` [N] count photos more or less.

    Raises :class:`CalibrationError` where the photos have no animal of a kind, or nothing else.
    """
    _check(logits, "logits")
    for k, animal in enumerate(("cat", "dog")):
        wanted = targets[:, k] > 0.5
        if wanted.all() or not wanted.any():
            raise CalibrationError(f"calibration needs photos with a {animal} and photos without")
    counts = np.ones(len(logits)) if weights is None else np.asarray(weights, np.float64) * (len(logits) / sum(weights))
    fits = [_fit_platt(logits[:, k].astype(np.float64), targets[:, k].astype(np.float64), counts) for k in range(2)]
    (cat_slope, cat_offset), (dog_slope, dog_offset) = fits
    return Calibration((cat_slope, dog_slope), (cat_offset, dog_offset))


def _fit_platt(logit: Array, target: Array, weights: Array) -> tuple[float, float]:
    """Minimise the log-loss by Newton's method, with a weak pull towards (1, 0) for small or perfect data."""
    design = np.stack([logit, np.ones_like(logit)], axis=1)
    start = np.array([1.0, 0.0])
    fit = start.copy()
    for _ in range(_NEWTON_STEPS):
        probability = sigmoid(design @ fit)
        gradient = design.T @ (weights * (probability - target)) + _PRIOR * (fit - start)
        curvature = (design * (weights * probability * (1 - probability))[:, None]).T @ design + _PRIOR * np.eye(2)
        step = np.linalg.solve(curvature, gradient)
        # A full Newton step can overshoot where nearly all photos are certain.
        fit = fit - step * min(1.0, 0.5 / max(float(np.abs(step).max()), 1e-12))
        if np.abs(step).max() < 1e-8:
            break
    return float(fit[0]), float(fit[1])


def is_unsure(scores: Array, limits: Limits) -> NDArray[np.bool_]:
    """Return for scores [N, 2] whether either lies strictly inside the band round its threshold."""
    return np.asarray((np.abs(scores - (limits.cat, limits.dog)) < limits.unsure).any(axis=1))


def choose_limits(scores: Array, targets: NDArray[np.floating], weights: NDArray[np.floating] | None = None) -> Limits:
    """Choose threshold and unsure band of the least expected cost on calibrated scores and targets [N, 2].

    Photos without a pet, with one animal and with both are weighted to the shares of a real folder; `weights` [N] count
    them within these groups. Only bands that leave at most `MOST_UNSURE_PETS` of the photos with one animal unsure are
    considered; of equal costs the threshold nearer to one half wins. Raises :class:`CalibrationError` without photos.
    """
    _check(scores, "scores")
    wanted = targets > 0.5
    both = wanted.all(axis=1)
    single = wanted.any(axis=1) & ~both
    counts = np.ones(len(scores)) if weights is None else np.asarray(weights, np.float64)
    shares = (
        (both, SHARE_OF_BOTH),
        (single, 1 - SHARE_OF_BOTH - SHARE_OF_NEITHER),
        (~(both | single), SHARE_OF_NEITHER),
    )
    prior = np.zeros(len(scores))
    for group, share in shares:
        if group.any():
            prior[group] = counts[group] * share / counts[group].sum()
    best, least = Limits(0.5, 0.5, 0.0), math.inf
    for halves in range(10, 3, -1):
        threshold = round(halves * _STEP, 2)
        for width in range(halves):
            limits = Limits(threshold, threshold, round(width * _STEP, 2))
            unsure = is_unsure(scores, limits)
            if single.any() and np.average(unsure[single], weights=counts[single]) > MOST_UNSURE_PETS:
                break
            wrong = ((scores >= (limits.cat, limits.dog)) != wanted).any(axis=1) & ~unsure
            cost = float(prior @ (COST_WRONG * wrong + unsure))
            if cost < least - 1e-9:
                best, least = limits, cost
    return best


def _check(numbers: NDArray[np.floating], what: str) -> None:
    """Raise :class:`CalibrationError` unless there are numbers [N, 2], and all of them finite."""
    if not len(numbers):
        raise CalibrationError("there are no photos to calibrate on")
    if not np.isfinite(numbers).all():
        raise CalibrationError(f"{what} are not finite: training has diverged")
