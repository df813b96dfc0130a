"""Detect that Linux cannot watch more folders: its limit of inotify watches is reached.

watchdog ignores the error for the subfolders of a watched folder, so their events would be missing without a word. The
limit holds for all programs of a user together.
"""

import contextlib
import ctypes
import errno
import functools
import os
import sys
from pathlib import Path
from typing import Final

_LIMITS: Final = (Path("/proc/sys/fs/inotify/max_user_watches"), Path("/proc/sys/user/max_inotify_watches"))
"""Of the whole system, and of the user namespace, such as a container."""
_ANY_EVENT: Final = 0x00000100
"""IN_CREATE of <sys/inotify.h>. The watch is removed at once, so any event will do."""
_AT_LIMIT: Final = (errno.ENOSPC, errno.EMFILE)
"""No more watches, and no more inotify instances (or open files)."""


def inotify_is_exhausted(folder: Path) -> bool:
    """Whether the system refuses one more inotify watch, tried on `folder`. False on other systems than Linux."""
    if sys.platform != "linux":
        return False
    libc = _c_library()
    handle = libc.inotify_init1(os.O_CLOEXEC)
    if handle < 0:
        return ctypes.get_errno() in _AT_LIMIT
    try:
        return libc.inotify_add_watch(handle, os.fsencode(folder), _ANY_EVENT) < 0 and ctypes.get_errno() in _AT_LIMIT
    finally:
        os.close(handle)


@functools.cache
def _c_library() -> ctypes.CDLL:
    """Return the C library; each object of it makes a class, which the garbage collector finds only much later."""
    return ctypes.CDLL(None, use_errno=True)


def inotify_limit() -> int | None:
    """Return how many folders all programs of a user may watch together; None if unknown."""
    found = []
    for file in _LIMITS:
        with contextlib.suppress(OSError, ValueError):
            found.append(int(file.read_text(encoding="ascii")))
    return min(found, default=None)
