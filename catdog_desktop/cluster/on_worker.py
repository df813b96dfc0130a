"""Code that runs on the workers: each process loads the model once and classifies the parts that it gets.

A worker classifies as many parts at once as it has Dask threads. Each thread uses its own `Classifier`.
"""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Final

from distributed import WorkerPlugin, get_worker

from catdog_desktop import __version__
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.pipeline import classify_or_report
from catdog_desktop.verdict import Result

PLUGIN_NAME: Final = "catdog-model"


@dataclass(frozen=True, slots=True)
class PartDone:
    """The result of a part."""

    results: list[Result]
    """In the order of the photos, without thumbnails and heat maps."""
    process: str
    """Worker address and process id."""
    seconds: float
    cpu_seconds: float
    """CPU time of the thread."""
    classifiers: int
    """Number of classifiers in the process so far, one for each thread."""


class ModelOnWorker(WorkerPlugin):  # type: ignore[misc]  # Untyped library.
    """Brings the model to every worker, including those that join later, so that none needs it on its disk."""

    name = PLUGIN_NAME

    def __init__(self, model: ModelFile) -> None:
        self._model = model
        self._version = __version__
        self._idle: SimpleQueue[Classifier] | None = None
        self._made = 0

    def __getstate__(self) -> dict[str, Any]:
        """Return the state without the classifiers of this process."""
        return self.__dict__ | {"_idle": None, "_made": 0}

    def setup(self, worker: object) -> None:
        """Load the model before the first part. Raises `ModelError`, or `RuntimeError` for another version."""
        if self._version != __version__:
            raise RuntimeError(f"this worker has CatDog {__version__}, but the job was started by {self._version}")
        self._idle = SimpleQueue()
        self._idle.put(self._make())

    def classify(self, names: Sequence[bytes]) -> PartDone:
        """Classify photos. Errors of a photo are in its result. Raises `ModelError`."""
        wall, cpu = time.perf_counter(), time.thread_time()
        with self._classifier() as classifier:
            results = [self._one(Path(os.fsdecode(name)), classifier) for name in names]
        return PartDone(
            results,
            f"{get_worker().address} {os.getpid()}",
            time.perf_counter() - wall,
            time.thread_time() - cpu,
            self._made,
        )

    def _one(self, path: Path, classifier: Classifier) -> Result:
        result = classify_or_report(path, classifier, self._model, thumbnail=False)
        return replace(result, heat_maps=None)

    @contextmanager
    def _classifier(self) -> Iterator[Classifier]:
        assert self._idle is not None, "set up"
        try:
            classifier = self._idle.get_nowait()
        except Empty:
            classifier = self._make()
        try:
            yield classifier
        finally:
            self._idle.put(classifier)

    def _make(self) -> Classifier:
        self._made += 1
        return Classifier(self._model)


def classify_part(names: Sequence[bytes]) -> PartDone:
    """Classify a part on this worker."""
    plugin = get_worker().plugins[PLUGIN_NAME]
    assert isinstance(plugin, ModelOnWorker)
    return plugin.classify(names)
