"""Why the store cannot be read or written. The sentences are made where they are shown."""

from enum import Enum, auto
from pathlib import Path

from catdog_desktop.messages import _


class StoreProblem(Enum):
    """What is wrong with the store, or why something could not be erased from it."""

    UNUSABLE = auto()
    CLOSED = auto()
    NOT_REWRITTEN = auto()
    CONTENT_UNKNOWN = auto()
    NOTHING_FORGOTTEN = auto()
    FILE_NOT_DELETED = auto()


class StoreError(Exception):
    """The store could not be read or written. `str` is a sentence for the user."""

    def __init__(self, problem: StoreProblem, path: Path | str | None = None, detail: object = "") -> None:
        super().__init__(problem, path, detail)
        self.problem = problem
        self.path = path
        """The file of the problem; None for a store that is closed."""
        self.detail = detail
        """The reason that the system or SQLite gives; of `NOTHING_FORGOTTEN`, the complaint of the store."""

    def __str__(self) -> str:
        return _sentence(self.problem).format(
            path=self.path, error=self.detail, reason=self.detail, complaint=self.detail
        )


def _sentence(problem: StoreProblem) -> str:
    match problem:
        case StoreProblem.UNUSABLE:
            return _("{path} cannot be used ({error}).")
        case StoreProblem.CLOSED:
            return _("The store is closed already.")
        case StoreProblem.NOT_REWRITTEN:
            return _(
                "What was deleted may still lie in {path}: another program has been using it for too long. "
                "Close it and try again."
            )
        case StoreProblem.CONTENT_UNKNOWN:
            return _("What {path} holds cannot be looked up, and so it cannot be forgotten.")
        case StoreProblem.NOTHING_FORGOTTEN:
            return _("Nothing was forgotten. {complaint}")
        case StoreProblem.FILE_NOT_DELETED:
            return _("{path} could not be deleted ({reason}).")
