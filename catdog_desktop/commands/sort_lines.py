"""The lines that `catdog sort` and `catdog undo` write, and how Ctrl+C stops them between two photos."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from catdog_desktop.formatting import format_photos
from catdog_desktop.terminal import OutputError, PipeClosedError, say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from catdog_desktop.sorting.plan import Step
    from catdog_desktop.sorting.run import PhotoDone, SortOutcome


def line_for(step: Step, format_name: str) -> str:
    """Return a step of a plan as a line."""
    from catdog_desktop.exporting.text_formats import json_line
    from catdog_desktop.formatting import printable_path

    if format_name == "jsonl":
        entry: dict[str, Any] = {"source": str(step.source), "target": str(step.target), "verdict": str(step.verdict)}
        if step.companions:
            entry["companions"] = [{"source": str(c.source), "target": str(c.target)} for c in step.companions]
        if step.note:
            entry["note"] = step.note
        return json_line(entry)
    line = f"{step.verdict:<9}{printable_path(step.source)} -> {printable_path(step.target)}"
    if step.companions:
        line += f" (with {', '.join(companion.source.suffix for companion in step.companions)})"
    return f"{line} ({step.note})\n" if step.note else f"{line}\n"


def left_line(path: Path, reason: str, format_name: str) -> str:
    """Return what stays, and why, as a line."""
    from catdog_desktop.exporting.text_formats import json_line
    from catdog_desktop.formatting import printable_path

    if format_name == "jsonl":
        return json_line({"source": str(path), "left_out": reason})
    return f"{'left out':<9}{printable_path(path)}: {printable_path(reason)}\n"


def photo_line(photo: PhotoDone, format_name: str, **details: Any) -> str:
    """Return what became of a photo as a line; `details` are for programs."""
    from catdog_desktop.exporting.text_formats import json_line
    from catdog_desktop.formatting import printable_path

    if format_name == "jsonl":
        entry: dict[str, Any] = {"source": str(photo.source)}
        if photo.error:
            entry["error"] = photo.error
        elif photo.target is not None:
            entry["target"] = str(photo.target)
        return json_line({**entry, **details})
    source = printable_path(photo.source)
    if photo.error:
        return f"{'failed':<9}{source} {photo.error}\n"
    if photo.target is None:
        return f"{'removed':<9}{source}\n"
    return f"{details.get('verdict', 'back'):<9}{source} -> {printable_path(photo.target)}\n"


def say_outcome(outcome: SortOutcome, done: str, *, skipped: int = 0) -> None:
    """Say what a sort or its undoing has done: what is worth telling of single photos, then the counts."""
    from catdog_desktop.formatting import printable_path

    for path, note in outcome.notes:
        say(f"{printable_path(path)} {note}")
    if outcome.stopped:
        say(outcome.stopped)
    counts = ((len(outcome.failed), "failed"), (outcome.not_done, "not done"), (skipped, "left out"))
    rest = "".join(f"; {count:,} {words}" for count, words in counts if count)
    say(f"{format_photos(outcome.done)} {done}{rest}.")


@contextlib.contextmanager
def told_if_interrupted() -> Iterator[None]:
    """Say how to go on if the work ends in the middle: a second Ctrl+C, or nobody reads the output any more."""
    try:
        yield
    except (KeyboardInterrupt, PipeClosedError, OutputError):
        say("Interrupted; no photo is lost. To go on: catdog undo --finish. To bring everything back: catdog undo")
        raise
