"""Commit and date of a build, from git; or those of a source archive, which has no git.

Also the time that a reproducible build gives to all files: SOURCE_DATE_EPOCH if set, else the time of the commit.
"""

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BUILD_FILE = "build.json"  # `catdog_desktop.build_info.BUILD_FILE`; hatchling runs this without the app's packages
EARLIEST = 315_532_800  # 1980, the first year that a zip file can store


def build_stamp(root: Path = ROOT) -> dict[str, str]:
    """Return `commit` and `date` of the tree at `root`; empty if they are unknown."""
    commit, seconds = _git(root, "rev-parse", "--short=10", "HEAD"), _git(root, "show", "-s", "--format=%ct", "HEAD")
    if commit and seconds:
        return {"commit": commit, "date": datetime.fromtimestamp(int(seconds), UTC).date().isoformat()}
    try:
        stamp: dict[str, str] = json.loads((root / "catdog_desktop" / BUILD_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp


def write_build_stamp(folder: Path, root: Path = ROOT) -> Path | None:
    """Write the build file to `folder`; return its path, or None if there is nothing to write."""
    stamp = build_stamp(root)
    if not stamp:
        return None
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / BUILD_FILE
    path.write_text(json.dumps(stamp, sort_keys=True) + "\n", encoding="utf-8")
    return path


def source_date_epoch(root: Path = ROOT) -> int:
    """Return the time of all files in a package, in seconds since 1970."""
    given = os.environ.get("SOURCE_DATE_EPOCH") or _git(root, "show", "-s", "--format=%ct", "HEAD")
    if given:
        return max(int(given), EARLIEST)
    date = build_stamp(root).get("date")
    return int(datetime.fromisoformat(f"{date}T00:00:00+00:00").timestamp()) if date else EARLIEST


def _git(root: Path, *words: str) -> str:
    """Return the output of git; empty without git, or if `root` is not the top of a repository."""
    if not (root / ".git").exists():  # a source archive unpacked inside another repository
        return ""
    try:
        ended = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return ended.stdout.strip() if ended.returncode == 0 else ""
