"""Text about one photo: verdict, description for screen readers, tooltip, size and date."""

from collections.abc import Sequence
from pathlib import Path

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.decoding.problem_text import problem_sentence
from catdog_desktop.file_kinds import is_raw
from catdog_desktop.formatting import displayable, format_percent, format_photo_date
from catdog_desktop.gallery.photo_row import Presence, Row, State
from catdog_desktop.languages.formats import format_number, format_share, join_sentences
from catdog_desktop.messages import _, ngettext, pgettext
from catdog_desktop.verdict import Verdict
from catdog_desktop.verdict_text import verdict_phrase, verdict_word


def corrected_word() -> str:
    """Return the word that stands beside a verdict of the user's own."""
    return pgettext("verdict", "yours")


def row_word(row: Row) -> str:
    """Return the word on a card: the verdict ("cat", "cat?"), or how far the classification is."""
    if row.verdict is Verdict.UNSURE and row.presence is not None:
        return _unsure_word(*row.presence)
    if row.verdict is not None:
        return verdict_word(row.verdict)
    return {
        State.FAILED: pgettext("photo", "problem"),
        State.STOPPED: pgettext("photo", "stopped"),
    }.get(row.state, pgettext("photo", "waiting"))


def row_phrase(row: Row) -> str:
    """Return the verdict as a phrase: "a cat, maybe a dog too". Without a verdict: as `row_word`."""
    if row.verdict is Verdict.UNSURE and row.presence is not None:
        return _unsure_phrase(*row.presence)
    return row_word(row) if row.verdict is None else verdict_phrase(row.verdict)


def describe_row(row: Row) -> str:
    """Return one line about a photo, for screen readers and for copying."""
    result = row.result
    if result is None:
        return _("{name}: {state}").format(name=row.name, state=row_word(row))
    duplicates = _("; has duplicates") if row.duplicate_group is not None else ""
    if row.rating:
        duplicates = (
            ngettext("; {count} star", "; {count} stars", row.rating).format(count=format_number(row.rating))
            + duplicates
        )
    if result.error is not None:
        text = _("{name}: {state}").format(name=row.name + duplicates, state=problem_sentence(result.error))
        own = result.correction
        return join_sentences(
            [text, "" if own is None else _("The verdict is yours: {verdict}.").format(verdict=verdict_phrase(own))]
        )
    assert result.scores is not None
    damaged = _(", the file is damaged") if result.info.damaged else ""
    text = _("{name}: {verdict} ({scores})") if result.correction is None else _("{name}: {verdict}, yours ({scores})")
    scores = _("cat {cat}, dog {dog}").format(
        cat=format_percent(result.scores.cat), dog=format_percent(result.scores.dog)
    )
    return text.format(name=row.name, verdict=row_phrase(row), scores=scores + damaged) + duplicates


def tooltip(row: Row, duplicates: Sequence[Path] = ()) -> str:
    """Return the details of a photo on several lines, with all digits of its scores."""
    lines = [displayable(str(row.path))]
    result = row.result
    if result is not None and result.scores is not None:
        lines.append(
            _("Cat {cat}, dog {dog}: {verdict}").format(
                cat=format_share(result.scores.cat, 2), dog=format_share(result.scores.dog, 2), verdict=row_phrase(row)
            )
        )
        if result.model_scores is not None:
            lines.append(
                _("Learnt from your verdicts. The model alone: cat {cat}, dog {dog}.").format(
                    cat=format_share(result.model_scores.cat, 2), dog=format_share(result.model_scores.dog, 2)
                )
            )
        lines.append(size_and_date(result.info))
        if is_raw(row.path):
            lines.append(_("Raw, judged by its preview."))
        if result.info.damaged:
            lines.append(_("The file is damaged: it ends too early."))
    elif result is not None:
        lines.append(problem_sentence(result.error or ""))
    else:
        lines.append(row_word(row).capitalize())
    if row.corrected:
        lines.append(_("The verdict is yours. Backspace clears it."))
    if row.rating:
        lines.append(
            ngettext("{count} of 5 stars", "{count} of 5 stars", row.rating).format(count=format_number(row.rating))
        )
    if duplicates:
        lines.append(_describe_duplicates(duplicates))
    return "\n".join(lines)


def size_and_date(info: PhotoInfo) -> str:
    """Return "3024 × 4032 · taken 12 May 2024" or "3024 × 4032 · 12 May 2024, from the file name"."""
    size = f"{info.width} × {info.height}"
    return size if info.date is None else f"{size} · {format_photo_date(info.date, info.date_source)}"


def _unsure_word(cat: Presence, dog: Presence) -> str:
    if (cat, dog) in ((Presence.YES, Presence.MAYBE), (Presence.MAYBE, Presence.NO)):
        return _("cat?")
    if (cat, dog) in ((Presence.MAYBE, Presence.YES), (Presence.NO, Presence.MAYBE)):
        return _("dog?")
    return verdict_word(Verdict.UNSURE)


def _unsure_phrase(cat: Presence, dog: Presence) -> str:
    return {
        (Presence.YES, Presence.MAYBE): _("a cat, maybe a dog too"),
        (Presence.MAYBE, Presence.YES): _("a dog, maybe a cat too"),
        (Presence.MAYBE, Presence.NO): _("maybe a cat"),
        (Presence.NO, Presence.MAYBE): _("maybe a dog"),
        (Presence.MAYBE, Presence.MAYBE): _("maybe a cat, maybe a dog"),
        # Only models that must choose between the two are unsure with scores outside both unsure ranges.
    }.get((cat, dog), _("a cat or a dog"))


def _describe_duplicates(duplicates: Sequence[Path]) -> str:
    """Return "Duplicate of IMG_2.jpg and 3 more."."""
    name, more = displayable(duplicates[0].name), len(duplicates) - 1
    if not more:
        return _("Duplicate of {name}.").format(name=name)
    return ngettext("Duplicate of {name} and {count} more.", "Duplicate of {name} and {count} more.", more).format(
        name=name, count=format_number(more)
    )
