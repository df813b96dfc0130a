"""`catdog export`: results into a file, or as keywords into sidecars."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.commands.arguments import add_classifying, load_model
from catdog_desktop.commands.cli_inputs import classifying, count_in_background, find_given, given_paths, open_store
from catdog_desktop.commands.keyword_lines import report_keywords, sidecar_writer
from catdog_desktop.formatting import format_photos
from catdog_desktop.messages import _
from catdog_desktop.terminal import INTERRUPTED, OK, SOME_UNREADABLE, WRONG_USAGE, say, stop_on_ctrl_c, write

if TYPE_CHECKING:
    from collections.abc import Sequence

    from catdog_desktop.exporting.contact_sheet import Thumbnail
    from catdog_desktop.exporting.export_file import ExportFormat
    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.store.store import Store
    from catdog_desktop.verdict import Result, Thresholds

NAME = "export"
SUMMARY = "write results to a file, or as keywords into XMP sidecars"
EXAMPLES = """\
Your own verdicts, given in the window, count. What was classified before is not classified again, so an export that
was stopped goes on where it was. A file is written whole or not at all, and over nothing unless you say --overwrite.

formats:
  csv     for spreadsheets: UTF-8 with its mark, and no cell that could be taken for a formula
  jsonl   one JSON object a line, for programs
  html    a contact sheet in one file: to look at, to print, to pass on; it loads nothing
  xmp     keywords (cat, dog) into a sidecar beside each photo, as digiKam, darktable, Lightroom and Immich read them.
          What is in a sidecar stays. IMG_1.jpg.xmp or IMG_1.xmp is used where it is there, else IMG_1.jpg.xmp is made.

examples:
  catdog export ~/Pictures --to pets.csv
  catdog export ~/Pictures --to pets.csv --semicolons       where your spreadsheet writes 0,5
  catdog export ~/Pictures --to cats.html --only cat --only both
  catdog export ~/Pictures --to problems.csv --only problem
  catdog export ~/Pictures --as xmp --dry-run               what would be written
  catdog export ~/Pictures --as xmp
  catdog undo                                               bring the sidecars back as they were

exit status: 0 all well, 1 some photo could not be read or some sidecar not be written, 2 wrong usage, no usable model,
or a place that cannot be written
"""
_KINDS = ("cat", "dog", "both", "neither", "unsure", "problem")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `export` takes."""
    parser.add_argument("sources", metavar="SRC", type=Path, nargs="+", help="photos and folders of photos")
    parser.add_argument("--to", metavar="FILE", type=Path, help="file to write (not for xmp)")
    parser.add_argument(
        "--as",
        dest="as_format",
        choices=("csv", "jsonl", "html", "xmp"),
        help="what to write (default: as the ending of FILE says)",
    )
    parser.add_argument(
        "--only", choices=_KINDS, action="append", help="only photos of this verdict; may be given several times"
    )
    parser.add_argument("--overwrite", action="store_true", help="FILE may take the place of what lies there")
    parser.add_argument("--semicolons", action="store_true", help="CSV with semicolons between cells, and 0,5 for 0.5")
    parser.add_argument("--title", default="Cats and dogs", help="title of the contact sheet")
    parser.add_argument("--dry-run", action="store_true", help="show which sidecars would be written; change nothing")
    parser.add_argument("--format", choices=("text", "jsonl"), default="text", help="how to report (default: text)")
    add_classifying(parser)


def run(arguments: argparse.Namespace) -> int:
    """Classify what is not known, and export; return the exit status."""
    from catdog_desktop.exporting.export_file import ExportError
    from catdog_desktop.exporting.xmp_export import XmpExportError
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
        except (ModelError, ExportError, XmpExportError) as error:
            say(f"catdog: {error}")
            return WRONG_USAGE


def _format(arguments: argparse.Namespace) -> ExportFormat:
    """Return what to write; raise `ExportError` for what cannot be, before anything is classified."""
    from catdog_desktop.exporting.export_file import ExportError, ExportFormat, format_by_name

    as_format = ExportFormat(arguments.as_format) if arguments.as_format else None
    if as_format is ExportFormat.XMP:
        if arguments.to is not None:
            raise ExportError("Sidecars lie beside their photos; leave --to out.")
        return as_format
    if arguments.to is None:
        raise ExportError("Say where to write: --to FILE. For keywords into sidecars: --as xmp.")
    if str(arguments.to) == "-":
        raise ExportError("For standard output there is catdog classify --format csv or jsonl.")
    if arguments.dry_run:
        raise ExportError("--dry-run is for --as xmp.")
    as_format = as_format or format_by_name(arguments.to)
    if as_format is None:
        raise ExportError(f"“{arguments.to.name}” does not say what to write: add --as csv, jsonl or html.")
    if os.path.lexists(arguments.to) and not arguments.overwrite:
        raise ExportError(
            _("“{path}” exists already. Choose another name, or add --overwrite.").format(path=arguments.to)
        )
    return as_format


def _classify(
    arguments: argparse.Namespace, as_format: ExportFormat, model: ModelFile, store: Store | None
) -> tuple[list[Result], int]:
    """Return the results that are wanted, and the exit status that unreadable ones ask for."""
    from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
    from catdog_desktop.formatting import printable_path
    from catdog_desktop.ordered_results import classify_in_order

    wanted: list[Result] = []
    status = OK
    count = 0
    paths = given_paths(arguments.sources)
    # Made in the same decode as the scores, and kept in the store until the sheet is drawn.
    thumbnails = as_format.value == "html" and store is not None
    with classifying(arguments, model, store, thumbnails=thumbnails) as (pipeline, bar):
        count_in_background(paths, bar)
        for outcome in classify_in_order(pipeline, find_given(paths)):
            if isinstance(outcome, Skipped):
                if outcome.reason is SkipReason.UNREADABLE:
                    bar.clear()
                    say(f"{printable_path(outcome.path)} could not be looked into ({outcome.detail}).")
                    status = SOME_UNREADABLE
                continue
            count += 1
            if outcome.error is not None:
                bar.clear()
                say(f"{printable_path(outcome.path)} {outcome.error}")
                status = SOME_UNREADABLE
            if _is_wanted(arguments, outcome, model.thresholds):
                wanted.append(replace(outcome, thumbnail=b"", heat_maps=None, path=outcome.path.absolute()))
            bar.update(count, known=pipeline.counts.known)
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
    from catdog_desktop.cancellation import Cancelled
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
    say(f"{format_photos(len(results))} exported to {arguments.to}.")
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

    with ProgressBar(sys.stderr) as bar, stop_on_ctrl_c() as token:
        show = sidecar_writer(bar, arguments.format)
        outcome = write_keywords(results, thresholds, on_sidecar=show, cancel_token=token, dry_run=arguments.dry_run)
    return report_keywords(outcome, "would be written" if arguments.dry_run else "written")
