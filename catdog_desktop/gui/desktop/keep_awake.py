"""Keep the computer from falling asleep during a job. The screen may still turn dark."""

import sys
from typing import Any, Final, Protocol

from catdog_desktop.gui.desktop.notifications import has_bus

_NAME: Final = "CatDog"
_ES_SYSTEM_REQUIRED: Final = 0x00000001
_ES_CONTINUOUS: Final = 0x80000000
_UTF8: Final = 0x08000100
"""kCFStringEncodingUTF8"""
_ASSERTION_ON: Final = 255
"""kIOPMAssertionLevelOn"""


class Bus(Protocol):
    """The part of `SessionBus` that is needed."""

    def call(self, service: str, path: str, interface: str, method: str, *arguments: object) -> bool:
        """Call a method; return whether it succeeded."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class KeepAwake(Protocol):
    """One way to keep the computer awake."""

    def start(self, reason: str) -> bool:
        """Begin; `reason` is shown by some systems. Return whether the system agreed."""
        ...

    def stop(self) -> None:
        """End."""
        ...


class LinuxKeepAwake:
    """Asks the power manager of the desktop, else its screen saver, whose idle time also starts the sleep."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def start(self, reason: str) -> bool:
        """Begin."""
        for service, path in (
            ("org.freedesktop.PowerManagement.Inhibit", "/org/freedesktop/PowerManagement/Inhibit"),
            ("org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"),
        ):
            name = service.removesuffix(".Inhibit") if service.startswith("org.freedesktop.Power") else service
            if self._bus.call(name, path, service, "Inhibit", _NAME, reason):
                return True
        return False

    def stop(self) -> None:
        """End: services drop the wish of a connection that is closed, also if the app is killed."""
        self._bus.close()


class WindowsKeepAwake:
    """Sets the execution state of the thread that calls it, which must be the same each time."""

    def __init__(self, kernel32: Any) -> None:
        self._kernel32 = kernel32

    def start(self, reason: str) -> bool:
        """Begin."""
        return bool(self._kernel32.SetThreadExecutionState(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED))

    def stop(self) -> None:
        """End."""
        self._kernel32.SetThreadExecutionState(_ES_CONTINUOUS)


class MacKeepAwake:
    """Holds an assertion of IOKit."""

    def __init__(self, iokit: Any, core_foundation: Any) -> None:
        self._iokit = iokit
        self._foundation = core_foundation
        self._assertion: Any = None

    def start(self, reason: str) -> bool:
        """Begin."""
        import ctypes

        assertion = ctypes.c_uint32(0)
        kind, name = self._string("PreventUserIdleSystemSleep"), self._string(reason)
        failed = self._iokit.IOPMAssertionCreateWithName(kind, _ASSERTION_ON, name, ctypes.byref(assertion))
        self._assertion = None if failed else assertion
        return self._assertion is not None

    def stop(self) -> None:
        """End."""
        if self._assertion is not None:
            self._iokit.IOPMAssertionRelease(self._assertion)
            self._assertion = None

    def _string(self, text: str) -> Any:
        return self._foundation.CFStringCreateWithCString(None, text.encode("utf-8"), _UTF8)


class NoKeepAwake:
    """For systems on which there is no way."""

    def start(self, reason: str) -> bool:
        """Return False."""
        return False

    def stop(self) -> None:
        """Do nothing."""


def make_keep_awake() -> KeepAwake:
    """Return the way of this system."""
    if sys.platform == "win32":
        import ctypes

        return WindowsKeepAwake(ctypes.windll.kernel32)
    if sys.platform == "darwin":
        import ctypes

        frameworks = "/System/Library/Frameworks"
        foundation = ctypes.CDLL(f"{frameworks}/CoreFoundation.framework/CoreFoundation")
        foundation.CFStringCreateWithCString.restype = ctypes.c_void_p
        foundation.CFStringCreateWithCString.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_uint32]
        iokit = ctypes.CDLL(f"{frameworks}/IOKit.framework/IOKit")
        iokit.IOPMAssertionCreateWithName.argtypes = [
            ctypes.c_void_p, ctypes.c_uint32, ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        return MacKeepAwake(iokit, foundation)
    if not has_bus():
        return NoKeepAwake()
    from catdog_desktop.gui.desktop.session_bus import SessionBus

    return LinuxKeepAwake(SessionBus("catdog-awake"))
