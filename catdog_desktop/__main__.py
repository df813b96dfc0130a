"""Start CatDog: the window, or the command line when a sub-command is given."""

import sys
from collections.abc import Sequence


def open_window(argv: Sequence[str] | None = None) -> int:
    """Open the window with the photos in `argv` (default: the process's arguments); return the exit status."""
    from catdog_desktop.gui.app import main as run_window

    return run_window(sys.argv[1:] if argv is None else argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line if the first argument is one of its commands or options, else open the window."""
    from catdog_desktop import cli

    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in (*cli.COMMANDS, "-h", "--help", "--version"):
        return cli.main(arguments)
    return open_window(arguments)


if __name__ == "__main__":
    sys.exit(main())
