"""The part of `catdog undo` that brings sidecars back."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from catdog_desktop.commands.keyword_lines import report_keywords, sidecar_writer
from catdog_desktop.terminal import OK, WRONG_USAGE, say, stop_on_ctrl_c

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catdog_desktop.exporting.xmp_export import XmpExportInfo


def is_of_keywords(journal_id: str) -> bool:
    """Whether `journal_id` is that of an export of keywords, and not of a sort."""
    from catdog_desktop.exporting.xmp_journal import ID_PREFIX

    return journal_id.startswith(ID_PREFIX)


def later_export(than: str | None) -> str | None:
    """Return the id of the last export of keywords, if it is later than the sort of the id `than`."""
    from catdog_desktop.exporting.xmp_export import last_xmp_export
    from catdog_desktop.exporting.xmp_journal import ID_PREFIX

    last = last_xmp_export()
    # Both ids are the moment at which it began.
    return None if last is None or (than is not None and last.id.removeprefix(ID_PREFIX) < than) else last.id


def list_lines(format_name: str) -> Iterator[str]:
    """Yield a line for each export of keywords that can be undone."""
    from catdog_desktop.exporting.xmp_export import list_xmp_exports

    for info in list_xmp_exports():
        yield _list_line(info, format_name)


def told_of_keywords() -> str:
    """Return date, state and count of the last export of keywords."""
    from catdog_desktop.exporting.xmp_export import last_xmp_export

    last = last_xmp_export()
    return "" if last is None else _told(last)


def run_for_keywords(arguments: argparse.Namespace) -> int:
    """Undo or forget the export `arguments.id`; return the exit status."""
    from catdog_desktop.exporting.xmp_export import XmpExportError, forget_keywords, undo_keywords
    from catdog_desktop.progress_bar import ProgressBar

    try:
        if arguments.finish:
            raise XmpExportError("An export of keywords is finished by exporting again.")
        if arguments.forget:
            forget_keywords(arguments.id)
            say(f"The export {arguments.id} is set aside. No sidecar was touched.")
            return OK
        with ProgressBar(sys.stderr) as bar, stop_on_ctrl_c() as token:
            show = sidecar_writer(bar, arguments.format)
            outcome = undo_keywords(arguments.id, on_sidecar=show, cancel_token=token)
    except XmpExportError as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    return report_keywords(outcome, "brought back")


def _list_line(info: XmpExportInfo, format_name: str) -> str:
    from catdog_desktop.exporting.text_formats import json_line

    if format_name == "jsonl":
        entry = {"id": info.id, "started": info.started.isoformat(), "action": "keywords"}
        return json_line({**entry, "sidecars": info.sidecars, "undone": info.undone})
    return f"{info.id}  {_told(info)}\n"


def _told(info: XmpExportInfo) -> str:
    state = "undone in part" if info.undone else "done"
    started = f"{info.started.astimezone():%Y-%m-%d %H:%M}"
    return f"{started}  {state}: keywords, {info.sidecars - info.undone:,} of {info.sidecars:,} sidecars"
