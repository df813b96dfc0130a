"""The child does not outlive the app, not even an app that is killed, nor its own time.

What it runs may never give Python's interpreter lock back, so a thread that waits for the end of standard input is not
enough: it would never get its turn. The means here that need no lock are the kernel's and faulthandler's.
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

PARENT_DEATH_SIGNAL: Final = 1
"""Of Linux's prctl."""
APP_IS_GONE: Final = 3


def end_with_app() -> None:
    """End at once when the app is gone: nobody waits for the answer.

    To be called after the request was read, and after `confine`: a new user namespace makes the kernel forget the
    signal.
    """
    if sys.platform == "linux":
        # It comes when the thread ends that has started this process: the one that waits for the answer as well, so
        # that it never comes too early.
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
        if select.select([0], [], [], 0)[0]:  # after the request there comes nothing but the end
            os._exit(APP_IS_GONE)
    threading.Thread(target=_wait_for_end_of_input, daemon=True).start()


def end_after(seconds: float) -> None:
    """End when so much time has passed, wherever it is stuck; where that is goes to standard error."""
    faulthandler.dump_traceback_later(seconds, exit=True)


def _wait_for_end_of_input() -> None:
    with contextlib.suppress(OSError, ValueError):
        # Not by sys.stdin: at the end of this process Python would find it locked by this thread, and abort.
        while os.read(0, 1):
            pass
    os._exit(APP_IS_GONE)
