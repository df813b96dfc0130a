"""Hatchling's build hook: put the commit and date of the build into the wheel and the source archive."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

sys.path.insert(0, str(Path(__file__).resolve().parent))

from build_stamp import BUILD_FILE, write_build_stamp


class BuildStampHook(BuildHookInterface):  # type: ignore[type-arg]
    """Adds `catdog_desktop/build.json`, except to an editable installation, which runs from git."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Write the file to a temporary folder and name it to the builder."""
        root = Path(self.root)
        in_tree = (root / "catdog_desktop" / BUILD_FILE).exists()  # of a source archive
        if version == "editable" or (in_tree and self.target_name == "sdist"):
            return
        # A wheel takes the file from here also if it is in the tree (it is excluded there): its place in the wheel
        # depends on that, and the wheel of a source archive is to be the same as that of the repository.
        self.folder = tempfile.TemporaryDirectory(prefix="catdog-build-")
        path = write_build_stamp(Path(self.folder.name), root)
        if path is not None:
            build_data["force_include"][str(path)] = f"catdog_desktop/{BUILD_FILE}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Remove the temporary folder."""
        folder = getattr(self, "folder", None)
        if folder is not None:
            folder.cleanup()
