"""What `catdog export --as xmp` and `catdog undo` write of sidecars."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catdog_desktop.formatting import format_photos
from catdog_desktop.terminal import INTERRUPTED, OK, SOME_UNREADABLE, say, write

if TYPE_CHECKING:
    from collections.abc import Callable

    from catdog_desktop.exporting.xmp_export import SidecarDone, XmpOutcome
    from catdog_desktop.progress_bar import ProgressBar


def sidecar_writer(bar: ProgressBar, format_name: str) -> Callable[[SidecarDone], None]:
    """Return what writes a line for each sidecar, and draws how far it is."""

    def show(done: SidecarDone) -> None:
        bar.total = done.progress.total
        bar.clear()
        write(sidecar_line(done, format_name))
        bar.update(done.progress.done)

    return show


def sidecar_line(done: SidecarDone, format_name: str) -> str:
    """Return what became of a sidecar as a line."""
    from catdog_desktop.exporting.text_formats import json_line
    from catdog_desktop.formatting import printable_path

    if format_name == "jsonl":
        entry: dict[str, object] = {"photo": str(done.photo), "sidecar": str(done.sidecar), "state": done.state.value}
        if done.keywords:
            entry["keywords"] = list(done.keywords)
        if done.error:
            entry["error"] = done.error
        return json_line(entry)
    line = f"{done.state.value:<11}{printable_path(done.sidecar)}"
    if done.error:
        return f"{line} {done.error}\n"
    return f"{line}  {', '.join(done.keywords)}\n" if done.keywords else f"{line}\n"


def report_keywords(outcome: XmpOutcome, words: str) -> int:
    """Say what an export or undo of keywords has done, and return the exit status."""
    counts: list[tuple[int, Callable[[int], str]]] = [
        (len(outcome.failed), lambda count: f"{count:,} could not be {words.rpartition(' ')[2]}"),
        (outcome.not_done, lambda count: f"{count:,} not done"),
        (outcome.without_keyword, lambda count: f"{format_photos(count)} without a keyword (neither, unsure, unread)"),
    ]
    states = {state.value: count for state, count in outcome.counts.items()}
    done = states["written"] + states["restored"] + states["removed"]
    line = f"{done:,} {'sidecar' if done == 1 else 'sidecars'} {words}"
    if states["unchanged"]:
        line += f"; {states['unchanged']:,} had the keywords already"
    for count, describe in counts:
        if count:
            line += f"; {describe(count)}"
    say(line + ".")
    if outcome.journal_id is not None and states["written"]:
        say(f"To bring the sidecars back: catdog undo {outcome.journal_id}")
    if outcome.cancelled:
        return INTERRUPTED
    return SOME_UNREADABLE if outcome.failed or outcome.not_done else OK
