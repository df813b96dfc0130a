"""`catdog export`: write results to a file, or as keywords into XMP sidecars."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.cancellation import Cancelled
from catdog_desktop.commands.arguments import add_classifying, add_format, load_model, skip_rules
from catdog_desktop.commands.cli_inputs import (
    classifying,
    count_in_background,
    find_inputs,
    open_store,
    report_unreadable_place,
    typed_paths,
)
from catdog_desktop.decoding.problem_text import problem_text
from catdog_desktop.formatting import format_photos, padded, printable_path
from catdog_desktop.languages.formats import format_clauses, format_number, with_full_stop
from catdog_desktop.messages import N_, _, ngettext
from catdog_desktop.terminal import INTERRUPTED, OK, SOME_UNREADABLE, WRONG_USAGE, say, stop_on_ctrl_c, write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from catdog_desktop.exporting.contact_sheet import Thumbnail
    from catdog_desktop.exporting.export_file import ExportFormat
    from catdog_desktop.exporting.xmp_export import SidecarDone, XmpOutcome
    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.progress_bar import ProgressBar
    from catdog_desktop.store.store import Store
    from catdog_desktop.verdict import Result, Thresholds
    from catdog_desktop.xmp.keyword_words import KeywordWords
    from catdog_desktop.xmp.sidecars import SidecarNames

NAME = "export"
SUMMARY = N_("write results to a file, or as keywords into XMP sidecars")
EXAMPLES = N_("""\
Your own verdicts, set in the window, override the scores. Photos that were classified before are not classified again,
so an export that was stopped can be continued. A file is written completely or not at all. An existing file is only
replaced with --overwrite.

formats:
  csv     for spreadsheets: UTF-8 with a byte order mark; no cell can be taken for a formula
  jsonl   one JSON object per line, for programs
  html    a contact sheet in one file, to view, print or share; it loads nothing
  xmp     keywords (cat, dog) in a sidecar beside each photo, for digiKam, darktable, Lightroom and Immich. Everything
          else in a sidecar is kept. IMG_1.jpg.xmp or IMG_1.xmp is used if it exists, else IMG_1.jpg.xmp is created.

examples:
  catdog export ~/Pictures --to pets.csv
  catdog export ~/Pictures --to pets.csv --semicolons       for spreadsheets that write 0,5
  catdog export ~/Pictures --to cats.html --only cat --only both
  catdog export ~/Pictures --to problems.csv --only problem
  catdog export ~/Pictures --to best.csv --where "cat:>0.9 date:2019 -copy"
  catdog export ~/Pictures --as xmp --dry-run               show what would be written
  catdog export ~/Pictures --as xmp
  catdog undo                                               restore the sidecars

exit status: 0 success, 1 some photo could not be read or some sidecar could not be written, 2 wrong usage, no usable
model, or the file cannot be written
""")
_KINDS = ("cat", "dog", "both", "neither", "unsure", "problem")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `export`."""
    parser.add_argument("sources", metavar="SRC", type=Path, nargs="+", help=_("photos and folders of photos"))
    parser.add_argument("--to", metavar="FILE", type=Path, help=_("file to write (not for xmp)"))
    parser.add_argument(
        "--as",
        dest="as_format",
        choices=("csv", "jsonl", "html", "xmp"),
        help=_("format to write (default: by the suffix of FILE)"),
    )
    parser.add_argument(
        "--only", choices=_KINDS, action="append", help=_("only photos with this verdict; can be repeated")
    )
    parser.add_argument(
        "--where",
        metavar="SEARCH",
        default="",
        help=_("only photos that match a search as in the window: 'is:unsure date:2019 folder:holiday'"),
    )
    parser.add_argument("--overwrite", action="store_true", help=_("replace FILE if it exists"))
    parser.add_argument(
        "--semicolons", action="store_true", help=_("CSV with semicolons between cells, and 0,5 instead of 0.5")
    )
    parser.add_argument("--title", default=_("Cats and dogs"), help=_("title of the contact sheet"))
    parser.add_argument(
        "--dry-run", action="store_true", help=_("show which sidecars would be written; change nothing")
    )
    parser.add_argument(
        "--sidecars",
        choices=("as-found", "digikam", "adobe"),
        help=_(
            "names of new sidecars: as most in the folder (the default), IMG_1.jpg.xmp (digiKam, darktable, Immich), or"
            " IMG_1.xmp (Adobe)"
        ),
    )
    parser.add_argument(
        "--keywords",
        choices=("english", "translated"),
        help=_("keywords to write: cat and dog (the default), or the words of your language"),
    )
    add_format(parser)
    add_classifying(parser)


class _UsageError(Exception):
    """The arguments do not fit together. The message is a sentence."""


