"""`catdog doctor`: show versions and paths, and check whether everything works."""

from __future__ import annotations

import argparse

from catdog_desktop.commands.arguments import add_model, model_folder
from catdog_desktop.formatting import printable_lines
from catdog_desktop.messages import N_, _
from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, say, write

NAME = "doctor"
SUMMARY = N_("show versions and paths, and check whether everything works")
EXAMPLES = N_("""\
Changes nothing and sends nothing. Add the output to a bug report.

examples:
  catdog doctor
  catdog doctor --model cats                  check your own model

exit status: 0 everything works, 1 something does not work, 2 there is no such model
""")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `doctor`."""
    add_model(parser)


def run(arguments: argparse.Namespace) -> int:
    """Check this computer; return the exit status."""
    from catdog_desktop.doctor import check_installation
    from catdog_desktop.inference.model_file import ModelError

    try:
        folder = model_folder(arguments.model)
    except ModelError as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    works = True
    for line, is_good in check_installation(folder):
        works = works and is_good
        write(printable_lines(line) + "\n")
    write((_("Everything works.") if works else _("Not everything works: see the lines marked with !!")) + "\n")
    return OK if works else SOME_UNREADABLE
