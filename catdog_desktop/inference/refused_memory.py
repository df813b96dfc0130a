"""Was it for want of memory? LiteRT says that it failed, and not why; the system's refusal leaves a number behind."""

import ctypes
import errno
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, Final

_NAMES: Final = {"linux": "__errno_location", "darwin": "__error"}
"""Of the C library's function that tells where this thread's `errno` lies. `ctypes.get_errno` is a copy of another."""


def forget_refusals() -> None:
    """Let `memory_was_refused` tell of what comes from now on."""
    if (place := _place()) is not None:
        place().contents.value = 0


def memory_was_refused() -> bool:
    """Whether the last that the system refused to this thread was memory; False where that cannot be known.

    To be asked at once: Python itself forgets it with the next file that it reads.
    """
    place = _place()
    return place is not None and place().contents.value == errno.ENOMEM


@cache
def _place() -> Callable[[], Any] | None:
    if sys.platform not in _NAMES:
        return None
    place = getattr(ctypes.CDLL(None), _NAMES[sys.platform])
    place.restype = ctypes.POINTER(ctypes.c_int)
    return place  # type: ignore[no-any-return]
