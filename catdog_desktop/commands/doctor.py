"""`catdog doctor`: show versions and paths, and check whether everything works."""

from __future__ import annotations

import argparse
from pathlib import Path

from catdog_desktop.commands.arguments import add_model, model_folder
from catdog_desktop.formatting import printable_lines
from catdog_desktop.messages import N_, _
from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, say, write

NAME = "doctor"
SUMMARY = N_("show versions and paths, and check whether everything works")
EXAMPLES = N_("""\
Changes nothing and sends nothing. Add the output to a bug report, or the file that --report writes: it also has the
settings, the counts of stored data and the log. It names no photo and no folder of photos, unless --names is given.

examples:
  catdog doctor
  catdog doctor --model cats                  check your own model
  catdog doctor --report catdog-report.txt    one file for a bug report

exit status: 0 everything works, 1 something does not work, 2 there is no such model, or the report was not written
""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `doctor`."""
    add_model(parser)
    parser.add_argument(
        "--report", metavar="FILE", type=Path, help=_("write versions, settings, counts and the log to FILE")
    )
    parser.add_argument("--names", action="store_true", help=_("keep names of photos and folders in the report"))
    parser.add_argument("--overwrite", action="store_true", help=_("replace FILE if it exists"))


def run(arguments: argparse.Namespace) -> int:
    """Check this computer; return the exit status."""
    from catdog_desktop.doctor import check_installation
    from catdog_desktop.inference.model_file import ModelError

    try:
        folder = model_folder(arguments.model)
    except ModelError as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    if arguments.report is not None:
        return _write_report(arguments, folder)
    works = True
    for line, is_good in check_installation(folder):
        works = works and is_good
        write(printable_lines(line) + "\n")
    write((_("Everything works.") if works else _("Not everything works: see the lines marked with !!")) + "\n")
    return OK if works else SOME_UNREADABLE


def _write_report(arguments: argparse.Namespace, folder: Path) -> int:
    from catdog_desktop.diagnostic_report import diagnostic_report, write_report
    from catdog_desktop.files.atomic_write import reason_of

    report = diagnostic_report(folder, with_names=arguments.names)
    try:
        write_report(arguments.report, report, replace=arguments.overwrite)
    except FileExistsError:
        say(_("catdog: {path} exists. Add --overwrite to replace it.").format(path=arguments.report))
        return WRONG_USAGE
    except OSError as error:
        say(_("catdog: The report could not be written ({reason}).").format(reason=reason_of(error)))
        return WRONG_USAGE
    say(_("Written: {path}.").format(path=arguments.report))
    return OK if report.works else SOME_UNREADABLE
