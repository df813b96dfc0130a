"""Why a sort cannot be planned, started, finished or undone. The sentences are made where they are shown."""

import contextlib
from collections.abc import Iterator
from enum import Enum, auto
from pathlib import Path

from catdog_desktop.files.atomic_write import reason_of
from catdog_desktop.messages import _


class SortProblem(Enum):
    """What stands in the way of a sort."""

    INVALID_FOLDER_NAME = auto()
    NAME_LEAVES_DESTINATION = auto()
    FOLDER_NAME_TOO_LONG = auto()
    DESTINATION_SILENT = auto()
    DESTINATION_IS_A_FILE = auto()
    DESTINATION_PROTECTED = auto()
    DESTINATION_FAILED = auto()
    FILE_NOT_SETTLED = auto()
    NOTHING_SORTED = auto()
    VERDICTS_UNKNOWN = auto()
    UNDONE_IN_PART = auto()
    UNDONE = auto()
    NOTHING_TO_UNDO = auto()
    NO_CHANGE_TO_UNDO = auto()
    UNKNOWN_ID = auto()
    JOURNAL_DAMAGED = auto()
    JOURNAL_TOO_NEW = auto()
    JOURNAL_NOT_READ = auto()
    JOURNAL_NOT_WRITTEN = auto()
    JOURNAL_NOT_RENAMED = auto()
    LOCK_NOT_CREATED = auto()
    RUNNING = auto()


class SortError(Exception):
    """A sort cannot be planned, started, finished or undone. `str` is a sentence with the reason and what to do."""

    def __init__(self, problem: SortProblem, place: Path | str = "", detail: object = "", *, sort_id: str = "") -> None:
        super().__init__(problem, place, str(detail), sort_id)
        self.problem = problem
        self.place = place
        """The file, folder or name that the sentence names, if it names one."""
        self.detail = str(detail)
        """The reason that the system gives, the version of the app, or the process that sorts."""
        self.sort_id = sort_id
        """The id of the sort, if the sentence names it."""

    def __str__(self) -> str:
        return _sentence(self.problem, self.detail).format(place=self.place, detail=self.detail, id=self.sort_id)


@contextlib.contextmanager
def reraise_as(problem: SortProblem) -> Iterator[None]:
    """Turn an `OSError` in the context into a `SortError`."""
    try:
        yield
    except OSError as error:
        raise SortError(problem, detail=reason_of(error)) from error


def _sentence(problem: SortProblem, detail: str) -> str:
    if problem is SortProblem.RUNNING and not detail:
        return _("Another sort is running. Wait until it has ended, then try again.")
    return {**_of_choices(), **_of_journals()}[problem]


def _of_choices() -> dict[SortProblem, str]:
    return {
        SortProblem.INVALID_FOLDER_NAME: _("“{place}” cannot be the name of a folder. Choose a name such as “cats”."),
        SortProblem.NAME_LEAVES_DESTINATION: _("“{place}” leads out of the destination. Choose a name such as “cats”."),
        SortProblem.FOLDER_NAME_TOO_LONG: _("The name of a folder is too long. Choose one of at most 255 bytes."),
        SortProblem.DESTINATION_SILENT: _("“{place}” does not respond ({detail})."),
        SortProblem.DESTINATION_IS_A_FILE: _(
            "“{place}” is a file, so no folder can be created there. Choose another folder or name."
        ),
        SortProblem.DESTINATION_PROTECTED: _("You may not write to “{place}”. Choose another folder."),
        SortProblem.DESTINATION_FAILED: _("The folder “{place}” {detail}"),
        SortProblem.FILE_NOT_SETTLED: _("“{place}” {detail}"),
        SortProblem.NOTHING_SORTED: _("No sort has filled “{place}”."),
        SortProblem.VERDICTS_UNKNOWN: _(
            "It is not known which folder of “{place}” belongs to which verdict. Name them with --folder."
        ),
    }


def _of_journals() -> dict[SortProblem, str]:
    return {
        SortProblem.UNDONE_IN_PART: _("This sort is undone, wholly or in part. Undo the rest of it instead."),
        SortProblem.UNDONE: _("This sort is undone already."),
        SortProblem.NOTHING_TO_UNDO: _("There is no sort to undo."),
        SortProblem.NO_CHANGE_TO_UNDO: _("There is no sort, export of keywords or move to the trash to undo."),
        SortProblem.UNKNOWN_ID: _("There is no sort “{id}”. “catdog undo --list” lists all sorts."),
        SortProblem.JOURNAL_DAMAGED: _(
            "The journal {place} is damaged ({detail}). Nothing was changed; the photos are where the sort left them. "
            "“catdog undo {id} --forget” leaves it as it is."
        ),
        SortProblem.JOURNAL_TOO_NEW: _(
            "The journal {place} was written by a newer CatDog ({detail}). Use that version."
        ),
        SortProblem.JOURNAL_NOT_READ: _("The journal of the sort cannot be read ({detail})."),
        SortProblem.JOURNAL_NOT_WRITTEN: _("The journal of the sort cannot be written ({detail})."),
        SortProblem.JOURNAL_NOT_RENAMED: _("The journal of the sort cannot be renamed ({detail})."),
        SortProblem.LOCK_NOT_CREATED: _("The lock file for sorting cannot be created ({detail})."),
        SortProblem.RUNNING: _("Another sort is running (process {detail}). Wait until it has ended, then try again."),
    }
