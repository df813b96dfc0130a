"""A sandboxed child does not outlive the app, not even an app that is killed, nor its own time limit.

Native code in the child may never release Python's interpreter lock, so a thread that waits for the end of standard
input is not enough: it would not run. The kernel's parent-death signal and faulthandler's timer need no lock.
"""

import contextlib
import ctypes
import faulthandler
import os
import select
import signal
import sys
import threading
from typing import Final

SET_PARENT_DEATH_SIGNAL: Final = 1
"""Option of Linux's prctl."""
APP_IS_GONE: Final = 3
"""Exit status of a child that noticed the end of the app."""


def request_parent_death_signal() -> None:
    """Ask the kernel (Linux) to kill this process when the thread that started it ends.

    That thread is the one that waits for the answer, so the signal never comes too early. Called after namespaces are
    entered, which makes the kernel forget the request, and before seccomp, which does not allow it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)


def end_with_app() -> None:
    """Exit when standard input ends, now or later: the app has exited. Called after the request was read."""
    if sys.platform == "linux" and select.select([0], [], [], 0)[0]:  # nothing but the end follows the request
        os._exit(APP_IS_GONE)
    threading.Thread(target=_wait_for_end_of_input, daemon=True).start()


def end_after(seconds: float) -> None:
    """Exit after `seconds`, whatever runs by then, with a traceback on standard error. Replaces an earlier call."""
    faulthandler.dump_traceback_later(seconds, exit=True)


def cancel_end_after() -> None:
    """Cancel `end_after`."""
    faulthandler.cancel_dump_traceback_later()


def _wait_for_end_of_input() -> None:
    with contextlib.suppress(OSError, ValueError):
        # Not sys.stdin: this thread would hold its lock when the interpreter exits, and Python would abort.
        while os.read(0, 1):
            pass
    os._exit(APP_IS_GONE)
