"""Scores, thresholds, verdicts, and the result of one photo."""

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.decoding.photo_info import PhotoInfo


class Verdict(StrEnum):
    """What a photo shows. The values are written by the command line and by exports."""

    CAT = "cat"
    DOG = "dog"
    BOTH = "both"
    NEITHER = "neither"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Scores:
    """Two probabilities, each 0..1: that the photo shows a cat, and that it shows a dog.

    They need not sum to 1, except for a model that must choose between the two (`Thresholds.exclusive`).
    """

    cat: float
    dog: float


@dataclass(frozen=True, slots=True)
class Thresholds:
    """The scores from which a photo counts as a cat or a dog, and the margin around them that counts as unsure.

    All three are probabilities: a score closer than `unsure` to its threshold is unsure. Each model has its own,
    chosen to minimise a stated cost; the user can change them.
    """

    cat: float = 0.5
    dog: float = 0.5
    unsure: float = 0.2
    exclusive: bool = False
    """Whether the model must choose between cat and dog. It cannot recognise both or neither; they count as unsure."""

    def __post_init__(self) -> None:
        """Raise `ValueError` that names the first value out of range."""
        for name in ("cat", "dog"):
            if not 0.0 < getattr(self, name) < 1.0:
                raise ValueError(f"the {name} threshold must lie between 0 and 1, not at {getattr(self, name)}")
        if not 0.0 <= self.unsure < 0.5:
            raise ValueError(f"the unsure band must lie between 0 and 0.5, not at {self.unsure}")

    def judge(self, scores: Scores) -> Verdict:
        """Return the verdict for `scores`; unsure if at least one of them is inside the unsure band."""
        if abs(scores.cat - self.cat) < self.unsure or abs(scores.dog - self.dog) < self.unsure:
            return Verdict.UNSURE
        has_cat, has_dog = scores.cat >= self.cat, scores.dog >= self.dog
        if self.exclusive and has_cat == has_dog:
            return Verdict.UNSURE
        if has_cat and has_dog:
            return Verdict.BOTH
        if has_cat:
            return Verdict.CAT
        return Verdict.DOG if has_dog else Verdict.NEITHER


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one photo: exactly one of `scores` and `error` is set."""

    path: Path
    scores: Scores | None = None
    error: str | None = None
    """A clause that follows the file's name: "is not a photo (it holds text)"."""
    info: PhotoInfo = field(default_factory=PhotoInfo)
    """Size, date and condition of the photo; empty where it could not be read."""
    thumbnail: bytes = field(default=b"", repr=False)
    """A JPEG of the upright photo; empty if not requested."""
    heat_maps: NDArray[np.uint8] | None = field(default=None, repr=False, compare=False)
    """(rows, columns, 2) for cat and dog, 0..255; None if the model has none."""
    features: NDArray[np.float32] | None = field(default=None, repr=False, compare=False)
    """(D,), L2-normalised: similar photos have a dot product near 1. None if the model has no such output."""
    looked_closer: bool = False
    """Parts of the photo were classified too, and the scores take them into account."""
    older_model: bool = False
    """An earlier version of the model gave the scores; they stand until the current one has judged the photo."""
    model_scores: Scores | None = None
    """The model's own scores, where a head learnt from corrections has changed `scores`; else None."""
    correction: Verdict | None = None
    """The user's own verdict. It overrides the scores, and also applies to a photo without scores."""
    rating: int | None = None
    """The user's own rating, 1 to 5 stars; None if the photo has none."""
    fingerprint: str = ""
    """The file's sampled content hash (see `store.fingerprint`): equal for duplicates; empty if unknown."""
    error_is_temporary: bool = False
    """The error may be gone the next time (no permission, a drive that was not there), so it is not stored."""

    def verdict(self, thresholds: Thresholds) -> Verdict | None:
        """Return the user's correction, else the verdict of the scores, else None."""
        if self.correction is not None:
            return self.correction
        return None if self.scores is None else thresholds.judge(self.scores)

    def __post_init__(self) -> None:
        """Raise `ValueError` unless exactly one of scores and error is set."""
        if (self.scores is None) == (self.error is None):
            raise ValueError("a result has either scores or an error")
