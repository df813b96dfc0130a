"""A lesson: a head fitted to the verdicts of the user, and what changes if it is used. Nothing is changed by it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.languages.formats import format_number, join_sentences
from catdog_desktop.learning.head import Examples, Floats, Head, fit_head
from catdog_desktop.learning.learnt_file import LearntHead, new_learnt_head
from catdog_desktop.learning.similarity import unpack_rows
from catdog_desktop.learning.standard_set import StandardFigures, StandardSet
from catdog_desktop.messages import N_, MessageError, _, ngettext
from catdog_desktop.verdict import Scores, Thresholds, Verdict
from catdog_desktop.verdict_arrays import CODES, judge_all

TARGETS: Final = {
    Verdict.CAT: (1.0, 0.0),
    Verdict.DOG: (0.0, 1.0),
    Verdict.BOTH: (1.0, 1.0),
    Verdict.NEITHER: (0.0, 0.0),
}
"""Has a cat, has a dog."""
OFFERED_FROM: Final = 10
"""The window offers to learn after so many verdicts of the user that were not learnt from yet."""
_UNSURE: Final = CODES.index(Verdict.UNSURE)
_BLOCK: Final = 8192


class LearnError(MessageError):
    """There is nothing to learn from. The text is a sentence."""


@dataclass(frozen=True, slots=True)
class JudgedPhotos:
    """Photos that one model has judged, with the user's verdicts."""

    paths: Sequence[Path | None]
    """None for a photo whose path is not recorded."""
    scores: Floats
    """[N, 2], the model's own."""
    packed: NDArray[np.int8]
    """[N, D], features."""
    verdicts: Sequence[Verdict | None]
    """The user's; None for photos that the user has not checked."""


@dataclass(frozen=True, slots=True)
class Change:
    """A photo whose verdict changes."""

    path: Path
    before: Verdict
    after: Verdict
    scores_before: Scores
    scores_after: Scores


@dataclass(frozen=True, slots=True)
class Lesson:
    """A head and its effect, compared with the head in use before, if any."""

    learnt: LearntHead
    right_before: int
    """Photos that the user has checked and on which the verdict of the scores is the user's."""
    right_after: int
    """The same with the new head, each photo left out of the fit in turn (one Newton step each)."""
    became_sure: int
    """Photos that were unsure and are no longer."""
    became_unsure: int
    changes: tuple[Change, ...]
    """Photos that the user has not checked, the most certain new verdicts first."""
    standard_before: StandardFigures | None
    standard_after: StandardFigures | None
    """None if the model has no standard set."""

    @property
    def checked(self) -> int:
        """Photos with a verdict of the user."""
        return self.learnt.checked

    @property
    def corrected(self) -> int:
        """Those of `checked` on which the user and the model disagreed."""
        return self.learnt.corrected

    @property
    def is_worse_on_standard_set(self) -> bool:
        """Whether the standard set gets worse by more than 0.1 points."""
        before, after = self.standard_before, self.standard_after
        return before is not None and after is not None and after.is_worse_than(before)


def make_lesson(
    photos: JudgedPhotos, thresholds: Thresholds, key: str, standard: StandardSet | None, current: Head | None = None
) -> Lesson:
    """Fit a head to the checked ones of `photos`, for the model with this key. Raises `LearnError`.

    `current` is the head in use, which the changes are compared with.
    """
    numbers = [number for number, verdict in enumerate(photos.verdicts) if verdict in TARGETS]
    if not numbers:
        raise LearnError(N_("You have not corrected or confirmed any photo that this model has judged."))
    mine = [photos.verdicts[number] for number in numbers]
    examples = Examples(
        photos.scores[numbers],
        unpack_rows(photos.packed[numbers]),
        np.array([TARGETS[verdict] for verdict in mine if verdict is not None]),
    )
    fit = fit_head(examples, None if standard is None else standard.examples)
    wanted = np.array([CODES.index(verdict) for verdict in mine if verdict is not None])
    own_codes = _codes(thresholds, examples.scores)
    learnt = new_learnt_head(fit.head, key, checked=len(numbers), corrected=int((own_codes != wanted).sum()))
    used_before = examples.scores if current is None else current.adjusted(examples.scores, examples.features)
    effect = _Effect(photos, thresholds, current, fit.head)
    return Lesson(
        learnt,
        right_before=int((_codes(thresholds, used_before) == wanted).sum()),
        right_after=int((_codes(thresholds, fit.left_out_scores) == wanted).sum()),
        became_sure=effect.became_sure,
        became_unsure=effect.became_unsure,
        changes=effect.changes,
        standard_before=None if standard is None else standard.figures(thresholds, current),
        standard_after=None if standard is None else standard.figures(thresholds, fit.head),
    )


