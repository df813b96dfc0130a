"""The command line: everything the app can do, in a terminal. Imports no Qt.

Slow imports are inside the functions that need them, so that help and usage errors appear at once.
"""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Final, Protocol, cast

from catdog_desktop.build_info import version_text
from catdog_desktop.languages.argparse_texts import translate_argparse
from catdog_desktop.languages.choice import start_language
from catdog_desktop.messages import N_, _
from catdog_desktop.processor import processor_problem
from catdog_desktop.quick_start import defer_collection
from catdog_desktop.terminal import (
    INTERRUPTED,
    PIPE_CLOSED,
    SOME_UNREADABLE,
    WRONG_USAGE,
    OutputError,
    PipeClosedError,
    discard_standard_output,
    is_interrupt,
    prepare_output,
    say,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Command(Protocol):
    """A module of `commands`."""

    NAME: str
    SUMMARY: str
    EXAMPLES: str

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the arguments of the command."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Run the command and return the exit status."""
        ...


COMMANDS: Final = (
    "classify",
    "sort",
    "export",
    "watch",
    "learn",
    "undo",
    "locate",
    "backup",
    "restore",
    "forget",
    "evaluate",
    "import-model",
    "models",
    "doctor",
)
"""The names of the commands, in the order of the help. Each is a module of `commands`."""

_EXAMPLES: Final = N_("""\
examples:
  catdog classify cat.jpg holiday/            photos and folders
  catdog classify --format csv holiday > holiday.csv
  catdog classify --format jsonl . | head     one JSON object per line
  catdog sort ~/Pictures ~/Sorted --dry-run   into the folders cats, dogs, both, neither, unsure
  catdog export ~/Pictures --to pets.csv      or .html for a contact sheet, or --as xmp for keywords in sidecars
  catdog watch ~/Inbox                        photos as they arrive
  catdog learn --preview                      what would change if it learnt from your own verdicts
  catdog undo                                 undo the last sort or export of keywords
  catdog locate D:\\Pictures E:\\Pictures       find a folder again that moved to another drive
  catdog forget                               show the data stored about photos, and delete it
  catdog doctor                               check whether everything works on this computer
  catdog evaluate labelled/                   measure the model on your own photos
  catdog import-model cats.h5                 use your own Keras model

Everything happens on this computer; nothing is sent anywhere.
""")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line with `argv` (default: the process's own) and return the exit status."""
    try:
        return _run(argv)
    except Exception:  # noqa: BLE001  A defect: the report helps us, and the sentence the user.
        import traceback

        traceback.print_exc()
        say(
            _(
                "catdog ended by an unexpected error. If it happens again, please report it with the text above, which "
                "contains no photo. What had begun can be finished or undone: catdog undo --list"
            )
        )
        return SOME_UNREADABLE


def _run(argv: Sequence[str] | None) -> int:
    if argv is None:
        defer_collection()
    start_language()
    translate_argparse()
    given = _with_scales_joined(sys.argv[1:] if argv is None else argv)
    # The other commands are not even imported: that takes as long as to classify three photos.
    parser = make_parser(given[:1] if given and given[0] in COMMANDS else COMMANDS)
    try:
        arguments = parser.parse_args(given)
    except SystemExit as end:  # argparse has printed the help or the error
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
        return _command(arguments.command).run(arguments)
    except (KeyboardInterrupt, RuntimeError) as error:
        if not is_interrupt(error):
            raise
        say(_("Stopped."))
        return INTERRUPTED
    except PipeClosedError:
        discard_standard_output()
        return PIPE_CLOSED
    except OutputError as error:
        discard_standard_output()
        say(f"catdog: {error}")
        return SOME_UNREADABLE


def _with_scales_joined(arguments: Sequence[str]) -> list[str]:
    """Join `--scaling -1..1` into one argument, since argparse would take `-1..1` for an option."""
    joined: list[str] = []
    for argument in arguments:
        if joined and joined[-1] == "--scaling" and argument.startswith("-1.."):
            joined[-1] += f"={argument}"
        else:
            joined.append(argument)
    return joined


def _sentence(summary: str) -> str:
    return f"{summary[0].upper()}{summary[1:]}."


def _command(name: str) -> Command:
    return cast("Command", import_module(f"catdog_desktop.commands.{name.replace('-', '_')}"))


def make_parser(names: Iterable[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser of the whole command line, or of those commands that are in `names`."""
    parser = argparse.ArgumentParser(
        prog="catdog",
        description=_("Shows for each photo whether it contains a cat, a dog, both or neither."),
        epilog=_(_EXAMPLES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=version_text(), help=_("show the version and exit"))
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title=_("commands"))
    for command in map(_command, names):
        command.add_arguments(
            commands.add_parser(
                command.NAME,
                help=_(command.SUMMARY),
                description=_sentence(_(command.SUMMARY)),
                epilog=_(command.EXAMPLES),
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
        )
    return parser
