"""The package for Keras models: a second program beside the frozen app, which has TensorFlow and converts for it."""

import sys
from pathlib import Path
from typing import Final

from catdog_desktop import __version__
from catdog_desktop.sandbox.process import CHILD_OPTION

FOLDER: Final = "catdog-desktop-keras"
"""Name of its folder, which is beside that of the app."""
VERSION_FILE: Final = "version"
"""Names the version of the app that it belongs to: parts of it are links to files of the app."""


def keras_command() -> list[str] | None:
    """Return the command that starts a child of the package; None if it is not installed or of another version."""
    if not getattr(sys, "frozen", False):
        return None
    program = Path(sys.executable).resolve()
    folder = program.parent.parent / FOLDER
    try:
        version = (folder / VERSION_FILE).read_text(encoding="utf-8").strip()
    except OSError:
        return None
    converter = folder / f"catdog-cli{program.suffix}"
    return [str(converter), CHILD_OPTION] if version == __version__ and converter.is_file() else None


def app_files() -> Path:
    """Return the folder of the app's files, which the program of the package reads, too."""
    return Path(sys.executable).resolve().parent
