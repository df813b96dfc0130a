"""Results in the order of the photos, from a pipeline that gives them as they come."""

from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from catdog_desktop.discovery.skip_rules import Skipped
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.verdict import Result

WINDOW: Final = 64
"""How many photos may be on their way at once: enough that one slow photo stops nobody, few enough to hold."""
_WAIT_SECONDS: Final = 0.1
"""How long to wait for a result at a time; in between, Ctrl+C is heard (on Windows a wait cannot be interrupted)."""


def classify_in_order(pipeline: Pipeline, found: Iterable[Path | Skipped | Result]) -> Iterator[Result | Skipped]:
    """Classify the photos in `found` and yield their results in its order, however many there are.

    A result in `found` keeps its place and is passed on; what was left out is passed on at once. Photos are taken
    from `found` only as the pipeline needs them. Each path may come once; nobody else may use the pipeline.
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
    """Yield what is at the front and done; wait until at most `leave` photos are on their way."""
    while True:
        while order and order[0] in results:
            yield results.pop(order.popleft())
        if len(order) <= leave:
            return
        results.update((result.path, result) for result in pipeline.take_results(_WAIT_SECONDS))
