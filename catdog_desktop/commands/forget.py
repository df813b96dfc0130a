"""`catdog forget`: what is remembered of photos, told and then forgotten."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, agreed, say, write

if TYPE_CHECKING:
    from collections.abc import Collection

    from catdog_desktop.store.store import Store
    from catdog_desktop.store.store_erasure import Kind, Remembered

NAME = "forget"
SUMMARY = "forget what is remembered of photos: results, thumbnails, your own verdicts"
EXAMPLES = """\
First you are told what is remembered and where it lies, then asked. No photo is touched, and none need be there.
Without an option it is results and thumbnails. Your own verdicts are your work: they go only if you name them or say
so when asked. With a FOLDER only what is known of the photos in it goes; of photos that also lie elsewhere, only that
they lie there. Thumbnails of photos whose results are forgotten can only be forgotten all together.

What a sort or an export of keywords needs to be undone stays, though it names photos: see catdog undo --list. So do
settings, models, and images that you pasted. The window may be open; the photos it shows stay shown.

examples:
  catdog forget                               all results and thumbnails; tells first, and asks
  catdog forget --dry-run                     only tell
  catdog forget ~/Pictures/2019               what is known of the photos there
  catdog forget --thumbnails --yes            the small images only, without being asked
  catdog forget --everything --yes            your own verdicts too

exit status: 0 all well, 1 something could not be forgotten; it was told why, 2 wrong usage
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `forget` takes."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, nargs="?", help="only photos in this folder, or a photo")
    parser.add_argument("--results", action="store_true", help="names and places of photos, and what was found in them")
    parser.add_argument("--thumbnails", action="store_true", help="the small images of photos")
    parser.add_argument("--verdicts", action="store_true", help="your own verdicts, which nothing can bring back")
    parser.add_argument("--everything", action="store_true", help="all three, your own verdicts too")
    parser.add_argument("--dry-run", action="store_true", help="tell what is remembered and forget nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--format", choices=("text", "jsonl"), default="text", help="how to write (default: text)")


def run(arguments: argparse.Namespace) -> int:
    """Tell, ask and forget; return the exit status."""
    from catdog_desktop.store.store import Store, StoreError

    with Store.open() as store:
        if store.complaint is not None:
            say(store.complaint)
        try:
            return _run(arguments, store)
        except StoreError as error:
            say(f"catdog: {error}")
            return SOME_UNREADABLE


def _run(arguments: argparse.Namespace, store: Store) -> int:
    from catdog_desktop.privacy import forget_photos
    from catdog_desktop.store.store_erasure import Kind

    kinds = _kinds(arguments)
    known = store.remembered(arguments.folder)
    if arguments.format == "text" or arguments.dry_run:
        _tell(known, arguments)
    if arguments.dry_run:
        say("Nothing was forgotten.")
        return OK
    if not _anything(known, kinds):
        say("There is nothing to forget.")
    elif not arguments.yes:
        if not _somebody_is_there():
            say("catdog: Nobody can be asked here. Say --yes to forget without being asked; --dry-run only tells.")
            return WRONG_USAGE
        kinds = _agreed_kinds(arguments, known, kinds)
        if not _anything(known, kinds):
            say("Nothing was forgotten.")
            return OK
    # Also if there is nothing: traces may be left of what was forgotten while another program used the files.
    forgotten = forget_photos(store, kinds, arguments.folder)
    if arguments.format == "jsonl":
        write(_json_line(forgotten))
    elif _anything(known, kinds):
        say(f"Forgotten: {', '.join(_counts(forgotten))}.")
    if known.verdicts and Kind.VERDICTS not in kinds:
        stay = "stays. To forget it" if known.verdicts == 1 else "stay. To forget them"
        place = "" if arguments.folder is None else " FOLDER"
        say(f"{_verdicts(known.verdicts)} {stay}: catdog forget --verdicts{place}")
    if len(known.set_aside) > len(forgotten.set_aside):
        say("Damaged files that were set aside stay: they may hold verdicts of yours. See catdog forget --everything")
    return OK


