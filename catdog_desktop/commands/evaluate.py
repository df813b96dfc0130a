"""`catdog evaluate`: measure a model on labelled photos."""

from __future__ import annotations

import argparse
from pathlib import Path

from catdog_desktop.commands.arguments import add_jobs, add_model, add_thorough, load_model
from catdog_desktop.messages import N_, _
from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, say, write

NAME = "evaluate"
SUMMARY = N_("measure a model on labelled photos")
EXAMPLES = N_("""\
FOLDER contains one or more of the folders cat/, dog/, neither/ and both/. Each photo is labelled by its folder.
Figures are also given by source, the worst first: by the folders below the label (cat/phone/1.jpg), or by a part of
the file name with --source-pattern.

examples:
  catdog evaluate labelled/
  catdog evaluate labelled/ --save baseline.json
  catdog evaluate labelled/ --source-pattern "^([a-z]+)-"
  catdog evaluate labelled/ --model my-model/ --compare baseline.json --report report.html

exit status: 0 success, 1 some photo could not be read, 2 wrong usage, no usable model, or no labelled folders
""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `evaluate`."""
    parser.add_argument("folder", metavar="FOLDER", type=Path, help=_("folder with cat/, dog/, neither/ or both/"))
    parser.add_argument("--save", metavar="FILE", type=Path, help=_("write figures and all scores to FILE (JSON)"))
    parser.add_argument("--compare", metavar="FILE", type=Path, help=_("report what has changed since FILE was saved"))
    parser.add_argument("--report", metavar="FILE.html", type=Path, help=_("write a report with the worst photos"))
    parser.add_argument(
        "--source-pattern",
        metavar="REGEX",
        default="",
        help=_("take the source from the file name, the first group of REGEX (default: the folder below the label)"),
    )
    add_jobs(parser)
    add_thorough(parser)
    add_model(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure a model; return the exit status."""
    from catdog_desktop.evaluating.command import evaluate
    from catdog_desktop.evaluating.evaluation import EvaluationError
    from catdog_desktop.inference.model_file import ModelError

    try:
        model = load_model(arguments.model, thorough=arguments.thorough)
        evaluation = evaluate(
            arguments.folder,
            model,
            jobs=arguments.jobs,
            save=arguments.save,
            compare_with=arguments.compare,
            report=arguments.report,
            source_pattern=arguments.source_pattern,
            write=write,
        )
    except (ModelError, EvaluationError) as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    return SOME_UNREADABLE if evaluation.unreadable else OK
