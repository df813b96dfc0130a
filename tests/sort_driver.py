"""Run sorts in child processes that are killed. A server on standard input, so that the interpreter starts once.

Each line is a JSON command: what to do, where, and when to be killed. The server forks. The child counts its calls that
change the disk and kills itself with SIGKILL before a given call (or halfway through it, if it writes), or the server
kills it after a time. The answer is a JSON line with how the child ended and the number of its calls.
"""

import contextlib
import ctypes
import errno  # noqa: F401  Imported now, like ctypes: as another user the child may be unable to import.
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from catdog_desktop.files import safe_copy
from catdog_desktop.sorting import run as sort_run
from catdog_desktop.sorting.errors import SortError

CHANGING = [
    "open",
    "write",
    "fsync",
    "close",
    "ftruncate",
    "unlink",
    "link",
    "symlink",
    "rename",
    "replace",
    "mkdir",
    "rmdir",
    "chmod",
    "chown",
    "utime",
    "setxattr",
]
"""The functions of `os` with which sorts change the disk."""


class Driver:
    """The client of the server, for tests."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def order(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        assert answer["ended"] != "failed", "the traceback is on standard error"
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)


class Counter:
    """Counts calls, and kills the process at one of them."""

    def __init__(self, die_at: int, vanish_at: int = 0, mount: str = "") -> None:
        self.calls = 0
        self._die_at = die_at
        self._vanish_at = vanish_at
        self._mount = mount

    def wrap(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            if self.calls == self._die_at:
                if name == "write":  # Half of the data is written.
                    real(args[0], bytes(args[1])[: len(args[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            if self.calls == self._vanish_at:
                detach = 2  # MNT_DETACH, like unplugging the disk
                if ctypes.CDLL(None, use_errno=True).umount2(os.fsencode(self._mount), detach) != 0:
                    raise RuntimeError("the disk could not be unmounted")
            return real(*args, **kwargs)

        return counted


def execute(order: dict[str, Any]) -> int:
    """Execute a command in the child; return the number of calls."""
    if order.get("user"):
        os.setgroups([])
        os.setgid(order["user"])
        os.setuid(order["user"])
    counter = Counter(order.get("die_at", 0), order.get("vanish_at", 0), order.get("mount", ""))
    for name in CHANGING:
        if hasattr(os, name):
            setattr(os, name, counter.wrap(name, getattr(os, name)))
    how = order.get("rename", "system")
    real = safe_copy.rename_exclusively
    safe_copy.rename_exclusively = counter.wrap("rename", real if how == "system" else lambda source, target: False)
    if how == "placeholder":

        def no_links(*args: object, **kwargs: object) -> None:
            raise PermissionError(1, "Operation not permitted")

        os.link = no_links
    folder = Path(order["journals"])
    with contextlib.suppress(SortError):
        if order["do"] == "sort":
            sort_run.run_sort(pickle.loads(bytes.fromhex(order["plan"])), folder)
        elif order["do"] == "undo":
            sort_run.undo_sort(order["id"], folder)
        else:
            sort_run.finish_sort(order["id"], folder)
    return counter.calls


def serve() -> None:
    """Read commands and answer each with a line."""
    for line in sys.stdin:
        order = json.loads(line)
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            status = 1
            try:
                calls = execute(order)
                os.write(writing, str(calls).encode())
                status = 0
            except BaseException:  # noqa: BLE001  The child must not continue as a second server.
                import traceback

                traceback.print_exc()
            finally:
                os._exit(status)
        os.close(writing)
        timer = threading.Timer(order["die_after"], os.kill, (child, signal.SIGKILL)) if "die_after" in order else None
        if timer is not None:
            timer.start()
        with os.fdopen(reading) as answer:
            counted = answer.read()
        # Stop the timer before waiting for the child, since its process id may then be reused.
        if timer is not None:
            timer.cancel()
            timer.join()
        _, ended_with = os.waitpid(child, 0)
        how = "killed" if os.WIFSIGNALED(ended_with) else "failed" if os.WEXITSTATUS(ended_with) else "done"
        print(json.dumps({"ended": how, "calls": int(counted or 0)}), flush=True)


if __name__ == "__main__":
    serve()
