"""Texts about sorting: the choices, what a plan would do, what a sort has done, what an earlier one has left."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from catdog_desktop.formatting import displayable, format_bytes
from catdog_desktop.languages.formats import format_day_of_year, format_long_day, format_number, join_sentences
from catdog_desktop.messages import _, ngettext
from catdog_desktop.sorting.journal_items import JournalInfo, JournalState
from catdog_desktop.sorting.options import Action, Layout
from catdog_desktop.sorting.plan import SortPlan
from catdog_desktop.sorting.run import SortOutcome
from catdog_desktop.verdict import Verdict


def action_labels() -> Mapping[Action, str]:
    """Return the label of each action as a radio button."""
    return {
        Action.COPY: _("&Copy (originals stay)"),
        Action.MOVE: _("&Move"),
        Action.HARD_LINK: _("&Hard link (a second name without a copy, on the same disk only)"),
        Action.SYMBOLIC_LINK: _("S&ymbolic link (breaks if the original moves)"),
    }


def layout_labels() -> Mapping[Layout, str]:
    """Return the label of each layout in the drop-down list."""
    return {
        Layout.FLAT: _("No subfolders"),
        Layout.SUBFOLDERS: _("Keep the current subfolders"),
        Layout.YEAR_MONTH: _("By year and month: 2024/05"),
    }


def folder_labels() -> Mapping[Verdict, str]:
    """Return the label of each kind of photo as a check box."""
    return {
        Verdict.CAT: _("Ca&ts"),
        Verdict.DOG: _("&Dogs"),
        Verdict.BOTH: _("&Both"),
        Verdict.NEITHER: _("&Neither"),
        Verdict.UNSURE: _("&Unsure"),
    }


def progress_label(action: Action) -> str:
    """Return what a running sort does: "Copying"."""
    if action is Action.COPY:
        return _("Copying")
    return _("Moving") if action is Action.MOVE else _("Linking")


def describe_plan(plan: SortPlan, skipped: int) -> str:
    """Return what *Start* would do, in a few sentences; `skipped` counts the files that stay."""
    if not plan.steps:
        return _("Nothing to do: no photo would go anywhere.")
    sentences = [_describe_steps(plan)]
    companions = sum(len(step.companions) for step in plan.steps)
    if companions:
        sentences.append(
            ngettext(
                "{count} file that belongs to a photo goes with it.",
                "{count} files that belong to photos go with them.",
                companions,
            ).format(count=format_number(companions))
        )
    if plan.conflicts:
        sentences.append(
            ngettext(
                "{count} photo gets a new name because its name is taken; nothing is overwritten.",
                "{count} photos get new names because theirs are taken; nothing is overwritten.",
                len(plan.conflicts),
            ).format(count=format_number(len(plan.conflicts)))
        )
    if skipped:
        sentences.append(
            ngettext("{count} file stays in place.", "{count} files stay in place.", skipped).format(
                count=format_number(skipped)
            )
        )
    return join_sentences(sentences)


def describe_space(plan: SortPlan) -> str:
    """Return how much disk space a plan needs and how much is free; what to do if it does not fit."""
    needed, free = format_bytes(plan.bytes_needed), format_bytes(plan.bytes_free)
    if not plan.bytes_needed:
        return _("No extra space needed.")
    if plan.fits:
        return _("Needs {needed}; {free} are free.").format(needed=needed, free=free)
    sentence = _("Does not fit: {needed} needed, only {free} free. Choose another folder, or link the photos instead.")
    return sentence.format(needed=needed, free=free)


def describe_end(outcome: SortOutcome, action: Action, destination: Path, *, is_undo: bool) -> str:
    """Return what a sort or its undo has done, in one or two sentences."""
    why = outcome.stopped or (_("Stopped.") if outcome.cancelled else "")
    sentences = [why] if why else []
    sentences.append(_undone(outcome.done, action) if is_undo else f"{_done(outcome.done, action, destination)}.")
    if outcome.failed:
        count = len(outcome.failed)
        sentences.append(
            ngettext("{count} photo failed.", "{count} photos failed.", count).format(count=format_number(count))
        )
    if outcome.not_done:
        count = outcome.not_done
        sentences.append(
            ngettext("{count} photo left.", "{count} photos left.", count).format(count=format_number(count))
        )
    return join_sentences(sentences)


def describe_unfinished(info: JournalInfo) -> str:
    """Return what is known of a sort that was interrupted."""
    when = _day_and_time(info.started)
    if info.state is JournalState.UNDOING:
        return ngettext(
            "Undoing the sort of {when} was interrupted. {count} photo left.",
            "Undoing the sort of {when} was interrupted. {count} photos left.",
            info.done,
        ).format(when=when, count=format_number(info.done))
    sentence = _("The sort of {when} was interrupted after {done} of {total}: {what}. No photo is lost.")
    return sentence.format(
        when=when,
        done=format_number(info.done),
        total=format_number(info.photos),
        what=_done(info.done, info.action, info.destination),
    )


def describe_last(info: JournalInfo) -> str:
    """Describe the sort that undo would revert, and ask whether to."""
    what = _done(info.done, info.action, info.destination)
    return _("The last sort, {when}: {what}. Undo it?").format(when=_day_and_time(info.started, year=True), what=what)


def describe_details(outcome: SortOutcome) -> Sequence[tuple[Path, str]]:
    """Return what the list of details says of single photos, failures first."""
    return (*outcome.failed, *outcome.notes)


def _describe_steps(plan: SortPlan) -> str:
    count = len(plan.steps)
    match plan.options.action:
        case Action.COPY:
            text = ngettext(
                "{count} photo will be copied to “{folder}”.", "{count} photos will be copied to “{folder}”.", count
            )
        case Action.MOVE:
            text = ngettext(
                "{count} photo will be moved to “{folder}”.", "{count} photos will be moved to “{folder}”.", count
            )
        case _:
            text = ngettext(
                "{count} photo will be linked in “{folder}”.", "{count} photos will be linked in “{folder}”.", count
            )
    return text.format(count=format_number(count), folder=displayable(plan.options.destination))


def _done(count: int, action: Action, destination: Path) -> str:
    """Return "6 photos copied to “sorted”"."""
    match action:
        case Action.COPY:
            text = ngettext("{count} photo copied to “{folder}”", "{count} photos copied to “{folder}”", count)
        case Action.MOVE:
            text = ngettext("{count} photo moved to “{folder}”", "{count} photos moved to “{folder}”", count)
        case _:
            text = ngettext("{count} photo linked in “{folder}”", "{count} photos linked in “{folder}”", count)
    return text.format(count=format_number(count), folder=displayable(destination))


def _undone(count: int, action: Action) -> str:
    """Return "6 photos moved back."."""
    match action:
        case Action.COPY:
            text = ngettext("{count} copy removed.", "{count} copies removed.", count)
        case Action.MOVE:
            text = ngettext("{count} photo moved back.", "{count} photos moved back.", count)
        case _:
            text = ngettext("{count} link removed.", "{count} links removed.", count)
    return text.format(count=format_number(count))


def _day_and_time(moment: datetime, *, year: bool = False) -> str:
    """Return "12 May, 14:05" in local time."""
    local = moment.astimezone()
    day = format_long_day(local) if year else format_day_of_year(local)
    return f"{day}, {local:%H:%M}"
