"""`catdog doctor`: versions, paths, and whether everything works here."""

from __future__ import annotations

import argparse

from catdog_desktop.commands.arguments import add_model, model_folder
from catdog_desktop.terminal import OK, SOME_UNREADABLE, WRONG_USAGE, say, write

NAME = "doctor"
SUMMARY = "show versions and paths, and whether everything works"
EXAMPLES = """\
Nothing is changed, and nothing is sent: pass the lines on with a report of a fault.

examples:
  catdog doctor
  catdog doctor --model cats                  does this model of yours work?

exit status: 0 everything works, 1 something does not, 2 there is no such model
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `doctor` takes."""
    add_model(parser)


def run(arguments: argparse.Namespace) -> int:
    """Examine this computer; return the exit status."""
    from catdog_desktop.doctor import examine
    from catdog_desktop.inference.model_file import ModelError

    try:
        folder = model_folder(arguments.model)
    except ModelError as error:
        say(f"catdog: {error}")
        return WRONG_USAGE
    works = True
    for line, is_well in examine(folder):
        works = works and is_well
        write(line + "\n")
    write("Everything works.\n" if works else "Not everything works: see the lines marked with !!\n")
    return OK if works else SOME_UNREADABLE
