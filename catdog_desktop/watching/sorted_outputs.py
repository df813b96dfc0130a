"""The folders that sorts fill: the copies in them are no new photos."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from catdog_desktop.files.drive_calls import DriveTimeoutError, call_drive
from catdog_desktop.sorting.sorted_folders import own_output_folders

_REFRESH_SECONDS: Final = 1.0


class SortedOutputs:
    """Knows the output folders of all sorts below the watched folders. Reads their journals once a second."""

    def __init__(self) -> None:
        self._own: tuple[Path, ...] = ()
        self._within: dict[Path, bool] = {}
        self._due = 0.0

    def refresh(self, folders: Sequence[Path]) -> None:
        """Read the journals of sorts again."""
        self._due = time.monotonic() + _REFRESH_SECONDS
        own = own_output_folders(folders)
        if own != self._own:
            self._own, self._within = own, {}

    def contains(self, photo: Path, folders: Sequence[Path]) -> bool:
        """Whether `photo` is in one of the output folders below the watched `folders`."""
        if time.monotonic() >= self._due:
            self.refresh(folders)
        if not self._own:
            return False
        folder = photo.parent
        if folder not in self._within:
            try:
                real = Path(call_drive(folder, os.path.realpath, folder))
            except DriveTimeoutError:
                return False  # Asked again before the photo is handed over.
            self._within[folder] = any(real.is_relative_to(output) for output in self._own)
        return self._within[folder]
