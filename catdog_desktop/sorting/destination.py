"""Check that the disk of a sort's destination is still the disk that the sort was planned for.

A disk that is unplugged may leave its empty mount point behind. Files written there are on another disk, and are hidden
once the disk is mounted again.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from catdog_desktop.sorting.transfer_errors import Problem, TransferError


@dataclass(slots=True)
class Destination:
    """The folder that a sort fills, and the mount point of its disk."""

    folder: Path
    mount: Path
    """`mount_of(folder)` when the sort was planned."""
    _identity: tuple[int, int] | None = None

    @classmethod
    def at(cls, folder: Path) -> "Destination":
        """Return `folder`, which need not exist yet, on the disk that is mounted there now."""
        return cls(folder.absolute(), mount_of(folder))

    def remember_identity(self) -> None:
        """Accept only the folder that exists now from now on."""
        self._identity = _identity_of(self.folder)

    def is_there(self) -> bool:
        """Whether the disk is mounted. If so, a missing folder was removed by somebody."""
        if self._identity is not None:
            return self._identity == _identity_of(self.folder)
        return mount_of(self.folder) == self.mount


def nearest_existing(path: Path) -> Path:
    """Return `path`, or its nearest parent that exists."""
    while not os.path.lexists(path) and path.parent != path:
        path = path.parent
    return path


def mount_of(path: Path) -> Path:
    """Return the mount point of the file system that `path` is on, or would be on if it existed."""
    folder = Path(os.path.realpath(nearest_existing(path.absolute())))
    while not os.path.ismount(folder) and folder.parent != folder:
        folder = folder.parent
    return folder


def require_reachable(path: Path) -> None:
    """Raise `TransferError` if the folder of `path` is missing: its disk may be unplugged."""
    if not os.path.isdir(path.parent):  # noqa: PTH112
        raise TransferError(Problem.FOLDER_UNREACHABLE, path.parent)


def _identity_of(folder: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(folder)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino
