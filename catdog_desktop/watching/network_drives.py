"""Find out whether a folder is on a network drive, where other computers write without events."""

import os
import sys
from pathlib import Path
from typing import Final

from catdog_desktop.files.drive_calls import NETWORK_FILE_SYSTEMS, is_below, mount_points, mount_table, network_drive

_ALSO_WRITTEN_ELSEWHERE: Final = frozenset({"fuse.sshfs", "fuse.rclone", "fuse.gvfsd-fuse"})
"""File systems of FUSE that show a folder of another computer. Others, such as mergerfs, report all changes."""


def is_network_drive(folder: Path) -> bool:
    """Whether `folder` is on a network drive. False if unknown."""
    real = os.path.realpath(folder)
    if sys.platform == "win32":
        return bool(network_drive(Path(real)))
    kind = next((kind for point, kind in mount_points(mount_table()) if is_below(real, point)), "")
    return kind in NETWORK_FILE_SYSTEMS or kind in _ALSO_WRITTEN_ELSEWHERE
