"""Helpers of the tests of the pipeline: a gate for photos, and waiting for results."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from catdog_desktop.pipeline import Pipeline
from catdog_desktop.verdict import Result, Scores

PATIENCE = 120.0
"""Seconds after which a test fails; a passing test never waits that long."""


def wait_until(condition: Callable[[], bool]) -> None:
    """Poll `condition`: progress has no signal."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "the condition never became true"
        threading.Event().wait(0.002)


def photo_threads() -> list[str]:
    """Return the names of all living pipeline threads."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("photos-")]


def take_all(pipeline: Pipeline) -> list[Result]:
    results = []
    end = time.monotonic() + PATIENCE
    while not pipeline.idle:
        assert time.monotonic() < end, "no end"
        results += pipeline.take_results(0.05)
    return results


class Gate:
    """A fake `classify_photo`: each photo waits until it is let through."""

    def __init__(self) -> None:
        self._open = threading.Semaphore(0)
        self.started: list[Path] = []
        self._changed = threading.Condition()

    def classify(self, path: Path, *_: object, **__: object) -> Result:
        with self._changed:
            self.started.append(path)
            self._changed.notify_all()
        assert self._open.acquire(timeout=PATIENCE)
        return Result(path, scores=Scores(0.5, 0.5))

    def let_through(self, count: int = 1000) -> None:
        self._open.release(count)

    def wait_for(self, count: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.started) >= count, PATIENCE)


def paths(count: int) -> list[Path]:
    return [Path(f"{number}.jpg") for number in range(count)]
