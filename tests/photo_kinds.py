"""Made-up kinds of photos, by their features and scores, for tests of learning."""

import numpy as np

from catdog_desktop.inference.features import normalised
from catdog_desktop.verdict import Scores


class Kind:
    """Photos with similar features and equal scores."""

    def __init__(self, seed: int, cat: float, dog: float) -> None:
        self._chance = np.random.default_rng(seed)
        self._centre = normalised(self._chance.normal(size=128))
        self.scores = Scores(cat, dog)

    def features(self) -> np.ndarray:
        return normalised(self._centre + 0.5 * normalised(self._chance.normal(size=128)))
