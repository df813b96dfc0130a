"""Writes the man page from what the command line itself says: resources/linux/man/man1/catdog.1.

python packaging/man_page.py
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "resources" / "linux" / "man" / "man1" / "catdog.1"


def man_page() -> str:
    """Return the page as roff."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    from catdog_desktop import __version__
    from catdog_desktop.cli import make_parser

    parser = make_parser()
    commands = _commands(parser)
    yield ".\\\" Written by packaging/man_page.py from the commands' own help; change that, then `make man`."
    yield f'.TH CATDOG 1 "" "CatDog {__version__}" "User Commands"'
    yield ".SH NAME"
    yield "catdog \\- tell cats from dogs on photos, offline"
    yield ".SH SYNOPSIS"
    for name, command in commands.items():
        places = " ".join(_place(action) for action in command._actions if not action.option_strings)
        yield f".B catdog {_escaped(name)}\n[\\fIOPTION\\fR]... {places}\n.br"
    yield ".SH DESCRIPTION"
    yield _escaped(parser.description or "")
    yield (
        "It gives each photo two independent probabilities, that a cat and that a dog is in it, and a verdict. "
        "The window is started by \\fBcatdog\\-desktop\\fR."
    )
    yield ".SH OPTIONS"
    yield from _options(parser)
    yield ".SH COMMANDS"
    for name, command in commands.items():
        yield f".SS {_escaped(name)}"
        yield _escaped(command.description or "")
        yield ".PP"
        yield from _options(command)
        yield ".PP"
        yield from _verbatim(command.epilog or "")
    yield ".SH EXAMPLES"
    yield from _verbatim((parser.epilog or "").removeprefix("examples:\n"))
    yield ".SH EXIT STATUS"
    for status, meaning in (
        ("0", "all well"),
        ("1", "some photo could not be read, or something could not be done; it was told which"),
        ("2", "wrong usage, no usable model, or a place that cannot be used"),
        ("130", "stopped by Ctrl+C"),
        ("141", "whoever read the output went away"),
    ):
        yield f".TP\n.B {status}\n{meaning}"
    yield ".SH ENVIRONMENT"
    yield ".TP\n.B CATDOG_HOME\nA folder for settings, store, journals and log; without it they lie where the system"
    yield "wants them. \\fBcatdog doctor\\fR says where."


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the commands; argparse has no public way to ask for them."""
    (group,) = (action for action in parser._actions if isinstance(action, argparse._SubParsersAction))
    return dict(group.choices)


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            continue
        yield ".TP"
        if action.option_strings:
            names = ", ".join(f"\\fB{_escaped(name)}\\fR" for name in action.option_strings)
            yield names if action.nargs == 0 else f"{names} {_place(action)}"
        else:
            yield _place(action)
        yield _escaped((action.help or "").replace("%%", "%"))


def _place(action: argparse.Action) -> str:
    """Return what stands for a value."""
    if action.choices is not None:
        word = "|".join(map(str, action.choices))
    else:
        word = str(action.metavar or action.dest.upper())
    many = "..." if action.nargs in ("+", "*") else ""
    place = f"\\fI{_escaped(word)}\\fR{many}"
    return f"[{place}]" if action.nargs in ("?", "*") else place


def _verbatim(text: str) -> Iterator[str]:
    yield ".nf"
    yield from (_escaped(line) for line in text.strip("\n").splitlines())
    yield ".fi"


def _escaped(text: str) -> str:
    r"""Return `text` so that roff shows it as it is: `\` and `-`, and a `.` or `'` that would begin a request."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").splitlines() or [""]
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in lines)


def main() -> int:
    """Write the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(man_page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
