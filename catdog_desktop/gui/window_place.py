"""Where the window stood and how its columns were divided, as a short note that a settings file can hold."""

import base64
import binascii

from PySide6.QtWidgets import QMainWindow, QSplitter


def place_of(window: QMainWindow, columns: QSplitter) -> str:
    """Return a note of size, place and columns."""
    states = (window.saveGeometry(), columns.saveState())
    return " ".join(base64.b64encode(state.data()).decode("ascii") for state in states)


def put_back(note: str, window: QMainWindow, columns: QSplitter) -> None:
    """Put `window` where `note` says; one that cannot be read changes nothing."""
    try:
        geometry, division = (base64.b64decode(part, validate=True) for part in note.split(" "))
    except (binascii.Error, ValueError):
        return
    window.restoreGeometry(geometry)
    columns.restoreState(division)
