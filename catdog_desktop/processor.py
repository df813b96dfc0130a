"""Check that the processor has the instructions that numpy and LiteRT are built with.

Without them the first import would end the process with "illegal instruction" and no word. The wheels of numpy 2 and of
LiteRT for x86 are built for the level x86-64-v2 (SSE4.2, POPCNT; processors since about 2009). LiteRT's kernels for AVX
and later are chosen when it runs and are not needed. On other architectures the wheels need no more than the base set.
"""

import platform
from collections.abc import Callable
from pathlib import Path
from typing import Final

from catdog_desktop.languages.formats import format_list
from catdog_desktop.messages import _

_CPUINFO: Final = Path("/proc/cpuinfo")
_LINUX_FLAGS: Final = {
    "cx16": "CMPXCHG16B",
    "popcnt": "POPCNT",
    "ssse3": "SSSE3",
    "sse4_1": "SSE4.1",
    "sse4_2": "SSE4.2",
}
"""Flags of x86-64-v2 in /proc/cpuinfo, and the instructions' own names."""
_WINDOWS_FEATURES: Final = {14: "CMPXCHG16B", 36: "SSSE3", 37: "SSE4.1", 38: "SSE4.2"}
"""The same for `IsProcessorFeaturePresent` (winnt.h, PF_*); POPCNT comes with SSE4.2."""
_X86: Final = ("x86_64", "amd64")


def missing_instructions() -> list[str]:
    """Return the names of needed instructions that the processor lacks; empty where that is unknown.

    Every Mac that runs a supported macOS has them.
    """
    if platform.machine().lower() not in _X86:
        return []
    if platform.system() == "Linux":
        return _missing_on_linux()
    if platform.system() == "Windows":
        import ctypes

        return _missing_on_windows(ctypes.windll.kernel32.IsProcessorFeaturePresent)  # type: ignore[attr-defined]
    return []


def processor_problem() -> str | None:
    """Return a sentence for the user if the app cannot run on this processor."""
    missing = missing_instructions()
    if not missing:
        return None
    return _(
        "CatDog cannot run on this processor: it lacks the instructions {names}. "
        "Processors made since about 2009 have them."
    ).format(names=format_list(missing))


def _missing_on_linux() -> list[str]:
    try:
        lines = _CPUINFO.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return []
    flags = {flag for line in lines if line.startswith("flags") for flag in line.partition(":")[2].split()}
    return [name for flag, name in _LINUX_FLAGS.items() if flag not in flags] if flags else []


def _missing_on_windows(is_present: Callable[[int], int]) -> list[str]:
    return [name for feature, name in _WINDOWS_FEATURES.items() if not is_present(feature)]
