"""`catdog sort`: sort photos into folders by what is on them. Also the output lines that `catdog undo` shares."""

from __future__ import annotations

import argparse
import contextlib
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catdog_desktop.commands.arguments import add_classifying, add_format, load_model, skip_rules
from catdog_desktop.commands.cli_inputs import classifying, find_inputs, open_store, typed_paths
from catdog_desktop.formatting import format_bytes, format_photos, padded, printable_path
from catdog_desktop.languages.formats import format_clauses, format_list, format_number, with_full_stop
from catdog_desktop.messages import N_, _, ngettext
from catdog_desktop.terminal import (
    INTERRUPTED,
    OK,
    SOME_UNREADABLE,
    WRONG_USAGE,
    OutputError,
    PipeClosedError,
    confirm,
    is_interactive,
    is_interrupt,
    say,
    stop_on_ctrl_c,
    write,
)
from catdog_desktop.verdict_text import verdict_word

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from catdog_desktop.discovery.skip_rules import Skipped, SkipRules
    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.sorting.plan import SortOptions, SortPlan, Step
    from catdog_desktop.sorting.run import PhotoDone, SortOutcome
    from catdog_desktop.store.store import Store
    from catdog_desktop.verdict import Result, Verdict

NAME = "sort"
SUMMARY = N_("sort photos into folders: cats, dogs, both, neither, unsure")
EXAMPLES = N_("""\
Photos are copied unless you add --move or --link. Nothing is ever overwritten: if a name exists already, the photo
gets a number. Files that belong to a photo (.xmp, .aae, raw files and live clips of the same name) go with it. Every
sort keeps a journal and can be undone, even after a crash.

Moving asks for confirmation first. Where there is no terminal to ask on, it needs --yes.

examples:
  catdog sort ~/Pictures ~/Sorted --dry-run   show the plan
  catdog sort ~/Pictures ~/Sorted             copy
  catdog sort --move --by-month ~/Pictures ~/Sorted
      ~/Pictures/IMG_1.jpg goes to ~/Sorted/cats/2024/05/IMG_1.jpg
  catdog sort --link ~/Pictures ~/Sorted      no extra space, but only on the same disk
  catdog sort --folder cat=felines --folder both=felines --leave unsure --leave neither ~/Pictures ~/Sorted
  catdog sort --again ~/Sorted --dry-run      show which photos are in the wrong folder after a verdict changed
  catdog undo                                 undo it

A symbolic link contains the full path of the photo. It breaks if the photo is moved.

exit status: 0 success, 1 some photo could not be read or sorted, 2 wrong usage, no usable model, no confirmation, or
not enough space
""")
_VERDICTS = ("cat", "dog", "both", "neither", "unsure")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `sort`."""
    parser.add_argument("sources", metavar="SRC", type=Path, nargs="*", help=_("photos and folders of photos"))
    parser.add_argument("destination", metavar="DEST", type=Path, help=_("folder in which the folders are created"))
    action = parser.add_mutually_exclusive_group()
    action.add_argument(
        "--again",
        action="store_true",
        help=_("move photos that earlier sorts put into a folder of DEST that is wrong by now; takes no SRC"),
    )
    action.add_argument("--move", action="store_true", help=_("move the photos (default: copy)"))
    action.add_argument(
        "--link", action="store_true", help=_("create hard links: second names on the same disk, without extra space")
    )
    action.add_argument(
        "--symbolic-link", action="store_true", help=_("create symbolic links, which break if the photos are moved")
    )
    layout = parser.add_mutually_exclusive_group()
    layout.add_argument("--keep-subfolders", action="store_true", help=_("keep the subfolders of SRC"))
    layout.add_argument("--by-month", action="store_true", help=_("create folders by year and month: 2024/05"))
    parser.add_argument(
        "--folder",
        metavar="VERDICT=NAME",
        type=_folder,
        action="append",
        default=[],
        help=_("folder name for a verdict"),
    )
    parser.add_argument(
        "--leave",
        metavar="VERDICT",
        choices=_VERDICTS,
        action="append",
        default=[],
        help=_("leave photos with this verdict in place"),
    )
    parser.add_argument("--dry-run", action="store_true", help=_("show the plan and change nothing"))
    parser.add_argument("--yes", action="store_true", help=_("move without asking for confirmation"))
    add_format(parser)
    add_classifying(parser)


def run(arguments: argparse.Namespace) -> int:
    """Classify, plan, and sort; return the exit status."""
    from catdog_desktop.inference.model_file import ModelError
    from catdog_desktop.sorting.errors import SortError
    from catdog_desktop.sorting.history import unfinished_sorts
    from catdog_desktop.sorting.plan import make_plan

    if arguments.again == bool(arguments.sources):
        say("catdog: " + (_("--again takes no SRC.") if arguments.again else _("Name the photos to sort, and DEST.")))
        return WRONG_USAGE
    arguments.move = arguments.move or arguments.again
    if arguments.move and not (arguments.yes or arguments.dry_run or is_interactive()):
        # Checked now rather than after minutes of classifying.
        say("catdog: " + _("Nobody can confirm the move without a terminal. Add --yes to move, or --dry-run."))
        return WRONG_USAGE
    with contextlib.ExitStack() as opened:
        try:
            for info in unfinished_sorts():
                say(
                    _(
                        "An earlier sort was interrupted. To finish it: catdog undo {id} --finish. "
                        "To undo it: catdog undo {id}"
                    ).format(id=info.id)
                )
            found: Iterable[Path | Skipped | Result] | None = None
            if arguments.again:
                options, found = _options_again(arguments)
            else:
                options = _options(arguments)
            model = load_model(arguments.model, as_in_window=arguments.settings, thorough=arguments.thorough)
            store = open_store(arguments, opened)
            results, skipped = _classify(
                arguments, _find(options, skip_rules(arguments)) if found is None else found, model, store
            )
            plan = make_plan(results, options, model.thresholds)
            return _carry_out(arguments, plan, skipped, results, store)
        except (ModelError, SortError) as error:
            say(f"catdog: {error}")
            return WRONG_USAGE


def _folder(text: str) -> tuple[str, str]:
    verdict, equals, name = text.partition("=")
    if verdict not in _VERDICTS or not equals or not name:
        raise argparse.ArgumentTypeError(
            _("{text} is not of the form cat=NAME; the verdicts are {verdicts}").format(
                text=repr(text), verdicts=format_list(_VERDICTS)
            )
        )
    return verdict, name


def _options(arguments: argparse.Namespace) -> SortOptions:
    from catdog_desktop.sorting.plan import Action, Layout, SortOptions

    action = Action.COPY
    if arguments.move:
        action = Action.MOVE
    elif arguments.link:
        action = Action.HARD_LINK
    elif arguments.symbolic_link:
        action = Action.SYMBOLIC_LINK
    layout = Layout.SUBFOLDERS if arguments.keep_subfolders else Layout.FLAT
    if arguments.by_month:
        layout = Layout.YEAR_MONTH
    sources = tuple(typed_paths(arguments.sources))
    return SortOptions(arguments.destination, action, _folders(arguments), layout, sources)


def _options_again(arguments: argparse.Namespace) -> tuple[SortOptions, Iterable[Path]]:
    """Return the options and the photos of `--again`. Raises `SortError`."""
    from catdog_desktop.sorting.sort_again import sorted_photos

    named = _folders(arguments) if arguments.folder or arguments.leave else None
    again = sorted_photos(arguments.destination, named)
    return again.options, again.photos


def _folders(arguments: argparse.Namespace) -> dict[Verdict, str | None]:
    """Return the folder for each verdict; None for photos that stay in place."""
    from catdog_desktop.sorting.plan import DEFAULT_FOLDERS
    from catdog_desktop.verdict import Verdict

    folders = dict(DEFAULT_FOLDERS)
    folders.update({Verdict(verdict): name for verdict, name in arguments.folder})
    folders.update({Verdict(verdict): None for verdict in arguments.leave})
    return folders


def _classify(
    arguments: argparse.Namespace, found: Iterable[Path | Skipped | Result], model: ModelFile, store: Store | None
) -> tuple[list[Result], list[Skipped]]:
    """Return the results of all photos, and the files and folders that were skipped."""
    from catdog_desktop.discovery.skip_rules import Skipped
    from catdog_desktop.ordered_results import classify_in_order

    results: list[Result] = []
    skipped: list[Skipped] = []
    with classifying(arguments, model, store) as (pipeline, bar):
        for outcome in classify_in_order(pipeline, found):
            if isinstance(outcome, Skipped):
                skipped.append(outcome)
                continue
            results.append(outcome)
            bar.update(len(results), known=pipeline.counts.known)
    return results, skipped


def _find(options: SortOptions, rules: SkipRules) -> Iterator[Path | Skipped | Result]:
    """Find the photos; those in a folder that an earlier sort created are skipped."""
    from catdog_desktop.sorting.options import Action
    from catdog_desktop.sorting.sorted_folders import skip_sorted

    # Photos that were moved are classified again, since their verdict may have changed.
    outputs = () if options.action is Action.MOVE else options.output_folders
    return find_inputs(options.sources, rules, partial(skip_sorted, sources=options.sources, outputs=outputs))


def _carry_out(
    arguments: argparse.Namespace,
    plan: SortPlan,
    skipped: Sequence[Skipped],
    results: Sequence[Result],
    store: Store | None,
) -> int:
    """Show the plan, or sort; return the exit status."""
    from catdog_desktop.discovery.skip_rules import SkipReason
    from catdog_desktop.sorting.plan import system_folders_left

    unreadable = any(result.error is not None and result.correction is None for result in results)
    unreadable = unreadable or any(item.reason is SkipReason.UNREADABLE for item in skipped)
    for path, reason in plan.skipped:
        write(_skipped_line(path, reason, arguments.format))
    companions = {file.source for step in plan.steps for file in step.companions}
    for item in skipped:
        if item.path in companions:
            continue  # It is no photo, and goes with one.
        if item.reason is not SkipReason.SYSTEM_FILE:
            write(_skipped_line(item.path, item.describe(), arguments.format))
    space = _("{needed} needed, {free} free").format(
        needed=format_bytes(plan.bytes_needed), free=format_bytes(plan.bytes_free)
    )
    photos, folder = format_photos(len(plan.steps)), plan.options.destination
    if arguments.dry_run:
        for step in plan.steps:
            write(_step_line(step, arguments.format))
        say(
            _("{photos} would be sorted into {folder} ({space}). Nothing was changed.").format(
                photos=photos, folder=folder, space=space
            )
        )
        return SOME_UNREADABLE if unreadable else OK
    if not plan.fits:
        say(
            "catdog: "
            + _("Not enough space for {photos}: {space}. Nothing was changed.").format(photos=photos, space=space)
        )
        return WRONG_USAGE
    if arguments.move and not arguments.yes:
        question = _("Move {photos} to {folder}?").format(photos=photos, folder=folder)
        for path, kind in system_folders_left(plan).items():
            say(_("{path} is a system folder ({kind}).").format(path=printable_path(path), kind=kind))
        if not confirm(f"{question} [y/N] "):
            say(_("Nothing was changed."))
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
    with explaining_interruption(), ProgressBar(sys.stderr) as bar, stop_on_ctrl_c() as token:
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

    count = outcome.done
    done = {
        Action.COPY: ngettext("{count} photo copied to {folder}", "{count} photos copied to {folder}", count),
        Action.MOVE: ngettext("{count} photo moved to {folder}", "{count} photos moved to {folder}", count),
    }.get(
        plan.options.action,
        ngettext("{count} photo linked in {folder}", "{count} photos linked in {folder}", count),
    )
    report_outcome(
        outcome, done.format(count=format_number(count), folder=plan.options.destination), skipped=len(plan.skipped)
    )
    if outcome.not_done or outcome.failed:
        say(_("To finish: catdog undo {id} --finish").format(id=outcome.journal_id))
    if outcome.done:
        say(_("To undo: catdog undo {id}").format(id=outcome.journal_id))


def _step_line(step: Step, format_name: str) -> str:
    """Return a step of a plan as a line."""
    from catdog_desktop.exporting.text_formats import json_line

    if format_name == "jsonl":
        entry: dict[str, Any] = {"source": str(step.source), "target": str(step.target), "verdict": str(step.verdict)}
        if step.companions:
            entry["companions"] = [{"source": str(c.source), "target": str(c.target)} for c in step.companions]
        if step.note:
            entry["note"] = step.note
        return json_line(entry)
    line = f"{padded(verdict_word(step.verdict), 9)}{printable_path(step.source)} -> {printable_path(step.target)}"
    if step.companions:
        suffixes = format_list(companion.source.suffix for companion in step.companions)
        line += f" ({_('with {files}').format(files=suffixes)})"
    return f"{line} ({step.note})\n" if step.note else f"{line}\n"


def _skipped_line(path: Path, reason: str, format_name: str) -> str:
    """Return a file or folder that stays in place, and why, as a line."""
    from catdog_desktop.exporting.text_formats import json_line

    if format_name == "jsonl":
        return json_line({"source": str(path), "left_out": reason})
    return f"{padded(_('skipped'), 9)}{printable_path(path)}: {printable_path(reason)}\n"


def photo_line(photo: PhotoDone, format_name: str, *, done: str = "", **details: Any) -> str:
    """Return what was done with a photo as a line: one word, default the verdict; `details` are added to JSON."""
    from catdog_desktop.exporting.text_formats import json_line

    if format_name == "jsonl":
        entry: dict[str, Any] = {"source": str(photo.source)}
        if photo.error:
            entry["error"] = photo.error
        elif photo.target is not None:
            entry["target"] = str(photo.target)
        return json_line({**entry, **details})
    source = printable_path(photo.source)
    if photo.error:
        return f"{padded(_('failed'), 9)}{source} {photo.error}\n"
    if photo.target is None:
        return f"{padded(_('removed'), 9)}{source}\n"
    return f"{padded(done or verdict_word(details['verdict']), 9)}{source} -> {printable_path(photo.target)}\n"


def report_outcome(outcome: SortOutcome, done: str, *, skipped: int = 0) -> None:
    """Report the result of a sort or its undoing: notes on single photos, then `done` followed by the counts."""
    for path, note in outcome.notes:
        say(f"{printable_path(path)} {note}")
    if outcome.stopped:
        say(outcome.stopped)
    counts = (
        (len(outcome.failed), _("{count} failed")),
        (outcome.not_done, _("{count} not done")),
        (skipped, _("{count} skipped")),
    )
    say(
        with_full_stop(
            format_clauses([done, *(text.format(count=format_number(count)) for count, text in counts if count)])
        )
    )


@contextlib.contextmanager
def explaining_interruption() -> Iterator[None]:
    """Explain how to continue if the work is interrupted by a second Ctrl+C or a closed output."""
    try:
        yield
    except (KeyboardInterrupt, RuntimeError, PipeClosedError, OutputError) as error:
        if isinstance(error, RuntimeError) and not is_interrupt(error):
            raise
        say(_("Interrupted. No photo is lost. To finish: catdog undo --finish. To undo: catdog undo"))
        raise
