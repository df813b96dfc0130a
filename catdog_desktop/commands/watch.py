"""`catdog watch`: classify photos as they arrive in a folder."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.commands.arguments import (
    add_discovery,
    add_jobs,
    add_model,
    add_no_store,
    add_settings,
    add_thorough,
    load_model,
    number_between,
    skip_rules,
)
from catdog_desktop.commands.cli_inputs import learnt_head, open_store
from catdog_desktop.decoding.problem_text import problem_sentence
from catdog_desktop.formatting import format_photos, printable_path
from catdog_desktop.languages.formats import format_clauses, format_number, join_sentences, with_full_stop
from catdog_desktop.messages import N_, _, ngettext
from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, say, stop_on, write

if TYPE_CHECKING:
    from catdog_desktop.cancellation import CancelToken
    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.verdict import Result
    from catdog_desktop.watching.folder_watch import FolderWatch

NAME = "watch"
SUMMARY = N_("classify photos as they arrive in a folder")
EXAMPLES = N_("""\
Folders are watched with all their subfolders until Ctrl+C or a service manager ends the program. A photo is classified
once it is complete: when it has stopped growing and can be decoded to its end. A photo that changes is classified
again. A folder that disappears, for example with a USB stick, is watched again when it returns.

examples:
  catdog watch ~/Pictures/Inbox
  catdog watch --format jsonl ~/Inbox | while read -r line; do echo "$line"; done
      {"path": "/home/ada/Inbox/IMG_1.jpg", "verdict": "cat", "cat": 0.9973, "dog": 0.0012}
  catdog watch --existing ~/Inbox             classify the photos that are there first, including those that
                                              arrived while the program was not running
  catdog watch --every 30 /mnt/nas/photos     search every 30 seconds, since network drives do not report changes

exit status: 0 success, 1 some photo could not be read, 2 wrong usage or no usable model
""")
_TAKE_SECONDS = 0.2
_RETRY_SECONDS = 5.0
"""Pause after an unexpected error, before the watch goes on."""
_SECONDS = number_between(float, 1, 86_400, N_("{text} is not a number of seconds between {least} and {most}"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `watch`."""
    parser.add_argument("folders", metavar="FOLDER", type=Path, nargs="+", help=_("folders to watch"))
    parser.add_argument("--existing", action="store_true", help=_("also classify the photos that are there already"))
    parser.add_argument("--every", metavar="SECONDS", type=_SECONDS, help=_("search the folders this often"))
    parser.add_argument(
        "--format", choices=("text", "jsonl", "csv"), default="text", help=_("format of the results (default: text)")
    )
    add_discovery(parser)
    add_no_store(parser)
    add_jobs(parser)
    add_thorough(parser)
    add_model(parser)
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Watch until a signal stops it; return the exit status."""
    from catdog_desktop.inference.model_file import ModelError
    from catdog_desktop.pipeline import Pipeline
    from catdog_desktop.watching.folder_watch import FolderWatch

    for folder in arguments.folders:
        if not os.path.isdir(folder):  # noqa: PTH112
            say("catdog: " + _("“{folder}” is not a folder.").format(folder=folder))
            return WRONG_USAGE
    with contextlib.ExitStack() as opened:
        # After the first signal, photos in progress are finished. A second Ctrl+C ends the program at once.
        cancel_token = opened.enter_context(stop_on(signal.SIGINT, signal.SIGTERM))
        watch = opened.enter_context(
            FolderWatch(
                arguments.folders,
                poll_seconds=arguments.every,
                with_existing=arguments.existing,
                rules=skip_rules(arguments),
            )
        )
        try:
            model = load_model(arguments.model, as_in_window=arguments.settings, thorough=arguments.thorough)
            store = open_store(arguments, opened)
            head = learnt_head(arguments, model)
            pipeline = opened.enter_context(
                Pipeline(model, jobs=arguments.jobs, thumbnails=False, store=store, head=head)
            )
        except ModelError as error:
            say(f"catdog: {error}")
            return WRONG_USAGE
        if store is not None and store.complaint is not None:
            say(store.complaint)
        photos, failed = _watch(arguments.format, watch, pipeline, model, cancel_token)
        if pipeline.complaint is not None:
            say(pipeline.complaint)
        if watch.waiting:
            say(_("Incomplete and not classified: {photos}.").format(photos=format_photos(watch.waiting)))
    clauses = [_("{photos} classified").format(photos=format_photos(photos))]
    if failed:
        clauses.append(_("{count} could not be read").format(count=format_number(failed)))
    say(with_full_stop(format_clauses(clauses)))
    return SOME_UNREADABLE if failed else OK


def _watch(
    format_name: str, watch: FolderWatch, pipeline: Pipeline, model: ModelFile, cancel_token: CancelToken
) -> tuple[int, int]:
    """Write a line for each photo that arrives; return the number of photos and the number that could not be read."""
    from catdog_desktop.exporting.text_formats import CSV_HEADER, FORMATTERS, csv_row
    from catdog_desktop.freed_memory import IdleReturn

    format_result = FORMATTERS[format_name]
    if format_name == "csv":
        write(csv_row(CSV_HEADER))
    photos = failed = 0
    is_announced = False
    last_error = ""
    idle_return = IdleReturn()
    while True:
        ending = cancel_token.cancelled
        try:
            news = watch.take(0 if ending else _TAKE_SECONDS, cancel_token)
        except Exception as error:  # noqa: BLE001  The edge of the watch: reported once, and the watch goes on.
            if repr(error) != last_error:
                say(_("An unexpected error: {error}. The watch goes on.").format(error=repr(error)))
            last_error = repr(error)
            cancel_token.wait(_RETRY_SECONDS)
            continue
        for sentence in news.sentences:
            say(sentence)
        if not is_announced:
            is_announced = True
            _announce(len(watch.folders))
        if not ending:
            pipeline.add(news.photos)
        for result in pipeline.take_results(_TAKE_SECONDS if ending else 0):
            if _comes_again(result, watch):
                continue
            photos += 1
            failed += result.error is not None
            write(format_result(result, model.thresholds))
            idle_return.note_work()
        if pipeline.idle:
            idle_return.return_if_due()
        if ending and pipeline.idle:
            return photos, failed


def _announce(folders: int) -> None:
    say(
        ngettext(
            "Watching {count} folder. Press Ctrl+C to stop.",
            "Watching {count} folders. Press Ctrl+C to stop.",
            folders,
        ).format(count=format_number(folders))
    )


def _comes_again(result: Result, watch: FolderWatch) -> bool:
    """Whether there will be another result for the photo, so that this one does not count. Says why."""
    path = printable_path(result.path)
    if result.error_is_temporary:
        tries = watch.retry(result.path)
        if tries == 1:
            problem = _("{name}: {state}").format(name=path, state=problem_sentence(result.error or ""))
            say(join_sentences([problem, _("It will be tried again.")]))
        return tries > 0
    watch.confirm(result.path)
    if result.info.damaged:
        # It was complete before, so it has changed, and the change will be noticed.
        say(_("{path} ends too early. It will be classified once it is complete.").format(path=path))
        return True
    return False