class _Effect:
    """What another head changes for the photos that the user has not checked."""

    def __init__(self, photos: JudgedPhotos, thresholds: Thresholds, before: Head | None, after: Head) -> None:
        pairs = zip(photos.verdicts, photos.paths, strict=True)
        open_ = np.array([verdict is None and path is not None for verdict, path in pairs], bool)
        old, new = (adjusted_all(photos, head) for head in (before, after))
        old_codes, new_codes = _codes(thresholds, old), _codes(thresholds, new)
        self.became_sure = int((open_ & (old_codes == _UNSURE) & (new_codes != _UNSURE)).sum())
        self.became_unsure = int((open_ & (old_codes != _UNSURE) & (new_codes == _UNSURE)).sum())
        changed = np.flatnonzero(open_ & (old_codes != new_codes))
        moved = np.abs(new[changed] - old[changed]).max(axis=1, initial=0.0)
        self.changes = tuple(
            Change(path, CODES[old_codes[number]], CODES[new_codes[number]], _scores(old[number]), _scores(new[number]))
            for number in changed[np.argsort(-moved, kind="stable")].tolist()
            if (path := photos.paths[number]) is not None
        )


def adjusted_all(photos: JudgedPhotos, head: Head | None) -> Floats:
    """Return the scores [N, 2] of photos with a head, in blocks; the model's own without one."""
    if head is None:
        return photos.scores
    result = np.empty_like(photos.scores)
    for start in range(0, len(result), _BLOCK):
        part = slice(start, start + _BLOCK)
        result[part] = head.adjusted(photos.scores[part], unpack_rows(photos.packed[part]))
    return result


def describe_offer(lesson: Lesson) -> str:
    """Return "Learn from 14 verdicts of yours? 312 unsure photos become sure. 58 other verdicts change."."""
    question = ngettext(
        "Learn from {count} verdict of yours?", "Learn from {count} verdicts of yours?", lesson.checked
    ).format(count=format_number(lesson.checked))
    return join_sentences([question, describe_effect(lesson)])


def describe_effect(lesson: Lesson) -> str:
    """Return "312 unsure photos become sure. 58 other verdicts change."."""
    sure = ngettext(
        "{count} unsure photo becomes sure.", "{count} unsure photos become sure.", lesson.became_sure
    ).format(count=format_number(lesson.became_sure))
    others = len(lesson.changes) - lesson.became_sure
    change = ngettext("{count} other verdict changes.", "{count} other verdicts change.", others).format(
        count=format_number(max(0, others))
    )
    return join_sentences([sure, change])


def describe_checked(lesson: Lesson) -> str:
    """Return "Of the 97 photos that you checked, 86 are right now, 95 with what was learnt."."""
    return ngettext(
        "Of the {count} photo that you checked, right: {before} now, {after} after learning.",
        "Of the {count} photos that you checked, right: {before} now, {after} after learning.",
        lesson.checked,
    ).format(
        count=format_number(lesson.checked),
        before=format_number(lesson.right_before),
        after=format_number(lesson.right_after),
    )


def describe_standard(lesson: Lesson) -> str:
    """Return what the lesson changes on the standard set."""
    before, after = lesson.standard_before, lesson.standard_after
    if before is None or after is None:
        return _("This model has no standard set, so that the effect on other photos is not known.")
    return _(
        "On the standard set: {pets} pets, right: {right_before} now, {right_after} after learning; "
        "{others} other photos, called a pet: {called_before} now, {called_after} after learning."
    ).format(
        pets=format_number(before.pets),
        right_before=format_number(before.pets_right),
        right_after=format_number(after.pets_right),
        others=format_number(before.others),
        called_before=format_number(before.called_pet),
        called_after=format_number(after.called_pet),
    )


def _codes(thresholds: Thresholds, scores: Floats) -> NDArray[np.int8]:
    return judge_all(thresholds, scores[:, 0], scores[:, 1])


def _scores(pair: Floats) -> Scores:
    return Scores(float(pair[0]), float(pair[1]))
