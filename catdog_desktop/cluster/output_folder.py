"""The output folder: description of the job, finished parts, and counts of their verdicts.

Part n contains the photos from index n * part_size on. Parts are written atomically, so a job that was killed continues
with the missing parts.
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
from catdog_desktop.cluster.errors import ClusterError, ClusterProblem
from catdog_desktop.cluster.listing import Listing
from catdog_desktop.cluster.result_table import write_results
from catdog_desktop.files.atomic_write import write_text_atomically
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.verdict import Result

# Programs that read a folder of Parquet files ignore names that begin with an underscore.
LISTING_NAME: Final = "_listing.parquet"
_JOB_NAME: Final = "_job.json"
_FORMAT: Final = 1
_LISTING_KEYS: Final = ("listing", "photos")
_MODEL_KEYS: Final = ("model_identity", "thresholds")
"""The values of these keys must be those of the earlier run."""


class OutputFolder:
    """The folder of one job. One process at a time writes to it."""

    def __init__(self, folder: Path, listing: Listing, model: ModelFile, part_size: int, *, retry: bool) -> None:
        """Start in an empty folder, or continue an earlier run. Raises `ClusterError`.

        The part size of an earlier run overrides `part_size`. With `retry`, parts are repeated in which a photo could
        not be read for a temporary reason.
        """
        self.folder = folder
        self.listing = listing
        self.tally: Counter[str] = Counter()
        """Number of photos by verdict, and with an `error`, in the finished parts."""
        self._model = model
        self._retry = retry
        self.part_size = self._agree(part_size)
        self.parts = -(-listing.photos // self.part_size)
        self.done = {number for number in range(self.parts) if self._is_done(number)}
        """The numbers of the finished parts."""
        self.done_before = len(self.done)

    @property
    def is_done(self) -> bool:
        """Whether all parts are finished."""
        return len(self.done) == self.parts

    @property
    def photos_done(self) -> int:
        """Number of photos in the finished parts."""
        return self.tally.total()

    def missing(self) -> Iterator[tuple[int, list[Path]]]:
        """Yield number and photos of each missing part."""
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
            raise ClusterError(ClusterProblem.PART_NOT_WRITTEN, path, error.strerror or error) from error
        for result in results:
            verdict = result.verdict(self._model.thresholds)
            self.tally["error" if verdict is None else verdict.value] += 1
        self.done.add(number)

    def _part(self, number: int) -> Path:
        return self.folder / f"part-{number:06}.parquet"

    def _agree(self, part_size: int) -> int:
        """Compare the job with that of an earlier run, or write it; return the part size."""
        path = self.folder / _JOB_NAME
        thresholds = self._model.thresholds
        job: dict[str, Any] = {
            "format": _FORMAT,
            "listing": self.listing.digest,
            "photos": self.listing.photos,
            "model": f"{self._model.name} {self._model.version}",
            "model_identity": self._model.identity,  # The same flatbuffer with other pre-processing gives other scores.
            "thresholds": [thresholds.cat, thresholds.dog, thresholds.unsure],  # Other thresholds give other verdicts.
            "part_size": part_size,
            "app_version": __version__,
        }
        try:
            if not path.exists():
                write_text_atomically(path, json.dumps(job, indent=2) + "\n")
                return part_size
            before = json.loads(path.read_text(encoding="utf-8"))
            if before["format"] != _FORMAT:
                raise ClusterError(ClusterProblem.OTHER_VERSION, self.folder)
            if any(before[key] != job[key] for key in _LISTING_KEYS):
                raise ClusterError(ClusterProblem.OTHER_LISTING, self.folder)
            if any(before[key] != job[key] for key in _MODEL_KEYS):
                raise ClusterError(ClusterProblem.OTHER_MODEL, self.folder)
            return max(1, int(before["part_size"]))
        except OSError as error:
            raise ClusterError(ClusterProblem.OUTPUT_UNUSABLE, path, error.strerror or error) from error
        except (ValueError, KeyError, TypeError) as error:
            raise ClusterError(ClusterProblem.OUTPUT_DAMAGED, path) from error

    def _is_done(self, number: int) -> bool:
        """Whether a part exists and is complete. If so, add its rows to the tally."""
        expected = min(self.part_size, self.listing.photos - number * self.part_size)
        with contextlib.suppress(FileNotFoundError, pa.ArrowException, OSError):
            rows = pq.read_table(self._part(number), columns=["verdict", "may_pass"])
            if rows.num_rows != expected or (self._retry and any(rows["may_pass"].to_pylist())):
                return False
            self.tally.update("error" if verdict is None else verdict for verdict in rows["verdict"].to_pylist())
            return True
        return False
