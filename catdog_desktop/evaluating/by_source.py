"""Figures by source: photos of one source share camera, place and size, so a model is judged source by source.

The source of a photo is its folder below the label (`cat/phone/1.jpg` has the source `phone`), or what a pattern finds
in the file name. Photos without either belong to the source `""`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from catdog_desktop.evaluating.evaluation import Evaluation, EvaluationError, JudgedPhoto, Proportion, standing
from catdog_desktop.evaluating.saved_evaluation import Change
from catdog_desktop.messages import N_
from catdog_desktop.verdict import Verdict

_PETS = ("cat", "dog", "both")


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """How the model does on the photos of one source."""

    source: str
    photos: Sequence[JudgedPhoto]
    wrong: Sequence[JudgedPhoto]
    """Photos with a wrong verdict, those furthest from the truth first."""
    unsure: Sequence[JudgedPhoto]
    """Photos with the verdict unsure, those furthest from the truth first."""
    missed: Proportion | None
    """Photos of pets called neither; None if the source has no pets."""
    called_a_pet: Proportion | None
    """Photos of neither called a pet; None if the source has only pets."""

    @property
    def right_share(self) -> Proportion:
        """Photos with the right verdict."""
        return Proportion(len(self.photos) - len(self.wrong) - len(self.unsure), len(self.photos))

    @property
    def wrong_share(self) -> Proportion:
        """Photos with a wrong verdict; unsure is neither right nor wrong."""
        return Proportion(len(self.wrong), len(self.photos))

    @property
    def unsure_share(self) -> Proportion:
        """Photos with the verdict unsure."""
        return Proportion(len(self.unsure), len(self.photos))


@dataclass(frozen=True, slots=True)
class SourceChange:
    """How many photos of one source became better and worse."""

    source: str
    photos: int
    """Photos of the source that are in both evaluations."""
    better: int
    worse: int


def compile_pattern(pattern: str) -> re.Pattern[str] | None:
    """Compile the pattern that takes a source from a file name; None for no pattern. Raises `EvaluationError`."""
    if not pattern:
        return None
    try:
        return re.compile(pattern)
    except re.error as error:
        raise EvaluationError(
            N_("The source pattern {pattern} is not a valid regular expression: {error}."),
            pattern=repr(pattern),
            error=error,
        ) from error


def source_of(path: str, pattern: re.Pattern[str] | None) -> str:
    """Return the source of a photo from its path below the evaluated folder, with forward slashes.

    With `pattern` it is the first group of the first match in the file name, or the whole match without a group.
    """
    place = PurePosixPath(path)
    if pattern is None:
        return place.parts[1] if len(place.parts) > 2 else ""
    match = pattern.search(place.name)
    if match is None:
        return ""
    return (match[1] if pattern.groups else match[0]) or ""


def figures_by_source(evaluation: Evaluation) -> list[SourceFigures]:
    """Return the figures of each source, the worst first.

    Worst is the highest lower bound of the share of wrong verdicts (95 %), so that one wrong photo of three does not
    come before forty of a hundred; then the same of unsure ones.
    """
    pattern = compile_pattern(evaluation.source_pattern)
    groups: dict[str, list[JudgedPhoto]] = {}
    for photo in evaluation.photos:
        groups.setdefault(source_of(photo.path, pattern), []).append(photo)
    sources = [_figures(evaluation, source, photos) for source, photos in groups.items()]
    return sorted(
        sources,
        key=lambda figures: (-figures.wrong_share.interval[0], -figures.unsure_share.interval[0], figures.source),
    )


def changes_by_source(changes: Sequence[Change], pattern: str) -> list[SourceChange]:
    """Count by source which photos became better and worse; sources that lost most come first."""
    compiled = compile_pattern(pattern)
    counts: dict[str, list[int]] = {}
    for change in changes:
        count = counts.setdefault(source_of(change.path, compiled), [0, 0, 0])
        step = standing(change.truth, change.verdict_after) - standing(change.truth, change.verdict_before)
        count[0] += 1
        count[1] += step > 0
        count[2] += step < 0
    found = [SourceChange(source, *count) for source, count in counts.items()]
    return sorted(found, key=lambda change: (change.better - change.worse, -change.photos, change.source))


def _figures(evaluation: Evaluation, source: str, photos: Sequence[JudgedPhoto]) -> SourceFigures:
    verdicts = {photo.path: evaluation.verdict(photo) for photo in photos}
    far_first = sorted(photos, key=lambda photo: (-photo.loss(), photo.path))
    pets = [verdicts[photo.path] for photo in photos if photo.truth in _PETS]
    others = [verdicts[photo.path] for photo in photos if photo.truth not in _PETS]
    return SourceFigures(
        source,
        photos,
        wrong=[photo for photo in far_first if verdicts[photo.path] not in (photo.truth, Verdict.UNSURE)],
        unsure=[photo for photo in far_first if verdicts[photo.path] is Verdict.UNSURE],
        missed=Proportion(pets.count(Verdict.NEITHER), len(pets)) if pets else None,
        called_a_pet=Proportion(sum(verdict in _PETS for verdict in others), len(others)) if others else None,
    )