def run(arguments: argparse.Namespace) -> int:
    """Classify new photos, and export all; return the exit status."""
    from catdog_desktop.exporting.export_file import ExportError
    from catdog_desktop.exporting.xmp_journal import XmpExportError
    from catdog_desktop.inference.model_file import ModelError

    with contextlib.ExitStack() as opened:
        try:
            as_format = _format(arguments)
            model = load_model(arguments.model, as_in_window=arguments.settings, thorough=arguments.thorough)
            store = open_store(arguments, opened)
            results, unread = _classify(arguments, as_format, model, store)
            if as_format.value == "xmp":
                return max(_write_keywords(arguments, results, model.thresholds), unread)
            return max(_write_file(arguments, as_format, results, model.thresholds, store), unread)
        except (ModelError, ExportError, XmpExportError, _UsageError) as error:
            say(f"catdog: {error}")
            return WRONG_USAGE


def _format(arguments: argparse.Namespace) -> ExportFormat:
    """Return the format to write. Raises `_UsageError` for impossible arguments, before anything is classified."""
    from catdog_desktop.exporting.export_file import ExportFormat, format_by_name
    from catdog_desktop.gallery.search import parse_search

    problem = parse_search(arguments.where).problem
    if problem:
        raise _UsageError(problem)
    as_format = ExportFormat(arguments.as_format) if arguments.as_format else None
    if as_format is ExportFormat.XMP:
        if arguments.to is not None:
            raise _UsageError(_("Sidecars are written beside their photos. Omit --to."))
        return as_format
    if arguments.to is None:
        raise _UsageError(_("Add --to FILE, or --as xmp to write keywords into sidecars."))
    if str(arguments.to) == "-":
        raise _UsageError(_("To write to standard output, use catdog classify --format csv or jsonl."))
    if arguments.dry_run:
        raise _UsageError(_("--dry-run only works with --as xmp."))
    as_format = as_format or format_by_name(arguments.to)
    if as_format is None:
        raise _UsageError(
            _("The suffix of “{name}” is unknown. Add --as csv, jsonl or html.").format(name=arguments.to.name)
        )
    if os.path.lexists(arguments.to) and not arguments.overwrite:
        raise _UsageError(
            _("“{path}” exists already. Choose another name, or add --overwrite.").format(path=arguments.to)
        )
    return as_format


def _classify(
    arguments: argparse.Namespace, as_format: ExportFormat, model: ModelFile, store: Store | None
) -> tuple[list[Result], int]:
    """Return the results to export, and the exit status: `SOME_UNREADABLE` if a photo could not be read."""
    from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
    from catdog_desktop.gallery.result_search import matching
    from catdog_desktop.ordered_results import classify_in_order

    wanted: list[Result] = []
    status = OK
    count = 0
    paths = typed_paths(arguments.sources)
    # Thumbnails are made in the same decode as the scores, and stored until the contact sheet is written.
    thumbnails = as_format.value == "html" and store is not None
    with classifying(arguments, model, store, thumbnails=thumbnails) as (pipeline, bar):
        rules = skip_rules(arguments)
        count_in_background(paths, rules, bar)
        for outcome in classify_in_order(pipeline, find_inputs(paths, rules)):
            if isinstance(outcome, Skipped):
                if outcome.reason is SkipReason.UNREADABLE:
                    bar.clear()
                    report_unreadable_place(outcome)
                    status = SOME_UNREADABLE
                continue
            count += 1
            if outcome.error is not None:
                bar.clear()
                problem = problem_text(outcome.error)
                say(_("{name} {problem}").format(name=printable_path(outcome.path), problem=problem))
                status = SOME_UNREADABLE
            if _is_wanted(arguments, outcome, model.thresholds):
                wanted.append(replace(outcome, thumbnail=b"", heat_maps=None, path=outcome.path.absolute()))
            bar.update(count, known=pipeline.counts.known)
    if arguments.where:
        wanted = matching(wanted, model.thresholds, arguments.where)
    return wanted, status


def _is_wanted(arguments: argparse.Namespace, result: Result, thresholds: Thresholds) -> bool:
    if not arguments.only:
        return True
    if result.error is not None and "problem" in arguments.only:
        return True
    verdict = result.verdict(thresholds)
    return verdict is not None and verdict.value in arguments.only


def _write_file(
    arguments: argparse.Namespace,
    as_format: ExportFormat,
    results: Sequence[Result],
    thresholds: Thresholds,
    store: Store | None,
) -> int:
    from catdog_desktop.exporting.export_file import FileExport, write_export
    from catdog_desktop.exporting.text_formats import COMMAS, SEMICOLONS, json_line
    from catdog_desktop.progress_bar import ProgressBar

    style = SEMICOLONS if arguments.semicolons else COMMAS
    export = FileExport(results, thresholds, as_format, _thumbnails(store), style, arguments.title)
    try:
        with ProgressBar(sys.stderr) as bar, stop_on_ctrl_c() as token:
            bar.total = len(results)
            write_export(
                export,
                arguments.to,
                replace=arguments.overwrite,
                on_progress=lambda progress: bar.update(progress.done),
                cancel_token=token,
            )
    except Cancelled:
        say(_("The export was stopped. Nothing was written."))
        return INTERRUPTED
    if arguments.format == "jsonl":
        write(json_line({"file": str(arguments.to), "as": as_format.value, "photos": len(results)}))
    say(_("{photos} exported to {file}.").format(photos=format_photos(len(results)), file=arguments.to))
    return OK


