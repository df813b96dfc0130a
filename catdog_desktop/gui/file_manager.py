"""Show a photo in the system's file manager."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QProcess

from catdog_desktop.formatting import displayable
from catdog_desktop.gui.photo_files import open_with_default_program
from catdog_desktop.messages import _

_TIMEOUT_MS: Final = 5000
"""How long to wait for a file manager. D-Bus may start one first."""
_running: set[QProcess] = set()
"""Processes that have not ended: Python must not delete them."""


def reveal(path: Path, say: Callable[[str], object]) -> None:
    """Show `path` in the file manager, selected if the system can do that. Otherwise open its folder.

    Returns at once. The folder is opened when the file manager does not start, reports an error or does not answer.
    `say` shows a sentence if no program opens the folder either.
    """
    program, arguments = _command(path)
    process = QProcess()
    process.setProgram(program)
    process.setArguments(arguments)
    process.errorOccurred.connect(partial(_on_error, process, path, say))
    process.finished.connect(partial(_on_finished, process, path, say))
    _running.add(process)
    process.start()


def _command(path: Path) -> tuple[str, list[str]]:
    if sys.platform == "win32":
        return "explorer", [f"/select,{path}"]
    if sys.platform == "darwin":
        return "open", ["-R", str(path)]
    # The D-Bus interface that Nautilus, Dolphin, Nemo, Thunar and others implement.
    return "dbus-send", [
        "--session",
        "--print-reply",  # Without it, dbus-send does not notice that nobody answers.
        f"--reply-timeout={_TIMEOUT_MS}",
        "--dest=org.freedesktop.FileManager1",
        "--type=method_call",
        "/org/freedesktop/FileManager1",
        "org.freedesktop.FileManager1.ShowItems",
        f"array:string:{path.absolute().as_uri()}",
        "string:",
    ]


def _on_error(process: QProcess, path: Path, say: Callable[[str], object], error: QProcess.ProcessError) -> None:
    if error is QProcess.ProcessError.FailedToStart:  # Otherwise `finished` follows.
        _running.discard(process)
        _open_folder(path, say)


def _on_finished(
    process: QProcess, path: Path, say: Callable[[str], object], exit_code: int, _status: QProcess.ExitStatus
) -> None:
    _running.discard(process)
    if exit_code != 0 and sys.platform != "win32":  # explorer always returns 1
        _open_folder(path, say)


def _open_folder(path: Path, say: Callable[[str], object]) -> None:
    if not open_with_default_program(path.parent):
        say(_("No file manager was found. The folder is {folder}.").format(folder=displayable(path.parent)))
