"""Perceptual hashes: signs of the low frequencies of a photo, nearly the same for copies that were changed a little.

The signs of the lowest 16 x 16 coefficients of a cosine transform of the grey values, without the mean (the idea of
pHash, with more bits). A mirrored or turned copy has the same coefficients with other signs or in another order, so
that all eight positions of a photo can be compared without its pixels. A copy that was cut has other coefficients: each
photo has hashes of parts of it, too, and a part of one photo may agree with the whole of another.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

BITS: Final = 255
"""Bits of a hash. It is kept in `WORDS` numbers: the 63 bits of the lowest 8 x 8 coefficients are in the first."""
WORDS: Final = 4
_KEPT: Final = 16
_COARSE: Final = 8
_SAMPLES: Final = 32
"""Averages of a side from which its coefficients are computed."""
_CUTS: Final = ((0.0, 0.0), (0.045, 0.045), (0.09, 0.09), (0.08, 0.0), (0.0, 0.08))
"""Shares that are cut at the start and at the end of a side, for the parts of a photo."""
_PARTS: Final = ((0, 0), (1, 1), (2, 2), (0, 3), (0, 4), (3, 0), (4, 0), (3, 3), (3, 4), (4, 3), (4, 4))
"""The whole photo, then its parts: the cuts of its height and of its width, as indexes into `_CUTS`."""
PARTS: Final = len(_PARTS)
_SHARP_SIZE: Final = 160
"""Height and width at which the sharpness is measured."""
_LEAST_CONTRAST: Final = 2.0
"""Standard deviation of the grey values below which a photo has no hash: the signs of a blank photo are chance."""
_MOST_MATRICES: Final = 64
"""Matrices that are kept, one for each length of a side: 100 kB each for a thumbnail."""

Hashes = NDArray[np.uint64]
"""The last axis has `WORDS` numbers."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a photo looks."""

    hashes: Hashes
    """[PARTS, WORDS]: of the whole photo, then of its parts. All zeros for a blank photo."""
    sharpness: float
    """See `sharpness`."""


def look_of(grey: NDArray[np.uint8]) -> Look:
    """Return the look of a photo with grey values [H, W], 0..255."""
    values = grey.astype(np.float32)
    blank = float(values.std()) < _LEAST_CONTRAST
    return Look(np.zeros((PARTS, WORDS), np.uint64) if blank else _hashes(values), sharpness(values))


def sharpness(grey: NDArray[np.float32]) -> float:
    """Return the standard deviation of the second differences of grey values [H, W], relative to that of the values.

    Higher is sharper. The photo is scaled to `_SHARP_SIZE` first, so that a small copy is less sharp than its original.
    Comparable only between photos of the same scene.
    """
    height, width = grey.shape
    scaled = _scaling(height) @ grey @ _scaling(width).T
    centre = scaled[1:-1, 1:-1]
    laplacian = scaled[:-2, 1:-1] + scaled[2:, 1:-1] + scaled[1:-1, :-2] + scaled[1:-1, 2:] - 4 * centre
    return float(laplacian.std() / max(1.0, float(scaled.std())))


def positions_of(hashes: Hashes) -> Hashes:
    """Return the hashes [N, 8, WORDS] of photos in their eight positions: turned by quarters, and mirrored.

    `hashes` [N, WORDS] are those of the whole photos.
    """
    signs = _as_signs(hashes).reshape(-1, _KEPT, _KEPT)
    odd = np.arange(_KEPT) % 2 == 1
    turned = [
        kept ^ (odd[:, None] & down) ^ (odd[None, :] & across)
        for kept in (signs, signs.transpose(0, 2, 1))
        for down in (False, True)
        for across in (False, True)
    ]
    return _as_words(np.stack(turned, axis=1).reshape(len(signs), len(turned), _KEPT * _KEPT))


def differing_bits(one: Hashes, other: Hashes) -> NDArray[np.uint16]:
    """Return in how many bits hashes [..., words] differ: [...], after broadcasting."""
    counts = np.bitwise_count(np.bitwise_xor(one, other))
    return np.asarray(counts.sum(axis=-1, dtype=np.uint16))


def _hashes(grey: NDArray[np.float32]) -> Hashes:
    """Return the hashes [PARTS, WORDS] of grey values [H, W]."""
    height, width = grey.shape
    every = _transforms(height) @ grey @ _transforms(width).T
    every = every.reshape(len(_CUTS), _KEPT, len(_CUTS), _KEPT)
    signs = np.stack([every[row, :, column, :] > 0 for row, column in _PARTS])
    return _as_words(signs.reshape(PARTS, -1))


def _as_words(signs: NDArray[np.bool_]) -> Hashes:
    """Return signs [..., 256], row by row, as numbers [..., WORDS], without that of the mean."""
    ordered = signs[..., _ORDER]
    ordered[..., 0] = False
    packed = np.packbits(ordered, axis=-1, bitorder="little")
    return np.asarray(np.ascontiguousarray(packed).view("<u8").astype(np.uint64))


def _as_signs(hashes: Hashes) -> NDArray[np.bool_]:
    """Return the signs [..., 256], row by row, of hashes [..., WORDS]."""
    packed = np.ascontiguousarray(hashes.astype("<u8")).view(np.uint8)
    signs = np.empty((*hashes.shape[:-1], _KEPT * _KEPT), bool)
    signs[..., _ORDER] = np.unpackbits(packed, axis=-1, bitorder="little")
    return signs


@lru_cache(maxsize=_MOST_MATRICES)
def _transforms(length: int) -> NDArray[np.float32]:
    """Return the matrix [cuts * 16, length] from the values of a side to the first coefficients of each of its cuts."""
    return np.concatenate([_transform(length, *cut) for cut in _CUTS]).astype(np.float32)


def _transform(length: int, start: float, end: float) -> NDArray[np.float64]:
    """Return the matrix [16, length] from values to the first coefficients of the cosine transform (DCT-II) of a part.

    `start` and `end` are the shares that are cut.
    """
    edges = np.linspace(start, 1 - end, _SAMPLES + 1) * length
    places = np.arange(length)
    overlap = np.minimum(edges[1:, None], places + 1) - np.maximum(edges[:-1, None], places)
    averages = np.clip(overlap, 0, None)
    averages /= averages.sum(axis=1, keepdims=True)
    cosines = np.cos(np.pi / _SAMPLES * np.arange(_KEPT)[:, None] * (np.arange(_SAMPLES) + 0.5))
    return np.asarray(cosines @ averages)


@lru_cache(maxsize=_MOST_MATRICES)
def _scaling(length: int) -> NDArray[np.float32]:
    """Return the matrix [_SHARP_SIZE, length] that scales a side linearly, or averages where it gets shorter."""
    centres = (np.arange(_SHARP_SIZE) + 0.5) * length / _SHARP_SIZE - 0.5
    reach = max(1.0, length / _SHARP_SIZE)
    weights = np.clip(1 - np.abs(centres[:, None] - np.arange(length)) / reach, 0, None)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)


def _low_first() -> NDArray[np.intp]:
    """Return the places of the 256 signs with those of the lowest 8 x 8 coefficients first."""
    rows, columns = np.divmod(np.arange(_KEPT * _KEPT), _KEPT)
    return np.argsort(np.maximum(rows, columns) >= _COARSE, kind="stable")


_ORDER: Final = _low_first()
