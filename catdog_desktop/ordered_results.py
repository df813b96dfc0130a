"""Results in the order of the photos, from a pipeline that returns them in any order."""

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from catdog_desktop.discovery.skip_rules import Skipped
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.verdict import Result

WINDOW: Final = 64
"""Maximum number of photos in progress: enough that one slow photo does not block the others."""
_WAIT_SECONDS: Final = 0.1
"""Longest wait for a result. On Windows a wait cannot be interrupted, so Ctrl+C takes effect between two waits."""


def classify_in_order(pipeline: Pipeline, found: Iterable[Path | Skipped | Result]) -> Iterator[Result | Skipped]:
    """Classify the photos in `found` and yield their results in the order of `found`.

    A result in `found` is yielded in its place, and a `Skipped` at once. Photos are taken from `found` lazily, as the
    pipeline needs them. Paths must be unique, and nothing else may use the pipeline meanwhile.
    """
    order: deque[Path] = deque()
    results: dict[Path, Result] = {}
    for photo in found:
        if isinstance(photo, Skipped):
            yield photo
            continue
        if isinstance(photo, Result):
            order.append(photo.path)
            results[photo.path] = photo
        else:
            order.append(photo)
            pipeline.add((photo,))
        yield from _ready(pipeline, order, results, leave=WINDOW - 1)
    yield from _ready(pipeline, order, results, leave=0)


def _ready(pipeline: Pipeline, order: deque[Path], results: dict[Path, Result], leave: int) -> Iterator[Result]:
    """Yield finished results from the front; wait until at most `leave` photos are in progress."""
    while True:
        while order and order[0] in results:
            yield results.pop(order.popleft())
        if len(order) <= leave:
            return
        results.update((result.path, result) for result in pipeline.take_results(_WAIT_SECONDS))