def _kinds(arguments: argparse.Namespace) -> set[Kind]:
    """Return what was named; results and thumbnails if nothing was."""
    from catdog_desktop.store.store_erasure import ALL_KINDS, Kind

    if arguments.everything:
        return set(ALL_KINDS)
    return {kind for kind in Kind if getattr(arguments, kind.value)} or {Kind.RESULTS, Kind.THUMBNAILS}


def _agreed_kinds(arguments: argparse.Namespace, known: Remembered, kinds: set[Kind]) -> set[Kind]:
    """Ask for what can be made again and for what cannot, each by itself; return what may go."""
    from catdog_desktop.store.store_erasure import Kind

    again = kinds - {Kind.VERDICTS}
    agreed_to: set[Kind] = set()
    if _anything(known, again):
        what = " and ".join(str(kind) for kind in Kind if kind in again)
        if not agreed(f"Forget {what}? They can be made again from the photos. [y/N] "):
            return set()
        agreed_to |= again
    if known.verdicts and (Kind.VERDICTS in kinds or not (arguments.results or arguments.thumbnails)):
        are, them = ("It is", "it") if known.verdicts == 1 else ("They are", "them")
        yours = _verdicts(known.verdicts).lower()
        if agreed(f"Forget {yours}? {are} your work; nothing can bring {them} back. [y/N] "):
            agreed_to.add(Kind.VERDICTS)
    return agreed_to


def _anything(known: Remembered, kinds: Collection[Kind]) -> bool:
    """Whether there is anything of these kinds."""
    from catdog_desktop.store.store_erasure import ALL_KINDS, Kind

    by_kind = {Kind.RESULTS: known.photos, Kind.THUMBNAILS: known.thumbnails, Kind.VERDICTS: known.verdicts}
    return any(by_kind[kind] for kind in kinds) or (bool(known.set_aside) and set(kinds) == ALL_KINDS)


def _somebody_is_there() -> bool:
    return sys.stdin is not None and sys.stdin.isatty()


def _tell(known: Remembered, arguments: argparse.Namespace) -> None:
    """Write what is remembered, and say what of it stays whatever is chosen."""
    from catdog_desktop.formatting import format_bytes, format_photos, printable_path
    from catdog_desktop.privacy import kept_journals

    if arguments.format == "jsonl":
        write(_json_line(known))
        return
    place = printable_path(known.where)
    if arguments.folder is not None:
        write(f"Remembered of photos in {printable_path(arguments.folder)} (it lies in {place}):\n")
    else:
        write(f"Remembered in {place} ({format_bytes(known.file_bytes)}):\n")
    for line in _counts(known) or ["nothing"]:
        write(f"  {line}\n")
    if known.elsewhere:
        write(f"Of {format_photos(known.elsewhere)} there are equal ones elsewhere: these stay known.\n")
    journals = kept_journals()
    if journals and arguments.folder is None:
        what = "1 journal" if journals == 1 else f"{journals:,} journals"
        write(f"Not touched: {what} of sorts and keywords, which undo needs (catdog undo --list).\n")


def _counts(known: Remembered) -> list[str]:
    """Return a few words for each kind of which there is anything."""
    from catdog_desktop.formatting import format_bytes, format_photos

    counts = []
    if known.photos:
        counts.append(f"results of {format_photos(known.photos)}")
    if known.thumbnails:
        plural = "" if known.thumbnails == 1 else "s"
        counts.append(f"{known.thumbnails:,} thumbnail{plural} ({format_bytes(known.thumbnail_bytes)})")
    if known.verdicts:
        counts.append(_verdicts(known.verdicts).lower())
    if known.set_aside:
        one = len(known.set_aside) == 1
        counts.append(f"{len(known.set_aside):,} damaged {'file that was' if one else 'files that were'} set aside")
    return counts


def _verdicts(count: int) -> str:
    return "Your 1 own verdict" if count == 1 else f"Your {count:,} own verdicts"


def _json_line(known: Remembered) -> str:
    content = {
        "photos": known.photos,
        "thumbnails": known.thumbnails,
        "thumbnail_bytes": known.thumbnail_bytes,
        "verdicts": known.verdicts,
        "elsewhere": known.elsewhere,
        "set_aside": len(known.set_aside),
        "folder": str(known.where),
    }
    return json.dumps(content) + "\n"
