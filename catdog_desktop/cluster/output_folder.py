"""The folder of results: what the job is, which parts of it are done, and how often what came out.

Part n holds the photos from n times the part's size on. It is there whole or not at all, so that a job that was ended,
however roughly, goes on with the parts that are missing.
"""

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from catdog_desktop import __version__
from catdog_desktop.cluster import ClusterError
from catdog_desktop.cluster.listing import Listing
from catdog_desktop.cluster.result_table import write_results
from catdog_desktop.files.atomic_write import write_text_atomically
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.verdict import Result

# Programs that read a folder of Parquet files pass over names that begin with an underscore.
LISTING_NAME: Final = "_listing.parquet"
_JOB_NAME: Final = "_job.json"
_FORMAT: Final = 1
_SAME: Final = {
    "listing": "another listing",
    "photos": "another listing",
    "model_identity": "another model",
    "thresholds": "another model",
}
"""What must not differ from the time before, and what a user is told if it does."""


class OutputFolder:
    """Where the parts go. One process at a time writes here."""

    def __init__(self, folder: Path, listing: Listing, model: ModelFile, part_size: int, *, retry: bool) -> None:
        """Begin in an empty folder, or go on with what is there. Raises `ClusterError`.

        A part size from before stands above `part_size`. With `retry` parts are done again in which a photo could
        not be read for a reason that may have passed.
        """
        self.folder = folder
        self.listing = listing
        self.tally: Counter[str] = Counter()
        """How many photos have which verdict, and how many have an `error`, in the parts that are written."""
        self._model = model
        self._retry = retry
        self.part_size = self._agree(part_size)
        self.parts = -(-listing.photos // self.part_size)
        self.done = {number for number in range(self.parts) if self._is_done(number)}
        """The numbers of the parts that are written."""
        self.done_before = len(self.done)

    @property
    def is_done(self) -> bool:
        """Whether every part is written."""
        return len(self.done) == self.parts

    @property
    def photos_done(self) -> int:
        """How many photos have a row."""
        return self.tally.total()

    def missing(self) -> Iterator[tuple[int, list[Path]]]:
        """Yield number and photos of each part that is not done."""
        number, photos = 0, list[Path]()
        for path in self.listing.paths():
            photos.append(path)
            if len(photos) == self.part_size:
                if number not in self.done:
                    yield number, photos
                number, photos = number + 1, []
        if photos and number not in self.done:
            yield number, photos

    def write(self, number: int, results: list[Result]) -> None:
        """Write a part. Raises `ClusterError`."""
        path = self._part(number)
        try:
            write_results(path, results, self._model)
        except OSError as error:
            raise ClusterError(f"{path} could not be written ({error.strerror or error}).") from error
        for result in results:
            verdict = result.verdict(self._model.thresholds)
            self.tally["error" if verdict is None else verdict.value] += 1
        self.done.add(number)

    def _part(self, number: int) -> Path:
        return self.folder / f"part-{number:06}.parquet"

    def _agree(self, part_size: int) -> int:
        """Compare with what was done here before, or note what is to be done; return the size of the parts."""
        path = self.folder / _JOB_NAME
        thresholds = self._model.thresholds
        job: dict[str, Any] = {
            "format": _FORMAT,
            "listing": self.listing.digest,
            "photos": self.listing.photos,
            "model": f"{self._model.name} {self._model.version}",
            "model_identity": self._model.identity,  # the same flatbuffer read in another way gives other scores
            "thresholds": [thresholds.cat, thresholds.dog, thresholds.unsure],  # and other verdicts by these
            "part_size": part_size,
            "app_version": __version__,
        }
        try:
            if not path.exists():
                write_text_atomically(path, json.dumps(job, indent=2) + "\n")
                return part_size
            before = json.loads(path.read_text(encoding="utf-8"))
            if before["format"] != _FORMAT:
                raise ClusterError(f"{self.folder} was begun by another version of this program.")
            for key, what in _SAME.items():
                if before[key] != job[key]:
                    raise ClusterError(f"{self.folder} holds the results of {what}. Choose another output.")
            return max(1, int(before["part_size"]))
        except OSError as error:
            raise ClusterError(f"{path} cannot be used ({error.strerror or error}).") from error
        except (ValueError, KeyError, TypeError) as error:
            raise ClusterError(f"{path} is damaged. Choose another output.") from error

    def _is_done(self, number: int) -> bool:
        """Whether a part is there and whole; if so its rows are counted."""
        expected = min(self.part_size, self.listing.photos - number * self.part_size)
        with contextlib.suppress(FileNotFoundError, pa.ArrowException, OSError):
            rows = pq.read_table(self._part(number), columns=["verdict", "may_pass"])
            if rows.num_rows != expected or (self._retry and any(rows["may_pass"].to_pylist())):
                return False
            self.tally.update("error" if verdict is None else verdict for verdict in rows["verdict"].to_pylist())
            return True
        return False
