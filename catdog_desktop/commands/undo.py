"""`catdog undo`: undo a sort, an export of keywords or a move to the trash, or finish an interrupted sort."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from catdog_desktop.commands.arguments import add_format
from catdog_desktop.commands.export import report_keywords, sidecar_writer, sidecars_changed
from catdog_desktop.commands.sort import explaining_interruption, photo_line, report_outcome
from catdog_desktop.formatting import format_photos, printable_path
from catdog_desktop.languages.formats import format_clauses, format_moment, format_number, with_full_stop
from catdog_desktop.messages import N_, _, ngettext
from catdog_desktop.terminal import (
    INTERRUPTED,
    OK,
    SOME_UNREADABLE,
    WRONG_USAGE,
    confirm,
    is_interactive,
    say,
    stop_on_ctrl_c,
    write,
)

if TYPE_CHECKING:
    from datetime import datetime

    from catdog_desktop.exporting.xmp_export import XmpExportInfo
    from catdog_desktop.sorting.journal_items import JournalInfo
    from catdog_desktop.sorting.run import PhotoDone, SortOutcome
    from catdog_desktop.trashing.trash_run import TrashInfo

NAME = "undo"
SUMMARY = N_("undo a sort, an export of keywords or a move to the trash, or finish a sort")
EXAMPLES = N_("""\
Photos that were moved go back. Copies and links are removed, but only if they are unchanged and the original still
exists; the others are kept and listed. Folders that the sort created are removed if they are empty. Sidecars that got
keywords are restored, unless they were changed since. Photos that the window moved to the trash go back to their
folders.

Without an ID, the last of these that is not undone is used. It is shown first, and you are asked. Where there is
no terminal to ask on, an undo needs --yes.

examples:
  catdog undo                                 the last sort, export of keywords or move to the trash
  catdog undo --list                          list all of them
  catdog undo 20261123-031500-123456          one of them
  catdog undo --finish                        finish the last sort, after a crash or a full disk
  catdog undo 20261123-031500-123456 --forget   stop offering it, for example because its disk is lost

