"""`catdog forget`: show what is stored about photos, and delete it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.commands.arguments import add_format
from catdog_desktop.formatting import format_bytes, format_photos, printable_path
from catdog_desktop.languages.formats import format_list, format_number
from catdog_desktop.messages import N_, _, ngettext
from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, confirm, is_interactive, say, write

if TYPE_CHECKING:
    from collections.abc import Collection

    from catdog_desktop.store.store import Store
    from catdog_desktop.store.store_erasure import Kind, Remembered

NAME = "forget"
SUMMARY = N_("delete what is stored about photos: results, thumbnails, your verdicts")
EXAMPLES = N_("""\
Shows what is stored and where, and asks before it deletes anything. Where there is no terminal to ask on, it needs
--yes. No photo is changed, and the photos need not exist any more.

Without an option, results, thumbnails and the last session of the window are deleted. Your own verdicts and images that
you pasted cannot be recreated: verdicts are only deleted if you name them or agree when asked, pasted images only if
you name them. With a FOLDER, only data about the photos in it is deleted; results of photos that have a copy elsewhere
are kept. Thumbnails of photos whose results are deleted can only be deleted all together.

Kept are undo records, although they contain file names (see catdog undo --list), settings and models. The window may be
open; it keeps showing its photos.

examples:
  catdog forget                               results, thumbnails, the last session; shows them and asks
  catdog forget --dry-run                     only show what is stored
  catdog forget ~/Pictures/2019               only data about the photos in this folder
  catdog forget --thumbnails --yes            only the thumbnails, without asking
  catdog forget --everything --yes            your verdicts and pasted images too

exit status: 0 success, 1 something could not be deleted, 2 wrong usage, or nobody to ask
""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `forget`."""
    parser.add_argument(
        "folder", metavar="FOLDER", type=Path, nargs="?", help=_("only photos in this folder, or one photo")
    )
    parser.add_argument("--results", action="store_true", help=_("names and folders of photos, and their scores"))
    parser.add_argument("--thumbnails", action="store_true", help=_("the small images of photos"))
    parser.add_argument("--verdicts", action="store_true", help=_("your own verdicts, which cannot be recreated"))
    parser.add_argument("--session", action="store_true", help=_("the last session of the window, recent folders"))
    parser.add_argument("--pasted", action="store_true", help=_("images that you pasted, which cannot be recreated"))
    parser.add_argument("--everything", action="store_true", help=_("all of these, your own verdicts too"))
    parser.add_argument("--dry-run", action="store_true", help=_("show what is stored and delete nothing"))
    parser.add_argument("--yes", action="store_true", help=_("do not ask for confirmation"))
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Show, ask and delete; return the exit status."""
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
    from catdog_desktop.privacy import forget_photos, remembered
    from catdog_desktop.store.store_erasure import Kind

    kinds = _requested_kinds(arguments)
    stored = remembered(store, arguments.folder)
    if arguments.format == "text" or arguments.dry_run:
        _show(stored, arguments)
    if arguments.dry_run:
        say(_("Nothing was deleted."))
        return OK
    if not _has_any(stored, kinds):
        say(_("There is nothing to delete."))
    elif not arguments.yes:
        if not is_interactive():
            say("catdog: " + _("Nobody can confirm without a terminal. Add --yes to delete, or --dry-run."))
            return WRONG_USAGE
        kinds = _confirmed_kinds(arguments, stored, kinds)
        if not _has_any(stored, kinds):
            say(_("Nothing was deleted."))
            return OK
    # Runs even if there is nothing: traces may remain of data deleted while another program used the files.
    deleted = forget_photos(store, kinds, arguments.folder)
    if arguments.format == "jsonl":
        write(_json_line(deleted))
    elif _has_any(stored, kinds):
        say(_("Deleted: {data}.").format(data=format_list(_descriptions(deleted))))
    if stored.verdicts and Kind.VERDICTS not in kinds:
        command = "catdog forget --verdicts" + ("" if arguments.folder is None else " FOLDER")
        say(
            ngettext(
                "Your verdict on {count} photo is kept. To delete it: {command}",
                "Your verdicts on {count} photos are kept. To delete them: {command}",
                stored.verdicts,
            ).format(count=format_number(stored.verdicts), command=command)
        )
    if len(stored.set_aside) > len(deleted.set_aside):
        say(_("Damaged files are kept, since they may contain your verdicts. See catdog forget --everything"))
    return OK


def _requested_kinds(arguments: argparse.Namespace) -> set[Kind]:
    """Return the kinds named by the options; results and thumbnails by default."""
    from catdog_desktop.store.store_erasure import ALL_KINDS, Kind

    if arguments.everything:
        return set(ALL_KINDS)
    return {kind for kind in Kind if getattr(arguments, kind.value)} or {Kind.RESULTS, Kind.THUMBNAILS, Kind.SESSION}


