"""Whether the disk that a sort fills is still the one it was planned for.

A disk that is pulled out may leave an empty folder of its name. What is written there instead is hidden as soon as the
disk comes back, which to its owner is as good as lost.
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Destination:
    """The folder that a sort fills, and where its disk is mounted."""

    folder: Path
    mount: Path
    """`mount_of` the folder when the sort was planned."""
    _identity: tuple[int, int] | None = None

    @classmethod
    def at(cls, folder: Path) -> "Destination":
        """Return `folder`, which need not exist yet, on the disk that is there now."""
        return cls(folder.absolute(), mount_of(folder))

    def note_identity(self) -> None:
        """From now on, only the very folder that is there now is the right one."""
        self._identity = _identity_of(self.folder)

    def is_there(self) -> bool:
        """Whether the disk is there: then a missing folder was removed by somebody."""
        if self._identity is not None:
            return self._identity == _identity_of(self.folder)
        return mount_of(self.folder) == self.mount


def nearest_existing(path: Path) -> Path:
    """Return `path`, or the nearest folder above it that exists."""
    while not os.path.lexists(path) and path.parent != path:
        path = path.parent
    return path


def mount_of(path: Path) -> Path:
    """Return where the file system is mounted that `path` lies on, or would lie on if it existed."""
    place = Path(os.path.realpath(nearest_existing(path.absolute())))
    while not os.path.ismount(place) and place.parent != place:
        place = place.parent
    return place


def _identity_of(folder: Path) -> tuple[int, int] | None:
    try:
        found = os.stat(folder)  # noqa: PTH116
    except OSError:
        return None
    return found.st_dev, found.st_ino
