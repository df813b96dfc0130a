"""Why a cluster job cannot start or continue. The error carries a problem and its fields; `str` gives the sentence."""

from enum import Enum, auto
from pathlib import Path

from catdog_desktop.messages import _


class ClusterProblem(Enum):
    """Why a cluster job cannot start or continue."""

    SOURCE_MISSING = auto()
    NOT_A_LISTING = auto()
    LISTING_UNREADABLE = auto()
    LISTING_DAMAGED = auto()
    LISTING_NOT_WRITTEN = auto()
    NO_PHOTOS = auto()
    NO_COLUMN = auto()
    COLUMN_WITHOUT_PATHS = auto()
    OUTPUT_NOT_CREATED = auto()
    OUTPUT_UNUSABLE = auto()
    OUTPUT_DAMAGED = auto()
    OTHER_FOLDER = auto()
    OTHER_LISTING = auto()
    OTHER_MODEL = auto()
    OTHER_VERSION = auto()
    PART_NOT_WRITTEN = auto()
    NO_SCHEDULER = auto()
    SCHEDULER_GONE = auto()
    NO_WORKERS = auto()
    WORKERS_GONE = auto()
    WORKER_UNUSABLE = auto()
    WORKER_FAILED = auto()


class ClusterError(Exception):
    """The job cannot start or continue. `str` is a sentence with the reason and what to do."""

    def __init__(
        self, problem: ClusterProblem, place: Path | str | None = None, detail: object = "", *, column: str = ""
    ) -> None:
        super().__init__(problem, place, str(detail), column)
        self.problem = problem
        self.place = place
        """The file, folder or address that the sentence names, if it names one."""
        self.detail = str(detail)
        """The reason that the system gives, or what was found instead."""
        self.column = column
        """The column of a Parquet listing."""

    def __str__(self) -> str:
        return _sentence(self.problem).format(place=self.place, detail=self.detail, column=repr(self.column))


def _sentence(problem: ClusterProblem) -> str:
    return {
        ClusterProblem.SOURCE_MISSING: _("{place} does not exist."),
        ClusterProblem.NOT_A_LISTING: _(
            "{place} is not a listing. Use a text or Parquet file with paths, or a folder."
        ),
        ClusterProblem.LISTING_UNREADABLE: _("The listing {place} cannot be read ({detail})."),
        ClusterProblem.LISTING_DAMAGED: _("The listing {place} is damaged ({detail})."),
        ClusterProblem.LISTING_NOT_WRITTEN: _("The listing {place} could not be written ({detail})."),
        ClusterProblem.NO_PHOTOS: _("{place} lists no photo."),
        ClusterProblem.NO_COLUMN: _("{place} has no column {column} (it has {detail})."),
        ClusterProblem.COLUMN_WITHOUT_PATHS: _("The column {column} of {place} does not contain paths."),
        ClusterProblem.OUTPUT_NOT_CREATED: _("{place} cannot be created ({detail})."),
        ClusterProblem.OUTPUT_UNUSABLE: _("{place} cannot be used ({detail})."),
        ClusterProblem.OUTPUT_DAMAGED: _("{place} is damaged. Choose another output."),
        ClusterProblem.OTHER_FOLDER: _("{place} lists another folder ({detail}). Choose another output."),
        ClusterProblem.OTHER_LISTING: _("{place} contains the results of another listing. Choose another output."),
        ClusterProblem.OTHER_MODEL: _("{place} contains the results of another model. Choose another output."),
        ClusterProblem.OTHER_VERSION: _("{place} was started by another version of this program."),
        ClusterProblem.PART_NOT_WRITTEN: _("{place} could not be written ({detail})."),
        ClusterProblem.NO_SCHEDULER: _("There is no Dask scheduler at {place} ({detail})."),
        ClusterProblem.SCHEDULER_GONE: _(
            "The scheduler is gone. Start it, then run the same command again to continue."
        ),
        ClusterProblem.NO_WORKERS: _("The scheduler has no workers. Start some, then run the same command again."),
        ClusterProblem.WORKERS_GONE: _(
            "All workers are gone. Start some, then run the same command again to continue."
        ),
        ClusterProblem.WORKER_UNUSABLE: _(
            "A worker cannot be used: is the same version of CatDog installed there? ({detail})"
        ),
        ClusterProblem.WORKER_FAILED: _("A worker failed ({detail})."),
    }[problem]
