"""The learnt head: a correction of the model's logits, linear in the features, fitted to the user's own verdicts.

The scores become sigmoid(logit of the model + features @ kernel). The kernel is that of a logistic regression with a
quadratic penalty. It starts from the model's own logits, so that without verdicts of the user it is zero. Photos of the
counterweight keep the scores that the model gives them, which keeps the kernel small where the user corrected nothing.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.verdict import Scores

Floats = NDArray[np.float64]

PENALTY: Final = 0.01
"""Of the shift of both logits. Chosen, as the three below, on sources that the model never saw (docs/learning.md)."""
TURN_PENALTY: Final = 100 * PENALTY
"""Of the shift that tells a cat from a dog. Without it, a correction to neither turns cats into dogs, too."""
COUNTERWEIGHT: Final = 0.3
"""Weight of a photo of the counterweight; a photo of the user has 1."""
SMOOTHING: Final = 0.02
"""The targets are 0.02 and 0.98: a mark may be a slip of the finger."""
_LEAST_SCORE: Final = 1e-6
_NEWTON_STEPS: Final = 30
_CONVERGED: Final = 1e-5


@dataclass(frozen=True, slots=True)
class Head:
    """A correction of the model's scores, by the features of a photo."""

    kernel: NDArray[np.float32]
    """[D, 2], what each feature adds to the logits of cat and dog."""

    def adjusted(self, scores: Floats, features: NDArray[np.float32]) -> Floats:
        """Return the scores [N, 2] that replace the model's own for photos with features [N, D]."""
        return sigmoid(logits(scores) + features.astype(np.float64) @ self.kernel)

    def adjusted_scores(self, scores: Scores, features: NDArray[np.float32]) -> Scores:
        """Return the scores that replace the model's own for one photo with features [D]."""
        cat, dog = self.adjusted(np.array([[scores.cat, scores.dog]]), features[None])[0].tolist()
        return Scores(cat, dog)


@dataclass(frozen=True, slots=True)
class Examples:
    """Photos to fit a head to."""

    scores: Floats
    """[N, 2], the model's own scores of cat and dog."""
    features: NDArray[np.float32]
    """[N, D], rows of length 1."""
    targets: Floats
    """[N, 2], 0..1: has a cat, has a dog."""

    def __len__(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, slots=True)
class Fit:
    """A fitted head, and what it says of each example when it is fitted to all the others."""

    head: Head
    left_out_scores: Floats
    """[N, 2], scores of the examples."""


def fit_head(examples: Examples, counterweight: Examples | None = None) -> Fit:
    """Fit a head to photos that the user has checked; deterministic. Takes well under a second for 2,000.

    The targets of `counterweight` are not used: its photos keep the scores that the model gives them.
    """
    problem = _Problem(examples, counterweight)
    found = np.zeros(2 * examples.features.shape[1])
    for _ in range(_NEWTON_STEPS):
        gradient, curvature = problem.derivatives(found)
        step = problem.shortened(found, np.asarray(np.linalg.solve(curvature, gradient), np.float64))
        found -= step
        if np.abs(step).max() < _CONVERGED:
            break
    return Fit(Head(as_kernel(found).astype(np.float32)), problem.left_out(found, len(examples)))


def logits(scores: Floats) -> Floats:
    """Return the logits of scores, -13.8 to 13.8."""
    clipped = np.clip(scores, _LEAST_SCORE, 1 - _LEAST_SCORE)
    return np.asarray(np.log(clipped / (1 - clipped)))


def sigmoid(values: Floats) -> Floats:
    """Map logits to 0..1, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * values))


class _Problem:
    """The loss of a kernel. It is fitted as a shift of both logits, and one that tells a cat from a dog.

    Both are [D]: the logit of the cat moves by shift + turn, that of the dog by shift - turn.
    """

    def __init__(self, examples: Examples, counterweight: Examples | None) -> None:
        parts = [examples] if counterweight is None else [examples, counterweight]
        self.rows = np.concatenate([part.features.astype(np.float64) for part in parts])
        self.starts = logits(np.concatenate([part.scores for part in parts]))
        self.targets = sigmoid(self.starts)
        self.targets[: len(examples)] = np.clip(examples.targets, SMOOTHING, 1 - SMOOTHING)
        self.weights = np.full((len(self.rows), 1), COUNTERWEIGHT)
        self.weights[: len(examples)] = 1.0
        size = self.rows.shape[1]
        self._penalties = np.concatenate([np.full(size, PENALTY), np.full(size, TURN_PENALTY)])

    def values(self, shift_and_turn: Floats) -> Floats:
        """Return the logits [N, 2]."""
        return self.starts + self.rows @ as_kernel(shift_and_turn)

    def loss(self, shift_and_turn: Floats) -> float:
        """Return the penalised loss."""
        values = self.values(shift_and_turn)
        losses = np.logaddexp(0.0, values) - self.targets * values
        return float((self.weights * losses).sum() + (self._penalties * shift_and_turn**2).sum() / 2)

    def shortened(self, shift_and_turn: Floats, step: Floats) -> Floats:
        """Return a Newton step, halved until it no longer raises the loss."""
        before = self.loss(shift_and_turn)
        while self.loss(shift_and_turn - step) > before and np.abs(step).max() >= _CONVERGED:
            step = step / 2
        return step

    def derivatives(self, shift_and_turn: Floats) -> tuple[Floats, Floats]:
        """Return the gradient [2 D] and the matrix of second derivatives [2 D, 2 D]."""
        scores = sigmoid(self.values(shift_and_turn))
        residuals = self.weights * (scores - self.targets)
        slopes = self.weights * scores * (1 - scores)
        cat, dog = ((self.rows * slopes[:, [output]]).T @ self.rows for output in range(2))
        both = np.stack([residuals.sum(axis=1), residuals[:, 0] - residuals[:, 1]])
        gradient = (both @ self.rows).ravel() + self._penalties * shift_and_turn
        return gradient, np.block([[cat + dog, cat - dog], [cat - dog, cat + dog]]) + np.diag(self._penalties)

    def left_out(self, shift_and_turn: Floats, count: int) -> Floats:
        """Return the scores [count, 2] of the first photos, each by a fit without it: one Newton step from the fit."""
        rows = self.rows[:count]
        _, curvature = self.derivatives(shift_and_turn)
        inverse, size = np.linalg.inv(curvature), rows.shape[1]
        shift, mixed, turn = inverse[:size, :size], inverse[:size, size:], inverse[size:, size:]
        leverage = np.empty((count, 2, 2))
        leverage[:, 0, 0] = _forms(rows, shift + mixed + mixed.T + turn)
        leverage[:, 0, 1] = leverage[:, 1, 0] = _forms(rows, shift - turn)
        leverage[:, 1, 1] = _forms(rows, shift - mixed - mixed.T + turn)
        values = self.values(shift_and_turn)[:count]
        scores = sigmoid(values)
        slopes = scores * (1 - scores)
        system = np.eye(2) - slopes[:, :, None] * leverage
        pulls = np.linalg.solve(system, (scores - self.targets[:count])[:, :, None])
        return sigmoid(values + (leverage @ pulls)[:, :, 0])


def as_kernel(shift_and_turn: Floats) -> Floats:
    """Return the kernel [D, 2] of a shift and a turn, [2 D]."""
    shift, turn = np.split(shift_and_turn, 2)
    return np.stack([shift + turn, shift - turn], axis=1)


def _forms(rows: Floats, matrix: Floats) -> Floats:
    """Return the quadratic form of each row, [N]."""
    return np.asarray(np.einsum("nd,nd->n", rows @ matrix, rows))
