"""Results of an import's sandboxed tasks, with their errors worded: `report_errors` in the child, `run_child` here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.inference.model_file import ModelError
from catdog_desktop.messages import _
from catdog_desktop.model_import.errors import ModelImportError, RefusedModelError
from catdog_desktop.sandbox.process import ChildError, ChildTask, Failure

LONGEST_SENTENCE: Final = 2_000


@dataclass(frozen=True, slots=True)
class FailureTexts:
    """Sentences for the user about a child that failed."""

    timed_out: str
    out_of_memory: str
    crashed: str
    """With `{how}`: "it was ended by SIGSEGV"."""
    step_timed_out: Mapping[str, str] = field(default_factory=dict)
    """By the name of a step that has a time limit of its own."""

    def error(self, error: ChildError) -> ModelImportError:
        """Return the error to raise for a child that failed."""
        match error.failure:
            case Failure.TIMED_OUT:
                return ModelImportError(self.step_timed_out.get(error.step, self.timed_out))
            case Failure.OUT_OF_MEMORY:
                return ModelImportError(self.out_of_memory)
            case Failure.NONSENSE:
                how = _("its answer makes no sense")
            case Failure.RAISED:
                how = error.exception
            case Failure.CRASHED if error.signal_name:
                how = _("it was ended by {signal}").format(signal=error.signal_name)
            case Failure.CRASHED if error.status is not None:
                how = _("it ended with status {status}").format(status=error.status)
            case Failure.CRASHED:
                how = _("it stopped answering")
        last_words = _("Its last words: {words}").format(words=error.last_words) if error.last_words else ""
        return ModelImportError(f"{self.crashed.format(how=how)} {last_words}".rstrip())

    def nonsense(self) -> ModelImportError:
        """Return the error to raise for a result that is not what was asked for."""
        return self.error(ChildError(Failure.NONSENSE))


def report_errors(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Call `work` in the child, and return its result, or the expected error that it raises as a result."""
    try:
        return work()
    except RefusedModelError as error:
        return {"refused": [error.what, error.where, error.advice]}
    except ModelImportError as error:
        return {"failed": str(error)}
    except ModelError as error:
        return {"failed": model_problem(error)}


def run_child(
    task: ChildTask,
    texts: FailureTexts,
    on_step: Callable[[str], None] = lambda step: None,
    cancel: CancelToken | None = None,
) -> Mapping[str, Any]:
    """Run a task that uses `report_errors`; return its result, unchecked.

    Raises `ModelImportError`, `RefusedModelError` among them, `Cancelled`, and `OSError` if no child can be started.
    """
    try:
        result = task.run(on_step, cancel)
    except ChildError as error:
        raise texts.error(error) from error
    match result:
        case {"refused": [str(what), str(where), str(advice)]}:
            raise RefusedModelError(*(_sentence(part)[:1000] for part in (what, where, advice)))
        case {"failed": str(sentence)}:
            raise ModelImportError(_sentence(sentence))
        case {"refused": _other} | {"failed": _other}:
            raise texts.nonsense()
    return result


def model_problem(error: ModelError) -> str:
    """Return what is wrong with a model in a temporary folder, without that folder's path."""
    return error.problem if error.path is None else _("The model {problem}").format(problem=error.problem)


def _sentence(text: str) -> str:
    """Return a sentence from a child as it may stand in a terminal."""
    whole = text[:LONGEST_SENTENCE]
    return "".join(character if character.isprintable() else " " for character in whole)
