"""The trash of the system, through Qt: the freedesktop.org trash, the Recycle Bin, the Trash of macOS."""

from pathlib import Path

from PySide6.QtCore import QFile


def move_to_system_trash(path: Path) -> Path | None:
    """Move a file to the trash; return its path there, None if the system does not report it.

    Raises `NoTrashError` if it was not moved: Qt never deletes a file instead. For any thread.
    """
    from catdog_desktop.trashing.trash_run import NoTrashError

    file = QFile(str(path))
    if not file.moveToTrash():
        raise NoTrashError(file.errorString())
    place = file.fileName()
    return Path(place) if place and place != str(path) else None
