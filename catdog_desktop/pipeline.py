"""Many photos at once: worker threads that each decode and classify, and results as they come.

    with Pipeline(model) as pipeline:
        pipeline.add(paths)
        while not pipeline.idle:
            for result in pipeline.take_results(timeout=0.05):
                ...

Pillow and LiteRT release the interpreter lock while they work, so threads fill the cores. Each thread loads its own
`Classifier`, the first of them before the constructor returns, so that an unusable model is known at once.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from catdog_desktop.decoding import PhotoError, decode_photo
from catdog_desktop.model_file import ModelFile
from catdog_desktop.runtime import Classifier
from catdog_desktop.verdict import Result


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the photos added so far have come. `done` counts the failed ones too."""

    added: int = 0
    done: int = 0
    failed: int = 0
    cancelled: int = 0

    @property
    def open(self) -> int:
        """How many photos are still to come."""
        return self.added - self.done - self.cancelled


def default_jobs() -> int:
    """Return how many photos to work on at once: the cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


class Pipeline:
    """Classifies photos in threads of its own.

    All methods may be called from any thread and none of them waits for a photo, but for `take_results` (up to its
    timeout) and `close` (for the photos in flight).
    """

    def __init__(self, model: ModelFile, *, jobs: int | None = None, thumbnails: bool = True) -> None:
        """Start `jobs` threads (default: one per core). Raises `ModelError` if the model cannot be run."""
        self._model = model
        self._thumbnails = thumbnails
        self._changed = threading.Condition()
        self._waiting: OrderedDict[Path, None] = OrderedDict()
        self._results: list[Result] = []
        self._in_flight = 0
        self._added = self._done = self._failed = self._cancelled = 0
        self._closed = False
        first = Classifier(model)
        self._threads = [
            threading.Thread(
                target=self._work, args=(first if number == 0 else None,), name=f"photos-{number}", daemon=True
            )
            for number in range(max(1, jobs or default_jobs()))
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def idle(self) -> bool:
        """Whether every photo added has been classified (or cancelled) and its result taken."""
        with self._changed:
            return not (self._waiting or self._in_flight or self._results)

    @property
    def progress(self) -> Progress:
        """How far it is, at this moment."""
        with self._changed:
            return Progress(self._added, self._done, self._failed, self._cancelled)

    def add(self, photos: Iterable[Path]) -> None:
        """Queue `photos` behind those that wait. One that waits already is not queued again."""
        with self._changed:
            for path in photos:
                if path not in self._waiting:
                    self._waiting[path] = None
                    self._added += 1
            self._changed.notify_all()

    def prefer(self, photos: Iterable[Path]) -> None:
        """Put those of `photos` that still wait to the front, the first of them foremost: what is on the screen."""
        with self._changed:
            for path in reversed(list(photos)):
                if path in self._waiting:
                    self._waiting.move_to_end(path, last=False)

    def discard(self, photos: Iterable[Path]) -> None:
        """Forget those of `photos` that still wait; they count as cancelled."""
        with self._changed:
            for path in photos:
                if path in self._waiting:
                    del self._waiting[path]
                    self._cancelled += 1
            self._changed.notify_all()

    def cancel(self) -> list[Path]:
        """Stop at once: return the photos that will have no result, those in flight excepted (theirs still come)."""
        with self._changed:
            dropped = list(self._waiting)
            self._waiting.clear()
            self._cancelled += len(dropped)
            self._changed.notify_all()
            return dropped

    def take_results(self, timeout: float = 0.0) -> list[Result]:
        """Return the results that have come since the last call, waiting up to `timeout` seconds for the first."""
        with self._changed:
            self._changed.wait_for(lambda: self._results or not (self._waiting or self._in_flight), timeout)
            taken, self._results = self._results, []
            return taken

    def close(self) -> None:
        """Cancel and end the threads; returns when the photos in flight are through."""
        self.cancel()
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self, classifier: Classifier | None) -> None:
        while (path := self._next()) is not None:
            try:
                classifier = classifier or Classifier(self._model)
                result = classify_photo(path, classifier, self._model, thumbnail=self._thumbnails)
            except Exception as error:  # noqa: BLE001  The edge of a thread: one photo must not end the others.
                result = Result(path, error=f"could not be classified ({type(error).__name__}: {error})")
            self._finish(result)

    def _next(self) -> Path | None:
        """Return the next photo to work on, waiting for one; None when the pipeline is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            if self._closed:
                return None
            path, _ = self._waiting.popitem(last=False)
            self._in_flight += 1
            return path

    def _finish(self, result: Result) -> None:
        with self._changed:
            self._in_flight -= 1
            self._done += 1
            self._failed += result.error is not None
            self._results.append(result)
            self._changed.notify_all()


def classify_photo(path: Path, classifier: Classifier, model: ModelFile, *, thumbnail: bool = True) -> Result:
    """Decode and classify one photo. What is wrong with the photo is in the result; `ModelError` is raised."""
    try:
        photo = decode_photo(path, model.input_size, model.resampling, thumbnail=thumbnail)
    except PhotoError as error:
        return Result(path, error=str(error))
    inference = classifier.classify(photo.pixels)
    return Result(
        path,
        scores=inference.scores,
        damaged=photo.damaged,
        width=photo.width,
        height=photo.height,
        taken=photo.taken,
        file_bytes=photo.file_bytes,
        thumbnail=photo.thumbnail,
        heat_maps=inference.heat_maps,
    )
