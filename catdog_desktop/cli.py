"""The command line: everything the app can do, for a terminal. No window, no Qt.

What takes long to import is imported where it is needed, so that help and mistakes answer at once.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Final, Protocol

from catdog_desktop import __version__
from catdog_desktop.commands import classify, doctor, evaluate, export, forget, import_model, models, sort, undo, watch
from catdog_desktop.processor import processor_problem
from catdog_desktop.terminal import (
    INTERRUPTED,
    PIPE_CLOSED,
    SOME_UNREADABLE,
    WRONG_USAGE,
    OutputError,
    PipeClosedError,
    forget_standard_output,
    prepare_output,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Sequence


class Command(Protocol):
    """What a file of `commands` has."""

    NAME: str
    SUMMARY: str
    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what the command takes."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it, and return the exit status."""
        ...


_COMMANDS: Final[dict[str, Command]] = {
    command.NAME: command
    for command in (classify, sort, export, watch, undo, forget, evaluate, import_model, models, doctor)
}
COMMANDS: Final = tuple(_COMMANDS)

_EXAMPLES: Final = """\
examples:
  catdog classify cat.jpg holiday/            photos and whole folders
  catdog classify --format csv holiday > holiday.csv
  catdog classify --format jsonl . | head     one JSON object a line
  catdog sort ~/Pictures ~/Sorted --dry-run   into folders: cats, dogs, both, neither, unsure
  catdog export ~/Pictures --to pets.csv      or .html: a contact sheet; or --as xmp: keywords into sidecars
  catdog watch ~/Inbox                        photos as they arrive
  catdog undo                                 bring the last sort or the last keywords back
  catdog forget                               what is remembered of photos, told and then forgotten
  catdog doctor                               does everything work here?
  catdog evaluate labelled/                   how good is the model on your photos?
  catdog import-model cats.h5                 use a Keras model of your own

Everything happens on this computer; nothing is sent anywhere.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with `argv` (default: the process's own) and return the exit status."""
    parser = make_parser()
    try:
        arguments = parser.parse_args(_with_scales_joined(sys.argv[1:] if argv is None else argv))
    except SystemExit as end:  # argparse has said what there is to say
        return end.code if isinstance(end.code, int) else WRONG_USAGE
    prepare_output(getattr(arguments, "format", "text"))
    if arguments.command is None:
        parser.print_help(sys.stderr)
        return WRONG_USAGE
    problem = processor_problem()
    if problem is not None:
        say(f"catdog: {problem}")
        return SOME_UNREADABLE
    try:
        return _COMMANDS[arguments.command].run(arguments)
    except KeyboardInterrupt:
        say("Stopped.")
        return INTERRUPTED
    except PipeClosedError:
        forget_standard_output()
        return PIPE_CLOSED
    except OutputError as error:
        forget_standard_output()
        say(f"catdog: {error}")
        return SOME_UNREADABLE


def _with_scales_joined(arguments: Sequence[str]) -> list[str]:
    """Join `--scaling -1..1` to one argument: argparse would take the second for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] == "--scaling" and argument.startswith("-1.."):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line."""
    parser = argparse.ArgumentParser(
        prog="catdog",
        description="Tells for each photo whether it shows a cat, a dog, both or neither.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"CatDog {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for command in _COMMANDS.values():
        command.add_arguments(
            commands.add_parser(
                command.NAME,
                help=command.SUMMARY,
                description=f"{command.SUMMARY[0].upper()}{command.SUMMARY[1:]}.",
                epilog=command.EXAMPLES,
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return parser
