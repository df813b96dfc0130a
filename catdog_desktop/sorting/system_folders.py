"""Moves out of system folders: they are only planned for photos that the user named, and the user is asked first."""

from pathlib import Path

from catdog_desktop.discovery.skip_rules import enclosing_system_folder
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.plan import SortPlan


def moved_out_of(plan: SortPlan) -> dict[Path, str]:
    """Return the system folders that `plan` would move photos out of, and the kind of each. Touches no disk."""
    if plan.options.action is not Action.MOVE:
        return {}
    folders = {step.source.parent for step in plan.steps}
    return dict(sorted(filter(None, map(enclosing_system_folder, folders))))
