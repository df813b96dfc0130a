"""`catdog learn`: learn from the user's own verdicts, show what would change, undo, export and import it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from catdog_desktop.commands.arguments import add_model, add_settings, load_model
from catdog_desktop.commands.cli_inputs import describe_learnt
from catdog_desktop.formatting import padded, printable_path
from catdog_desktop.messages import N_, _
from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, confirm, is_interactive, say, write
from catdog_desktop.verdict_text import verdict_word

if TYPE_CHECKING:
    from catdog_desktop.inference.model_file import ModelFile
    from catdog_desktop.learning.lesson import Change, Lesson

NAME = "learn"
SUMMARY = N_("learn from your own verdicts")
EXAMPLES = N_("""\
Fits a small correction of the model to the photos that you corrected or confirmed in the window. It uses the features
of the photos, which are stored, so that no photo is read. Photos with a verdict of yours keep it.

Shows first how many of your photos would be right, and which verdicts would change. Nothing is changed before you
agree. Where there is no terminal to ask on, it needs --yes. Afterwards classify, sort, export and watch use what was
learnt, and say so. --undo returns to the verdicts of the model.

examples:
  catdog learn --preview                      show what would change, and change nothing
  catdog learn                                show it, ask, and learn
  catdog learn --undo                         use the model's own verdicts again
  catdog learn --export pets.learnt.json      what was learnt, for another computer: no photos, no names
  catdog learn --import pets.learnt.json
  catdog learn --preview --format jsonl       one JSON object for each verdict that would change

exit status: 0 success, 1 something could not be read or written, 2 wrong usage, or nothing to learn from
""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `learn`."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--preview", action="store_true", help=_("show what would change and change nothing"))
    what.add_argument("--undo", action="store_true", help=_("use the model's own verdicts again"))
    what.add_argument("--export", metavar="FILE", type=Path, help=_("write what was learnt to a new file"))
    what.add_argument(
        "--import", dest="import_from", metavar="FILE", type=Path, help=_("use what was learnt on another computer")
    )
    parser.add_argument("--yes", action="store_true", help=_("do not ask for confirmation"))
    parser.add_argument(
        "--format", choices=("text", "jsonl"), default="text", help=_("format of the list (default: text)")
    )
    add_model(parser)
    add_settings(parser)


def run(arguments: argparse.Namespace) -> int:
    """Learn, preview, undo, export or import; return the exit status."""
    from catdog_desktop.inference.model_file import ModelError
    from catdog_desktop.learning.learnt_file import LearntFileError
    from catdog_desktop.learning.lesson import LearnError
    from catdog_desktop.store.store import StoreError

    try:
        model = load_model(arguments.model, as_in_window=arguments.settings)
        if model.features_output is None:
            raise LearnError(N_("{title} gives no features, so that it cannot learn."), title=model.title)
        if arguments.undo:
            return _undo(model)
        if arguments.export is not None:
            return _export(model, arguments.export)
        if arguments.import_from is not None:
            return _import(model, arguments.import_from)
        return _learn(arguments, model)
    except (ModelError, LearnError) as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    except (LearntFileError, StoreError) as error:
        say(f"catdog: {error}")
        return SOME_UNREADABLE


def _learn(arguments: argparse.Namespace, model: ModelFile) -> int:
    from catdog_desktop.learning.learnt_file import load_head, model_key, save_head
    from catdog_desktop.learning.lesson import make_lesson
    from catdog_desktop.learning.standard_set import load_standard_set
    from catdog_desktop.store.store import Store

    key = model_key(model)
    used = load_head(model)
    with Store.open() as store:
        photos = store.judged_photos(model.identity)
    standard = load_standard_set(model.folder, model.sha256)
    lesson = make_lesson(photos, model.thresholds, key, standard, None if used is None else used.head)
    for change in lesson.changes:
        write(_change_line(change, arguments.format))
    _report(lesson)
    if arguments.preview:
        say(_("Nothing was changed."))
        return OK
    if not arguments.yes:
        if not is_interactive():
            say("catdog: " + _("Nobody can confirm without a terminal. Add --yes to learn, or --preview."))
            return WRONG_USAGE
        if not confirm(f"{_('Use what was learnt?')} [y/N] "):
            say(_("Nothing was changed."))
            return OK
    save_head(lesson.learnt)
    say(_("Learnt. To return to the model's own verdicts: catdog learn --undo"))
    return OK


def _undo(model: ModelFile) -> int:
    from catdog_desktop.learning.learnt_file import remove_head

    if remove_head(model):
        say(_("The model's own verdicts are used again. Your own verdicts are kept."))
    else:
        say(_("Nothing was learnt for this model."))
    return OK


def _export(model: ModelFile, path: Path) -> int:
    from catdog_desktop.learning.learnt_file import export_head, load_head
    from catdog_desktop.learning.lesson import LearnError

    learnt = load_head(model)
    if learnt is None:
        raise LearnError(N_("Nothing was learnt for this model."))
    export_head(learnt, path)
    say(_("Saved in {path}.").format(path=printable_path(path)))
    return OK


def _import(model: ModelFile, path: Path) -> int:
    from catdog_desktop.learning.learnt_file import import_head, save_head

    learnt = import_head(path, model)
    save_head(learnt)
    say(describe_learnt(learnt.checked, learnt.date))
    return OK


def _report(lesson: Lesson) -> None:
    from catdog_desktop.learning.lesson import describe_checked, describe_effect, describe_standard

    for sentence in (describe_checked(lesson), describe_effect(lesson), describe_standard(lesson)):
        say(sentence)
    if lesson.is_worse_on_standard_set:
        say(_("Warning: what would be learnt makes the model worse on the standard set."))


def _change_line(change: Change, format_name: str) -> str:
    if format_name == "jsonl":
        entry = {
            "path": str(change.path),
            "before": str(change.before),
            "after": str(change.after),
            "cat": round(change.scores_after.cat, 4),
            "dog": round(change.scores_after.dog, 4),
        }
        return json.dumps(entry) + "\n"
    before, after = (padded(verdict_word(verdict), 9) for verdict in (change.before, change.after))
    return f"{before}-> {after}{printable_path(change.path)}\n"
