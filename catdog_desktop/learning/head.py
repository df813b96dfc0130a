"""The learnt head: a correction of the model's logits, linear in the features, fitted to the user's own verdicts.

The scores become sigmoid(logit of the model + features @ kernel). The kernel comes from two logistic regressions with a
quadratic penalty. They start from the model's own logits, so that without verdicts of the user the kernel is zero:

- The *shift* is added to both logits. It decides whether there is a pet, and is learnt from all verdicts of the user.
- The *turn* is added to the logit of the cat and taken from that of the dog. It decides which of the two it is, and is
  learnt from photos of one animal alone. So a correction to neither cannot turn a cat into a dog.

The penalty of both is small along one direction, that of the corrected photos as a group (`_Group`). Photos of the
counterweight keep the scores that the model gives them.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.verdict import Scores

Floats = NDArray[np.float64]

PENALTY: Final = 0.3
"""Of a kernel outside the direction of the group. How the constants were chosen: docs/learning.md."""
GROUP_VARIANCE: Final = 100.0
"""Added to the prior variance, 1 / PENALTY, along the direction of the group for each photo's worth of agreement."""
SPHERING: Final = 1.0
"""Added to the covariance of the counterweight, whose mean variance is scaled to 1, before it is inverted."""
COUNTERWEIGHT: Final = 0.3
"""Weight of a photo of the counterweight; a photo of the user has 1."""
SMOOTHING: Final = 0.02
"""A photo of the user pulls its scores to 0.02 or 0.98 and no further: a mark may be a slip of the finger."""
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
    rows = examples.features.astype(np.float64)
    others = np.zeros((0, rows.shape[1])) if counterweight is None else counterweight.features.astype(np.float64)
    starts = logits(examples.scores)
    far = np.zeros((0, 2)) if counterweight is None else logits(counterweight.scores)

    # Which animal? Only photos of one of them tell, and the counterweight as far as it has a pet. The turn moves both
    # logits, so half their difference is fitted: then each of them reaches the target.
    tells = examples.targets[:, 0] != examples.targets[:, 1]
    margins, far_margins = ((values[:, :1] - values[:, 1:]) / 2 for values in (starts, far))
    pets = sigmoid(far).max(axis=1, initial=0.0)
    turn = _Regression(rows[tells], margins[tells], examples.targets[tells, :1], others, far_margins, pets)
    signs = np.array([1.0, -1.0])
    left_out_turns = rows @ turn.kernel
    left_out_turns[tells] = turn.left_out()

    turned = starts + np.outer(rows @ turn.kernel, signs)
    shift = _Regression(rows, turned, examples.targets, others, far, np.ones(len(far)))
    left_out = starts + np.outer(left_out_turns, signs) + shift.left_out()[:, None]
    kernel = np.stack([shift.kernel + turn.kernel, shift.kernel - turn.kernel], axis=1)
    return Fit(Head(kernel.astype(np.float32)), sigmoid(left_out))


def logits(scores: Floats) -> Floats:
    """Return the logits of scores, -13.8 to 13.8."""
    clipped = np.clip(scores, _LEAST_SCORE, 1 - _LEAST_SCORE)
    return np.asarray(np.log(clipped / (1 - clipped)))


def sigmoid(values: Floats) -> Floats:
    """Map logits to 0..1, without overflow."""
    return 0.5 * (1.0 + np.tanh(0.5 * values))