def _thumbnails(store: Store | None) -> Thumbnail:
    from catdog_desktop.decoding.errors import PhotoError
    from catdog_desktop.store.thumbnail_store import make_thumbnail

    def kept(result: Result) -> bytes:
        if store is not None:
            return store.thumbnail(result.path, result.fingerprint)
        try:
            return make_thumbnail(result.path)
        except (OSError, ValueError, PhotoError):
            return b""

    return kept


def _write_keywords(arguments: argparse.Namespace, results: Sequence[Result], thresholds: Thresholds) -> int:
    from catdog_desktop.exporting.xmp_export import write_keywords
    from catdog_desktop.progress_bar import ProgressBar

    names = _sidecar_names(arguments)
    with ProgressBar(sys.stderr) as bar, stop_on_ctrl_c() as token:
        show = sidecar_writer(bar, arguments.format)
        outcome = write_keywords(
            results,
            thresholds,
            on_sidecar=show,
            cancel_token=token,
            dry_run=arguments.dry_run,
            new_names=names,
            words=_keywords(arguments),
        )
    count = sidecars_changed(outcome)
    if arguments.dry_run:
        return report_keywords(
            outcome, ngettext("{count} sidecar would be written", "{count} sidecars would be written", count)
        )
    return report_keywords(outcome, ngettext("{count} sidecar written", "{count} sidecars written", count))


def _sidecar_names(arguments: argparse.Namespace) -> SidecarNames:
    """Return the names of new sidecars: those of the option, or with `--settings` those chosen in the window."""
    from catdog_desktop.paths import settings_file
    from catdog_desktop.settings import load_settings
    from catdog_desktop.xmp.sidecars import SidecarNames

    if arguments.sidecars is None and arguments.settings:
        return SidecarNames(load_settings(settings_file())[0].sidecar_names)
    return SidecarNames(arguments.sidecars or SidecarNames.AS_FOUND)


def _keywords(arguments: argparse.Namespace) -> KeywordWords:
    """Return the words to write: those of the option, or with `--settings` those chosen in the window."""
    from catdog_desktop.paths import settings_file
    from catdog_desktop.settings import load_settings
    from catdog_desktop.xmp.keyword_words import ENGLISH, KeywordWords, translated_words

    if arguments.keywords is None and arguments.settings:
        return KeywordWords.from_settings(load_settings(settings_file())[0].keywords)
    return translated_words() if arguments.keywords == "translated" else ENGLISH


def sidecar_writer(bar: ProgressBar, format_name: str) -> Callable[[SidecarDone], None]:
    """Return a callback that writes a line for each sidecar, and updates the progress bar."""

    def show(done: SidecarDone) -> None:
        bar.total = done.progress.total
        bar.clear()
        write(_sidecar_line(done, format_name))
        bar.update(done.progress.done)

    return show


def _sidecar_line(done: SidecarDone, format_name: str) -> str:
    """Return what was done with a sidecar as a line."""
    from catdog_desktop.exporting.text_formats import json_line

    if format_name == "jsonl":
        entry: dict[str, object] = {"photo": str(done.photo), "sidecar": str(done.sidecar), "state": done.state.value}
        if done.keywords:
            entry["keywords"] = list(done.keywords)
        if done.error:
            entry["error"] = done.error
        return json_line(entry)
    line = f"{padded(done.state.label, 11)}{printable_path(done.sidecar)}"
    if done.error:
        return f"{line} {done.error}\n"
    return f"{line}  {', '.join(done.keywords)}\n" if done.keywords else f"{line}\n"


def sidecars_changed(outcome: XmpOutcome) -> int:
    """Return how many sidecars were written, restored or removed."""
    from catdog_desktop.exporting.xmp_export import SidecarState

    return sum(outcome.counts[s] for s in (SidecarState.WRITTEN, SidecarState.RESTORED, SidecarState.REMOVED))


def report_keywords(outcome: XmpOutcome, done: str) -> int:
    """Report an export or undo of keywords, and return the exit status.

    `done` is the sentence for the sidecars that were changed, with the placeholder {count}.
    """
    from catdog_desktop.exporting.xmp_export import SidecarState

    clauses = [done.format(count=format_number(sidecars_changed(outcome)))]
    for count, text in (
        (outcome.counts[SidecarState.UNCHANGED], _("{count} had the keywords already")),
        (len(outcome.failed), _("{count} failed")),
        (outcome.not_done, _("{count} not done")),
    ):
        if count:
            clauses.append(text.format(count=format_number(count)))
    if outcome.without_keyword:
        photos = format_photos(outcome.without_keyword)
        clauses.append(_("{photos} without a keyword (neither, unsure, unreadable)").format(photos=photos))
    say(with_full_stop(format_clauses(clauses)))
    if outcome.journal_id is not None and outcome.counts[SidecarState.WRITTEN]:
        say(_("To restore the sidecars: catdog undo {id}").format(id=outcome.journal_id))
    if outcome.cancelled:
        return INTERRUPTED
    return SOME_UNREADABLE if outcome.failed or outcome.not_done else OK
