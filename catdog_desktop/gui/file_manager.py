"""Showing a photo where it lies: in the system's file manager."""

import sys
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices


def reveal(path: Path) -> None:
    """Show `path` in the file manager, selected where the system can do that, else its folder."""
    if sys.platform == "win32":
        started = QProcess.startDetached("explorer", ["/select,", str(path)])
    elif sys.platform == "darwin":
        started = QProcess.startDetached("open", ["-R", str(path)])
    else:
        # The interface that Nautilus, Dolphin, Nemo, Thunar and others share.
        started = QProcess.startDetached(
            "dbus-send",
            [
                "--session",
                "--dest=org.freedesktop.FileManager1",
                "--type=method_call",
                "/org/freedesktop/FileManager1",
                "org.freedesktop.FileManager1.ShowItems",
                f"array:string:{path.absolute().as_uri()}",
                "string:",
            ],
        )
    if not started[0] if isinstance(started, tuple) else not started:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.parent)))
