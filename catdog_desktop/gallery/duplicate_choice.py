"""Which photo of each group of duplicates to keep."""

import math
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catdog_desktop.gallery.natural_sort import natural_key
from catdog_desktop.gallery.photo_row import Row

_COPY_NAME: Final = re.compile(
    r"(?<![^\W\d_])(?:copy|copie|copia|kopie|kopia|cópia)(?![^\W\d_])|\(\d+\)\s*$|\s-\s\d+\s*$", re.IGNORECASE
)
"""Stems that file managers give to copies: "IMG_1 copy", "Copy of IMG_1", "IMG_1 - Kopie", "IMG_1 (1)", "IMG_1 - 2"."""


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """A photo to keep, and its duplicates."""

    keep: Row
    others: tuple[Row, ...]


def all_but_one(rows: Iterable[Row], preferred: Path | None = None) -> list[KeptPhoto]:
    """Choose a photo to keep from each group of duplicates among `rows`, groups in the order of their first photo.

    It is one in the folder `preferred` or below it, if there is one; then one whose name is not that of a copy; then
    the oldest; then the first by path. Groups with a single photo among `rows` are skipped.
    """
    groups: dict[int, list[Row]] = {}
    for row in rows:
        if row.duplicate_group is not None:
            groups.setdefault(row.duplicate_group, []).append(row)
    chosen = []
    for group in groups.values():
        if len(group) > 1:
            keep = min(group, key=lambda row: _rank(row, preferred))
            chosen.append(KeptPhoto(keep, tuple(row for row in group if row is not keep)))
    return chosen


def looks_like_copy(path: Path) -> bool:
    """Return whether the name of a file says that it is a copy."""
    return _COPY_NAME.search(path.stem) is not None


def _rank(row: Row, preferred: Path | None) -> tuple[bool, bool, float, str]:
    elsewhere = preferred is not None and not row.path.is_relative_to(preferred)
    return elsewhere, looks_like_copy(row.path), _age(row), natural_key(os.fspath(row.path))


def _age(row: Row) -> float:
    """Return the photo's date as a number; infinity without a date."""
    date = row.result.info.date if row.result is not None else None
    # Not `timestamp()`, which fails for dates before 1970 on Windows.
    return math.inf if date is None else date.toordinal() * 86_400.0 + date.hour * 3600 + date.minute * 60 + date.second
