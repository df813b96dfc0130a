"""Choose the proposed answers by what the model gives for a photo of a cat.

One photo proves little, so the evidence is ranked. The values inside the model come first (see `input_scaling_probe`):
they do not depend on what the photo shows. The scores of the cat come second: with a wrong scaling they are nonsense.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Final

import numpy as np

from catdog_desktop.formatting import format_percent
from catdog_desktop.inference.answers import AnswerError
from catdog_desktop.messages import _
from catdog_desktop.model_import.proposals.facts import ModelFacts
from catdog_desktop.model_import.proposals.questions import Question, proposed_answers, reading_of
from catdog_desktop.model_import.proposals.trial_run import RawOutputs
from catdog_desktop.verdict import Scores

CLEAR_MISFIT: Final = 0.25
"""The best scaling must fit better than the next by this much, in the measure of `misfits`."""
CLEAR_BESIDE_GRAPH: Final = 1.5
"""The same, if the graph itself scales."""
AS_GOOD: Final = 0.25
"""The usual scaling is kept if the cat's lead with it is smaller by no more than this."""
SURE: Final = 0.9
MOST_TRIED: Final = 100
"""Most classes without names that are compared with a photo of a cat."""


def choose_proposals(questions: Sequence[Question], facts: ModelFacts, outputs: RawOutputs) -> tuple[Question, ...]:
    """Return the questions, with the proposals under which the model's `outputs` make most sense for a cat."""
    by_key = {question.key: question for question in questions}
    cat = _CatPhoto(outputs)
    by_key["answers"] = _kind(by_key["answers"], proposed_answers(questions), cat)
    by_key["scaling"] = _scaling(by_key["scaling"], facts, proposed_answers(tuple(by_key.values())), cat)
    if "cat_classes" in by_key and not by_key["cat_classes"].proposed:
        by_key["cat_classes"] = _cat_class(by_key["cat_classes"], proposed_answers(tuple(by_key.values())), cat)
    if "labels" in by_key:
        by_key["labels"] = _labels(by_key["labels"], proposed_answers(tuple(by_key.values())), cat)
    return tuple(by_key.values())


class _CatPhoto:
    """The outputs for the photo of a cat, as it is and mirrored, read under any answers."""

    def __init__(self, outputs: RawOutputs) -> None:
        self._outputs = outputs

    def scores(self, answers: Mapping[str, str]) -> Scores | None:
        """Return the mean scores of both views under these answers; None if they are not probabilities."""
        try:
            views = [np.array(view) for view in self._outputs[answers["scaling"]]]
            found = [reading_of(answers, view.size).read(view) for view in views]
        except (KeyError, AnswerError, ValueError):
            return None
        return Scores(fmean(one.cat for one in found), fmean(one.dog for one in found))

    def lead(self, answers: Mapping[str, str]) -> float:
        """Return the score of the cat minus that of the dog, -1..1; -2 if there are no scores."""
        scores = self.scores(answers)
        return -2.0 if scores is None else scores.cat - scores.dog

    def text(self, answers: Mapping[str, str]) -> str:
        """Return the scores under these answers, for the user. There must be some."""
        scores = self.scores(answers)
        assert scores is not None
        return _("cat {cat}, dog {dog}").format(cat=format_percent(scores.cat), dog=format_percent(scores.dog))


def _kind(question: Question, proposed: dict[str, str], cat: _CatPhoto) -> Question:
    """Propose the first kind of answer under which the numbers are probabilities at all."""
    if len(question.options) > 1 and cat.scores(proposed) is None:
        for option in question.options:
            if cat.scores(proposed | {"answers": option.value}) is not None:
                reason = _("Read in another way, they would not be probabilities.")
                return replace(question, proposed=option.value, reason=reason)
    return question


def _scaling(question: Question, facts: ModelFacts, proposed: dict[str, str], cat: _CatPhoto) -> Question:
    if facts.stated_scaling:
        return question
    values = [option.value for option in question.options]
    best = _best_fit({value: facts.misfits[value] for value in values if value in facts.misfits})
    if best is not None:
        value, lead = best
        if lead > (CLEAR_BESIDE_GRAPH if facts.scaled == "yes" else CLEAR_MISFIT):
            if facts.scaled == "yes" and value == question.proposed:
                return question
            reason = _("The numbers inside the model are then like those that it was trained on.")
            if facts.kind == "tflite":
                reason = _("The model takes integers, and says what they stand for.")
            return replace(question, proposed=value, reason=reason)
    if facts.scaled == "yes":
        return question
    leads = {value: cat.lead(proposed | {"scaling": value}) for value in values}
    value = max(values, key=lambda value: leads[value])
    if leads[question.proposed] >= max(leads[value] - AS_GOOD, 0.0):
        value = question.proposed
    if leads[value] <= 0.0:
        reason = _("{reason} A photo of a cat did not help to decide.").format(reason=question.reason)
        return replace(question, reason=reason)
    reason = _("For a photo of a cat it then says: {scores}.").format(scores=cat.text(proposed | {"scaling": value}))
    return replace(question, proposed=value, reason=reason)


def _best_fit(misfits: Mapping[str, float]) -> tuple[str, float] | None:
    """Return the scaling that fits best, and by how much better than the next; None if there are not two."""
    if len(misfits) < 2:
        return None
    best, following, *_others = sorted(misfits, key=lambda value: misfits[value])
    return best, misfits[following] - misfits[best]


def _cat_class(question: Question, proposed: dict[str, str], cat: _CatPhoto) -> Question:
    """Propose the class that the model gives a photo of a cat, if it is sure and no other class is known."""
    dogs = proposed["dog_classes"].split(",")
    for option in question.options[:MOST_TRIED]:
        if option.value in dogs:
            continue
        scores = cat.scores(proposed | {"cat_classes": option.value})
        if scores is not None and scores.cat > SURE:
            reason = _("It is the class of a photo of a cat ({score}).").format(score=format_percent(scores.cat))
            return replace(question, proposed=option.value, reason=reason)
    return question


def _labels(question: Question, proposed: dict[str, str], cat: _CatPhoto) -> Question:
    lead = cat.lead(proposed)
    if -SURE < lead < SURE or lead < -1 or question.minor:
        return question
    scores = cat.text(proposed)
    if lead > 0:
        sentence = _("{reason} For a photo of a cat it then says: {scores}.")
        return replace(question, reason=sentence.format(reason=question.reason, scores=scores))
    other = next(option.value for option in question.options if option.value != question.proposed)
    reason = _("In the other order it would say for a photo of a cat: {scores}.").format(scores=scores)
    return replace(question, proposed=other, reason=reason)
