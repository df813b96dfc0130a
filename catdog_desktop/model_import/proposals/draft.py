"""Draft of a model: converted, not yet installed."""

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.inference.installed_models import install_model
from catdog_desktop.inference.model_file import DESCRIPTION, ModelError, ModelFile, parse_description
from catdog_desktop.messages import N_
from catdog_desktop.model_import.child_results import model_problem
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.proposals.facts import ModelFacts
from catdog_desktop.model_import.proposals.proposed_answers import choose_proposals
from catdog_desktop.model_import.proposals.questions import (
    ChosenAnswers,
    Question,
    describe,
    has_classes,
    questions_for,
)
from catdog_desktop.model_import.proposals.trial_run import RawOutputs, check_runs_here, trial_run

_ENDINGS: Final = ("h5", "hdf5", "keras", "zip", "tflite")


@dataclass(frozen=True)
class ModelDraft:
    """A flatbuffer and the facts about it. Nothing runs it in this process before `tried` has returned."""

    facts: ModelFacts
    flatbuffer: bytes = field(repr=False)
    source_name: str
    source_sha256: str
    outputs: RawOutputs = field(default_factory=dict, repr=False)
    """What it gives for a photo of a cat; empty before `tried`."""

    @property
    def name(self) -> str:
        """Default name of the model: its file's name without the ending."""
        stem, _dot, ending = self.source_name.rpartition(".")
        return stem if stem and ending.lower() in _ENDINGS else self.source_name

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the flatbuffer."""
        return hashlib.sha256(self.flatbuffer).hexdigest()

    def tried(self, cancel: CancelToken | None = None) -> "ModelDraft":
        """Run the flatbuffer for the first time, in a child, and return the draft with its outputs.

        Raises `ModelImportError` and `Cancelled`. See `trial_run`.
        """
        scaling = next(question for question in questions_for(self.facts) if question.key == "scaling")
        values = [option.value for option in scaling.options]
        # Any class will do: the numbers come back unread.
        first = {"cat_classes": "0", "dog_classes": ""} if has_classes(self.facts) else {}
        return replace(self, outputs=trial_run(self.description(first), self.flatbuffer, values, cancel))

    def questions(self) -> tuple[Question, ...]:
        """Return what must be asked, with answers proposed by what the model gives for a photo of a cat."""
        return choose_proposals(questions_for(self.facts), self.facts, self.outputs)

    def description(self, answers: ChosenAnswers, title: str | None = None) -> dict[str, Any]:
        """Return the content of `model.json`. Raises `ModelImportError` for an answer that is not possible."""
        return describe(
            self.facts,
            answers,
            name=self.name,
            title=title or self.name,
            sha256=self.sha256,
            source={"file": self.source_name, "sha256": self.source_sha256},
        )

    def model_file(self, answers: ChosenAnswers) -> ModelFile:
        """Return the model as these answers describe it, for a `Classifier`. Nothing is written to the disk.

        Raises `ModelImportError`.
        """
        try:
            return replace(parse_description(self.description(answers), Path()), content=self.flatbuffer)
        except ModelError as error:
            sentence = N_("The model cannot be used with this description: {problem}")
            raise ModelImportError(sentence, problem=f"{DESCRIPTION} {error.problem}") from error

    def install(self, answers: ChosenAnswers, title: str | None = None) -> ModelFile:
        """Keep the model in the user's data folder, under a free name, and return it.

        Raises `ModelImportError` if it cannot be kept or cannot be run.
        """
        description = self.description(answers, title)
        check_runs_here(self.model_file(answers))
        try:
            return install_model(description | {"name": title or self.name}, self.flatbuffer)
        except ModelError as error:
            raise ModelImportError(model_problem(error)) from error
