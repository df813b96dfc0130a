"""`catdog sort`: photos into folders by what is on them."""

from __future__ import annotations

import argparse
import contextlib
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catdog_desktop.commands.arguments import add_classifying, load_model
from catdog_desktop.commands.cli_inputs import classifying, find_given, given_paths, open_store
from catdog_desktop.commands.sort_lines import left_line, line_for, photo_line, say_outcome, told_if_interrupted
from catdog_desktop.formatting import format_bytes, format_photos
from catdog_desktop.messages import _
from catdog_desktop.terminal import INTERRUPTED, OK, SOME_UNREADABLE, WRONG_USAGE, agreed, say, stop_on_ctrl_c, write

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from catdog_desktop.discovery.skip_rules import Skipped
    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.sorting.plan import SortOptions, SortPlan
    from catdog_desktop.sorting.run import PhotoDone, SortOutcome
    from catdog_desktop.store.store import Store
    from catdog_desktop.verdict import Result, Verdict

NAME = "sort"
SUMMARY = "sort photos into folders: cats, dogs, both, neither, unsure"
EXAMPLES = """\
Photos are copied, unless you say otherwise. Nothing is ever overwritten: a photo whose name is taken gets a number.
Files that belong to a photo (.xmp, .aae, raw files and live clips of the same name) go with it. Every sort keeps a
journal and can be undone, also after a crash.

examples:
  catdog sort ~/Pictures ~/Sorted --dry-run   show what would happen
  catdog sort ~/Pictures ~/Sorted             copy
  catdog sort --move --by-month ~/Pictures ~/Sorted
      ~/Pictures/IMG_1.jpg goes to ~/Sorted/cats/2024/05/IMG_1.jpg
  catdog sort --link ~/Pictures ~/Sorted      no room needed, on the same disk
  catdog sort --folder cat=felines --folder both=felines --leave unsure --leave neither ~/Pictures ~/Sorted
  catdog sort --again ~/Sorted --dry-run      which photos lie in the wrong folder since a verdict has changed
  catdog undo                                 bring everything back

A symbolic link holds the whole path of the photo: it works as long as the photo stays where it is.

exit status: 0 all well, 1 some photo could not be read or sorted, 2 wrong usage, no usable model, or no room
"""
_VERDICTS = ("cat", "dog", "both", "neither", "unsure")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `sort` takes."""
    parser.add_argument("sources", metavar="SRC", type=Path, nargs="*", help="photos and folders of photos")
    parser.add_argument("destination", metavar="DEST", type=Path, help="folder that gets the folders")
    action = parser.add_mutually_exclusive_group()
    action.add_argument(
        "--again",
        action="store_true",
        help="move photos that earlier sorts put into a folder of DEST which is wrong now; takes no SRC",
    )
    action.add_argument("--move", action="store_true", help="move the photos (default: copy)")
    action.add_argument(
        "--link", action="store_true", help="make hard links: second names, on the same disk, that take no room"
    )
    action.add_argument(
        "--symbolic-link", action="store_true", help="make links that lead to the photos as long as they stay there"
    )
    layout = parser.add_mutually_exclusive_group()
    layout.add_argument("--keep-subfolders", action="store_true", help="keep the folders below SRC")
    layout.add_argument("--by-month", action="store_true", help="make folders by year and month: 2024/05")
    parser.add_argument(
        "--folder", metavar="VERDICT=NAME", type=_folder, action="append", default=[], help="name another folder"
    )
    parser.add_argument(
        "--leave", metavar="VERDICT", choices=_VERDICTS, action="append", default=[], help="leave such photos in place"
    )
    parser.add_argument("--dry-run", action="store_true", help="show the plan and change nothing")
    parser.add_argument("--yes", action="store_true", help="do not ask before photos are moved")
    parser.add_argument("--format", choices=("text", "jsonl"), default="text", help="how to write (default: text)")
    add_classifying(parser)


def run(arguments: argparse.Namespace) -> int:
    """Classify, plan, and sort; return the exit status."""
    from catdog_desktop.inference.model_file import ModelError
    from catdog_desktop.sorting.history import unfinished_sorts
    from catdog_desktop.sorting.plan import SortError, make_plan

    if arguments.again == bool(arguments.sources):
        say("catdog: " + (_("--again takes no SRC.") if arguments.again else _("Name the photos to sort, and DEST.")))
        return WRONG_USAGE
    with contextlib.ExitStack() as opened:
        try:
            for info in unfinished_sorts():
                say(
                    f"An earlier sort was interrupted. To go on: catdog undo {info.id} --finish. "
                    f"To bring everything back: catdog undo {info.id}"
                )
            options, found = _options_again(arguments) if arguments.again else (_options(arguments), None)
            model = load_model(arguments.model, as_in_window=arguments.settings, thorough=arguments.thorough)
            store = open_store(arguments, opened)
            results, skipped = _classify(arguments, _find(options) if found is None else found, model, store)
            plan = make_plan(results, options, model.thresholds)
            return _carry_out(arguments, plan, skipped, results, store)
        except (ModelError, SortError) as error:
            say(f"catdog: {error}")
            return WRONG_USAGE


def _folder(text: str) -> tuple[str, str]:
    verdict, equals, name = text.partition("=")
    if verdict not in _VERDICTS or not equals or not name:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form cat=NAME; verdicts are {', '.join(_VERDICTS)}")
    return verdict, name


def _options(arguments: argparse.Namespace) -> SortOptions:
    from catdog_desktop.sorting.plan import Action, Layout, SortOptions

    asked = {
        Action.MOVE: arguments.move,
        Action.HARD_LINK: arguments.link,
        Action.SYMBOLIC_LINK: arguments.symbolic_link,
    }
    action = next((action for action, wanted in asked.items() if wanted), Action.COPY)
    layout = Layout.SUBFOLDERS if arguments.keep_subfolders else Layout.FLAT
    if arguments.by_month:
        layout = Layout.YEAR_MONTH
    return SortOptions(
        arguments.destination, action, _folders(arguments), layout, tuple(given_paths(arguments.sources))
    )


def _options_again(arguments: argparse.Namespace) -> tuple[SortOptions, Iterable[Path]]:
    """Return the options and the photos of `--again`. Raises `SortError`."""
    from catdog_desktop.sorting.sort_again import sorted_photos

    arguments.move = True
    named = _folders(arguments) if arguments.folder or arguments.leave else None
    again = sorted_photos(arguments.destination, named)
    return again.options, again.photos


def _folders(arguments: argparse.Namespace) -> dict[Verdict, str | None]:
    """Return the folder of each verdict, None for photos that stay."""
    from catdog_desktop.sorting.plan import DEFAULT_FOLDERS
    from catdog_desktop.verdict import Verdict

    folders = dict(DEFAULT_FOLDERS)
    folders.update({Verdict(verdict): name for verdict, name in arguments.folder})
    folders.update({Verdict(verdict): None for verdict in arguments.leave})
    return folders


def _classify(
    arguments: argparse.Namespace, found: Iterable[Path | Skipped | Result], model: ModelFile, store: Store | None
) -> tuple[list[Result], list[tuple[Path, str]]]:
    """Return the results of all photos, and what is not even classified, with the reason."""
    from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
    from catdog_desktop.ordered_results import classify_in_order

    results: list[Result] = []
    skipped: list[tuple[Path, str]] = []
    with classifying(arguments, model, store) as (pipeline, bar):
        for outcome in classify_in_order(pipeline, found):
            if isinstance(outcome, Skipped):
                if outcome.reason is SkipReason.UNREADABLE:
                    skipped.append((outcome.path, f"could not be looked into ({outcome.detail})"))
                elif outcome.reason is not SkipReason.SYSTEM_FILE:
                    skipped.append((outcome.path, outcome.detail or outcome.reason.value))
                continue
            results.append(outcome)
            bar.update(len(results), known=pipeline.counts.known)
    return results, skipped


def _find(options: SortOptions) -> Iterator[Path | Skipped | Result]:
    """Find the photos; those in a folder that a sort has filled are not classified again."""
    from catdog_desktop.sorting.options import Action
    from catdog_desktop.sorting.sorted_folders import skip_sorted

    # What was moved is looked at again: its verdict may be another by now.
    own = () if options.action is Action.MOVE else options.output_folders
    return find_given(options.sources, partial(skip_sorted, sources=options.sources, outputs=own))


def _carry_out(
    arguments: argparse.Namespace,
    plan: SortPlan,
    skipped: Sequence[tuple[Path, str]],
    results: Sequence[Result],
    store: Store | None,
) -> int:
    """Show the plan, or do it."""
    unreadable = any(result.error is not None and result.correction is None for result in results)
    unreadable = unreadable or any(reason.startswith("could not be looked into") for _, reason in skipped)
    for path, reason in (*plan.skipped, *skipped):
        write(left_line(path, reason, arguments.format))
    room = f"{format_bytes(plan.bytes_needed)} needed, {format_bytes(plan.bytes_free)} free"
    many = format_photos(len(plan.steps))
    if arguments.dry_run:
        for step in plan.steps:
            write(line_for(step, arguments.format))
        say(f"{many} would be sorted into {plan.options.destination} ({room}). Nothing was changed.")
        return SOME_UNREADABLE if unreadable else OK
    if not plan.fits:
        say(f"catdog: {many} will not fit: {room}. Nothing was changed.")
        return WRONG_USAGE
    asks = arguments.move and not arguments.yes
    if asks and not agreed(f"Move {many} to {plan.options.destination}? [y/N] "):
        say("Nothing was changed.")
        return OK
    outcome = _sort(arguments, plan, store)
    _report(outcome, plan)
    if outcome.cancelled:
        return INTERRUPTED
    return SOME_UNREADABLE if unreadable or outcome.failed or outcome.not_done else OK


def _sort(arguments: argparse.Namespace, plan: SortPlan, store: Store | None) -> SortOutcome:
    from catdog_desktop.progress_bar import ProgressBar
    from catdog_desktop.sorting.run import run_sort
    from catdog_desktop.store.store import remember_moves

    steps = {step.source: step for step in plan.steps}
    with told_if_interrupted(), ProgressBar(sys.stderr) as bar, stop_on_ctrl_c() as token:
        bar.total = len(plan.steps)

        def show(photo: PhotoDone) -> None:
            step = steps[photo.source]
            details: dict[str, Any] = {"verdict": str(step.verdict), "companions": len(step.companions)}
            bar.clear()
            write(photo_line(photo, arguments.format, **details))
            bar.update(photo.progress.done)

        return run_sort(plan, on_photo=show, cancel_token=token, on_moved=remember_moves(store))


def _report(outcome: SortOutcome, plan: SortPlan) -> None:
    from catdog_desktop.sorting.plan import Action

    done = {Action.COPY: "copied", Action.MOVE: "moved"}.get(plan.options.action, "linked")
    say_outcome(outcome, f"{done} to {plan.options.destination}", skipped=len(plan.skipped))
    if outcome.not_done or outcome.failed:
        say(f"To go on: catdog undo {outcome.journal_id} --finish")
    if outcome.done:
        say(f"To bring everything back: catdog undo {outcome.journal_id}")
