"""Heat maps for models without any: cover parts of the photo one by one and measure how far the scores drop.

Patches of three sizes cover the photo, the largest first, so that a rough map comes early and becomes finer. It takes
111 classifications and can be cancelled between any two.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.decoding.pixels import upright_maps
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.inference.model_input import read_for_model
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.verdict import Scores

CELLS: Final = 24
"""Rows and columns of a map."""
STEP_SECONDS: Final = 0.3
"""Least time between two maps."""
_ROUNDS: Final = ((8, 4), (6, 3), (4, 4))
"""Edge of the patches and distance between their corners, in cells: 25 + 49 + 36 patches."""
_LEAST_DROP: Final = 1.0
"""In log-odds (from 73 to 50 %). Where every drop is smaller, the map stays dimmer."""
_CERTAIN: Final = 1e-6
"""Scores are clipped to this distance from 0 and 1: single precision has no more digits."""


@dataclass(frozen=True, slots=True)
class _Patch:
    """A part of the photo, in cells from `top` to before `bottom` and from `left` to before `right`."""

    top: int
    bottom: int
    left: int
    right: int

    def pixels(self, height: int, width: int) -> tuple[slice, slice]:
        """Return the same part of a photo of that size."""
        rows = slice(self.top * height // CELLS, -(-self.bottom * height // CELLS))
        return rows, slice(self.left * width // CELLS, -(-self.right * width // CELLS))


def occlusion_maps(
    path: Path, model: ModelFile, classifier: Classifier, cancelled: Callable[[], bool] = lambda: False
) -> Iterator[NDArray[np.uint8]]:
    """Yield ever finer heat maps of the photo at `path`: (rows, columns, 2) for cat and dog, 0..255, upright.

    The last one is complete unless `cancelled`, which is called before each inference, returned True. Raises
    `PhotoError` and `ModelError`.
    """
    photo = read_for_model(path, model, thumbnail=False)
    for heat in maps_of_pixels(photo.pixels, classifier, cancelled):
        turned = upright_maps(heat, photo.orientation)
        assert turned is not None
        yield turned


def maps_of_pixels(
    pixels: NDArray[Any], classifier: Classifier, cancelled: Callable[[], bool] = lambda: False
) -> Iterator[NDArray[np.uint8]]:
    """Yield the same for pixels (height, width, channels), 0..255, that are not upright yet."""
    whole = classifier.classify(pixels).scores
    cover = _cover(pixels)
    drops = _Drops()
    yielded_at = time.monotonic()
    for number, patch in enumerate(_patches()):
        if cancelled():
            return
        place = patch.pixels(*pixels.shape[:2])
        covered = pixels.copy()
        covered[place] = cover[place]
        drops.add(patch, _log_odds(whole) - _log_odds(classifier.classify(covered).scores))
        # A map of half a round is bright where no patch was yet. Only the first, short round is waited for.
        if number + 1 >= _FIRST_ROUND and time.monotonic() - yielded_at > STEP_SECONDS:
            yielded_at = time.monotonic()
            yield drops.heat(whole)
    yield drops.heat(whole)


class _Drops:
    """The drop of the scores, cell by cell: the mean over the patches of each size, then over the sizes."""

    def __init__(self) -> None:
        self._sums = {edge: np.zeros((CELLS, CELLS, 2)) for edge, _ in _ROUNDS}
        self._counts = {edge: np.zeros((CELLS, CELLS, 1)) for edge, _ in _ROUNDS}

    def add(self, patch: _Patch, drop: NDArray[np.float64]) -> None:
        edge = patch.bottom - patch.top
        place = slice(patch.top, patch.bottom), slice(patch.left, patch.right)
        # A part that raises the score when covered is no part of the animal, and must not lower its neighbours.
        self._sums[edge][place] += np.clip(drop, 0.0, None)
        self._counts[edge][place] += 1

    def heat(self, whole: Scores) -> NDArray[np.uint8]:
        """Return the map so far: as bright as the score is high, brightest where covering lowers it most."""
        heat = np.zeros((CELLS, CELLS, 2))
        for edge, sums in self._sums.items():
            means = sums / np.maximum(self._counts[edge], 1)
            # Large patches lower scores more than small ones; each size has the same weight.
            heat += means / np.maximum(means.max(axis=(0, 1)), _LEAST_DROP)
        heat = _smoothed(heat)
        heat /= np.maximum(heat.max(axis=(0, 1)), 0.5)
        heat *= [whole.cat, whole.dog]
        result: NDArray[np.uint8] = np.rint(heat * 255).astype(np.uint8)
        return result


def _patches() -> Iterator[_Patch]:
    for edge, step in _ROUNDS:
        starts = range(0, CELLS - edge + 1, step)
        for top in starts:
            for left in starts:
                yield _Patch(top, top + edge, left, left + edge)


_FIRST_ROUND: Final = len(range(0, CELLS - _ROUNDS[0][0] + 1, _ROUNDS[0][1])) ** 2


def _smoothed(heat: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of each cell and its neighbours, to hide the edges of the patches."""
    around = np.pad(heat, ((1, 1), (1, 1), (0, 0)), mode="edge")
    cells = [around[row : row + CELLS, column : column + CELLS] for row in range(3) for column in range(3)]
    result: NDArray[np.float64] = np.mean(cells, axis=0)
    return result


def _cover(pixels: NDArray[Any]) -> NDArray[Any]:
    """Return an image of the photo's mean colour, which looks like nothing in particular."""
    mean = np.rint(pixels.mean(axis=(0, 1)))
    return np.broadcast_to(mean, pixels.shape).astype(pixels.dtype)


def _log_odds(scores: Scores) -> NDArray[np.float64]:
    """Return both scores on a scale where 99.9 % and 99.99 % are as far apart as 0.1 % and 0.01 %."""
    shares = np.clip([scores.cat, scores.dog], _CERTAIN, 1 - _CERTAIN)
    result: NDArray[np.float64] = np.log(shares / (1 - shares))
    return result
