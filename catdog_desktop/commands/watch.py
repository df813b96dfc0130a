"""`catdog watch`: classify photos as they arrive in a folder."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
from collections import deque
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
from catdog_desktop.decoding.problem_text import FAILED, problem_sentence
from catdog_desktop.formatting import format_photos, printable_path
from catdog_desktop.languages.formats import format_clauses, format_number, join_sentences, with_full_stop
from catdog_desktop.messages import N_, _, ngettext
from catdog_desktop.terminal import (
    OK,
    SOME_UNREADABLE,
    WRONG_USAGE,
    OutputError,
    PipeClosedError,
    is_interrupt,
    say,
    stop_on,
    write,
)

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
        reports = _Reports(arguments.format, watch, pipeline, model)
        reports.write_until_stopped(cancel_token)
        if pipeline.complaint is not None:
            say(pipeline.complaint)
        if watch.waiting:
            say(_("Incomplete and not classified: {photos}.").format(photos=format_photos(watch.waiting)))
    clauses = [_("{photos} classified").format(photos=format_photos(reports.photos))]
    if reports.failed:
        clauses.append(_("{count} could not be read").format(count=format_number(reports.failed)))
    say(with_full_stop(format_clauses(clauses)))
    return SOME_UNREADABLE if reports.failed else OK


class _Reports:
    """Writes a line for each photo that arrives. An unexpected error costs at most the line of one photo."""

    def __init__(self, format_name: str, watch: FolderWatch, pipeline: Pipeline, model: ModelFile) -> None:
        """`format_name` is one of `FORMATTERS`."""
        from catdog_desktop.freed_memory import IdleReturn

        self._format_name = format_name
        self._watch = watch
        self._pipeline = pipeline
        self._model = model
        self._idle_return = IdleReturn()
        self._is_announced = False
        # What was taken and is not handed on yet, so that an error between two steps does not lose it.
        self._sentences: deque[str] = deque()
        self._arrived: list[Path] = []
        self._results: deque[Result] = deque()
        self.photos = self.failed = 0
        """Photos that were classified, and those of them that could not be read."""

    def write_until_stopped(self, cancel_token: CancelToken) -> None:
        """Go on until `cancel_token` is set and the photos in progress are finished."""
        from catdog_desktop.exporting.text_formats import CSV_HEADER, csv_row

        if self._format_name == "csv":
            write(csv_row(CSV_HEADER))
        last_error = ""
        is_over = False
        while not is_over:
            try:
                is_over = self._go_on(cancel_token)
            except (OutputError, PipeClosedError):
                raise
            except Exception as error:  # The edge of the watch: reported once, and the watch goes on.
                is_repeated = repr(error) == last_error
                if is_interrupt(error) or (is_repeated and cancel_token.cancelled):
                    raise
                if not is_repeated:
                    say(_("An unexpected error: {error}. The watch goes on.").format(error=repr(error)))
                last_error = repr(error)
                cancel_token.wait(_RETRY_SECONDS)

    def _go_on(self, cancel_token: CancelToken) -> bool:
        """Take what is new and write the results that are there; return whether it was the end."""
        ending = cancel_token.cancelled
        if not ending:
            news = self._watch.take(_TAKE_SECONDS, cancel_token)
            self._sentences += news.sentences
            self._arrived += news.photos
        while self._sentences:
            say(self._sentences.popleft())
        if not self._is_announced:
            self._is_announced = True
            _announce(len(self._watch.folders))
        if self._arrived:
            self._pipeline.add(self._arrived)
            self._arrived = []
        self._results += self._pipeline.take_results(_TAKE_SECONDS if ending else 0)
        if self._results:
            self._write_results()
            self._idle_return.note_work()
        is_idle = self._pipeline.idle
        if is_idle:
            self._idle_return.return_if_due()
        return ending and is_idle

    def _write_results(self) -> None:
        """Write the line of each photo, or say why it cannot be written."""
        while self._results:
            result = self._results.popleft()
            try:
                self._write_result(result)
            except (OutputError, PipeClosedError):
                raise
            except Exception as error:
                if is_interrupt(error):
                    raise
                self.photos += 1
                self.failed += 1
                _say_problem(result.path, FAILED.format(error=repr(error)))

    def _write_result(self, result: Result) -> None:
        from catdog_desktop.exporting.text_formats import FORMATTERS

        if _comes_again(result, self._watch):
            return
        write(FORMATTERS[self._format_name](result, self._model.thresholds))
        self.photos += 1
        self.failed += result.error is not None


def _say_problem(path: Path, problem: str, *more: str) -> None:
    line = _("{name}: {state}").format(name=printable_path(path), state=problem_sentence(problem))
    say(join_sentences([line, *more]))


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
    if result.error_is_temporary:
        tries = watch.retry(result.path)
        if tries == 1:
            _say_problem(result.path, result.error or "", _("It will be tried again."))
        return tries > 0
    watch.confirm(result.path)
    if result.info.damaged:
        # It was complete before, so it has changed, and the change will be noticed.
        path = printable_path(result.path)
        say(_("{path} ends too early. It will be classified once it is complete.").format(path=path))
        return True
    return False
