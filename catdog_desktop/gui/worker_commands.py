"""What the GUI thread may ask of the classifying thread: one frozen dataclass for each command.

`ClassifyThread.post` takes them from any thread and executes them in the order in which they were posted.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from catdog_desktop.learning.learnt_file import LearntHead
from catdog_desktop.store.store_erasure import Kind
from catdog_desktop.verdict import Verdict


@dataclass(frozen=True, slots=True)
class FindPhotos:
    """Find the photos among `paths` and classify them, after everything that was added before."""

    paths: tuple[Path, ...]
    removed: tuple[Path, ...] = ()
    """Photos to leave out, which the user removed from the list in an earlier session."""


@dataclass(frozen=True, slots=True)
class FindNewPhotos:
    """Find photos among `paths`, searched before, that are not in the gallery; removed photos stay removed."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class ClassifyAgain:
    """Classify photos that the gallery already shows: stopped ones, or those whose file may have changed."""

    paths: tuple[Path, ...]
    ignore_cache: bool = False
    """Classify them even if the store has a result for the file as it is."""


@dataclass(frozen=True, slots=True)
class StopLost:
    """Report those of `paths` as stopped that wait for nothing: an unexpected error has cost their results."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class SaveCorrections:
    """Store the user's own verdicts (None: delete the correction); `corrections_saved` follows."""

    verdicts: Mapping[Path, Verdict | None]


@dataclass(frozen=True, slots=True)
class SaveRatings:
    """Store the user's own ratings, 1 to 5 stars (None: delete the rating); `ratings_saved` follows."""

    ratings: Mapping[Path, int | None]


@dataclass(frozen=True, slots=True)
class UseModel:
    """Classify all photos with another model, except `stopped`.

    `model_ready` comes after the last result of the old model and before the first of the new one; `model_refused` if
    the new one cannot be used.
    """

    folder: Path
    stopped: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class UseLearnt:
    """Use a head learnt from corrections, or none; new results of `paths` follow from the store."""

    learnt: LearntHead | None
    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class RemovePhotos:
    """Drop photos that were removed from the gallery; they can be added again."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class MovePhotos:
    """Note that the app itself moved files, so that they are not new under their new paths."""

    new_paths: Mapping[Path, Path]
    """New path by old path."""


@dataclass(frozen=True, slots=True)
class ReadStoreSummary:
    """Emit `store_summary`."""


@dataclass(frozen=True, slots=True)
class ForgetPhotos:
    """Erase stored data of these kinds for all photos; `photos_forgotten` and then `store_summary` follow."""

    kinds: frozenset[Kind]


@dataclass(frozen=True, slots=True)
class LimitThumbnails:
    """Limit the disk space of the thumbnail cache."""

    limit_bytes: int


@dataclass(frozen=True, slots=True)
class LoadFeatures:
    """Read the features of known photos, once no photo waits to be looked up; `features_loaded` follows."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Prioritize:
    """Classify these photos first if they are still waiting: they are on the screen."""

    paths: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """Begin no further photo until the same command says so, or until `Cancel`."""

    paused: bool


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop what is under way; `photos_stopped` lists the photos that were waiting."""


Command = (
    FindPhotos
    | FindNewPhotos
    | ClassifyAgain
    | StopLost
    | UseModel
    | UseLearnt
    | RemovePhotos
    | MovePhotos
    | LoadFeatures
    | Prioritize
    | Pause
    | Cancel
    | SaveCorrections
    | SaveRatings
    | ReadStoreSummary
    | ForgetPhotos
    | LimitThumbnails
)
