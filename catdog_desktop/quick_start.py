"""Settings of the interpreter that shorten the start of a process."""

import contextlib
import gc
from importlib import import_module
from typing import Any, Final

OBJECTS_OF_A_START: Final = 150_000
"""More objects than the imports of the window create that are still in use (105,000 were counted)."""


def defer_collection() -> None:
    """Let the garbage collector run for the first time after `OBJECTS_OF_A_START` new objects.

    Modules and widgets create many objects that stay. At its usual threshold the collector walks through all of them
    several times during the start, and finds nothing. After its first run it has its usual thresholds, and it skips
    what the start created.
    """
    usual = gc.get_threshold()

    def on_collection(phase: str, info: dict[str, int]) -> None:
        gc.callbacks.remove(on_collection)
        gc.set_threshold(*usual)
        gc.freeze()

    gc.callbacks.append(on_collection)
    gc.set_threshold(OBJECTS_OF_A_START, *usual[1:])


def skip_feature_search() -> None:
    """Keep PySide from reading the source of every module that is imported after it. Call it once PySide is imported.

    PySide searches the source for imports of `__feature__`, which this app does not use. That takes as long as a third
    of all imports, and the lines stay in memory. The function is private to PySide: a version without it is left alone.
    """
    with contextlib.suppress(ImportError):
        feature: Any = import_module("shibokensupport.feature")
        if hasattr(feature, "_mod_uses_pyside"):
            # True means "uses PySide, without features", and is the answer that PySide can look up fastest.
            feature._mod_uses_pyside = lambda module: True
