"""`catdog classify`: show what is on photos."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.commands.arguments import add_classifying, load_model, skip_rules
from catdog_desktop.commands.cli_inputs import (
    classifying,
    count_in_background,
    find_inputs,
    open_store,
    report_unreadable_place,
    typed_paths,
)
from catdog_desktop.languages.formats import format_clauses, format_list, format_number
from catdog_desktop.messages import N_, _, ngettext
from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, say, write

if TYPE_CHECKING:
    from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.progress_bar import ProgressBar
    from catdog_desktop.verdict import Result

NAME = "classify"
SUMMARY = N_("show what is on photos")
EXAMPLES = N_("""\
Folders are searched with all their subfolders. Each photo gets two independent scores, the probabilities that it shows
a cat and that it shows a dog, and a verdict: cat, dog, both, neither or unsure. Results are written in the order in
which the photos are found.

examples:
  catdog classify IMG_0001.jpg
  catdog classify --format jsonl ~/Pictures > pets.jsonl
      {"path": "IMG_0001.jpg", "verdict": "cat", "cat": 0.9973, "dog": 0.0012}
      {"path": "notes.jpg", "error": "is not a photo (it holds text)"}
  catdog classify --format csv --jobs 1 scans/ > scans.csv
  catdog classify --rescan ~/Pictures         classify all photos again

By default the app's own model and its thresholds are used, so that the output does not depend on settings. With
--settings, the model and the thresholds chosen in the window are used.

Results are stored. Photos that were classified before appear at once, even in another folder, and a run that was
stopped can be continued. Your own verdicts, set in the window, override the scores.

exit status: 0 success, 1 some photo could not be read, 2 wrong usage or no usable model
""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `classify`."""
    parser.add_argument("paths", metavar="PATH", type=Path, nargs="+", help=_("photos and folders of photos"))
    parser.add_argument(
        "--format", choices=("text", "jsonl", "csv"), default="text", help=_("format of the results (default: text)")
    )
    add_classifying(parser)


def run(arguments: argparse.Namespace) -> int:
    """Classify photos and write one line for each; return the exit status."""
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
    return SOME_UNREADABLE if tally.failed or tally.unreadable_places else OK


def _classify(
    arguments: argparse.Namespace, pipeline: Pipeline, bar: ProgressBar, model: ModelFile, tally: _Tally
) -> None:
    """Write a line for each photo as its result arrives, and update the progress bar."""
    from catdog_desktop.discovery.skip_rules import Skipped
    from catdog_desktop.exporting.text_formats import CSV_HEADER, FORMATTERS, csv_row
    from catdog_desktop.ordered_results import classify_in_order

    format_result = FORMATTERS[arguments.format]
    clear_bar = bar.shown and sys.stdout.isatty()
    paths = typed_paths(arguments.paths)
    rules = skip_rules(arguments)
    count_in_background(paths, rules, bar)
    if arguments.format == "csv":
        write(csv_row(CSV_HEADER))
    for outcome in classify_in_order(pipeline, find_inputs(paths, rules)):
        if isinstance(outcome, Skipped):
            tally.skip(outcome)
            continue
        tally.add(outcome, model)
        if clear_bar:
            bar.clear()
        write(format_result(outcome, model.thresholds))
        bar.update(tally.photos, known=pipeline.counts.known)


class _Tally:
    """Counts for the summary line."""

    def __init__(self) -> None:
        self.photos = self.failed = self.damaged = self.known = 0
        self.unreadable_places: list[Skipped] = []
        self._verdicts: Counter[str] = Counter()
        self._skipped: Counter[SkipReason] = Counter()
        self._system_folders: Counter[str] = Counter()

    def add(self, result: Result, model: ModelFile) -> None:
        self.photos += 1
        self.failed += result.scores is None
        self.damaged += result.info.damaged
        verdict = result.verdict(model.thresholds)
        if verdict is not None:
            self._verdicts[verdict] += 1

    def skip(self, skipped: Skipped) -> None:
        from catdog_desktop.discovery.skip_rules import SkipReason

        self._skipped[skipped.reason] += skipped.count
        if skipped.reason is SkipReason.UNREADABLE:
            self.unreadable_places.append(skipped)
        elif skipped.reason is SkipReason.SYSTEM_FOLDER:
            self._system_folders[skipped.detail] += 1

    def report(self) -> None:
        from catdog_desktop.discovery.skip_rules import describe_skipped
        from catdog_desktop.formatting import format_photos
        from catdog_desktop.verdict import Verdict
        from catdog_desktop.verdict_text import verdict_word

        for place in self.unreadable_places:
            report_unreadable_place(place)
        parts = [
            _("{count} {verdict}").format(count=format_number(self._verdicts[verdict]), verdict=verdict_word(verdict))
            for verdict in Verdict
            if self._verdicts[verdict]
        ]
        counts = [format_photos(self.photos)]
        if parts:
            counts = [_("{photos}: {counts}").format(photos=counts[0], counts=format_list(parts))]
        if self.known:
            text = ngettext("{count} was classified before", "{count} were classified before", self.known)
            counts.append(text.format(count=format_number(self.known)))
        if self.damaged:
            text = _("{count} damaged, decoded as far as possible")
            counts.append(text.format(count=format_number(self.damaged)))
        if self.failed:
            counts.append(_("{count} could not be read").format(count=format_number(self.failed)))
        if self._skipped:
            counts.append(_("skipped: {counts}").format(counts=describe_skipped(self._skipped)))
        say(f"{format_clauses(counts)}.")
        if self._system_folders:
            kinds = format_list(f"{format_number(count)} × {kind}" for kind, count in self._system_folders.items())
            say(_("System folders skipped: {kinds}. To include them: --include-system-folders").format(kinds=kinds))
