"""`catdog classify`: say what is on photos."""

from __future__ import annotations

import argparse
import contextlib
import glob
import os
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.commands.arguments import add_jobs, add_model, load_model
from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, say, write

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.photos import LeftOut, Omission
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.progress_bar import ProgressBar
    from catdog_desktop.verdict import Result

NAME = "classify"
SUMMARY = "say what is on photos"
EXAMPLES = """\
Folders are searched to their depth. Each photo gets two independent probabilities, that a cat and that a dog is in
it, and a verdict: cat, dog, both, neither or unsure. Results come in the order in which the photos were found.

examples:
  catdog classify IMG_0001.jpg
  catdog classify --format jsonl ~/Pictures > pets.jsonl
      {"path": "IMG_0001.jpg", "verdict": "cat", "cat": 0.9973, "dog": 0.0012}
      {"path": "notes.jpg", "error": "is not a photo (it holds text)"}
  catdog classify --format csv --jobs 1 scans/ > scans.csv
  catdog classify --rescan ~/Pictures         classify all again, what is known too

Results are remembered: photos that were classified before come at once, also from another folder, and a run that was
stopped goes on where it was. Your own verdicts, given in the window, stand above the scores.

exit status: 0 all well, 1 some photo could not be read, 2 wrong usage or no usable model
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `classify` takes."""
    parser.add_argument("paths", metavar="PATH", type=Path, nargs="+", help="photos and folders of photos")
    parser.add_argument(
        "--format", choices=("text", "jsonl", "csv"), default="text", help="how to write results (default: text)"
    )
    parser.add_argument("--rescan", action="store_true", help="classify photos again that are known already")
    parser.add_argument(
        "--no-store", action="store_true", help="neither look up what is known nor remember what is found"
    )
    add_jobs(parser)
    add_model(parser)


def run(arguments: argparse.Namespace) -> int:
    """Classify photos and write a line each; return the exit status."""
    from catdog_desktop.inference.model_file import ModelError
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.storing.store import Store

    with contextlib.ExitStack() as opened:
        try:
            model = load_model(arguments.model)
            store = None if arguments.no_store else opened.enter_context(Store.open())
            pipeline = Pipeline(model, jobs=arguments.jobs, thumbnails=False, store=store, rescan=arguments.rescan)
        except ModelError as error:
            say(f"catdog: {error}")
            return WRONG_USAGE
        tally = _Tally()
        with pipeline:
            _classify(arguments, pipeline, model, tally)
            tally.known = pipeline.progress.known
        for complaint in (store.complaint if store is not None else None, pipeline.complaint):
            if complaint is not None:
                say(complaint)
    tally.report()
    return SOME_UNREADABLE if tally.failed or tally.unread_places else OK


def _classify(arguments: argparse.Namespace, pipeline: Pipeline, model: ModelFile, tally: _Tally) -> None:
    """Write a line for each photo as it comes, and draw how far it is."""
    from catdog_desktop.exporting.lines import CSV_HEADER, FORMATTERS, csv_row
    from catdog_desktop.in_order import classify_in_order
    from catdog_desktop.photos import LeftOut
    from catdog_desktop.progress_bar import ProgressBar

    write_line = FORMATTERS[arguments.format]
    with ProgressBar(sys.stderr) as bar:
        clear_first = bar.shown and sys.stdout.isatty()
        paths = expand_patterns(arguments.paths) if os.name == "nt" else arguments.paths
        if bar.shown:
            count_in_background(paths, bar)
        if arguments.format == "csv":
            write(csv_row(CSV_HEADER))
        for outcome in classify_in_order(pipeline, find_given(paths)):
            if isinstance(outcome, LeftOut):
                tally.leave_out(outcome)
                continue
            tally.add(outcome, model)
            if clear_first:
                bar.clear()
            write(write_line(outcome, model.thresholds))
            bar.update(tally.photos, known=pipeline.progress.known)


def expand_patterns(paths: Sequence[Path]) -> list[Path]:
    """Replace patterns such as `*.jpg` by what they match: the shells of Windows leave that to the program."""
    expanded: list[Path] = []
    for path in paths:
        matches = [] if os.path.lexists(path) else sorted(glob.glob(str(path)))  # noqa: PTH207
        expanded += [Path(match) for match in matches] or [path]
    return expanded


def find_given(paths: Sequence[Path]) -> Iterator[Path | LeftOut | Result]:
    """Find the photos; a path that does not exist at all becomes a result that says so."""
    from catdog_desktop.photos import LeftOut, find_photos
    from catdog_desktop.verdict import Result

    # Not Path.exists(), which raises for a name that cannot be; and a dangling link does exist.
    missing = {path for path in paths if not os.path.lexists(path)}
    for photo in find_photos(paths):
        if isinstance(photo, LeftOut) or photo not in missing:
            yield photo
        else:
            yield Result(photo, error="does not exist")


def count_in_background(paths: Sequence[Path], bar: ProgressBar) -> None:
    """Tell `bar` how many photos there are, without keeping the first ones waiting for the count."""
    from catdog_desktop.photos import LeftOut, find_photos

    def count() -> None:
        bar.total = sum(not isinstance(photo, LeftOut) for photo in find_photos(paths))

    threading.Thread(target=count, name="count", daemon=True).start()


class _Tally:
    """Counts what happened, for the line at the end."""

    def __init__(self) -> None:
        self.photos = self.failed = self.damaged = self.known = 0
        self.unread_places: list[LeftOut] = []
        self._verdicts: Counter[str] = Counter()
        self._left_out: Counter[Omission] = Counter()

    def add(self, result: Result, model: ModelFile) -> None:
        self.photos += 1
        self.failed += result.scores is None
        self.damaged += result.damaged
        verdict = result.verdict(model.thresholds)
        if verdict is not None:
            self._verdicts[verdict] += 1

    def leave_out(self, left_out: LeftOut) -> None:
        from catdog_desktop.photos import Omission

        self._left_out[left_out.omission] += 1
        if left_out.omission is Omission.UNREADABLE:
            self.unread_places.append(left_out)

    def report(self) -> None:
        from catdog_desktop.exporting.lines import printable_path
        from catdog_desktop.verdict import Verdict

        for place in self.unread_places:
            say(f"{printable_path(place.path)} could not be looked into ({place.detail}).")
        parts = [f"{self._verdicts[verdict]:,} {verdict}" for verdict in Verdict if self._verdicts[verdict]]
        line = f"{self.photos:,} photo{'' if self.photos == 1 else 's'}"
        if parts:
            line += ": " + ", ".join(parts)
        if self.known:
            line += f"; {self.known:,} {'was' if self.known == 1 else 'were'} known already"
        if self.damaged:
            line += f"; {self.damaged:,} damaged but decoded as far as it went"
        if self.failed:
            line += f"; {self.failed:,} could not be read"
        if self._left_out:
            line += "; left out: " + ", ".join(_left_out(*reason) for reason in self._left_out.items())
        say(line + ".")


def _left_out(omission: Omission, count: int) -> str:
    from catdog_desktop.photos import Omission

    one, many = {
        Omission.SYSTEM_FILE: ("system file", "system files"),
        Omission.NOT_A_PHOTO: ("file that is not a photo", "files that are not photos"),
        Omission.UNREADABLE: ("place that could not be looked into", "places that could not be looked into"),
        Omission.LOOP: ("link to a folder already seen", "links to folders already seen"),
        Omission.REPEATED: ("given more than once", "given more than once"),
    }[omission]
    return f"{count:,} {one if count == 1 else many}"
