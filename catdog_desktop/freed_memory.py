"""Return memory that was freed to the system. glibc keeps much of it otherwise, and ever more as it is cut into pieces.

With another C library than glibc, that of most Linux systems, nothing is done.
"""

import contextlib
import ctypes
import functools
import os
import sys
import time
from typing import Final

_LARGE_BYTES: Final = 2**20
"""Blocks of at least this size (the weights of a model, the pixels of a photo) are returned as soon as they are freed.

glibc raises this limit to the size of the largest such block that was freed, up to 32 MB. The 22 MB of a model are then
taken from memory that small blocks cut up: after each change of the model they no longer fit into the gap before."""
_KEPT_BYTES: Final = 4 * 2**20
"""Free memory for each core that is kept at the end of the heap. A photo needs 3 MB for a moment: with the 128 KiB of
glibc, or with 4 MB for two photos at a time, the heap grows and shrinks all the time."""
_HEAPS: Final = 1
"""All threads share one heap: what is free in one is not used by another, and `malloc_trim` returns the free end of the
main heap only. Threads hardly wait for each other: a photo takes 20 ms, and some 60 blocks from the heap."""
RETURN_SECONDS: Final = 10.0
"""The shortest time between two returns while photos come and go."""
LONGEST_SECONDS: Final = 60.0
"""The longest time without a return while there is always something to do. A return takes some milliseconds."""
_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_M_ARENA_MAX: Final = -8
"""Numbers of the settings in <malloc.h>."""


@functools.cache
def limit_kept_memory() -> None:
    """Let the C library keep less of the memory that is freed. Only the first call does anything.

    Call it before other threads are started: a thread that has a heap of its own keeps it.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = _library()
        if library is not None:
            library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
            library.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES * (os.cpu_count() or 1))
            library.mallopt(_M_ARENA_MAX, _HEAPS)


def return_freed_memory() -> None:
    """Return all pages that are free. Takes some milliseconds, in which other threads may wait for memory."""
    with contextlib.suppress(OSError, AttributeError):
        library = _library()
        if library is not None:
            library.malloc_trim(0)


class IdleReturn:
    """Returns freed memory while there is nothing to do: once after work, and at most once in `RETURN_SECONDS`.

    Amid work that does not end, it returns it once in `LONGEST_SECONDS`.
    """

    def __init__(self) -> None:
        self._is_wanted = False
        self._returned = time.monotonic()

    def note_work(self) -> None:
        """Note that work was done, which has freed memory."""
        self._is_wanted = True
        if time.monotonic() >= self._returned + LONGEST_SECONDS:
            self.return_if_due()

    @property
    def seconds_left(self) -> float | None:
        """In how many seconds `return_if_due` will do something if it is called then; None: not before more work."""
        if not self._is_wanted:
            return None
        return max(0.0, self._returned + RETURN_SECONDS - time.monotonic())

    def return_if_due(self) -> None:
        """Return freed memory if it is due. Call it while nothing is being done."""
        if self.seconds_left == 0:
            self._is_wanted, self._returned = False, time.monotonic()
            return_freed_memory()


@functools.cache
def _library() -> ctypes.CDLL | None:
    return ctypes.CDLL(None) if sys.platform == "linux" else None
