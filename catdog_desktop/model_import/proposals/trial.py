"""Which answers make sense of a photo of a cat? The proposals of a model's questions are tested on it.

One photo proves little, so the evidence is ranked. What the model's own normalization tells (see `misfit`) comes
first: it does not depend on what is on the photo. Then what the model says of the cat: a wrong scaling gives nonsense.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean
from typing import Final

import numpy as np

from catdog_desktop.formatting import format_percent
from catdog_desktop.inference.answers import AnswerError
from catdog_desktop.model_import.conversion.facts import Facts
from catdog_desktop.model_import.proposals.description import Question, proposed_answers, reading_of
from catdog_desktop.model_import.proposals.first_run import Numbers
from catdog_desktop.verdict import Scores

CLEAR_MISFIT: Final = 0.25
"""By so much the best scaling must fit better than the next, in the measure of `misfit`."""
CLEAR_BESIDE_GRAPH: Final = 1.5
"""The same, where the graph itself scales."""
AS_GOOD: Final = 0.25
"""A scaling that is likelier from the start is kept if the cat's lead is smaller by no more than this."""
SURE: Final = 0.9


def try_on_cat(questions: Sequence[Question], facts: Facts, numbers: Numbers) -> tuple[Question, ...]:
    """Return the questions with the proposals under which the model's `numbers` make most sense of the cat."""
    by_key = {question.key: question for question in questions}
    cat = _Cat(numbers)
    by_key["answers"] = _kind(by_key["answers"], proposed_answers(questions), cat)
    by_key["scaling"] = _scaling(by_key["scaling"], facts, proposed_answers(tuple(by_key.values())), cat)
    if "labels" in by_key:
        by_key["labels"] = _labels(by_key["labels"], proposed_answers(tuple(by_key.values())), cat)
    return tuple(by_key.values())


class _Cat:
    """The photo, as it is and mirrored, and what a model says of it."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def scores(self, answers: Mapping[str, str]) -> Scores | None:
        """Return the mean scores of both views under these answers; None if they are no probabilities."""
        reading = reading_of(answers)
        try:
            found = [reading.read(np.array(view)) for view in self._numbers[answers["scaling"]]]
        except (KeyError, AnswerError):  # not tried, or nonsense
            return None
        return Scores(fmean(one.cat for one in found), fmean(one.dog for one in found))

    def lead(self, answers: Mapping[str, str]) -> float:
        """Return by how much the cat leads, -1..1; -2 if there are no scores."""
        scores = self.scores(answers)
        return -2.0 if scores is None else scores.cat - scores.dog


def _kind(question: Question, proposed: dict[str, str], cat: _Cat) -> Question:
    """Propose the first kind of answer under which the numbers are probabilities at all."""
    if len(question.options) > 1 and cat.scores(proposed) is None:
        for option in question.options:
            if cat.scores(proposed | {"answers": option.value}) is not None:
                return replace(question, proposed=option.value, because="Otherwise they would be no probabilities.")
    return question


def _scaling(question: Question, facts: Facts, proposed: dict[str, str], cat: _Cat) -> Question:
    values = [option.value for option in question.options]
    best = _best_fit({value: facts.misfits[value] for value in values if value in facts.misfits})
    if best is not None:
        value, lead = best
        if lead > (CLEAR_BESIDE_GRAPH if facts.scaled == "yes" else CLEAR_MISFIT):
            if facts.scaled == "yes" and value == question.proposed:
                return question
            because = "The numbers inside the model are then like those that it was trained on."
            if facts.kind == "tflite":
                because = "The model takes integers, and says what they stand for."
            return replace(question, proposed=value, because=because)
    if facts.scaled == "yes":
        return question
    leads = {value: cat.lead(proposed | {"scaling": value}) for value in values}
    value = max(values, key=lambda value: leads[value])
    if leads[question.proposed] >= max(leads[value] - AS_GOOD, 0.0):
        value = question.proposed
    if leads[value] <= 0.0:
        return replace(question, because=f"{question.because} A photo of a cat told nothing.")
    return replace(
        question, proposed=value, because=f"Of a photo of a cat it then says: {_said(cat, proposed, value)}."
    )


def _said(cat: _Cat, proposed: dict[str, str], scaling: str) -> str:
    scores = cat.scores(proposed | {"scaling": scaling})
    assert scores is not None
    return f"cat {format_percent(scores.cat)}, dog {format_percent(scores.dog)}"


def _best_fit(misfits: Mapping[str, float]) -> tuple[str, float] | None:
    """Return the scaling that fits best, and by how much better than the next."""
    if len(misfits) < 2:
        return None
    best, following, *_ = sorted(misfits, key=lambda value: misfits[value])
    return best, misfits[following] - misfits[best]


def _labels(question: Question, proposed: dict[str, str], cat: _Cat) -> Question:
    lead = cat.lead(proposed)
    if -SURE < lead < SURE or lead < -1:
        return question
    said = _said(cat, proposed, proposed["scaling"])
    if lead > 0:
        return replace(question, because=f"{question.because} Of a photo of a cat it then says: {said}.")
    other = next(option.value for option in question.options if option.value != question.proposed)
    because = f"The other way round it would say of a photo of a cat: {said}."
    return replace(question, proposed=other, because=because)
