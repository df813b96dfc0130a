"""Texts of the status line: the progress and the end of a job, skipped files."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, assert_never

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.formatting import displayable, format_duration, format_percent
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gallery.query import Filter, Query
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.messages import _, ngettext
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
    text = _("{done} of {total} so far") if finding else _("{done} of {total}")
    parts = [text.format(done=f"{progress.done:,}", total=f"{progress.total:,}")]
    if progress.rate >= 0.05:
        rate = f"{progress.rate:.0f}" if progress.rate >= 10 else f"{progress.rate:.1f}"
        parts.append(_("{rate} photos/s").format(rate=rate))
    left = progress.seconds_left
    if not finding and left is not None and left >= 1:
        parts.append(_("{duration} left").format(duration=format_duration(left)))
    return " · ".join(parts)


def describe_skipped(skipped: Iterable[Skipped]) -> str:
    """Return "Skipped: 2 system files, 1 file that is not a photo."; empty if nothing was skipped."""
    counts = Counter(item.reason for item in skipped)
    parts = [_count_skipped(reason, count) for reason, count in counts.items()]
    return _("Skipped: {counts}.").format(counts=", ".join(parts)) if parts else ""


def describe_skip_reason(skipped: Skipped) -> str:
    """Return why one file was skipped: "system file"."""
    if skipped.detail:
        return displayable(skipped.detail)
    match skipped.reason:
        case SkipReason.SYSTEM_FILE:
            return _("system file")
        case SkipReason.NOT_A_PHOTO:
            return _("not a photo")
        case SkipReason.UNREADABLE:
            return _("cannot be opened")
        case SkipReason.LOOP:
            return _("link to a folder that was already searched")
        case SkipReason.REPEATED:
            return _("already in the list")
        case _:
            assert_never(skipped.reason)


def _describe_judged_again(photos: int, changed: int) -> str:
    again = ngettext(
        "{count} photo was judged again by the new model", "{count} photos were judged again by the new model", photos
    ).format(count=f"{photos:,}")
    verdicts = ngettext("{count} verdict changed", "{count} verdicts changed", changed).format(count=f"{changed:,}")
    return f"{again}; {verdicts}."


def describe_job_end(progress: JobProgress, skipped: Sequence[Skipped], stopped: int) -> tuple[str, dict[str, str]]:
    """Return what a job has done, and the links that go with it: target and text.

    `skipped` are the files that this job skipped; `stopped` is the number of photos that wait for *Resume*.
    """
    sentences: list[str] = []
    links: dict[str, str] = {}
    if stopped:
        text = ngettext("Stopped. {count} photo left.", "Stopped. {count} photos left.", stopped)
        sentences.append(text.format(count=f"{stopped:,}"))
    if progress.cut_short:
        sentences.append(_("Not all folders were searched. Drop them again for the rest."))
    if progress.done > progress.failed:
        sentences.append(_describe_done(progress.done - progress.failed, progress.known))
    if progress.failed:
        text = ngettext("{count} photo could not be read.", "{count} photos could not be read.", progress.failed)
        sentences.append(text.format(count=f"{progress.failed:,}"))
        links["problems"] = _("Show problems")
    if progress.judged_again:
        sentences.append(_describe_judged_again(progress.judged_again, progress.changed))
    if skipped:
        sentences.append(describe_skipped(skipped))
        links["skipped"] = _("Skipped files…")
    if stopped:
        links["resume"] = _("Resume")
    return " ".join(sentences) or _("No photos found."), links


def _count_skipped(reason: SkipReason, count: int) -> str:
    match reason:
        case SkipReason.SYSTEM_FILE:
            text = ngettext("{count} system file", "{count} system files", count)
        case SkipReason.NOT_A_PHOTO:
            text = ngettext("{count} file that is not a photo", "{count} files that are not photos", count)
        case SkipReason.UNREADABLE:
            text = ngettext("{count} that cannot be opened", "{count} that cannot be opened", count)
        case SkipReason.LOOP:
            text = ngettext("{count} link to a searched folder", "{count} links to searched folders", count)
        case SkipReason.REPEATED:
            text = ngettext("{count} photo already in the list", "{count} photos already in the list", count)
        case _:
            assert_never(reason)
    return text.format(count=f"{count:,}")


def _describe_done(done: int, known: int) -> str:
    """Describe `done` photos with a result; the result of `known` of them came from the store."""
    new = done - min(known, done)
    if not new:
        text = ngettext("{count} photo, classified before.", "{count} photos, all classified before.", done)
        return text.format(count=f"{done:,}")
    text = ngettext("{count} photo classified.", "{count} photos classified.", new).format(count=f"{new:,}")
    if known:
        text += " " + ngettext("{count} was classified before.", "{count} were classified before.", known).format(
            count=f"{known:,}"
        )
    return text
