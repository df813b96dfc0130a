"""Write the man pages, catdog.1 and catdog-desktop.1 in resources/linux/man/man1, from the help texts of the programs.

python packaging/man_page.py
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "resources" / "linux" / "man" / "man1" / "catdog.1"
WINDOW_PAGE = PAGE.with_name("catdog-desktop.1")


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
        "Each photo gets two independent scores, the probabilities that it shows a cat and that it shows a dog, and "
        "a verdict. \\fBcatdog\\-desktop\\fR starts the window."
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
        ("0", "success"),
        ("1", "some photo could not be read, or something could not be done; standard error lists what"),
        ("2", "wrong usage, no usable model, no confirmation, or a file or folder that cannot be used"),
        ("130", "stopped by Ctrl+C"),
        ("141", "the program that read the output closed it"),
    ):
        yield f".TP\n.B {status}\n{meaning}"
    yield ".SH ENVIRONMENT"
    yield ".TP\n.B CATDOG_HOME\nA folder for settings, store, journals and log. The default is the usual folder of the"
    yield "system; \\fBcatdog doctor\\fR shows it."


def window_page() -> str:
    """Return the page of the window's program."""
    from catdog_desktop import __version__
    from catdog_desktop.gui.app import make_parser

    parser = make_parser()
    lines = [
        ".\\\" Written by packaging/man_page.py from the program's own help; change that, then `make man`.",
        f'.TH CATDOG\\-DESKTOP 1 "" "CatDog {__version__}" "User Commands"',
        ".SH NAME",
        "catdog\\-desktop \\- find cats and dogs in your photos, offline",
        ".SH SYNOPSIS",
        ".B catdog\\-desktop\n[\\fIOPTION\\fR]... [\\fIPHOTO\\fR]...",
        ".SH DESCRIPTION",
        _escaped(parser.description or ""),
        "If a window is open already, it takes the photos.",
        ".SH OPTIONS",
        *_options(parser),
        ".SH SEE ALSO",
        ".BR catdog (1)",
    ]
    return "\n".join(lines) + "\n"


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    """Return the parsers of the commands. argparse has no public way to list them."""
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
    """Return the placeholder of a value."""
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
    r"""Return `text` with `\`, `-`, and a `.` or `'` at the start of a line escaped for roff."""
    lines = text.replace("\\", "\\e").replace("-", "\\-").splitlines() or [""]
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in lines)


def main() -> int:
    """Write the page."""
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(man_page(), encoding="utf-8")
    WINDOW_PAGE.write_text(window_page(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