exit status: 0 success, 1 some photo could not be put back, 2 wrong usage, no confirmation, or nothing to undo
""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `undo`."""
    parser.add_argument("id", metavar="ID", nargs="?", help=_("which one (default: the last that is not undone)"))
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help=_("list what can be undone and change nothing"))
    what.add_argument("--finish", action="store_true", help=_("finish the sort instead of undoing it"))
    what.add_argument("--forget", action="store_true", help=_("stop offering it; changes no photo"))
    parser.add_argument("--yes", action="store_true", help=_("do not ask for confirmation"))
    add_format(parser)


def run(arguments: argparse.Namespace) -> int:
    """Undo, finish, list or forget; return the exit status."""
    from catdog_desktop.exporting.xmp_journal import ID_PREFIX
    from catdog_desktop.sorting.errors import SortError
    from catdog_desktop.sorting.history import forget_sort
    from catdog_desktop.trashing.trash_journal import ID_PREFIX as TRASH_PREFIX

    try:
        if arguments.list:
            return _list(arguments.format)
        description = ""
        if arguments.id is None:
            arguments.id, description = _last(finish=arguments.finish)
        if not (arguments.yes or arguments.finish or arguments.forget):
            if not is_interactive():
                say("catdog: " + _("Nobody can confirm the undo without a terminal. Add --yes to undo, or --list."))
                return WRONG_USAGE
            if description and not confirm(f"{_('Undo this?')} {description} [y/N] "):
                say(_("Nothing was changed."))
                return OK
        if arguments.id.startswith(ID_PREFIX):
            return _undo_keywords(arguments)
        if arguments.id.startswith(TRASH_PREFIX):
            return _undo_trash(arguments)
        if arguments.forget:
            forget_sort(arguments.id)
            say(_("The sort {id} will not be offered again. No photo was changed.").format(id=arguments.id))
            return OK
        outcome = _undo_or_finish(arguments)
    except SortError as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    return _report(outcome, finished=arguments.finish)


def _list(format_name: str) -> int:
    from catdog_desktop.exporting.xmp_export import list_xmp_exports
    from catdog_desktop.sorting.history import damaged_sorts, list_sorts
    from catdog_desktop.trashing.trash_run import list_trash

    for info in list_sorts():
        write(_sort_line(info, format_name))
    for export in list_xmp_exports():
        write(_export_line(export, format_name))
    for trash in list_trash():
        write(_trash_line(trash, format_name))
    damaged = damaged_sorts()
    for sentence in damaged.values():
        say(sentence)
    return SOME_UNREADABLE if damaged else OK


def _last(*, finish: bool) -> tuple[str, str]:
    """Return id and description of the last sort, export of keywords or move to the trash; with `finish`, of a sort."""
    from catdog_desktop.exporting.xmp_export import last_xmp_export
    from catdog_desktop.sorting.errors import SortError, SortProblem
    from catdog_desktop.sorting.history import last_sort
    from catdog_desktop.trashing.trash_run import last_trash

    found: list[tuple[datetime, str, str]] = []
    sort = last_sort()
    if sort is not None:
        found.append((sort.started, sort.id, _describe_sort(sort)))
    if not finish:
        export, trash = last_xmp_export(), last_trash()
        if export is not None:
            found.append((export.started, export.id, _describe_export(export)))
        if trash is not None:
            found.append((trash.started, trash.id, _describe_trash(trash)))
    if not found:
        raise SortError(SortProblem.NO_CHANGE_TO_UNDO)
    _started, id_, description = max(found)
    return id_, description


def _undo_or_finish(arguments: argparse.Namespace) -> SortOutcome:
    from catdog_desktop.progress_bar import ProgressBar
    from catdog_desktop.sorting.run import finish_sort, undo_sort
    from catdog_desktop.store.store import Store, remember_moves

    work = finish_sort if arguments.finish else undo_sort
    with (
        explaining_interruption(),
        Store.open() as store,
        ProgressBar(sys.stderr) as bar,
        stop_on_ctrl_c() as token,
    ):

        def show(photo: PhotoDone) -> None:
            bar.clear()
            write(photo_line(photo, arguments.format, done=_("sorted") if arguments.finish else _("back")))
            bar.total = photo.progress.total
            bar.update(photo.progress.done)

        return work(arguments.id, on_photo=show, cancel_token=token, on_moved=remember_moves(store))


def _report(outcome: SortOutcome, *, finished: bool) -> int:
    count = outcome.done
    done = (
        ngettext("{count} photo sorted", "{count} photos sorted", count)
        if finished
        else ngettext("{count} photo put back", "{count} photos put back", count)
    )
    report_outcome(outcome, done.format(count=format_number(count)))
    if outcome.cancelled:
        return INTERRUPTED
    return SOME_UNREADABLE if outcome.failed or outcome.not_done or outcome.notes or outcome.stopped else OK


def _undo_keywords(arguments: argparse.Namespace) -> int:
    """Undo or forget the export of keywords `arguments.id`; return the exit status."""
    from catdog_desktop.exporting.xmp_export import forget_keywords, undo_keywords
    from catdog_desktop.exporting.xmp_journal import XmpExportError
    from catdog_desktop.progress_bar import ProgressBar

    if arguments.finish:
        say("catdog: " + _("To finish an export of keywords, export again."))
        return WRONG_USAGE
    try:
        if arguments.forget:
            forget_keywords(arguments.id)
            say(_("The export {id} will not be offered again. No sidecar was changed.").format(id=arguments.id))
            return OK
        with ProgressBar(sys.stderr) as bar, stop_on_ctrl_c() as token:
            show = sidecar_writer(bar, arguments.format)
            outcome = undo_keywords(arguments.id, on_sidecar=show, cancel_token=token)
    except XmpExportError as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    count = sidecars_changed(outcome)
    return report_keywords(outcome, ngettext("{count} sidecar restored", "{count} sidecars restored", count))


def _undo_trash(arguments: argparse.Namespace) -> int:
    """Undo or forget the move to the trash `arguments.id`; return the exit status."""
    from catdog_desktop.exporting.text_formats import json_line
    from catdog_desktop.progress_bar import ProgressBar
    from catdog_desktop.trashing.trash_journal import TrashError
    from catdog_desktop.trashing.trash_run import forget_trash, undo_trash

    if arguments.finish:
        say("catdog: " + _("A move to the trash can be undone, not finished."))
        return WRONG_USAGE
    try:
        if arguments.forget:
            forget_trash(arguments.id)
            say(_("The move {id} will not be offered again. No photo was changed.").format(id=arguments.id))
            return OK
        with ProgressBar(sys.stderr) as bar, stop_on_ctrl_c() as token:
            outcome = undo_trash(arguments.id, on_progress=lambda done: bar.update(done.done), cancel_token=token)
    except TrashError as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    as_json = arguments.format == "jsonl"
    for path in (*outcome.photos, *outcome.companions):
        write(json_line({"file": str(path), "state": "restored"}) if as_json else f"restored  {printable_path(path)}\n")
    for path, reason in outcome.failed:
        if as_json:
            write(json_line({"file": str(path), "state": "failed", "error": reason}))
        else:
            write(f"failed    {printable_path(path)} {reason}\n")
    count = len(outcome.photos)
    done = ngettext("{count} photo put back", "{count} photos put back", count).format(count=format_number(count))
    counts = ((len(outcome.failed), _("{count} failed")), (outcome.not_done, _("{count} not done")))
    say(
        with_full_stop(
            format_clauses([done, *(text.format(count=format_number(number)) for number, text in counts if number)])
        )
    )
    if outcome.not_done:
        return INTERRUPTED
    return SOME_UNREADABLE if outcome.failed else OK


def _sort_line(info: JournalInfo, format_name: str) -> str:
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
    return f"{info.id}  {_describe_sort(info)}\n"


def _export_line(info: XmpExportInfo, format_name: str) -> str:
    from catdog_desktop.exporting.text_formats import json_line

    if format_name == "jsonl":
        entry = {"id": info.id, "started": info.started.isoformat(), "action": "keywords"}
        return json_line({**entry, "sidecars": info.sidecars, "undone": info.undone})
    return f"{info.id}  {_describe_export(info)}\n"


def _trash_line(info: TrashInfo, format_name: str) -> str:
    from catdog_desktop.exporting.text_formats import json_line

    if format_name == "jsonl":
        entry = {"id": info.id, "started": info.started.isoformat(), "action": "trash"}
        return json_line({**entry, "photos": info.moved, "in_trash": info.photos})
    return f"{info.id}  {_describe_trash(info)}\n"


def _describe_sort(info: JournalInfo) -> str:
    """Return date, state, action, count and destination of a sort."""
    return _("{date}  {state}: {action}, {done} of {photos}, {folder}").format(
        date=format_moment(info.started.astimezone()),
        state=info.state.label,
        action=info.action.label,
        done=format_number(info.done),
        photos=format_photos(info.photos),
        folder=printable_path(info.destination),
    )


def _describe_export(info: XmpExportInfo) -> str:
    """Return date, state and count of an export of keywords."""
    return _("{date}  {state}: keywords, {done} of {total} sidecars").format(
        date=format_moment(info.started.astimezone()),
        state=_("undone in part") if info.undone else _("done"),
        done=format_number(info.sidecars - info.undone),
        total=format_number(info.sidecars),
    )


def _describe_trash(info: TrashInfo) -> str:
    """Return date, state and count of a move to the trash."""
    return _("{date}  {state}: move to the trash, {done} of {photos} still there").format(
        date=format_moment(info.started.astimezone()),
        state=_("done") if info.photos == info.moved else _("undone in part") if info.photos else _("undone"),
        done=format_number(info.photos),
        photos=format_photos(info.moved),
    )
