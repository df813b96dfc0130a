"""Evaluate a model on labelled photos: figures with confidence intervals.

The truth of a photo is its folder: cat, dog, neither or both. *Pets* are the photos of `cat` and `dog`; those of `both`
have figures of their own. An unsure verdict is neither right nor wrong.
"""

import hashlib
import math
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.languages.formats import format_list
from catdog_desktop.messages import N_, MessageError
from catdog_desktop.ordered_results import classify_in_order
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.verdict import Scores, Thresholds, Verdict

TRUTHS: Final = ("cat", "dog", "neither", "both")
CALIBRATION_BINS: Final = 15
LOG_LOSS_CLIP: Final = 1e-7
_Z_95: Final = 1.959964
"""Two-sided 95 % of the normal distribution."""


class EvaluationError(MessageError):
    """An evaluation cannot be made, saved or compared. The text is a sentence with the reason."""


@dataclass(frozen=True, slots=True)
class JudgedPhoto:
    """A photo with its truth and its scores."""

    path: str
    """Below the evaluated folder, with forward slashes."""
    truth: str
    digest: str
    """The first 16 hexadecimal digits of the file's sha256, to recognise a renamed photo."""
    scores: Scores

    def loss(self) -> float:
        """Return the log-loss of both scores together."""
        cat, dog = _targets(self.truth)
        return _log_loss(self.scores.cat, cat) + _log_loss(self.scores.dog, dog)


