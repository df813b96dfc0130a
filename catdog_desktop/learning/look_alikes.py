"""Look-alikes: photos like one that the user has checked, and suspicious verdicts, which differ from theirs."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.learning.similarity import FeatureTable
from catdog_desktop.verdict_arrays import NO_VERDICT

LEAST_SIMILARITY: Final = 0.6
"""Of the pairs of held-out photos that are at least so similar, 99.96 % show the same (the standard set of 4.0)."""
_MOST_PRODUCTS: Final = 2_000_000
"""Limit for photos times checked photos: about 40 ms on one core."""
_LEAST_CHECKED: Final = 8


def look_alikes(table: FeatureTable, number: int, count: int) -> NDArray[np.intp]:
    """Return the numbers, below `count`, of the photos like the photo `number`, the most similar first."""
    direction = table.mean_of([number])
    if direction is None:
        return np.zeros(0, np.intp)
    similarity = table.similarities(direction, count)
    found = np.flatnonzero(similarity >= LEAST_SIMILARITY)
    found = found[found != number]
    return np.asarray(found[np.argsort(-similarity[found], kind="stable")])


def disagreement(table: FeatureTable, verdicts: NDArray[np.int8], checked: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return for each photo its similarity to the checked photo most like it, if their verdicts differ: [N].

    Negative if the verdicts agree; 0 without a look-alike, for checked photos, and for photos without a verdict.
    `verdicts` [N] are the present ones as indexes into `CODES`, the user's for `checked` photos [N]. With very many
    photos only the checked ones that were added last are compared.
    """
    count = len(verdicts)
    most = max(_LEAST_CHECKED, _MOST_PRODUCTS // max(1, count))
    chosen = [number for number in np.flatnonzero(checked).tolist() if table.has(number)][-most:]
    best = np.full(count, LEAST_SIMILARITY, np.float32)
    found = np.zeros(count, np.float32)
    for number in chosen:
        direction = table.mean_of([number])
        assert direction is not None  # `has` was true
        similarity = table.similarities(direction, count)
        nearer = similarity >= best  # False for NaN
        differs = verdicts != verdicts[number]
        found[nearer] = np.where(differs, similarity, -similarity)[nearer]
        best[nearer] = similarity[nearer]
    found[checked | (verdicts == NO_VERDICT)] = 0
    return found
