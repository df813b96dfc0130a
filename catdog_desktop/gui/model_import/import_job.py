"""The import of a model as the work of a `Job`: it waits for the child processes that convert a model and try it."""

from dataclasses import dataclass
from pathlib import Path

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.gui.jobs import OnProgress, Work
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.model_import.conversion.conversion import Conversion
from catdog_desktop.model_import.model_archive import SUFFIX, open_archive
from catdog_desktop.model_import.proposals.draft import ModelDraft
from catdog_desktop.model_import.proposals.questions import Question


@dataclass(frozen=True, slots=True)
class ConvertedModel:
    """A model that can be installed once the user has answered the questions about it."""

    draft: ModelDraft
    questions: tuple[Question, ...]


def import_work(source: Path, size: tuple[int, int] | None = None) -> Work:
    """Return the import of `source` as the work of a job, which reports `ImportProgress`.

    `size` (width, height) is for a model that takes photos of any size. The outcome is a `ConvertedModel`, or a
    `ModelFile` for a .catdog file, which leaves no question and is installed already. It raises `ModelImportError`,
    `ModelError` and `Cancelled`.
    """

    def work(on_progress: OnProgress, cancel_token: CancelToken) -> ConvertedModel | ModelFile:
        if source.suffix.lower() == SUFFIX:
            return open_archive(source, on_progress, cancel_token)
        draft = Conversion(source, size=size).run(on_progress, cancel_token)
        questions = draft.questions()
        cancel_token.raise_if_cancelled()
        return ConvertedModel(draft, tuple(questions))

    return work
