"""`catdog undo`: bring back what a sort or an export of keywords has done, or finish what was interrupted."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from catdog_desktop.commands.sort_lines import photo_line, say_outcome, told_if_interrupted
from catdog_desktop.commands.undo_keywords import (
    is_of_keywords,
    later_export,
    list_lines,
    run_for_keywords,
    told_of_keywords,
)
from catdog_desktop.formatting import format_photos
from catdog_desktop.terminal import INTERRUPTED, OK, SOME_UNREADABLE, WRONG_USAGE, agreed, say, stop_on_ctrl_c, write

if TYPE_CHECKING:
    from catdog_desktop.sorting.journal_items import JournalInfo
    from catdog_desktop.sorting.run import PhotoDone, SortOutcome

NAME = "undo"
SUMMARY = "undo a sort or an export of keywords, or finish an interrupted sort"
EXAMPLES = """\
Photos that were moved go back. Copies and links are removed, but only if they are still what the sort made and the
original is still there; what is not is left and told. Folders that the sort made go if they are empty.
Sidecars that got keywords become what they were before, unless they were changed since.
Without an ID it is the last that is not undone; on a terminal you are told which, and asked.

examples:
  catdog undo                                 the last sort or export of keywords
  catdog undo --list                          all of them
  catdog undo 20261123-031500-123456          one of them
  catdog undo --finish                        do the rest of the last sort, after a crash or a full disk
  catdog undo 20261123-031500-123456 --forget   never offer it again: its disk is lost, say

exit status: 0 all well, 1 some photo stays where it is, 2 wrong usage, or nothing to undo
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `undo` takes."""
    parser.add_argument("id", metavar="ID", nargs="?", help="which one (default: the last that is not undone)")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="list what can be undone and change nothing")
    what.add_argument("--finish", action="store_true", help="finish the sort instead of undoing it")
    what.add_argument("--forget", action="store_true", help="never offer it again; touches no photo")
    parser.add_argument("--yes", action="store_true", help="do not ask before the last one is undone")
    parser.add_argument("--format", choices=("text", "jsonl"), default="text", help="how to write (default: text)")


def run(arguments: argparse.Namespace) -> int:
    """Undo, finish, list or forget; return the exit status."""
    from catdog_desktop.sorting.history import damaged_sorts, forget_sort, last_sort, list_sorts
    from catdog_desktop.sorting.options import SortError

    try:
        if arguments.list:
            for info in list_sorts():
                write(_list_line(info, arguments.format))
            for line in list_lines(arguments.format):
                write(line)
            damaged = damaged_sorts()
            for sentence in damaged.values():
                say(sentence)
            return SOME_UNREADABLE if damaged else OK
        if arguments.id is None:
            last = last_sort()
            arguments.id = None if last is None else last.id
            arguments.id = (None if arguments.finish else later_export(arguments.id)) or arguments.id
            if arguments.id is None:
                raise SortError("There is no sort to undo, and no keywords.")
            if not (arguments.yes or arguments.finish or arguments.forget) and not agreed(
                f"Undo this? {_told(last) if last and last.id == arguments.id else told_of_keywords()} [y/N] "
            ):
                say("Nothing was changed.")
                return OK
        if is_of_keywords(arguments.id):
            return run_for_keywords(arguments)
        if arguments.forget:
            forget_sort(arguments.id)
            say(f"The sort {arguments.id} is set aside. No photo was touched.")
            return OK
        outcome = _undo_or_finish(arguments)
    except SortError as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    return _report(outcome, "sorted" if arguments.finish else "brought back")


def _undo_or_finish(arguments: argparse.Namespace) -> SortOutcome:
    from catdog_desktop.progress_bar import ProgressBar
    from catdog_desktop.sorting.run import finish_sort, undo_sort
    from catdog_desktop.store.store import Store, remember_moves

    work = finish_sort if arguments.finish else undo_sort
    with (
        told_if_interrupted(),
        Store.open() as store,
        ProgressBar(sys.stderr) as bar,
        stop_on_ctrl_c() as token,
    ):

        def show(photo: PhotoDone) -> None:
            details = {"verdict": "sorted"} if arguments.finish and arguments.format == "text" else {}
            bar.clear()
            write(photo_line(photo, arguments.format, **details))
            bar.total = photo.progress.total
            bar.update(photo.progress.done)

        return work(arguments.id, on_photo=show, cancel_token=token, on_moved=remember_moves(store))


def _report(outcome: SortOutcome, done: str) -> int:
    say_outcome(outcome, done)
    if outcome.cancelled:
        return INTERRUPTED
    return SOME_UNREADABLE if outcome.failed or outcome.not_done or outcome.notes or outcome.stopped else OK


def _list_line(info: JournalInfo, format_name: str) -> str:
    from catdog_desktop.exporting.text_formats import json_line

    if format_name == "jsonl":
        entry = {
            "id": info.id,
            "started": info.started.isoformat(),
            "action": str(info.action),
            "destination": str(info.destination),
            "photos": info.photos,
            "done": info.done,
            "state": info.state.name.lower(),
        }
        return json_line(entry)
    return f"{info.id}  {_told(info)}\n"


def _told(info: JournalInfo) -> str:
    """Return date, state, action, count and place of a sort."""
    from catdog_desktop.formatting import printable_path

    started = f"{info.started.astimezone():%Y-%m-%d %H:%M}"
    action = f"{info.action}".replace("-", " ")
    count = f"{info.done:,} of {format_photos(info.photos)}"
    return f"{started}  {info.state.label}: {action}, {count}, {printable_path(info.destination)}"
