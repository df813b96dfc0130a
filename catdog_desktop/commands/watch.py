"""`catdog watch`: say what is on photos as they arrive."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.commands.arguments import (
    add_jobs,
    add_model,
    add_no_store,
    add_settings,
    add_thorough,
    load_model,
    number_between,
)
from catdog_desktop.commands.cli_inputs import open_store
from catdog_desktop.formatting import format_photos
from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, say, stop_on, write

if TYPE_CHECKING:
    from catdog_desktop.cancellation import CancelToken
    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.watching.folder_watch import FolderWatch

NAME = "watch"
SUMMARY = "say what is on photos as they arrive in a folder"
EXAMPLES = """\
Folders are watched to their depth until Ctrl+C (or a service manager) ends it. A photo is classified once it is whole:
when it has stopped growing and can be decoded to its end. One that has changed is classified again. A folder that goes
away, a stick that is pulled out say, is watched again when it is back.

examples:
  catdog watch ~/Pictures/Inbox
  catdog watch --format jsonl ~/Inbox | while read -r line; do echo "$line"; done
      {"path": "/home/ada/Inbox/IMG_1.jpg", "verdict": "cat", "cat": 0.9973, "dog": 0.0012}
  catdog watch --existing ~/Inbox             first what is there already; what is known comes at once, so that
                                              nothing is missed that came while nobody watched
  catdog watch --every 30 /mnt/nas/photos     network drives do not tell what others write: look every 30 seconds

exit status: 0 all well, 1 some photo could not be read, 2 wrong usage or no usable model
"""
_TAKE_SECONDS = 0.2
_SECONDS = number_between(float, 1, 86_400, "a number of seconds")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `watch` takes."""
    parser.add_argument("folders", metavar="FOLDER", type=Path, nargs="+", help="folders to watch")
    parser.add_argument("--existing", action="store_true", help="classify what is there already, too")
    parser.add_argument("--every", metavar="SECONDS", type=_SECONDS, help="look through the folders this often")
    parser.add_argument(
        "--format", choices=("text", "jsonl", "csv"), default="text", help="how to write results (default: text)"
    )
    add_no_store(parser)
    add_jobs(parser)
    add_thorough(parser)
    add_model(parser)
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Watch until told to stop; return the exit status."""
    from catdog_desktop.inference.model_file import ModelError
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.watching.folder_watch import FolderWatch

    for folder in arguments.folders:
        if not os.path.isdir(folder):  # noqa: PTH112
            say(f"catdog: “{folder}” is no folder. Give a folder to watch.")
            return WRONG_USAGE
    with contextlib.ExitStack() as opened:
        # The photos in flight are classified to their end; a second Ctrl+C ends it at once.
        cancel_token = opened.enter_context(stop_on(signal.SIGINT, signal.SIGTERM))
        watch = opened.enter_context(
            FolderWatch(arguments.folders, poll_seconds=arguments.every, with_existing=arguments.existing)
        )
        try:
            model = load_model(arguments.model, as_in_window=arguments.settings, thorough=arguments.thorough)
            store = open_store(arguments, opened)
            pipeline = opened.enter_context(Pipeline(model, jobs=arguments.jobs, thumbnails=False, store=store))
        except ModelError as error:
            say(f"catdog: {error}")
            return WRONG_USAGE
        if store is not None and store.complaint is not None:
            say(store.complaint)
        photos, failed = _watch(arguments.format, watch, pipeline, model, cancel_token)
        if pipeline.complaint is not None:
            say(pipeline.complaint)
        if watch.waiting:
            say(f"Not yet whole, and not classified: {format_photos(watch.waiting)}.")
    say(f"{format_photos(photos)} classified{f'; {failed:,} could not be read' if failed else ''}.")
    return SOME_UNREADABLE if failed else OK


def _watch(
    format_name: str, watch: FolderWatch, pipeline: Pipeline, model: ModelFile, cancel_token: CancelToken
) -> tuple[int, int]:
    """Write a line for each photo that arrives; return how many there were, and how many could not be read."""
    from catdog_desktop.exporting.text_formats import CSV_HEADER, FORMATTERS, csv_row
    from catdog_desktop.formatting import printable_path

    write_line = FORMATTERS[format_name]
    if format_name == "csv":
        write(csv_row(CSV_HEADER))
    photos = failed = 0
    told = False
    while True:
        ending = cancel_token.cancelled
        news = watch.take(0 if ending else _TAKE_SECONDS, cancel_token)
        for sentence in news.sentences:
            say(sentence)
        if not told:
            told = True
            folders = "1 folder" if len(watch.folders) == 1 else f"{len(watch.folders):,} folders"
            say(f"Watching {folders}. Ctrl+C ends it.")
        if not ending:
            pipeline.add(news.photos)
        for result in pipeline.take_results(_TAKE_SECONDS if ending else 0):
            if result.info.damaged:
                # It was whole, so it has changed since, and that will be heard of.
                say(f"{printable_path(result.path)} ends too early. It is classified once it is whole.")
                continue
            photos += 1
            failed += result.error is not None
            write(write_line(result, model.thresholds))
        if ending and pipeline.idle:
            return photos, failed
