"""`catdog locate`: find a folder again whose place has changed."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.cancellation import Cancelled
from catdog_desktop.commands.arguments import add_format
from catdog_desktop.formatting import format_photos, printable_path
from catdog_desktop.languages.formats import format_number, join_sentences
from catdog_desktop.messages import N_, _, ngettext
from catdog_desktop.terminal import INTERRUPTED, OK, SOME_UNREADABLE, WRONG_USAGE, say, stop_on, write

if TYPE_CHECKING:
    from catdog_desktop.library.locate import Comparison
    from catdog_desktop.store.store import Store

NAME = "locate"
SUMMARY = N_("find a folder again that has another place now: a mount point, drive letter or network path")
EXAMPLES = N_("""\
Compares the photos that are stored below OLD with the files below NEW, by their fingerprints. Then the stored results,
the undo records of sorts and keywords, the last session and the settings get the new paths. No photo is changed, and
your own verdicts stay with their photos in any case.

Photos that are missing at the new place, or that are other photos there, keep their old paths. If most are other
photos, nothing is changed. To undo it, call it with both folders exchanged.

examples:
  catdog locate D:\\Pictures E:\\Pictures
  catdog locate /media/disk/Pictures /mnt/nas/Pictures
  catdog locate ~/Pictures/2019 /archive/2019 --dry-run     compare and change nothing

exit status: 0 success, 1 some photos were not found, 2 wrong usage or another folder, 130 interrupted
""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `locate`."""
    parser.add_argument("old", metavar="OLD", type=Path, help=_("the folder as it was called before"))
    parser.add_argument("new", metavar="NEW", type=Path, help=_("the same folder as it is called now"))
    parser.add_argument("--dry-run", action="store_true", help=_("compare and change nothing"))
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Compare both places and change the paths; return the exit status."""
    from catdog_desktop.library.locate import LocateError
    from catdog_desktop.store.store import Store, StoreError

    with Store.open() as store:
        if store.complaint is not None:
            say(store.complaint)
        try:
            return _run(arguments, store)
        except (LocateError, StoreError) as error:
            say(f"catdog: {error}")
            return WRONG_USAGE
        except Cancelled:
            say(_("Stopped. Nothing was changed."))
            return INTERRUPTED


def _run(arguments: argparse.Namespace, store: Store) -> int:
    import signal

    from catdog_desktop.library.locate import compare_places, relocate
    from catdog_desktop.progress_bar import ProgressBar

    with ProgressBar(sys.stderr) as bar, stop_on(signal.SIGINT) as token:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done)

        comparison = compare_places(
            store,
            arguments.old,
            arguments.new,
            on_progress=lambda progress: show(progress.done, progress.total),
            cancel_token=token,
        )
    comparison.check()
    journals = 0 if arguments.dry_run else relocate(store, comparison)
    _report(comparison, journals, arguments)
    return SOME_UNREADABLE if comparison.missing or comparison.different else OK


def _report(comparison: Comparison, journals: int, arguments: argparse.Namespace) -> None:
    if arguments.format == "jsonl":
        counts = {
            "located": len(comparison.places),
            "missing": len(comparison.missing),
            "different": len(comparison.different),
            "not_moved": comparison.not_moved,
            "journals": journals,
        }
        write(json.dumps({"old": str(comparison.old), "new": str(comparison.new), **counts}) + "\n")
        return
    for path in comparison.missing:
        write(_("{path} is missing").format(path=printable_path(path)) + "\n")
    for path in comparison.different:
        write(_("{path} is another photo").format(path=printable_path(path)) + "\n")
    found = _("{photos} found in {folder}.").format(photos=format_photos(len(comparison.places)), folder=comparison.new)
    if arguments.dry_run:
        say(join_sentences([found, _("Nothing was changed.")]))
        return
    if journals:
        text = ngettext("{count} undo record was changed.", "{count} undo records were changed.", journals)
        found += " " + text.format(count=format_number(journals))
    say(found)
