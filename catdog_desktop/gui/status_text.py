"""Texts of the status line: the progress and the end of a job, skipped files."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from catdog_desktop.discovery import skip_rules
from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.formatting import format_duration, format_percent
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.photo_text import row_phrase
from catdog_desktop.languages.formats import format_list, format_number, join_sentences, with_full_stop
from catdog_desktop.messages import _, ngettext
from catdog_desktop.progress import Progress
from catdog_desktop.verdict import Verdict


def describe_progress(progress: Progress, *, finding: bool = False) -> str:
    """Return "1,204 of 3,000 · 58 photos/s · 31 s left"; without the time while photos are still being found."""
    text = _("{done} of {total} so far") if finding else _("{done} of {total}")
    parts = [text.format(done=format_number(progress.done), total=format_number(progress.total))]
    if progress.rate >= 0.05:
        rate = format_number(progress.rate, 0 if progress.rate >= 10 else 1)
        parts.append(_("{rate} photos/s").format(rate=rate))
    left = progress.seconds_left
    if not finding and left is not None and left >= 1:
        parts.append(_("{duration} left").format(duration=format_duration(left)))
    return " · ".join(parts)


def describe_skipped(skipped: Iterable[Skipped]) -> str:
    """Return "Skipped: 2 system files, 1 file that is not a photo."; empty if nothing was skipped."""
    counts: Counter[SkipReason] = Counter()
    for item in skipped:
        counts[item.reason] += item.count
    return _("Skipped: {counts}.").format(counts=skip_rules.describe_skipped(counts)) if counts else ""


def _describe_judged_again(photos: int, changed: int) -> str:
    again = ngettext(
        "{count} photo was judged again by the new model", "{count} photos were judged again by the new model", photos
    ).format(count=format_number(photos))
    verdicts = ngettext("{count} verdict changed", "{count} verdicts changed", changed).format(
        count=format_number(changed)
    )
    return f"{again}; {verdicts}."


def describe_job_end(
    progress: JobProgress, skipped: Sequence[Skipped], stopped: int, rows: Sequence[Row] = ()
) -> tuple[str, dict[str, str]]:
    """Return what a job has done, and the links that go with it: target and text.

    `skipped` are the files that this job skipped; `stopped` is the number of photos that wait for *Resume*; `rows` are
    the photos that have a result of this job.
    """
    sentences: list[str] = []
    links: dict[str, str] = {}
    if stopped:
        text = ngettext("Stopped. {count} photo left.", "Stopped. {count} photos left.", stopped)
        sentences.append(text.format(count=format_number(stopped)))
    if progress.cut_short:
        sentences.append(_("Not all folders were searched. Drop them again for the rest."))
    verdicts = Counter(row.verdict for row in rows if row.verdict is not None)
    if verdicts:
        sentences.append(describe_verdicts(verdicts, rows))
        if verdicts[Verdict.UNSURE]:
            links["to_check"] = _("Check them") if verdicts[Verdict.UNSURE] > 1 else _("Check it")
    elif progress.done > progress.failed:
        sentences.append(_describe_done(progress.done - progress.failed, progress.known))
    if progress.failed:
        text = ngettext("{count} photo could not be read.", "{count} photos could not be read.", progress.failed)
        sentences.append(text.format(count=format_number(progress.failed)))
        links["problems"] = _("Show problems")
    if progress.judged_again:
        sentences.append(_describe_judged_again(progress.judged_again, progress.changed))
    if skipped:
        sentences.append(describe_skipped(skipped))
        links["skipped"] = _("Skipped files…")
    if stopped:
        links["resume"] = _("Resume")
    return join_sentences(sentences) or _("No photos found."), links


def describe_verdicts(verdicts: Mapping[Verdict, int], rows: Sequence[Row]) -> str:
    """Return "5,431 cats, 3,486 dogs, 306 both, 202 unsure."; for a single photo "A cat (99%)."."""
    judged = [row for row in rows if row.verdict is not None]
    if len(judged) == 1:
        return _describe_one(judged[0])
    texts = {
        Verdict.CAT: ngettext("{count} cat", "{count} cats", verdicts.get(Verdict.CAT, 0)),
        Verdict.DOG: ngettext("{count} dog", "{count} dogs", verdicts.get(Verdict.DOG, 0)),
        Verdict.BOTH: ngettext("{count} both", "{count} both", verdicts.get(Verdict.BOTH, 0)),
        Verdict.NEITHER: ngettext("{count} neither", "{count} neither", verdicts.get(Verdict.NEITHER, 0)),
        Verdict.UNSURE: ngettext("{count} unsure", "{count} unsure", verdicts.get(Verdict.UNSURE, 0)),
    }
    found = [
        text.format(count=format_number(verdicts[verdict])) for verdict, text in texts.items() if verdicts.get(verdict)
    ]
    return with_full_stop(format_list(found))


def _describe_one(row: Row) -> str:
    phrase = row_phrase(row)
    phrase = phrase[0].upper() + phrase[1:]
    scores = row.result.scores if row.result is not None else None
    score = {Verdict.CAT: scores.cat, Verdict.DOG: scores.dog}.get(row.verdict) if scores and row.verdict else None
    if score is None or row.corrected:
        return f"{phrase}."
    return _("{verdict} ({score}).").format(verdict=phrase, score=format_percent(score))


def _describe_done(done: int, known: int) -> str:
    """Describe `done` photos with a result; the result of `known` of them came from the store."""
    new = done - min(known, done)
    if not new:
        text = ngettext("{count} photo, classified before.", "{count} photos, all classified before.", done)
        return text.format(count=format_number(done))
    text = ngettext("{count} photo classified.", "{count} photos classified.", new).format(count=format_number(new))
    if known:
        text += " " + ngettext("{count} was classified before.", "{count} were classified before.", known).format(
            count=format_number(known)
        )
    return text
