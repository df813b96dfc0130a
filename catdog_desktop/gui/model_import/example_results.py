"""What a model that is being imported says of a few example photos, under the answers chosen at the moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from catdog_desktop.decoding.decode import decode_for_view
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.gui.images import image_from_array
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.inference.classify import classify_photo
from catdog_desktop.inference.model_file import ModelError, ModelFile
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.messages import _
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.proposals.draft import ModelDraft
from catdog_desktop.verdict import Result

ChosenAnswers = Mapping[str, str]
"""The chosen value by the key of its question."""


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """The result of one example photo, or the problem if it has none."""

    number: int
    """Index of the photo."""
    result: Result | None
    model: ModelFile | None
    """The model under the answers that were tried; None if the answers are impossible."""
    problem: str = ""
    """A sentence; empty if there is a result."""


class ExampleClassifier(QObject):
    """Classifies the example photos whenever the answers change. Results of earlier answers are never reported."""

    classified = Signal(object)  # ExampleResult

    def __init__(
        self, draft: ModelDraft, photos: Sequence[Path], tasks: TaskQueue, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._draft = draft
        self._photos = list(photos)
        self._tasks = tasks
        self._round = 0
        """Number of the last change of the answers: tasks of earlier rounds are skipped."""
        self._loaded: tuple[dict[str, str], Classifier, ModelFile] | None = None

    def classify(self, answers: ChosenAnswers) -> None:
        """Classify all photos under `answers`; `classified` reports each."""
        self._round += 1
        for number in range(len(self._photos)):
            self._tasks.run(partial(self._result, self._round, dict(answers), number), self._report)

    def stop(self) -> None:
        """Skip what is waiting; nothing is reported any more."""
        self._round += 1

    def _result(self, round_: int, answers: dict[str, str], number: int) -> tuple[int, ExampleResult] | None:
        """Classify one photo, in the thread of the tasks; None if the answers have changed since."""
        if round_ != self._round:
            return None
        try:
            if self._loaded is None or self._loaded[0] != answers:
                model = self._draft.model_file(answers)
                self._loaded = answers, Classifier(model), model
            classifier, model = self._loaded[1:]
            result = classify_photo(self._photos[number], classifier, model, thumbnail=False)
            return round_, ExampleResult(number, result, model)
        except (ModelError, ModelImportError):
            problem = _("These numbers are no probabilities: another answer must be right.")
            if answers.get("cat_classes") == answers.get("dog_classes") == "":
                problem = _("Choose the classes that are cats or dogs.")
            return round_, ExampleResult(number, None, None, problem)

    def _report(self, found: tuple[int, ExampleResult] | None) -> None:
        if found is not None and found[0] == self._round:
            self.classified.emit(found[1])


def small_photo(path: Path, edge: int) -> QImage:
    """Return a photo with a longer edge of `edge` pixels, a null image if it cannot be read. Not for the GUI thread."""
    try:
        pixels = decode_for_view(path, edge)
    except PhotoError:
        return QImage()
    return image_from_array(pixels)
