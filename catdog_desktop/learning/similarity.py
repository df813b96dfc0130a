"""Similar photos: the features of many photos as signed bytes, and their similarity to one photo or to several.

NumPy multiplies signed bytes without widening them, so that the product overflows silently. Blocks of rows are
converted to float32 first.
"""

from collections.abc import Sequence
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.inference.features import normalised

_BLOCK: Final = 4096
"""Rows converted at once: 2 MB of float32, which stays in the cache of the processor."""
_FIRST_ROWS: Final = 1024


class FeatureTable:
    """Features of photos by number, one signed byte for each value. Photos without features have similarity NaN."""

    def __init__(self) -> None:
        self._packed = np.zeros((0, 0), np.int8)
        self._inverse_lengths = np.zeros(0, np.float32)
        """1 / length of each row, NaN for rows without features."""

    @classmethod
    def of(cls, packed: NDArray[np.int8]) -> Self:
        """Make a table of packed features [N, D], numbered 0 to N - 1."""
        table = cls()
        table._packed = packed
        table._inverse_lengths = _inverse_lengths(packed)
        return table

    @property
    def size(self) -> int:
        """Values of a feature vector; 0 before the first features."""
        return self._packed.shape[1]

    def put(self, numbers: Sequence[int], features: NDArray[np.float32]) -> None:
        """Set the features [N, D] of photos. Features of another size (of another model) replace all others."""
        if not numbers:
            return
        if features.shape[1] != self.size:
            self._packed = np.zeros((0, features.shape[1]), np.int8)
            self._inverse_lengths = np.zeros(0, np.float32)
        self._grow(max(numbers) + 1)
        packed = pack_rows(features)
        self._packed[numbers] = packed
        self._inverse_lengths[numbers] = _inverse_lengths(packed)

    def forget(self, number: int) -> None:
        """Forget the features of a photo."""
        if self.has(number):
            self._packed[number] = 0
            self._inverse_lengths[number] = np.nan

    def clear(self) -> None:
        """Forget all features, because another model is used."""
        self._packed = np.zeros((0, 0), np.int8)
        self._inverse_lengths = np.zeros(0, np.float32)

    def keep(self, numbers: NDArray[np.integer]) -> None:
        """Keep the photos with these numbers, ascending; they are numbered anew, from 0 on."""
        known = numbers[numbers < len(self._packed)]
        self._packed, self._inverse_lengths = self._packed[known], self._inverse_lengths[known]

    def mean_of(self, numbers: Sequence[int]) -> NDArray[np.float32] | None:
        """Return the direction [D] of the mean of some photos' features; None if none of them has features."""
        rows = [number for number in numbers if self.has(number)]
        if not rows:
            return None
        vectors = self._packed[rows].astype(np.float32) * self._inverse_lengths[rows, None]
        return normalised(vectors.mean(axis=0))

    def has(self, number: int) -> bool:
        """Whether the features of a photo are known."""
        return number < len(self._inverse_lengths) and bool(np.isfinite(self._inverse_lengths[number]))

    def packed(self, count: int) -> NDArray[np.int8]:
        """Return a copy of the packed features [count, D] of the first photos; zeros for photos without."""
        rows = np.zeros((count, self.size), np.int8)
        known = min(count, len(self._packed))
        rows[:known] = self._packed[:known]
        return rows

    def similarities(self, direction: NDArray[np.float32], count: int | None = None) -> NDArray[np.float32]:
        """Return the similarity, -1..1, of the first `count` photos (default: all) to `direction` [D]: [count].

        NaN for photos without features.
        """
        total = len(self._packed)
        result = np.full(total if count is None else count, np.nan, np.float32)
        query = normalised(direction)
        end = min(total, len(result))
        for start in range(0, end, _BLOCK):
            stop = min(end, start + _BLOCK)
            result[start:stop] = self._packed[start:stop].astype(np.float32) @ query
        result[:end] *= self._inverse_lengths[:end]
        return result

    def nearest(self, direction: NDArray[np.float32], count: int) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """Return the numbers of the `count` photos most similar to `direction` [D], best first, and similarities."""
        similarity = self.similarities(direction)
        known = np.flatnonzero(np.isfinite(similarity))
        if count < len(known):
            known = known[np.argpartition(-similarity[known], count)[:count]]
        best = known[np.argsort(-similarity[known], kind="stable")]
        return best, similarity[best]

    def _grow(self, rows: int) -> None:
        if rows <= len(self._packed):
            return
        more = max(rows, 2 * len(self._packed), _FIRST_ROWS) - len(self._packed)
        self._packed = np.concatenate([self._packed, np.zeros((more, self.size), np.int8)])
        self._inverse_lengths = np.concatenate([self._inverse_lengths, np.full(more, np.nan, np.float32)])


def pack_rows(features: NDArray[np.floating]) -> NDArray[np.int8]:
    """Return features [N, D] as signed bytes, each row scaled so that its largest absolute value is 127."""
    largest = np.abs(features).max(axis=1, keepdims=True, initial=0.0)
    scale = np.divide(127.0, largest, out=np.zeros_like(largest), where=largest > 0)
    return np.asarray(np.rint(features * scale).astype(np.int8))


def unpack_rows(packed: NDArray[np.int8]) -> NDArray[np.float32]:
    """Return packed features [N, D] as float32 rows of length 1; all zeros stay zeros."""
    rows = packed.astype(np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), np.float32)


def _inverse_lengths(packed: NDArray[np.int8]) -> NDArray[np.float32]:
    """Return 1 / length of each row [N]; NaN for rows of zeros."""
    squares = np.zeros(len(packed), np.float32)
    for start in range(0, len(packed), _BLOCK):
        block = packed[start : start + _BLOCK].astype(np.float32)
        squares[start : start + _BLOCK] = np.einsum("nd,nd->n", block, block)
    return np.where(squares > 0, 1 / np.sqrt(np.where(squares > 0, squares, 1)), np.nan).astype(np.float32)
