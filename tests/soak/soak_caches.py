"""Fills what the interpreter and NumPy keep up to a limit, so that the soak measures growth without one."""

import gc
import sys
import threading

import numpy as np

_AFTER_SECONDS = 20.0
"""After the start of the program, which empties these caches, and before the first measurement that counts."""
_KEPT_TUPLES = 2000
_LARGEST_TUPLE = 20
"""CPython keeps so many freed tuples of each size up to this one, until it collects the oldest generation."""
_OLDEST_GENERATION = 2
_KEPT_ARRAYS = 7
_LARGEST_ARRAY = 1024
"""NumPy keeps so many freed blocks of each number of bytes below this one: 3.7 MB. Arrays of the window have as many
sizes as its list has lengths."""
_STRINGS = 60_000
"""So many interned strings at a time let their table grow once for all. Each name of a file is one for a while."""


def fill_interpreter_caches_soon() -> None:
    """Create and drop more tuples, small arrays and interned strings than a program of the soak has at a time."""
    timer = threading.Timer(_AFTER_SECONDS, _fill)
    timer.daemon = True
    timer.start()


def _fill() -> None:
    _fill_tuples()
    gc.callbacks.append(_on_collection)
    for size in range(1, _LARGEST_ARRAY):
        _arrays = [np.empty(size, np.uint8) for _ in range(_KEPT_ARRAYS)]
    _strings = [sys.intern(f"a name {number}") for number in range(_STRINGS)]


def _fill_tuples() -> None:
    for size in range(1, _LARGEST_TUPLE + 1):
        _tuples = [tuple(range(size)) for _ in range(_KEPT_TUPLES)]


def _on_collection(phase: str, info: dict[str, int]) -> None:
    if phase == "stop" and info["generation"] == _OLDEST_GENERATION:
        _fill_tuples()
