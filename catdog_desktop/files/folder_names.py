"""What lies in folders, found by names that some file system takes for one."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from catdog_desktop.files.free_names import same_name_key


class FolderNames:
    """The names in folders. Each folder is listed once, so one object serves one piece of work."""

    def __init__(self) -> None:
        self._names: dict[Path, dict[str, list[str]]] = {}

    def of(self, folder: Path) -> Mapping[str, Sequence[str]]:
        """Return the names in `folder` by `same_name_key`, in their order; none if it cannot be looked into."""
        if folder not in self._names:
            by_key: dict[str, list[str]] = {}
            try:
                names = os.listdir(folder)
            except OSError:  # who reads or writes there will say why not
                names = []
            for name in sorted(names):
                by_key.setdefault(same_name_key(name), []).append(name)
            self._names[folder] = by_key
        return self._names[folder]