@dataclass(frozen=True, slots=True)
class Proportion:
    """`count` of `total`, with its 95 % interval (Wilson 1927), which is valid near 0 and 1."""

    count: int
    total: int

    @property
    def value(self) -> float:
        """The share, 0..1."""
        return self.count / self.total

    @property
    def interval(self) -> tuple[float, float]:
        """Bounds of the true share in 95 of 100 such samples."""
        share, total, square = self.value, self.total, _Z_95**2
        centre = (share + square / (2 * total)) / (1 + square / total)
        spread = _Z_95 / (1 + square / total) * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
        return max(0.0, centre - spread), min(1.0, centre + spread)


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The photos whose score for one animal lies in one of the bins of 0..1."""

    count: int
    mean_score: float
    share: float
    """Share of them that have that animal, 0..1."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A model measured on a folder."""

    model_name: str
    model_version: str
    model_sha256: str
    thresholds: Thresholds
    photos: Sequence[JudgedPhoto] = field(repr=False)
    unreadable: Sequence[tuple[str, str]] = ()
    """Path and reason of each unreadable photo."""
    source_pattern: str = ""
    """Regular expression that takes the source from a file name; empty: the folder below the label."""

    def verdict(self, photo: JudgedPhoto) -> Verdict:
        """Return the verdict on a photo by this evaluation's thresholds."""
        return self.thresholds.judge(photo.scores)

    def confusion(self) -> dict[str, Counter[Verdict]]:
        """Return for each truth that occurs how often each verdict was given."""
        table = {truth: Counter[Verdict]() for truth in TRUTHS if any(photo.truth == truth for photo in self.photos)}
        for photo in self.photos:
            table[photo.truth][self.verdict(photo)] += 1
        return table

    def proportions(self) -> dict[str, Proportion]:
        """Return the figures that are shares of photos, without those of no photo."""
        cats, dogs, neither, both = ([p for p in self.photos if p.truth == truth] for truth in TRUTHS)
        pets = cats + dogs
        verdicts = {photo.path: self.verdict(photo) for photo in self.photos}

        def share(photos: Sequence[JudgedPhoto], wanted: Callable[[JudgedPhoto], bool]) -> Proportion:
            return Proportion(sum(wanted(photo) for photo in photos), len(photos))

        def is_(*which: Verdict) -> Callable[[JudgedPhoto], bool]:
            return lambda photo: verdicts[photo.path] in which

        figures = {
            "forced_accuracy": share(pets, _is_right_animal),
            "forced_accuracy_cat": share(cats, _is_right_animal),
            "forced_accuracy_dog": share(dogs, _is_right_animal),
            "right_verdicts": share(self.photos, lambda photo: verdicts[photo.path] == photo.truth),
            "wrong_verdicts": share(
                self.photos, lambda photo: verdicts[photo.path] not in (photo.truth, Verdict.UNSURE)
            ),
            "pets_called_neither": share(pets, is_(Verdict.NEITHER)),
            "neither_called_a_pet": share(neither, is_(Verdict.CAT, Verdict.DOG, Verdict.BOTH)),
            "both_found": share(both, is_(Verdict.BOTH)),
            "unsure_of_pets": share(pets, is_(Verdict.UNSURE)),
            "unsure_of_all": share(self.photos, is_(Verdict.UNSURE)),
        }
        return {name: figure for name, figure in figures.items() if figure.total}

    def losses(self) -> dict[str, float]:
        """Return log-loss and expected calibration error, of each output and their mean. Empty without photos."""
        if not self.photos:
            return {}
        cat, dog = (self._scores_and_targets(animal) for animal in ("cat", "dog"))
        figures: dict[str, float] = {}
        for name, measure in (("log_loss", mean_log_loss), ("calibration_error", calibration_error)):
            of_cat, of_dog = measure(*cat), measure(*dog)
            figures |= {f"{name}_cat": of_cat, f"{name}_dog": of_dog, name: (of_cat + of_dog) / 2}
        return figures

    def reliability(self, animal: str) -> list[CalibrationBin]:
        """Return the bins of one score ("cat" or "dog") that have photos, from low scores to high."""
        return calibration_bins(*self._scores_and_targets(animal))

    def worst(self, count: int) -> list[JudgedPhoto]:
        """Return the photos with the highest log-loss, the worst first."""
        return sorted(self.photos, key=lambda photo: (-photo.loss(), photo.path))[:count]

    def _scores_and_targets(self, animal: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        column = ("cat", "dog").index(animal)
        scores = np.array([getattr(photo.scores, animal) for photo in self.photos], dtype=np.float64)
        targets = np.array([_targets(photo.truth)[column] for photo in self.photos], dtype=np.float64)
        return scores, targets


def evaluate_model(
    folder: Path,
    model: ModelFile,
    *,
    jobs: int | None = None,
    source_pattern: str = "",
    on_photo: Callable[[int], None] = lambda done: None,
) -> Evaluation:
    """Classify every photo below `folder`/cat, dog, neither and both; call `on_photo` with how many are done.

    Raises `EvaluationError` if there is nothing to measure, and `ModelError` if the model cannot be run.
    """
    present = labelled_folders(folder)
    photos: list[JudgedPhoto] = []
    unreadable: list[tuple[str, str]] = []
    with Pipeline(model, jobs=jobs, thumbnails=False) as pipeline:
        for outcome in classify_in_order(pipeline, find_photos(present)):
            name = outcome.path.relative_to(folder).as_posix()
            if isinstance(outcome, Skipped):
                if outcome.reason is SkipReason.UNREADABLE:
                    unreadable.append((name, f"could not be looked into ({outcome.detail})"))
                continue
            if outcome.scores is None:
                unreadable.append((name, outcome.error or ""))
            else:
                truth = name.partition("/")[0]
                photos.append(JudgedPhoto(name, truth, _digest(outcome.path), outcome.scores))
            on_photo(len(photos) + len(unreadable))
    if not photos:
        raise EvaluationError(N_("{folder} holds no photo that can be read."), folder=folder)
    return Evaluation(
        model.name, model.version, model.sha256, model.thresholds, photos, tuple(unreadable), source_pattern
    )


def labelled_folders(folder: Path) -> list[Path]:
    """Return those of `folder`/cat, dog, neither and both that exist; raise `EvaluationError` if none does."""
    # Not Path.is_dir(), which raises for unreadable folders and invalid names.
    if not os.path.isdir(folder):  # noqa: PTH112
        raise EvaluationError(
            N_("“{folder}” is no folder. Give one that holds {truths} or {truths_2}."),
            folder=folder,
            truths=format_list(TRUTHS[:-1]),
            truths_2=TRUTHS[-1],
        )
    present = [folder / truth for truth in TRUTHS if os.path.isdir(folder / truth)]  # noqa: PTH112
    if not present:
        raise EvaluationError(
            N_("{folder} holds none of the folders {truths}."), folder=folder, truths=format_list(TRUTHS)
        )
    return present


def mean_log_loss(scores: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
    """Return the mean log-loss of one output."""
    clipped = np.clip(scores, LOG_LOSS_CLIP, 1 - LOG_LOSS_CLIP)
    return float(-np.mean(targets * np.log(clipped) + (1 - targets) * np.log(1 - clipped)))


def calibration_error(scores: NDArray[np.float64], targets: NDArray[np.float64]) -> float:
    """Return the expected calibration error: mean distance of scores and shares over bins of equal width."""
    bins = calibration_bins(scores, targets)
    return sum(bin_.count * abs(bin_.mean_score - bin_.share) for bin_ in bins) / len(scores)


def calibration_bins(scores: NDArray[np.float64], targets: NDArray[np.float64]) -> list[CalibrationBin]:
    """Return `CALIBRATION_BINS` bins of equal width, without empty ones."""
    numbers = np.minimum((scores * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    return [
        CalibrationBin(int(inside.sum()), float(scores[inside].mean()), float(targets[inside].mean()))
        for inside in (numbers == number for number in range(CALIBRATION_BINS))
        if inside.any()
    ]


def standing(truth: str, verdict: Verdict) -> int:
    """Return 2 for a right verdict, 1 for unsure, 0 for a wrong one."""
    if verdict is Verdict.UNSURE:
        return 1
    return 2 if verdict == truth else 0


def figures_of(evaluation: Evaluation) -> Iterator[tuple[str, Proportion | float]]:
    """Yield all figures by name: shares first, then losses."""
    yield from evaluation.proportions().items()
    yield from evaluation.losses().items()


def _is_right_animal(photo: JudgedPhoto) -> bool:
    """Whether the larger score is the right one; equal scores are not."""
    return photo.scores.cat > photo.scores.dog if photo.truth == "cat" else photo.scores.dog > photo.scores.cat


def _targets(truth: str) -> tuple[int, int]:
    return int(truth in ("cat", "both")), int(truth in ("dog", "both"))


def _log_loss(score: float, target: int) -> float:
    likelihood = score if target else 1 - score
    return -math.log(min(max(likelihood, LOG_LOSS_CLIP), 1 - LOG_LOSS_CLIP))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:16]
    except OSError:  # deleted a moment ago; its scores still count
        return ""
