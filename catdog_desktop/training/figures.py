"""The figures of a model: how often it is right, and how well its probabilities are calibrated."""

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.training.calibration import Array, Limits, is_unsure

_BINS: Final = 15
_LEAST_PROBABILITY: Final = 1e-7


def measure(scores: Array, targets: NDArray[np.floating], limits: Limits) -> dict[str, float | int]:
    """Measure scores [N, 2] against targets [N, 2]; a figure without photos to measure it on is left out.

    * `forced_accuracy`: the larger score is the right animal, of photos with one animal;
    * `pets_called_neither`, `neither_called_pet`, `both_found`: of sure verdicts on such photos;
    * `unsure`: of photos with a pet; `log_loss` and `calibration_error`: mean over the two outputs.
    """
    wanted = np.asarray(targets > 0.5)
    found = scores >= (limits.cat, limits.dog)
    sure = ~is_unsure(scores, limits)
    pets, both = wanted.any(axis=1), wanted.all(axis=1)
    single = pets & ~both
    shares = {
        "forced_accuracy": _share((scores[:, 0] > scores[:, 1]) == wanted[:, 0], single),
        "pets_called_neither": _share(sure & ~found.any(axis=1), pets),
        "neither_called_pet": _share(sure & found.any(axis=1), ~pets),
        "both_found": _share(found.all(axis=1), both & sure),
        "verdict_accuracy": _share((found == wanted).all(axis=1), sure),
        "unsure": _share(~sure, pets),
        "log_loss": log_loss(scores, targets),
        "calibration_error": float(np.mean([calibration_error(scores[:, k], wanted[:, k]) for k in range(2)])),
    }
    return {**{key: round(value, 5) for key, value in shares.items() if value is not None}, "photos": len(scores)}


def log_loss(scores: Array, targets: NDArray[np.floating]) -> float:
    """Return the mean binary log-loss per output, in nats."""
    clipped = np.clip(scores, _LEAST_PROBABILITY, 1 - _LEAST_PROBABILITY)
    return float(-np.mean(targets * np.log(clipped) + (1 - targets) * np.log(1 - clipped)))


def calibration_error(score: Array, truth: NDArray[np.bool_]) -> float:
    """Return the expected calibration error of one output: mean |probability - frequency| over 15 equal bins."""
    bins = np.minimum((score * _BINS).astype(int), _BINS - 1)
    gaps = [abs(float(np.sum(score[bins == b] - truth[bins == b]))) for b in range(_BINS)]
    return sum(gaps) / max(len(score), 1)


def _share(hits: Any, of: Any) -> float | None:
    return float(hits[of].mean()) if of.any() else None
