"""Groups of the gallery: photos of one month, or of one folder, under a heading."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

GROUPINGS: Final = ("none", "month", "folder")
"""How the gallery can be grouped."""
_EPOCH: Final = date(1970, 1, 1).toordinal()
NO_MONTH: Final = np.iinfo(np.int32).max
"""The month of photos without a date. Sorts last."""

Keys = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Group:
    """Consecutive photos under one heading. Without month and folder: photos without a date."""

    first: int
    """Position of its first photo."""
    count: int
    """Cards: one for each photo, or for each stack."""
    month: date | None = None
    """The first day of the month."""
    folder: Path | None = None
    photos: int = 0
    """Photos, with those behind the card of a stack; set by the model of the gallery."""


def months(days: NDArray[np.float64]) -> Keys:
    """Return the month of each day (as `date.toordinal()`), counted from January 1970; `NO_MONTH` for NaN."""
    known = ~np.isnan(days)
    found = np.full(len(days), NO_MONTH, np.int32)
    whole = np.floor(days[known]).astype(np.int64) - _EPOCH
    found[known] = whole.astype("datetime64[D]").astype("datetime64[M]").astype(np.int32)
    return found


def month_start(month: int) -> date | None:
    """Return the first day of a month as numbered by `months`; None for `NO_MONTH`."""
    return None if month == NO_MONTH else date(1970 + month // 12, month % 12 + 1, 1)


def first_of_each(keys: NDArray[Any]) -> list[int]:
    """Return the positions at which another key begins."""
    if not len(keys):
        return []
    return [0, *(np.flatnonzero(np.diff(keys)) + 1).tolist()]
