"""The photos that a command was given: found, counted, and classified by what its arguments say."""

from __future__ import annotations

import contextlib
import glob
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.terminal import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from catdog_desktop.discovery.skip_rules import Skipped
    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.progress_bar import ProgressBar
    from catdog_desktop.store.store import Store
    from catdog_desktop.verdict import Result

    Leaving = Callable[[Iterable[Path | Skipped]], Iterable[Path | Skipped]]


def given_paths(paths: Sequence[Path]) -> Sequence[Path]:
    """Return what was meant by the paths as they were typed."""
    return expand_patterns(paths) if os.name == "nt" else paths


def expand_patterns(paths: Sequence[Path]) -> list[Path]:
    """Replace patterns such as `*.jpg` by what they match: the shells of Windows leave that to the program."""
    expanded: list[Path] = []
    for path in paths:
        matches = [] if os.path.lexists(path) else sorted(glob.glob(str(path)))  # noqa: PTH207
        expanded += [Path(match) for match in matches] or [path]
    return expanded


def find_given(paths: Sequence[Path], leaving: Leaving | None = None) -> Iterator[Path | Skipped | Result]:
    """Find the photos; a path that does not exist at all becomes a result that says so.

    `leaving` is asked to pass on what is found, some of it as left out.
    """
    from catdog_desktop.discovery.skip_rules import Skipped
    from catdog_desktop.discovery.walk import find_photos
    from catdog_desktop.verdict import Result

    # Not Path.exists(), which raises for a name that cannot be; and a dangling link does exist.
    missing = {path for path in paths if not os.path.lexists(path)}
    found: Iterable[Path | Skipped] = find_photos(paths)
    for photo in found if leaving is None else leaving(found):
        if isinstance(photo, Skipped) or photo not in missing:
            yield photo
        else:
            yield Result(photo, error="does not exist")


def count_in_background(paths: Sequence[Path], bar: ProgressBar) -> None:
    """Tell `bar` how many photos there are, without keeping the first ones waiting; nothing if nobody sees it."""
    from catdog_desktop.discovery.skip_rules import Skipped
    from catdog_desktop.discovery.walk import find_photos

    def count() -> None:
        bar.total = sum(not isinstance(photo, Skipped) for photo in find_photos(paths))

    if bar.shown:
        threading.Thread(target=count, name="count", daemon=True).start()


def open_store(arguments: argparse.Namespace, opened: contextlib.ExitStack) -> Store | None:
    """Return what is remembered of photos, closed with `opened`; None if the user wants nothing remembered."""
    from catdog_desktop.store.store import Store

    return None if arguments.no_store else opened.enter_context(Store.open())


@contextlib.contextmanager
def classifying(
    arguments: argparse.Namespace, model: ModelFile, store: Store | None, *, thumbnails: bool = False
) -> Iterator[tuple[Pipeline, ProgressBar]]:
    """Open a pipeline and draw how far it is. At the end it is said what could not be remembered. `ModelError`."""
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.progress_bar import ProgressBar

    with (
        Pipeline(model, jobs=arguments.jobs, thumbnails=thumbnails, store=store, rescan=arguments.rescan) as pipeline,
        ProgressBar(sys.stderr) as bar,
    ):
        yield pipeline, bar
    for complaint in (store.complaint if store is not None else None, pipeline.complaint):
        if complaint is not None:
            say(complaint)
