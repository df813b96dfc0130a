"""The sentences about sorting: what a plan would do, how far it is, what became of it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from catdog_desktop.formatting import displayable, format_bytes, plural
from catdog_desktop.sorting.journal_items import JournalInfo, JournalState
from catdog_desktop.sorting.options import Action, Layout
from catdog_desktop.sorting.plan import SortPlan
from catdog_desktop.sorting.run import SortOutcome
from catdog_desktop.verdict import Verdict

ACTION_WORDS: Final = {
    Action.COPY: "&Copy. The photos stay where they are, too.",
    Action.MOVE: "&Move. The photos leave the folders they lie in.",
    Action.HARD_LINK: "&Hard link. A second name for each photo, without a copy; on the same disk only.",
    Action.SYMBOLIC_LINK: "S&ymbolic link. Leads to each photo as long as that stays where it is.",
}
LAYOUT_WORDS: Final = {
    Layout.FLAT: "All photos of a folder side by side",
    Layout.SUBFOLDERS: "In the sub-folders that they lie in now",
    Layout.YEAR_MONTH: "By year and month: 2024/05",
}
FOLDER_WORDS: Final = {
    Verdict.CAT: "Ca&ts",
    Verdict.DOG: "&Dogs",
    Verdict.BOTH: "&Both",
    Verdict.NEITHER: "&Neither",
    Verdict.UNSURE: "&Unsure",
}
_DONE: Final = {
    Action.COPY: "copied",
    Action.MOVE: "moved",
    Action.HARD_LINK: "linked",
    Action.SYMBOLIC_LINK: "linked",
}
_DOING: Final = {
    Action.COPY: "Copying",
    Action.MOVE: "Moving",
    Action.HARD_LINK: "Linking",
    Action.SYMBOLIC_LINK: "Linking",
}


def doing(action: Action) -> str:
    """Return "Copying"."""
    return _DOING[action]


def describe_plan(plan: SortPlan, stays: int) -> str:
    """Return what *Start* would do, in a few sentences; `stays` counts what is left out."""
    if not plan.steps:
        return "There is nothing to do: no photo would go anywhere."
    photos = plural(len(plan.steps), "photo", "photos")
    companions = sum(len(step.companions) for step in plan.steps)
    with_them = f", with {plural(companions, 'file that belongs', 'files that belong')} to them" if companions else ""
    sentences = [
        f"{photos} will be {_DONE[plan.options.action]} to “{displayable(plan.options.destination)}”{with_them}."
    ]
    if plan.conflicts:
        sentences.append(
            f"{plural(len(plan.conflicts), 'gets', 'get')} a new name, as the old one is taken there; "
            "nothing is overwritten."
        )
    if stays:
        sentences.append("1 file stays where it is." if stays == 1 else f"{stays:,} files stay where they are.")
    return " ".join(sentences)


def describe_room(plan: SortPlan) -> str:
    """Return how much room it takes and how much there is; what to do if it does not fit."""
    free = format_bytes(plan.bytes_free)
    if plan.fits:
        return f"Needs {format_bytes(plan.bytes_needed)}; {free} are free." if plan.bytes_needed else "Needs no room."
    return (
        f"Does not fit: needs {format_bytes(plan.bytes_needed)}, but only {free} are free. "
        "Choose another place, or link the photos instead."
    )


def describe_end(outcome: SortOutcome, action: Action, destination: Path, *, undone: bool) -> str:
    """Return what became of a sort or of its undoing, in one or two sentences."""
    why = outcome.stopped or ("Stopped." if outcome.cancelled else "")
    sentences = [why] if why else []
    photos = plural(outcome.done, "photo", "photos")
    if undone:
        back = "brought back" if action is Action.MOVE else "taken out of there again"
        sentences.append(f"{photos} {back}.")
    else:
        sentences.append(f"{photos} {_DONE[action]} to “{displayable(destination)}”.")
    if outcome.failed:
        sentences.append(f"{plural(len(outcome.failed), 'photo', 'photos')} could not be.")
    if outcome.not_done:
        sentences.append(f"{plural(outcome.not_done, 'photo is', 'photos are')} left as they were.")
    return " ".join(sentences)


def describe_unfinished(info: JournalInfo) -> str:
    """Return what was found of a sort that was interrupted."""
    day = info.started.astimezone()
    when = f"{day.day} {day:%B}, {day:%H:%M}"
    if info.state is JournalState.UNDOING:
        left = plural(info.done, "photo is", "photos are")
        return f"Undoing the sort of {when} was interrupted: {left} not back yet."
    done = f"{info.done:,} of {plural(info.photos, 'photo', 'photos')}"
    return (
        f"The sort of {when} was interrupted: {done} {_DONE[info.action]} to “{displayable(info.destination)}”. "
        "No photo is lost."
    )


def describe_last(info: JournalInfo) -> str:
    """Return which sort would be undone, for who may not have it in mind any more."""
    day = info.started.astimezone()
    count = plural(info.done, "photo", "photos")
    where = f"{_DONE[info.action]} to “{displayable(info.destination)}”"
    return f"The last sort is of {day.day} {day:%B %Y}, {day:%H:%M}: {count} {where}. Undo it?"


def describe_details(outcome: SortOutcome) -> Sequence[tuple[Path, str]]:
    """Return all that is worth telling of single photos: what failed first."""
    return (*outcome.failed, *outcome.notes)
