"""The third output, `features`: a photo as a short vector that is near those of similar photos.

It is the mean of the last map, 1,280 numbers, reduced by principal components of the training photos and scaled to
length one. Similar photos and learning from corrections use it; the scores do not.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FEATURE_SIZE: Final = 128
"""Numbers of a photo's vector."""
_WHITENING: Final = 0.25
"""Components are divided by their spread to this power: 0 keeps the distances of the map, 1 makes all alike."""


@dataclass(frozen=True)
class Projection:
    """Reduces pooled features: `(pooled @ kernel + bias)`, scaled to length one."""

    kernel: NDArray[np.float32]
    """[1280, D]."""
    bias: NDArray[np.float32]
    """[D]; minus the projected mean of the training photos."""

    def apply(self, pooled: NDArray[np.floating]) -> NDArray[np.float32]:
        """Project pooled features [N, 1280] to unit vectors [N, D]."""
        vectors = pooled @ self.kernel + self.bias
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        return np.asarray(vectors / np.maximum(lengths, 1e-6), np.float32)


def fit_projection(pooled: NDArray[np.floating], size: int = FEATURE_SIZE, whitening: float = _WHITENING) -> Projection:
    """Fit principal components to the pooled features [N, 1280] of N > `size` photos."""
    numbers = np.asarray(pooled, np.float64)
    mean = numbers.mean(axis=0)
    covariance = np.cov(numbers - mean, rowvar=False)
    spreads, directions = np.linalg.eigh(covariance)  # ascending
    order = np.argsort(spreads)[::-1][:size]
    scales = np.maximum(spreads[order], 1e-8) ** (-whitening / 2)
    kernel = directions[:, order] * scales
    return Projection(kernel.astype(np.float32), (-mean @ kernel).astype(np.float32))
