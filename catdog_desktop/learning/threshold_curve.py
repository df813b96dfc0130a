"""How many of the user's checked photos are right, wrong and unsure for each threshold, and the confusion matrix."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.learning.head import Floats, Head
from catdog_desktop.learning.lesson import TARGETS, JudgedPhotos, adjusted_all
from catdog_desktop.verdict import Thresholds, Verdict
from catdog_desktop.verdict_arrays import CODES, judge_all

PERCENTS: Final = range(1, 100)
"""The thresholds of a curve."""
OWN_VERDICTS: Final = tuple(TARGETS)
"""Verdicts that a user gives, in the order of the rows of the matrix."""
_UNSURE: Final = CODES.index(Verdict.UNSURE)


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Counts of photos."""

    right: int
    wrong: int
    unsure: int


@dataclass(frozen=True, slots=True)
class CheckedPhotos:
    """Photos that the user has checked."""

    scores: Floats
    """[N, 2], of the model and what was learnt."""
    codes: NDArray[np.int8]
    """[N], the verdicts of the user as indexes into `CODES`."""

    def __len__(self) -> int:
        return len(self.codes)

    def outcomes(self, thresholds: Thresholds) -> Outcomes:
        """Return how many photos are right, wrong and unsure."""
        found = judge_all(thresholds, self.scores[:, 0], self.scores[:, 1])
        unsure, right = int((found == _UNSURE).sum()), int((found == self.codes).sum())
        return Outcomes(right, len(self) - right - unsure, unsure)

    def curve(self, thresholds: Thresholds) -> list[Outcomes]:
        """Return the outcomes for each of `PERCENTS` as threshold of both scores, with the given unsure range."""
        return [self.outcomes(replace(thresholds, cat=p / 100, dog=p / 100)) for p in PERCENTS]

    def confusion(self, thresholds: Thresholds) -> dict[tuple[Verdict, Verdict], int]:
        """Return the number of photos for each pair of the user's verdict and that of the scores."""
        found = judge_all(thresholds, self.scores[:, 0], self.scores[:, 1])
        counts = Counter(zip(self.codes.tolist(), found.tolist(), strict=True))
        return {(own, other): counts[CODES.index(own), CODES.index(other)] for own in OWN_VERDICTS for other in CODES}


def checked_photos(photos: JudgedPhotos, head: Head | None) -> CheckedPhotos:
    """Return the checked ones of `photos`, with the scores of `head`."""
    numbers = [number for number, verdict in enumerate(photos.verdicts) if verdict in TARGETS]
    codes = [CODES.index(verdict) for verdict in photos.verdicts if verdict is not None and verdict in TARGETS]
    chosen = JudgedPhotos(
        [photos.paths[number] for number in numbers],
        photos.scores[numbers],
        photos.packed[numbers],
        [photos.verdicts[number] for number in numbers],
    )
    return CheckedPhotos(adjusted_all(chosen, head), np.array(codes, np.int8))


def curve_as_csv(checked: CheckedPhotos, thresholds: Thresholds) -> str:
    """Return the curve and the matrix as CSV, with an empty line between them."""
    lines = ["threshold,right,wrong,unsure"]
    for percent, found in zip(PERCENTS, checked.curve(thresholds), strict=True):
        lines.append(f"{percent / 100:.2f},{found.right},{found.wrong},{found.unsure}")
    matrix = checked.confusion(thresholds)
    lines += ["", ",".join(["yours", *map(str, CODES)])]
    lines += [",".join([str(own), *(str(matrix[own, other]) for other in CODES)]) for own in OWN_VERDICTS]
    return "\n".join(lines) + "\n"
