"""`catdog classify`: say what is on photos."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.commands.arguments import add_classifying, load_model
from catdog_desktop.commands.cli_inputs import classifying, count_in_background, find_given, given_paths, open_store
from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, say, write

if TYPE_CHECKING:
    from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
    from catdog_desktop.inference.model_file import ModelFile
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

It uses the app's own model and the thresholds that this brings, whatever is chosen in the window, so that what comes
out does not depend on who runs it; --settings uses what is chosen there.

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
    add_classifying(parser)


def run(arguments: argparse.Namespace) -> int:
    """Classify photos and write a line each; return the exit status."""
    from catdog_desktop.inference.model_file import ModelError

    tally = _Tally()
    with contextlib.ExitStack() as opened:
        try:
            model = load_model(arguments.model, as_in_window=arguments.settings, thorough=arguments.thorough)
            store = open_store(arguments, opened)
            pipeline, bar = opened.enter_context(classifying(arguments, model, store))
        except ModelError as error:
            say(f"catdog: {error}")
            return WRONG_USAGE
        _classify(arguments, pipeline, bar, model, tally)
        tally.known = pipeline.counts.known
    tally.report()
    return SOME_UNREADABLE if tally.failed or tally.unread_places else OK


def _classify(
    arguments: argparse.Namespace, pipeline: Pipeline, bar: ProgressBar, model: ModelFile, tally: _Tally
) -> None:
    """Write a line for each photo as it comes, and draw how far it is."""
    from catdog_desktop.discovery.skip_rules import Skipped
    from catdog_desktop.exporting.text_formats import CSV_HEADER, FORMATTERS, csv_row
    from catdog_desktop.ordered_results import classify_in_order

    write_line = FORMATTERS[arguments.format]
    clear_first = bar.shown and sys.stdout.isatty()
    paths = given_paths(arguments.paths)
    count_in_background(paths, bar)
    if arguments.format == "csv":
        write(csv_row(CSV_HEADER))
    for outcome in classify_in_order(pipeline, find_given(paths)):
        if isinstance(outcome, Skipped):
            tally.skip(outcome)
            continue
        tally.add(outcome, model)
        if clear_first:
            bar.clear()
        write(write_line(outcome, model.thresholds))
        bar.update(tally.photos, known=pipeline.counts.known)


class _Tally:
    """Counts what happened, for the line at the end."""

    def __init__(self) -> None:
        self.photos = self.failed = self.damaged = self.known = 0
        self.unread_places: list[Skipped] = []
        self._verdicts: Counter[str] = Counter()
        self._skipped: Counter[SkipReason] = Counter()

    def add(self, result: Result, model: ModelFile) -> None:
        self.photos += 1
        self.failed += result.scores is None
        self.damaged += result.info.damaged
        verdict = result.verdict(model.thresholds)
        if verdict is not None:
            self._verdicts[verdict] += 1

    def skip(self, skipped: Skipped) -> None:
        from catdog_desktop.discovery.skip_rules import SkipReason

        self._skipped[skipped.reason] += 1
        if skipped.reason is SkipReason.UNREADABLE:
            self.unread_places.append(skipped)

    def report(self) -> None:
        from catdog_desktop.formatting import printable_path
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
        if self._skipped:
            line += "; left out: " + ", ".join(_skipped(*reason) for reason in self._skipped.items())
        say(line + ".")


def _skipped(reason: SkipReason, count: int) -> str:
    from catdog_desktop.discovery.skip_rules import SkipReason

    one, many = {
        SkipReason.SYSTEM_FILE: ("system file", "system files"),
        SkipReason.NOT_A_PHOTO: ("file that is not a photo", "files that are not photos"),
        SkipReason.UNREADABLE: ("place that could not be looked into", "places that could not be looked into"),
        SkipReason.LOOP: ("link to a folder already seen", "links to folders already seen"),
        SkipReason.REPEATED: ("given more than once", "given more than once"),
    }[reason]
    return f"{count:,} {one if count == 1 else many}"
