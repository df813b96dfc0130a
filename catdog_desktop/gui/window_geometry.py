"""Where the window stood and how its columns were divided, as a short note; how a dialog grows within the screen."""

import base64
import binascii

from PySide6.QtWidgets import QDialog, QMainWindow, QSplitter


def saved_geometry(window: QMainWindow, columns: QSplitter) -> str:
    """Return a note of size, place and columns."""
    states = (window.saveGeometry(), columns.saveState())
    return " ".join(base64.b64encode(state.data()).decode("ascii") for state in states)


def restore_geometry(note: str, window: QMainWindow, columns: QSplitter) -> None:
    """Put `window` where `note` says; one that cannot be read changes nothing."""
    try:
        geometry, division = (base64.b64decode(part, validate=True) for part in note.split(" "))
    except (binascii.Error, ValueError):
        return
    window.restoreGeometry(geometry)
    columns.restoreState(division)


def grow(dialog: QDialog, width: int, height: int) -> None:
    """Give `dialog` this size, or as much of it as the screen has, and keep its buttons on the screen."""
    room = dialog.screen().availableGeometry()
    frame = dialog.frameSize() - dialog.size()
    dialog.resize(min(width, room.width() - frame.width()), min(height, room.height() - frame.height()))
    right = room.left() + room.width() - dialog.width() - frame.width()
    bottom = room.top() + room.height() - dialog.height() - frame.height()
    place = dialog.pos()
    dialog.move(max(room.left(), min(place.x(), right)), max(room.top(), min(place.y(), bottom)))
