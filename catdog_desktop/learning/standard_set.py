"""The standard set: features, logits and labels of labelled photos that no model was trained on. No pixels.

It is shipped beside the model, in `standard_set.npz`. It is the counterweight when a head is fitted, and shows whether
a head makes the model worse on photos that are not the user's.
"""

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.learning.head import Examples, Floats, Head, sigmoid
from catdog_desktop.learning.similarity import unpack_rows
from catdog_desktop.verdict import Thresholds, Verdict
from catdog_desktop.verdict_arrays import CODES, judge_all

FILE_NAME: Final = "standard_set.npz"
MAX_BYTES: Final = 600_000
_MAX_PHOTOS: Final = 20_000
_WORSE: Final = 0.001
"""A head that makes a share worse by more than a tenth of a point is reported."""


@dataclass(frozen=True, slots=True)
class StandardFigures:
    """Counts on the standard set."""

    pets: int
    pets_right: int
    """Pets whose larger score is that of the right animal, and that are not called neither."""
    others: int
    called_pet: int
    """Photos without a pet that are called cat, dog or both."""

    def is_worse_than(self, other: "StandardFigures") -> bool:
        """Whether a share is worse than in `other` by more than 0.1 points."""
        fewer_right = (other.pets_right - self.pets_right) / max(1, self.pets)
        more_called = (self.called_pet - other.called_pet) / max(1, self.others)
        return fewer_right > _WORSE or more_called > _WORSE


@dataclass(frozen=True, slots=True)
class StandardSet:
    """Labelled photos as one model sees them."""

    sha256: str
    """`ModelFile.sha256` of the model that gave scores and features."""
    packed: NDArray[np.int8]
    """[N, D]."""
    logits: NDArray[np.float16]
    """[N, 2] of cat and dog."""
    targets: NDArray[np.int8]
    """[N, 2], 0 or 1: has a cat, has a dog."""

    @property
    def examples(self) -> Examples:
        """The photos as examples for a fit."""
        return Examples(
            sigmoid(self.logits.astype(np.float64)), unpack_rows(self.packed), self.targets.astype(np.float64)
        )

    def figures(self, thresholds: Thresholds, head: Head | None) -> StandardFigures:
        """Return the figures of the model, corrected by `head`."""
        examples = self.examples
        scores = examples.scores if head is None else head.adjusted(examples.scores, examples.features)
        return figures_of(scores, examples.targets, thresholds)

    def write(self, path: Path) -> None:
        """Write the set to `path`. Raises `OSError`, and `ValueError` if it would exceed `MAX_BYTES`."""
        buffer = io.BytesIO()
        np.savez(buffer, sha256=np.array(self.sha256), packed=self.packed, logits=self.logits, targets=self.targets)
        if len(buffer.getvalue()) > MAX_BYTES:
            raise ValueError(f"the standard set has {len(buffer.getvalue()):,} bytes, more than {MAX_BYTES:,}")
        path.write_bytes(buffer.getvalue())


def figures_of(scores: Floats, targets: Floats, thresholds: Thresholds) -> StandardFigures:
    """Return the figures for scores and targets [N, 2]. Photos of both animals count as neither pets nor others."""
    has_cat, has_dog = targets[:, 0] > 0.5, targets[:, 1] > 0.5
    one_pet, others = has_cat != has_dog, ~(has_cat | has_dog)
    codes = judge_all(thresholds, scores[:, 0], scores[:, 1])
    right = ((scores[:, 0] > scores[:, 1]) == has_cat) & (codes != CODES.index(Verdict.NEITHER))
    called = np.isin(codes, [CODES.index(verdict) for verdict in (Verdict.CAT, Verdict.DOG, Verdict.BOTH)])
    return StandardFigures(
        int(one_pet.sum()), int((one_pet & right).sum()), int(others.sum()), int((others & called).sum())
    )


def load_standard_set(folder: Path, sha256: str) -> StandardSet | None:
    """Return the standard set in a model's folder; None if it has none, or one of another model or a damaged one."""
    path = folder / FILE_NAME
    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        with np.load(path, allow_pickle=False) as content:
            found = StandardSet(str(content["sha256"]), content["packed"], content["logits"], content["targets"])
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return found if found.sha256 == sha256 and _is_whole(found) else None


def _is_whole(found: StandardSet) -> bool:
    count = len(found.packed)
    return (
        0 < count <= _MAX_PHOTOS
        and found.packed.ndim == 2
        and found.packed.dtype == np.int8
        and found.logits.shape == found.targets.shape == (count, 2)
        and bool(np.isfinite(found.logits).all())
    )