def _confirmed_kinds(arguments: argparse.Namespace, stored: Remembered, kinds: set[Kind]) -> set[Kind]:
    """Ask separately for data that can be recreated and for verdicts; return the kinds to delete."""
    from catdog_desktop.store.store_erasure import Kind

    recreatable = kinds - {Kind.VERDICTS, Kind.PASTED}
    confirmed: set[Kind] = set()
    if _has_any(stored, recreatable):
        names = _(" and ").join(str(kind) for kind in Kind if kind in recreatable and _has_any(stored, {kind}))
        question = _("Delete {data}? They can be recreated from the photos.").format(data=names)
        if not confirm(f"{question} [y/N] "):
            return set()
        confirmed |= recreatable
    if (stored.verdicts or stored.learnt) and (
        Kind.VERDICTS in kinds or not (arguments.results or arguments.thumbnails)
    ):
        question = ngettext(
            "Delete your verdict on {count} photo? It cannot be recreated.",
            "Delete your verdicts on {count} photos? They cannot be recreated.",
            stored.verdicts,
        ).format(count=format_number(stored.verdicts))
        if not stored.verdicts:
            question = _("Delete what was learnt from your verdicts?")
        if confirm(f"{question} [y/N] "):
            confirmed.add(Kind.VERDICTS)
    if stored.pasted and Kind.PASTED in kinds:
        question = ngettext(
            "Delete {count} pasted image? It cannot be recreated.",
            "Delete {count} pasted images? They cannot be recreated.",
            stored.pasted,
        ).format(count=format_number(stored.pasted))
        if confirm(f"{question} [y/N] "):
            confirmed.add(Kind.PASTED)
    return confirmed


def _has_any(stored: Remembered, kinds: Collection[Kind]) -> bool:
    """Whether there is any data of these kinds."""
    from catdog_desktop.store.store_erasure import ALL_KINDS, Kind

    by_kind = {
        Kind.RESULTS: stored.photos,
        Kind.THUMBNAILS: stored.thumbnails,
        Kind.VERDICTS: stored.verdicts + stored.learnt,
        Kind.SESSION: stored.has_session,
        Kind.PASTED: stored.pasted,
    }
    return any(by_kind[kind] for kind in kinds) or (bool(stored.set_aside) and set(kinds) == ALL_KINDS)


def _show(stored: Remembered, arguments: argparse.Namespace) -> None:
    """Write what is stored, and what is kept in any case."""
    from catdog_desktop.privacy import kept_journals

    if arguments.format == "jsonl":
        write(_json_line(stored))
        return
    place = printable_path(stored.where)
    if arguments.folder is not None:
        heading = _("Stored about photos in {folder} (in {place}):").format(
            folder=printable_path(arguments.folder), place=place
        )
    else:
        heading = _("Stored in {place} ({size}):").format(place=place, size=format_bytes(stored.file_bytes))
    write(heading + "\n")
    for line in _descriptions(stored) or [_("nothing")]:
        write(f"  {line}\n")
    if stored.elsewhere:
        write(
            ngettext(
                "{count} photo has a copy elsewhere: its results are kept.",
                "{count} photos have copies elsewhere: their results are kept.",
                stored.elsewhere,
            ).format(count=format_number(stored.elsewhere))
            + "\n"
        )
    journals = kept_journals()
    if journals and arguments.folder is None:
        write(
            ngettext(
                "Kept: {count} undo record, which contains file names (catdog undo --list).",
                "Kept: {count} undo records, which contain file names (catdog undo --list).",
                journals,
            ).format(count=format_number(journals))
            + "\n"
        )


def _descriptions(stored: Remembered) -> list[str]:
    """Return a description of each kind of data that is present."""
    descriptions = []
    if stored.photos:
        descriptions.append(_("results of {photos}").format(photos=format_photos(stored.photos)))
    if stored.thumbnails:
        descriptions.append(
            ngettext("{count} thumbnail ({size})", "{count} thumbnails ({size})", stored.thumbnails).format(
                count=format_number(stored.thumbnails), size=format_bytes(stored.thumbnail_bytes)
            )
        )
    if stored.verdicts:
        descriptions.append(
            ngettext("your verdict on {count} photo", "your verdicts on {count} photos", stored.verdicts).format(
                count=format_number(stored.verdicts)
            )
        )
    if stored.learnt:
        descriptions.append(_("what was learnt from your verdicts"))
    if stored.set_aside:
        count = len(stored.set_aside)
        descriptions.append(
            ngettext("{count} damaged file", "{count} damaged files", count).format(count=format_number(count))
        )
    if stored.has_session:
        descriptions.append(_("the last session"))
    if stored.pasted:
        descriptions.append(
            ngettext("{count} pasted image ({size})", "{count} pasted images ({size})", stored.pasted).format(
                count=format_number(stored.pasted), size=format_bytes(stored.pasted_bytes)
            )
        )
    return descriptions


def _json_line(stored: Remembered) -> str:
    content = {
        "photos": stored.photos,
        "thumbnails": stored.thumbnails,
        "thumbnail_bytes": stored.thumbnail_bytes,
        "verdicts": stored.verdicts,
        "learnt": stored.learnt,
        "elsewhere": stored.elsewhere,
        "set_aside": len(stored.set_aside),
        "session": stored.has_session,
        "pasted": stored.pasted,
        "folder": str(stored.where),
    }
    return json.dumps(content) + "\n"
