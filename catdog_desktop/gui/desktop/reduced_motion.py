"""Whether the user has switched off animations in the settings of the system."""

import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from catdog_desktop.gui.desktop.session_bus import SessionBus

_PORTAL: Final = (
    "org.freedesktop.portal.Desktop",
    "/org/freedesktop/portal/desktop",
    "org.freedesktop.portal.Settings",
)
_LINUX_SETTINGS: Final[tuple[tuple[str, str, tuple[object, ...]], ...]] = (
    ("org.freedesktop.appearance", "reduced-motion", (1,)),
    ("org.gnome.desktop.interface", "enable-animations", (False,)),
    ("org.kde.kdeglobals.KDE", "AnimationDurationFactor", ("0", 0, 0.0)),
)
"""Settings of desktops in the settings portal, and their values without animations."""
_SPI_GETCLIENTAREAANIMATION: Final = 0x1042


def prefers_reduced_motion() -> bool:
    """Return whether the system asks for no animations; False if it does not say. May take seconds."""
    if sys.platform == "win32":
        return _windows()
    if sys.platform == "darwin":
        return _macos()
    # Imported in the thread that asks, since the window does not wait for the answer.
    from catdog_desktop.gui.desktop.session_bus import SessionBus

    return _linux(SessionBus("catdog-motion"))


def _linux(bus: "SessionBus") -> bool:
    try:
        for namespace, key, values in _LINUX_SETTINGS:
            answer = bus.ask(*_PORTAL, "Read", namespace, key)
            if answer and _plain(answer[0]) in values:
                return True
        return False
    finally:
        bus.close()


def _plain(value: Any) -> Any:
    """Return the value inside the variants that D-Bus wraps around it."""
    while hasattr(value, "variant"):
        value = value.variant()
    return value


def _windows() -> bool:
    import ctypes

    animated = ctypes.c_int(1)
    user32: Any = ctypes.windll.user32  # type: ignore[attr-defined]
    user32.SystemParametersInfoW(_SPI_GETCLIENTAREAANIMATION, 0, ctypes.byref(animated), 0)
    return animated.value == 0


def _macos() -> bool:
    import subprocess

    command = ["/usr/bin/defaults", "read", "com.apple.universalaccess", "reduceMotion"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=5)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.stdout.strip() == "1"
