"""Texts about moving photos to the trash."""

from catdog_desktop.formatting import displayable
from catdog_desktop.languages.formats import format_list, format_number, join_sentences
from catdog_desktop.messages import _, ngettext
from catdog_desktop.trashing.trash_run import TrashOutcome, TrashPlan


def describe_question(plan: TrashPlan) -> str:
    """Return the question before photos are moved, with the number of files that go along."""
    photos, others = len(plan.steps), plan.companions
    question = ngettext("Move {count} photo to the Trash?", "Move {count} photos to the Trash?", photos).format(
        count=format_number(photos)
    )
    if not others:
        return question
    names = format_list(displayable(path.name) for path in others[:3]) + (" …" if len(others) > 3 else "")
    text = ngettext(
        "{count} companion file goes along: {names}",
        "{count} companion files go along: {names}",
        len(others),
    )
    return f"{question} " + text.format(count=format_number(len(others)), names=names)


def describe_moved(outcome: TrashOutcome) -> str:
    """Return what was moved, what went along and what stayed."""
    count = len(outcome.photos)
    sentences = [
        ngettext("{count} photo moved to the Trash.", "{count} photos moved to the Trash.", count).format(
            count=format_number(count)
        )
    ]
    along = len(outcome.companions)
    if along:
        text = ngettext("{count} file went along.", "{count} files went along.", along)
        sentences.append(text.format(count=format_number(along)))
    return join_sentences([*sentences, *_rest(outcome)])


def describe_back(outcome: TrashOutcome) -> str:
    """Return what undo has moved back, and what not."""
    count = len(outcome.photos)
    text = ngettext("{count} photo moved back.", "{count} photos moved back.", count).format(count=format_number(count))
    return join_sentences([text, *_rest(outcome)])


def _rest(outcome: TrashOutcome) -> list[str]:
    sentences = []
    if len(outcome.failed) == 1:
        path, reason = outcome.failed[0]
        sentences.append(_("{name} {reason}.").format(name=displayable(path.name), reason=displayable(reason)))
    elif outcome.failed:
        count = len(outcome.failed)
        text = ngettext("{count} file was left.", "{count} files were left.", count)
        sentences.append(text.format(count=format_number(count)))
    if outcome.not_done:
        count = outcome.not_done
        text = ngettext("Stopped. {count} photo left.", "Stopped. {count} photos left.", count)
        sentences.append(text.format(count=format_number(count)))
    return sentences
