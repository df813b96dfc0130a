"""The terminal: results to standard output, sentences to standard error, and what happens when either goes away."""

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

OK: Final = 0
SOME_UNREADABLE: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141
"""128 + SIGPIPE: what a shell sees of any program whose reader went away."""


class PipeClosedError(Exception):
    """Whoever read our output is gone."""


class OutputError(Exception):
    """The output cannot be written; the message says why."""


def prepare_output(format_name: str) -> None:
    """Let standard output take every name: programs read UTF-8, a terminal gets escapes for what it cannot show."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        if format_name == "text":
            sys.stdout.reconfigure(errors="backslashreplace")
        else:
            sys.stdout.reconfigure(encoding="utf-8")


def write(text: str) -> None:
    """Write to standard output, at once: who reads along sees each result as it comes."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as error:
        if isinstance(error, BrokenPipeError) or (os.name == "nt" and error.errno == errno.EINVAL):
            raise PipeClosedError from error
        raise OutputError(f"The results could not be written ({error.strerror or error}).") from error


def forget_standard_output() -> None:
    """Keep Python from flushing into a closed pipe, and complaining of it, when the process ends."""
    with contextlib.suppress(OSError, ValueError, io.UnsupportedOperation):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def say(sentence: str) -> None:
    """Write to standard error, where there is one."""
    if sys.stderr is not None:
        with contextlib.suppress(OSError):
            sys.stderr.write(sentence + "\n")
            sys.stderr.flush()


def agreed(question: str) -> bool:
    """Ask, and return whether the answer is yes; it is if there is nobody to ask."""
    if sys.stdin is None or not sys.stdin.isatty():
        return True
    if sys.stderr is not None:
        sys.stderr.write(question)
        sys.stderr.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def stop_on_ctrl_c() -> contextlib.AbstractContextManager[CancelToken]:
    """Let the first Ctrl+C stop between two photos; the second interrupts at once, which is safe as well."""
    return stop_on(signal.SIGINT, sentence="Stopping after this photo.")


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
        put_back()
        if sentence:
            say(sentence)

    def put_back() -> None:
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {number: signal.signal(number, stop) for number in numbers}
    try:
        yield token
    finally:
        put_back()
