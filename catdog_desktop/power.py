"""Priority of threads, and whether the computer runs on its battery."""

import contextlib
import os
import sys
import threading
from pathlib import Path
from typing import Final

_NICE: Final = 10
"""Added to the niceness of a thread. 19 is the most; 10 leaves room below for true background work."""
_SUPPLIES: Final = Path("/sys/class/power_supply")
_THREAD_PRIORITY_LOWEST: Final = -2
_UNLIMITED_SECONDS: Final = -2.0
"""kIOPSTimeRemainingUnlimited: the power comes from the mains."""


def lower_thread_priority() -> None:
    """Let the calling thread, and on Linux those it starts, get the processor after others (best effort).

    It cannot be undone: Linux lets nobody but root raise a priority.
    """
    with contextlib.suppress(OSError, AttributeError):
        if sys.platform == "win32":
            import ctypes

            kernel32 = ctypes.windll.kernel32
            kernel32.SetThreadPriority(kernel32.GetCurrentThread(), _THREAD_PRIORITY_LOWEST)
        elif sys.platform == "linux":
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + _NICE))
        elif sys.platform == "darwin":
            import ctypes

            background = 0x09  # QOS_CLASS_BACKGROUND
            ctypes.CDLL(None).pthread_set_qos_class_self_np(background, 0)


def is_on_battery(supplies: Path = _SUPPLIES) -> bool:
    """Return whether the computer runs on its battery; False if that is unknown. `supplies` is for tests."""
    with contextlib.suppress(OSError, AttributeError):
        if sys.platform == "win32":
            import ctypes

            status = (ctypes.c_ubyte * 12)()  # SYSTEM_POWER_STATUS; the first byte is ACLineStatus
            return bool(ctypes.windll.kernel32.GetSystemPowerStatus(status)) and status[0] == 0
        if sys.platform == "darwin":
            import ctypes

            iokit = ctypes.CDLL("/System/Library/Frameworks/IOKit.framework/IOKit")
            iokit.IOPSGetTimeRemainingEstimate.restype = ctypes.c_double
            return float(iokit.IOPSGetTimeRemainingEstimate()) != _UNLIMITED_SECONDS
        kinds = [(_read(supply / "type"), supply) for supply in supplies.iterdir()]
        mains = [supply for kind, supply in kinds if kind in ("Mains", "USB") and _read(supply / "online") == "1"]
        # A mouse has a battery, too; its scope is "Device".
        batteries = [s for kind, s in kinds if kind == "Battery" and _read(s / "scope") != "Device"]
        return bool(batteries) and not mains and any(_read(s / "status") == "Discharging" for s in batteries)
    return False


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""