class _Regression:
    """A logistic regression on the features that starts from given logits and moves all K logits of a photo alike.

    The penalty of a kernel w is PENALTY / 2 * (w @ w - discount * (direction @ w)^2), see `_Group`.
    """

    def __init__(
        self, own: Floats, own_starts: Floats, own_targets: Floats, others: Floats, far: Floats, far_shares: Floats
    ) -> None:
        """Fit to photos of the user, [N, D] with logits and targets [N, K], and to the counterweight.

        `others` [M, D], `far` [M, K] and `far_shares` [M], 0..1, are features, logits and weights of the latter.
        """
        self._count = len(own)
        self._rows = np.concatenate([own, others])
        self._starts = np.concatenate([own_starts, far])
        self._targets = np.concatenate([np.clip(own_targets, SMOOTHING, 1 - SMOOTHING), sigmoid(far)])
        self._weights = np.concatenate([np.ones(len(own)), COUNTERWEIGHT * far_shares])[:, None]
        # Beyond its target a photo of the user pulls no more: its loss is constant there.
        limit, width = logits(np.array(1 - SMOOTHING)), own_starts.shape[1]
        ends = np.full((len(others), width), np.inf)
        self._lowest = np.concatenate([np.where(own_targets < 0.5, -limit, -np.inf), -ends])
        self._highest = np.concatenate([np.where(own_targets > 0.5, limit, np.inf), ends])
        self._group = _Group(own, -self._residuals(np.zeros(own.shape[1]))[: len(own)].sum(axis=1), others)
        self.kernel = np.zeros(own.shape[1])
        """[D]; zeros without photos of the user."""
        if self._count:
            self._fit()

    def left_out(self) -> Floats:
        """Return by how much the logits of each photo of the user move in a fit without it: [N].

        One Newton step from the whole fit. Without a photo its pull is gone, and the direction of the group is another.
        """
        if not self._count:
            return np.zeros(0)
        rows, kernel, group = self._rows[: self._count], self.kernel, self._group
        values = self._values(kernel)[: self._count]
        pulls = self._residuals(kernel)[: self._count].sum(axis=1)
        slopes = self._slopes(values, slice(self._count)).sum(axis=1)
        directions, discounts = group.without_each()
        # Without a photo the second derivatives change by bases.T @ diag(changes) @ bases, the gradient by
        # bases.T @ steps. So three numbers for each photo are solved for, not D.
        whole = np.broadcast_to(group.direction, rows.shape)
        bases = np.stack([rows, whole, directions], axis=1)
        kept = np.full(self._count, PENALTY * group.discount)
        changes = np.stack([-slopes, kept, -PENALTY * discounts], axis=1)
        steps = changes * (bases @ kernel)
        steps[:, 0] = -pulls
        inverse = np.linalg.inv(self._curvature(kernel))
        forms = (bases @ inverse) @ bases.transpose(0, 2, 1)
        system = np.eye(3) + changes[:, :, None] * forms
        moves = forms @ np.linalg.solve(system, steps[:, :, None])
        return np.asarray(rows @ kernel - moves[:, 0, 0])

    def _fit(self) -> None:
        for _ in range(_NEWTON_STEPS):
            gradient = (self._weights * self._residuals(self.kernel)).sum(axis=1) @ self._rows
            gradient += PENALTY * self._group.penalised(self.kernel)
            step = np.asarray(np.linalg.solve(self._curvature(self.kernel), gradient), np.float64)
            if np.abs(step).max() < _CONVERGED:
                break  # Before the step, so that verdicts that pull nothing leave zeros.
            self.kernel = self.kernel - self._shortened(step)

    def _values(self, kernel: Floats) -> Floats:
        """Return the logits [N + M, K], those of the user's photos no further than their targets."""
        values = self._starts + (self._rows @ kernel)[:, None]
        return np.asarray(np.clip(values, self._lowest, self._highest))

    def _residuals(self, kernel: Floats) -> Floats:
        return np.asarray(sigmoid(self._values(kernel)) - self._targets)

    def _slopes(self, values: Floats, part: slice) -> Floats:
        """Return the weighted derivatives of the scores for clipped logits: zero where they are clipped."""
        scores = sigmoid(values)
        free = (values > self._lowest[part]) & (values < self._highest[part])
        return np.asarray(self._weights[part] * scores * (1 - scores) * free)

    def _curvature(self, kernel: Floats) -> Floats:
        """Return the matrix of second derivatives [D, D]."""
        slopes = self._slopes(self._values(kernel), slice(None)).sum(axis=1)
        return np.asarray((self._rows * slopes[:, None]).T @ self._rows + PENALTY * self._group.matrix())

    def _loss(self, kernel: Floats) -> float:
        values = self._values(kernel)
        losses = np.logaddexp(0.0, values) - self._targets * values
        return float((self._weights * losses).sum() + PENALTY * kernel @ self._group.penalised(kernel) / 2)

    def _shortened(self, step: Floats) -> Floats:
        """Return a Newton step, halved until it no longer raises the loss."""
        before = self._loss(self.kernel)
        while self._loss(self.kernel - step) > before and np.abs(step).max() >= _CONVERGED:
            step = step / 2
        return step


class _Group:
    """The direction of the photos that the model got wrong, and the share of the penalty that is taken off along it.

    The direction is that of a linear discriminant between these photos and all others: the difference of their means,
    each photo weighted by how wrong the model is, times the inverse of the covariance of the counterweight. The more
    photos agree on it, the larger is the discount. One photo is no group, nor are like photos with contrary verdicts.
    """

    def __init__(self, rows: Floats, pulls: Floats, others: Floats) -> None:
        """`rows` [N, D] of photos, and `pulls` [N]: by how much their logits' targets exceed the scores."""
        size = rows.shape[1]
        centre, covariance = np.zeros(size), np.zeros((size, size))
        if len(others):
            centre = others.mean(axis=0)
            covariance = (others - centre).T @ (others - centre)
            covariance *= size / max(float(np.trace(covariance)), 1e-12)
        self._pulled = pulls[:, None] * (rows - centre)
        self._squares = (self._pulled**2).sum(axis=1)
        self._metric = np.linalg.inv(covariance + SPHERING * np.eye(size))
        direction, discount = self._of(self._pulled.sum(axis=0), self._squares.sum())
        self.direction, self.discount = direction, float(discount)

    def without_each(self) -> tuple[Floats, Floats]:
        """Return the directions [N, D] and discounts [N] without each of the photos."""
        return self._of(self._pulled.sum(axis=0) - self._pulled, self._squares.sum() - self._squares)

    def matrix(self) -> Floats:
        """Return the matrix [D, D] of the penalty."""
        return np.eye(len(self.direction)) - self.discount * np.outer(self.direction, self.direction)

    def penalised(self, kernel: Floats) -> Floats:
        """Return `matrix() @ kernel`."""
        return kernel - self.discount * (self.direction @ kernel) * self.direction

    def _of(self, sums: Floats, squares: Floats) -> tuple[Floats, Floats]:
        """Return the direction [..., D] and discount [...] for the sum and the sum of squares of the pulled photos."""
        agreement = (sums**2).sum(axis=-1) / np.maximum(squares, 1e-12) - 1
        variance = PENALTY * GROUP_VARIANCE * np.maximum(agreement, 0.0)
        directions = sums @ self._metric
        lengths = np.linalg.norm(directions, axis=-1, keepdims=True)
        return directions / np.maximum(lengths, 1e-12), variance / (1 + variance)
