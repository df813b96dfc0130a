"""The version of the app, and the commit and date of its build.

A build (`packaging/build_stamp.py`) writes `build.json` beside this file. A source tree from git has no such file.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from catdog_desktop import __version__
from catdog_desktop.messages import _

BUILD_FILE: Final = "build.json"
"""Name of the file in the package: an object with `commit` (hex digits) and `date` (YYYY-MM-DD, of the commit)."""


class BuildInfo(NamedTuple):
    """What a build was made of."""

    commit: str
    """Abbreviated hash of the commit."""
    date: str
    """Date of the commit in UTC, YYYY-MM-DD. Not the time of the build, so that two builds are equal."""


def read_build_info(path: Path) -> BuildInfo | None:
    """Return the content of a build file, or None if it is absent or damaged."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        info = BuildInfo(str(content["commit"]), str(content["date"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    is_valid = re.fullmatch(r"[0-9a-f]{7,40}", info.commit) and re.fullmatch(r"\d{4}-\d\d-\d\d", info.date)
    return info if is_valid else None


@cache
def build_info() -> BuildInfo | None:
    """Return commit and date of this build; None in a source tree."""
    return read_build_info(Path(__file__).with_name(BUILD_FILE))


def version_text() -> str:
    """Return `CatDog 2.0.0`, followed in a build by its commit and date."""
    info = build_info()
    if info is None:
        return f"CatDog {__version__}"
    return _("CatDog {version} (build {commit} of {date})").format(
        version=__version__, commit=info.commit, date=info.date
    )
