"""Notifications of the desktop, and the progress on its taskbar."""

import sys
from importlib.util import find_spec
from typing import Final, Protocol

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QSystemTrayIcon, QWidget

_SHOWN_MS: Final = 10_000
"""How long the icon beside the clock stays that shows a message."""
_LAUNCHER: Final = "application://catdog-desktop.desktop"


class Bus(Protocol):
    """The part of `SessionBus` that is needed."""

    def call(self, service: str, path: str, interface: str, method: str, *arguments: object) -> bool:
        """Call a method; return whether it succeeded."""
        ...

    def emit(self, path: str, interface: str, signal: str, *arguments: object) -> bool:
        """Send a signal; return whether there is a bus."""
        ...


def notify_by_bus(bus: Bus, title: str, text: str) -> bool:
    """Show a notification through the portal of a Linux desktop; return whether it took it. May take two seconds.

    Not `org.freedesktop.Notifications`: PySide cannot send the unsigned numbers that it takes.
    """
    return bus.call(
        "org.freedesktop.portal.Desktop",
        "/org/freedesktop/portal/desktop",
        "org.freedesktop.portal.Notification",
        "AddNotification",
        "job-ended",
        {"title": title, "body": text},
    )


def show_taskbar_progress(bus: Bus, fraction: float | None) -> None:
    """Show progress (0..1) on the icon in the taskbar of Plasma, Unity and docks of GNOME; None removes it."""
    bus.emit(
        "/com/canonical/unity/launcherentry/catdog",
        "com.canonical.Unity.LauncherEntry",
        "Update",
        _LAUNCHER,
        {"progress": float(fraction or 0.0), "progress-visible": fraction is not None},
    )


def notify_by_tray(window: QWidget, title: str, text: str) -> bool:
    """Show a message at an icon beside the clock; return whether there is a place for it. In the GUI thread."""
    if not QSystemTrayIcon.isSystemTrayAvailable():
        return False
    icon = QSystemTrayIcon(window.windowIcon(), window)
    icon.show()
    icon.showMessage(title, text, window.windowIcon(), _SHOWN_MS)
    icon.messageClicked.connect(window.activateWindow)
    QTimer.singleShot(_SHOWN_MS, icon, icon.deleteLater)
    return True


def has_bus() -> bool:
    """Whether this system may have a session bus, and this installation of Qt can use it."""
    return sys.platform.startswith(("linux", "freebsd")) and find_spec("PySide6.QtDBus") is not None
