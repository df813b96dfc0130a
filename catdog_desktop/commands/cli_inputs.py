"""The photos named on the command line: expanded, found, counted, and classified as the arguments ask."""

from __future__ import annotations

import contextlib
import glob
import os
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.languages.formats import format_number
from catdog_desktop.messages import N_, _, ngettext
from catdog_desktop.terminal import say

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from catdog_desktop.discovery.skip_rules import Skipped, SkipRules
    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.learning.head import Head
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.progress_bar import ProgressBar
    from catdog_desktop.store.store import Store
    from catdog_desktop.verdict import Result

    FoundFilter = Callable[[Iterable[Path | Skipped]], Iterable[Path | Skipped]]


def typed_paths(paths: Sequence[Path]) -> Sequence[Path]:
    """Return the paths that the user meant: patterns are expanded on Windows, where the shell does not do it."""
    return expand_patterns(paths) if os.name == "nt" else paths


def expand_patterns(paths: Sequence[Path]) -> list[Path]:
    """Replace patterns such as `*.jpg` by the files they match. A path that exists or matches nothing stays."""
    expanded: list[Path] = []
    for path in paths:
        matches = [] if os.path.lexists(path) else sorted(glob.glob(str(path)))  # noqa: PTH207
        expanded += [Path(match) for match in matches] or [path]
    return expanded


def find_inputs(
    paths: Sequence[Path], rules: SkipRules | None = None, filter_found: FoundFilter | None = None
) -> Iterator[Path | Skipped | Result]:
    """Find the photos; a path that does not exist becomes a result with an error.

    `rules` default to those without options. `filter_found` may replace some of what is found by `Skipped`.
    """
    from catdog_desktop.discovery.skip_rules import Skipped, SkipRules
    from catdog_desktop.discovery.walk import find_photos
    from catdog_desktop.verdict import Result

    # Path.exists() raises for invalid names, and is false for a dangling link, which does exist.
    missing = {path for path in paths if not os.path.lexists(path)}
    found: Iterable[Path | Skipped] = find_photos(paths, rules or SkipRules())
    for photo in found if filter_found is None else filter_found(found):
        if isinstance(photo, Skipped) or photo not in missing:
            yield photo
        else:
            yield Result(photo, error=N_("does not exist"))


def count_in_background(paths: Sequence[Path], rules: SkipRules, bar: ProgressBar) -> None:
    """Count the photos in a thread and set `bar.total`, so that the first results need not wait for it."""
    from catdog_desktop.discovery.skip_rules import Skipped
    from catdog_desktop.discovery.walk import find_photos

    def count() -> None:
        bar.total = sum(not isinstance(photo, Skipped) for photo in find_photos(paths, rules))

    if bar.shown:
        threading.Thread(target=count, name="count", daemon=True).start()


def open_store(arguments: argparse.Namespace, opened: contextlib.ExitStack) -> Store | None:
    """Return the user's store, to be closed with `opened`; None with `--no-store`."""
    from catdog_desktop.store.store import Store

    return None if arguments.no_store else opened.enter_context(Store.open())


@contextlib.contextmanager
def classifying(
    arguments: argparse.Namespace, model: ModelFile, store: Store | None, *, thumbnails: bool = False
) -> Iterator[tuple[Pipeline, ProgressBar]]:
    """Open a pipeline and a progress bar; at the end, report what could not be stored. Raises `ModelError`."""
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.progress_bar import ProgressBar

    with (
        Pipeline(
            model,
            jobs=arguments.jobs,
            thumbnails=thumbnails,
            store=store,
            rescan=arguments.rescan,
            head=learnt_head(arguments, model),
        ) as pipeline,
        ProgressBar(sys.stderr) as bar,
    ):
        yield pipeline, bar
    for complaint in (store.complaint if store is not None else None, pipeline.complaint):
        if complaint is not None:
            say(complaint)


def learnt_head(arguments: argparse.Namespace, model: ModelFile) -> Head | None:
    """Return the head learnt for `model`, and say that it is in use; None without one, and with `--no-store`."""
    if arguments.no_store:
        return None
    from catdog_desktop.learning.learnt_file import LearntFileError, load_head

    try:
        learnt = load_head(model)
    except LearntFileError as error:
        say(str(error))
        return None
    if learnt is None:
        return None
    say(describe_learnt(learnt.checked, learnt.date))
    return learnt.head


def describe_learnt(checked: int, date: str) -> str:
    """Return the sentence that says that a learnt head is in use."""
    return ngettext(
        "What was learnt from {count} verdict of yours on {date} is in use (catdog learn --undo ends that).",
        "What was learnt from {count} verdicts of yours on {date} is in use (catdog learn --undo ends that).",
        checked,
    ).format(count=format_number(checked), date=date)


def report_unreadable_place(skipped: Skipped) -> None:
    """Report a folder or file that could not be opened while folders were searched."""
    from catdog_desktop.formatting import printable_path

    say(_("{path} could not be opened ({reason}).").format(path=printable_path(skipped.path), reason=skipped.detail))
