"""A model that is converted and not yet kept: what is known of it, what must be asked, and how it would answer."""

import hashlib
import json
import tempfile
import threading
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from catdog_desktop.inference.installed_models import install_model
from catdog_desktop.inference.model_file import DESCRIPTION, FLATBUFFER, ModelError, ModelFile, check_description
from catdog_desktop.model_import.conversion.facts import Facts
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.model_archive import try_out
from catdog_desktop.model_import.proposals.description import Answers, Question, describe, questions_for
from catdog_desktop.model_import.proposals.first_run import Numbers, first_run
from catdog_desktop.model_import.proposals.trial import try_on_cat

_ENDINGS: Final = ("h5", "hdf5", "keras", "zip", "tflite")


@dataclass(frozen=True)
class Draft:
    """A flatbuffer and the facts about it. Nothing runs it in this process before `tried` has come back."""

    facts: Facts
    flatbuffer: bytes = field(repr=False)
    source_name: str
    source_sha256: str
    numbers: Numbers = field(default_factory=dict, repr=False)
    """What it answers to a photo of a cat, once it was tried."""

    @property
    def name(self) -> str:
        """What it is called unless the user says otherwise: as its file, without the ending."""
        stem, _, ending = self.source_name.rpartition(".")
        return stem if stem and ending.lower() in _ENDINGS else self.source_name

    @cached_property
    def sha256(self) -> str:
        """Of the flatbuffer."""
        return hashlib.sha256(self.flatbuffer).hexdigest()

    def tried(self, cancelled: threading.Event | None = None) -> "Draft":
        """Run the flatbuffer for the first time, in the child, and return the draft with what it answers.

        Raises `ModelImportError` that says why it cannot be used, and `ImportCancelledError`. See `first_run`.
        """
        scalings = next(question for question in questions_for(self.facts) if question.key == "scaling").options
        values = [option.value for option in scalings]
        return replace(self, numbers=first_run(self.description({}), self.flatbuffer, values, cancelled))

    def questions(self) -> tuple[Question, ...]:
        """Return what must be asked, the proposed answers tested on what the model answers to a photo of a cat."""
        return try_on_cat(questions_for(self.facts), self.facts, self.numbers)

    def description(self, answers: Answers, title: str | None = None) -> dict[str, Any]:
        """Return what `model.json` would hold. Raises `ModelImportError` for an answer that is not possible."""
        return describe(
            self.facts,
            answers,
            name=self.name,
            title=title or self.name,
            sha256=self.sha256,
            source={"file": self.source_name, "sha256": self.source_sha256},
        )

    def model_file(self, answers: Answers) -> ModelFile:
        """Return the model under these answers, to be tried with a `Classifier`: nothing is kept on the disk.

        Raises `ModelImportError`.
        """
        with tempfile.TemporaryDirectory(prefix="catdog-draft-") as name:
            folder = Path(name)
            content = json.dumps(self.description(answers), ensure_ascii=True)
            (folder / DESCRIPTION).write_text(content, encoding="ascii")
            try:
                return replace(check_description(folder), flatbuffer=self.flatbuffer)
            except ModelError as error:
                raise ModelImportError(f"The model cannot be used so: {error}") from error

    def install(self, answers: Answers, title: str | None = None) -> ModelFile:
        """Keep the model in the user's data folder, under a free name, and return it.

        Raises `ModelImportError` if it cannot be kept, or cannot be run after all.
        """
        description = self.description(answers, title)
        model = self.model_file(answers)
        try:
            try_out(model)
            return install_model(description | {"name": title or self.name}, self.flatbuffer)
        except ModelError as error:
            # The folder of a draft is gone by now, and nothing that the user knows.
            sentence = str(error).replace(str(model.folder / FLATBUFFER), "The model")
            raise ModelImportError(sentence.replace(str(model.folder), "The model")) from error
