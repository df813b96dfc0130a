"""The sentences of the window: short, plain, what happened and what to do."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.formatting import displayable, format_duration, format_percent, plural
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gallery.query import Filter, Query
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.messages import ngettext
from catdog_desktop.progress import Progress
from catdog_desktop.verdict import Verdict

VERDICT_WORDS: Final = {
    Verdict.CAT: "cat",
    Verdict.DOG: "dog",
    Verdict.BOTH: "both",
    Verdict.NEITHER: "neither",
    Verdict.UNSURE: "unsure",
}
VERDICT_MEANING: Final = {
    Verdict.CAT: "a cat",
    Verdict.DOG: "a dog",
    Verdict.BOTH: "a cat and a dog",
    Verdict.NEITHER: "neither a cat nor a dog",
    Verdict.UNSURE: "not sure",
}
YOURS: Final = "yours"
"""Stands beside a verdict that is the user's own."""


def state_word(row: Row) -> str:
    """Return the one word on a card: the verdict, or how far the photo has come."""
    if row.verdict is not None:
        return VERDICT_WORDS[row.verdict]
    if row.state is State.FAILED:
        return "problem"
    return "stopped" if row.state is State.STOPPED else "waiting"


def describe_row(row: Row) -> str:
    """Return all there is to say of a row in one line, for screen readers and for copying."""
    result = row.result
    if result is None:
        return f"{row.name}: {state_word(row)}"
    own = f"{VERDICT_MEANING[result.correction]}, you say" if result.correction is not None else ""
    equal = "; there is an equal photo" if row.duplicate_group is not None else ""
    if result.error is not None:
        return f"{row.name} {result.error}{f': {own}' if own else ''}{equal or '.'}"
    assert result.scores is not None
    assert row.verdict is not None
    damaged = ", the file is damaged" if result.info.damaged else ""
    return (
        f"{row.name}: {own or VERDICT_MEANING[row.verdict]} "
        f"(cat {format_percent(result.scores.cat)}, dog {format_percent(result.scores.dog)}{damaged}){equal}"
    )


def tooltip(row: Row, equal: Sequence[Path] = ()) -> str:
    """Return the details of a row, with all digits of its scores; `equal` are the photos with the same content."""
    lines = [displayable(str(row.path))]
    result = row.result
    if result is not None and result.scores is not None:
        lines.append(f"Cat {result.scores.cat:.2%}, dog {result.scores.dog:.2%}: {state_word(row)}")
        lines.append(size_and_date(result.info.width, result.info.height, result.info.date))
        if result.info.damaged:
            lines.append("The file is damaged: it ends too early.")
    elif result is not None:
        lines.append(f"This file {result.error}.")
    else:
        lines.append(state_word(row).capitalize())
    if row.corrected:
        lines.append("The verdict is your own; Backspace takes it back.")
    if equal:
        lines.append(describe_equal(equal))
    return "\n".join(lines)


def describe_equal(equal: Sequence[Path]) -> str:
    """Return "Same photo as IMG_2.jpg and 3 more."."""
    name = displayable(equal[0].name)
    more = f" and {len(equal) - 1:,} more" if len(equal) > 1 else ""
    return f"Same photo as {name}{more}."


def describe_nothing(query: Query) -> str:
    """Return what stands in a gallery of which no photo passes the filters."""
    if query.is_narrowed:
        return "No photo passes search and filters. Ctrl+0 shows all again."
    if query.filter is Filter.TO_CHECK:
        return "Nothing is left to check. Press 1 to see all photos."
    return "There is none of these. Press 1 to see all photos."


def size_and_date(width: int, height: int, taken: datetime | None) -> str:
    """Return "3024 × 4032 · 12 May 2024"."""
    size = f"{width} × {height}"
    return f"{size} · {taken.day} {taken:%b %Y}" if taken is not None else size


def describe_progress(progress: Progress, *, finding: bool = False) -> str:
    """Return "1,204 of 3,000 · 58 photos/s · 31 s left"; without the time while photos are still being found."""
    parts = [f"{progress.done:,} of {progress.total:,}{' so far' if finding else ''}"]
    if progress.rate >= 0.05:
        parts.append(f"{progress.rate:.0f} photos/s" if progress.rate >= 10 else f"{progress.rate:.1f} photos/s")
    left = progress.seconds_left
    if not finding and left is not None and left >= 1:
        parts.append(f"{format_duration(left)} left")
    return " · ".join(parts)


def describe_skipped(skipped: Iterable[Skipped]) -> str:
    """Return "Left out: 2 system files, 1 not a photo."; empty if nothing was."""
    counts = Counter(item.reason for item in skipped)
    words = {
        SkipReason.SYSTEM_FILE: ("system file", "system files"),
        SkipReason.NOT_A_PHOTO: ("file that is not a photo", "files that are not photos"),
        SkipReason.UNREADABLE: ("place that could not be looked into", "places that could not be looked into"),
        SkipReason.LOOP: ("link to a folder already seen", "links to folders already seen"),
        SkipReason.REPEATED: ("photo already in the list", "photos already in the list"),
    }
    parts = [plural(number, *words[reason]) for reason, number in counts.items()]
    return f"Left out: {', '.join(parts)}." if parts else ""


def _describe_done(done: int, known: int) -> str:
    if not known:
        return f"{plural(done, 'photo', 'photos')} classified."
    if known == done:
        return f"{plural(done, 'photo is', 'photos are')} known already."
    return f"{plural(done - known, 'photo', 'photos')} classified, {known:,} known already."


def _describe_judged_again(photos: int, changed: int) -> str:
    again = ngettext(
        "{count} photo was judged again by the new model", "{count} photos were judged again by the new model", photos
    ).format(count=f"{photos:,}")
    verdicts = ngettext("{count} verdict changed", "{count} verdicts changed", changed).format(count=f"{changed:,}")
    return f"{again}; {verdicts}."


def describe_job_end(progress: JobProgress, skipped: Sequence[Skipped], stopped: int) -> tuple[str, dict[str, str]]:
    """Return what to say when a job has ended, and which links go with it: target and words."""
    sentences: list[str] = []
    links: dict[str, str] = {}
    if stopped:
        sentences.append(f"Stopped; {plural(stopped, 'photo waits', 'photos wait')}.")
    if progress.cut_short:
        sentences.append("Not all folders were searched; drop them again for the rest.")
    if progress.failed:
        sentences.append(f"{progress.failed:,} of {progress.total:,} could not be read.")
        links["problems"] = "Show them"
    elif progress.done:
        sentences.append(_describe_done(progress.done, progress.known))
    if progress.judged_again:
        sentences.append(_describe_judged_again(progress.judged_again, progress.changed))
    if skipped:
        sentences.append(describe_skipped(skipped))
        links["left-out"] = "Show what was left out"
    if stopped:
        links["resume"] = "Classify the rest"
    return " ".join(sentences) or "No photos were found there.", links
