"""Terminal input and output: results to standard output, messages to standard error, questions, exit codes, signals."""

import contextlib
import errno
import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.formatting import printable_lines
from catdog_desktop.messages import N_, MessageError, _

OK: Final = 0
SOME_UNREADABLE: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
"""128 + SIGPIPE: the exit status that a shell reports for a program whose reader has closed the pipe."""


class PipeClosedError(Exception):
    """The program that reads standard output has closed it."""


class OutputError(MessageError):
    """Standard output cannot be written. The text is a sentence with the reason."""


def prepare_output(format_name: str) -> None:
    """Let standard output accept every name: UTF-8 for programs, escapes for characters that a terminal lacks."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        if format_name == "text":
            sys.stdout.reconfigure(errors="backslashreplace")
        else:
            sys.stdout.reconfigure(encoding="utf-8")


def write(text: str) -> None:
    """Write to standard output and flush, so that each result appears as soon as it exists."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL):
            raise PipeClosedError from error
        raise OutputError(N_("The results could not be written ({reason})."), reason=error.strerror or error) from error


def discard_standard_output() -> None:
    """Redirect standard output to the null device. Otherwise Python reports an error for a closed pipe at exit."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, sys.stdout.fileno())
        os.close(null)


def say(sentence: str) -> None:
    """Write a line to standard error, if there is one. Control characters, which names may contain, are escaped."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(printable_lines(sentence) + "\n")
            sys.stderr.flush()


def is_interactive() -> bool:
    """Whether standard input is a terminal, so that questions can be answered."""
    return sys.stdin is not None and sys.stdin.isatty()


def confirm(question: str) -> bool:
    """Ask on the terminal and return whether the answer is yes. False if standard input is no terminal."""
    if not is_interactive():
        return False
    if sys.stderr is not None:
        sys.stderr.write(printable_lines(question))
        sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def stop_on_ctrl_c() -> contextlib.AbstractContextManager[CancelToken]:
    """Let the first Ctrl+C stop between two photos. The second interrupts at once, which is safe as well."""
    return stop_on(signal.SIGINT, sentence=_("Stopping after this photo."))


def is_interrupt(error: BaseException) -> bool:
    """Whether `error` is Ctrl+C, or followed from it.

    `threading.Condition.wait` does not hold its lock for a moment. A KeyboardInterrupt in that moment becomes a
    RuntimeError, "cannot release un-acquired lock", when the `with` around it is left.
    """
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, KeyboardInterrupt):
        cause = cause.__context__
    return cause is not None


@contextlib.contextmanager
def stop_on(*numbers: int, sentence: str = "") -> Iterator[CancelToken]:
    """Yield a token that the first signal of `numbers` sets, with `sentence` on standard error.

    The second signal has its usual effect. In a thread other than the main one no signal is handled.
    """
    token = CancelToken()
    if threading.current_thread() is not threading.main_thread():
        yield token
        return

    def stop(_number: int, _frame: FrameType | None) -> None:
        token.cancel()
        restore()
        if sentence:
            say(sentence)

    def restore() -> None:
        for number, handler in previous.items():
            signal.signal(number, handler)

    previous = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield token
    finally:
        restore()
