"""Detect ENOMEM behind a LiteRT failure. LiteRT reports that it failed but not why; `errno` has the reason."""

import ctypes
import errno
import sys
from collections.abc import Callable
from functools import cache
from typing import Any, Final

_NAMES: Final = {"linux": "__errno_location", "darwin": "__error"}
"""The C library's function that returns the address of this thread's `errno`. `ctypes.get_errno` reads its own copy."""


def forget_refusals() -> None:
    """Clear `errno`, so that `memory_was_refused` reports only what follows."""
    if (address := _errno_address()) is not None:
        address().contents.value = 0


def memory_was_refused() -> bool:
    """Whether the last failed system call of this thread was refused memory; False where that is unknown.

    Call it right after the failure: the next file that Python reads overwrites `errno`.
    """
    address = _errno_address()
    return address is not None and address().contents.value == errno.ENOMEM


@cache
def _errno_address() -> Callable[[], Any] | None:
    if sys.platform not in _NAMES:
        return None
    function = getattr(ctypes.CDLL(None), _NAMES[sys.platform])
    function.restype = ctypes.POINTER(ctypes.c_int)
    return function  # type: ignore[no-any-return]
