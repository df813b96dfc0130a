"""Entry point: start the command line if the first argument is one of its commands, else the window."""

import sys
from collections.abc import Sequence


def open_window(argv: Sequence[str] | None = None) -> int:
    """Open the window with the photos in `argv` (default: the process's arguments); return the exit status."""
    from catdog_desktop.languages.choice import start_language
    from catdog_desktop.processor import processor_problem

    start_language()
    problem = processor_problem()
    if problem is not None:
        _show_without_qt(problem)
        return 1
    from catdog_desktop.gui.app import main as run_window

    return run_window(sys.argv[1:] if argv is None else argv)


def _show_without_qt(sentence: str) -> None:
    """Show a sentence by what every system has: a message box on Windows, else standard error."""
    if sys.platform == "win32":
        import ctypes

        ctypes.windll.user32.MessageBoxW(None, sentence, "CatDog", 0x10)  # MB_ICONERROR
    else:
        print(sentence, file=sys.stderr)  # noqa: T201


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line if the first argument is one of its commands or options, else open the window."""
    from catdog_desktop import cli
    from catdog_desktop.quick_start import defer_collection

    if argv is None:
        defer_collection()
    arguments = list(sys.argv[1:] if argv is None else argv)
    if arguments and arguments[0] in (*cli.COMMANDS, "-h", "--help", "--version"):
        return cli.main(arguments)
    return open_window(arguments)


if __name__ == "__main__":
    sys.exit(main())
