"""How a model that is being imported would judge a few photos, under the answers chosen at the moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from catdog_desktop.decoding.decode import decode_for_view
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.inference.model_file import ModelError, ModelFile
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.model_import.errors import ModelImportError
from catdog_desktop.model_import.proposals.draft import Draft
from catdog_desktop.pipeline import classify_photo
from catdog_desktop.verdict import Result

Answers = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Trial:
    """What the model says of one photo, or why it cannot."""

    number: int
    """Which of the photos."""
    result: Result | None
    model: ModelFile | None
    """The model under the answers that were tried; None if they are not possible."""
    problem: str = ""


class Trials(QObject):
    """Classifies the photos anew whenever the answers change. What belongs to earlier answers is never told."""

    judged = Signal(object)  # Trial
    failed = Signal(object)  # an exception that nobody expected

    def __init__(self, draft: Draft, photos: Sequence[Path], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._draft = draft
        self._photos = list(photos)
        self._round = 0
        self._errands = TaskQueue(self.failed.emit, self)
        self._loaded: tuple[dict[str, str], Classifier, ModelFile] | None = None

    def show(self, answers: Answers) -> None:
        """Let `judged` tell of each photo how the model judges it under these answers."""
        self._round += 1
        self._errands.clear()
        for number in range(len(self._photos)):
            self._errands.run(partial(self._judge, dict(answers), number), partial(self._tell, self._round))

    def stop(self) -> None:
        """Forget what waits; `judged` tells of nothing any more."""
        self._round += 1
        self._errands.clear()

    def close(self) -> None:
        """Wait for the photo in hand."""
        self.stop()
        self._errands.close()

    def _judge(self, answers: dict[str, str], number: int) -> Trial:
        """In the thread of the errands."""
        try:
            if self._loaded is None or self._loaded[0] != answers:
                model = self._draft.model_file(answers)
                self._loaded = answers, Classifier(model), model
            _, classifier, model = self._loaded
            return Trial(number, classify_photo(self._photos[number], classifier, model, thumbnail=False), model)
        except (ModelError, ModelImportError):
            return Trial(number, None, None, "These numbers are no probabilities: another answer must be right.")

    def _tell(self, round_: int, trial: Trial) -> None:
        if round_ == self._round:
            self.judged.emit(trial)


def small_photo(path: Path, edge: int) -> QImage:
    """Return a small picture of a photo; a null one if it cannot be read. Not for the GUI thread."""
    try:
        pixels = decode_for_view(path, edge)
    except PhotoError:
        return QImage()
    height, width, _ = pixels.shape
    return QImage(pixels.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888).copy()
