"""Counts for the statistics page and the contact sheet: verdicts by year and folder, and how certain they are."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.gallery.groups import NO_MONTH, months
from catdog_desktop.gallery.natural_sort import natural_key
from catdog_desktop.verdict import Result, Thresholds
from catdog_desktop.verdict_arrays import CODES, NO_VERDICT, margins

Counts = tuple[int, ...]
"""One count for each verdict, in the order of `verdict_arrays.CODES`."""

CERTAINTY_STEP: Final = 0.05
"""Width of a bin of the certainty histogram, as a probability."""
_BINS: Final = 10
_MOST_FOLDERS: Final = 12
"""Folders shown one by one; the others are summed up."""
_EPOCH_YEAR: Final = 1970


@dataclass(frozen=True, slots=True)
class Bar:
    """The verdicts of the photos of one year or folder."""

    name: str
    """A year, the path of a folder, or empty: without a date, or all other folders."""
    counts: Counts

    @property
    def total(self) -> int:
        """How many photos have a verdict."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts of photos with a verdict."""

    photos: int
    """All photos, those without a verdict included."""
    verdicts: Counts
    years: tuple[Bar, ...]
    """In ascending order; photos without a date come last."""
    folders: tuple[Bar, ...]
    """Those with the most photos, in natural order; then all others as one."""
    other_folders: int
    """How many folders the last bar of `folders` sums up."""
    certainty: Counts
    """Photos by the distance of the nearer score to its threshold, in bins of `CERTAINTY_STEP`; the last is open."""

    @property
    def judged(self) -> int:
        """How many photos have a verdict."""
        return sum(self.verdicts)


def make_statistics(
    codes: NDArray[np.int8],
    days: NDArray[np.float64],
    folders: NDArray[np.int32],
    folder_names: Sequence[str],
    certainty: NDArray[np.float64],
) -> Statistics:
    """Count. All arrays have one value for each photo; `certainty` is NaN without scores."""
    judged = codes != NO_VERDICT
    table = _count(months(days)[judged], codes[judged])
    years: dict[int | None, NDArray[np.int64]] = {}
    for month, counts in table.items():
        year = None if month == NO_MONTH else _EPOCH_YEAR + month // 12
        years[year] = years[year] + counts if year in years else counts
    dated = sorted(year for year in years if year is not None)
    bars = [Bar(str(year), _tuple(years[year])) for year in dated]
    if None in years:
        bars.append(Bar("", _tuple(years[None])))
    by_folder = _count(folders[judged], codes[judged])
    folder_bars, others = _largest(by_folder, folder_names)
    known = certainty[judged & ~np.isnan(certainty)]
    # 0.95 - 0.5 is a little less than 0.45 in binary.
    bins = np.minimum((known / CERTAINTY_STEP + 1e-6).astype(np.int64), _BINS - 1)
    return Statistics(
        len(codes),
        _tuple(np.bincount(codes[judged], minlength=len(CODES))),
        tuple(bars),
        folder_bars,
        others,
        _tuple(np.bincount(bins, minlength=_BINS)),
    )


def statistics_of_results(results: Sequence[Result], thresholds: Thresholds) -> Statistics:
    """Return the statistics of results, as the contact sheet needs them."""
    codes, days, folders = [], [], []
    cats, dogs = [], []
    names: dict[str, int] = {}
    for result in results:
        verdict = result.verdict(thresholds)
        codes.append(NO_VERDICT if verdict is None else CODES.index(verdict))
        days.append(np.nan if result.info.date is None else result.info.date.toordinal())
        folders.append(names.setdefault(os.fspath(result.path.parent), len(names)))
        cats.append(np.nan if result.scores is None else result.scores.cat)
        dogs.append(np.nan if result.scores is None else result.scores.dog)
    return make_statistics(
        np.array(codes, np.int8),
        np.array(days, np.float64),
        np.array(folders, np.int32),
        list(names),
        margins(thresholds, np.array(cats, np.float64), np.array(dogs, np.float64)),
    )


def short_folder_names(bars: Sequence[Bar]) -> dict[str, str]:
    """Return the name of each folder to show: its path without the part that all of them share."""
    names = [bar.name for bar in bars if bar.name]
    try:
        shared = os.path.commonpath(names) if names else ""
        if shared in names:
            shared = os.path.dirname(shared)  # noqa: PTH120  As in `Columns.put_path`.
    except ValueError:  # Relative and absolute paths, or different drives.
        shared = ""
    return {name: name[len(shared) :].lstrip(os.sep) or name for name in names}


def _count(keys: NDArray[np.int32], codes: NDArray[np.int8]) -> dict[int, NDArray[np.int64]]:
    """Return the counts of each verdict for each key."""
    distinct, number = np.unique(keys, return_inverse=True)
    flat = np.bincount(number * len(CODES) + codes, minlength=len(distinct) * len(CODES))
    return dict(zip(distinct.tolist(), flat.reshape(len(distinct), len(CODES)), strict=True))


def _largest(by_folder: dict[int, NDArray[np.int64]], names: Sequence[str]) -> tuple[tuple[Bar, ...], int]:
    """Return a bar for each of the largest folders and one for the others, and how many the others are."""
    ranked = sorted(by_folder, key=lambda number: -int(by_folder[number].sum()))
    # A single other folder needs no more space than the sum.
    most = _MOST_FOLDERS if len(ranked) > _MOST_FOLDERS + 1 else len(ranked)
    shown = sorted(ranked[:most], key=lambda number: natural_key(names[number]))
    bars = [Bar(names[number], _tuple(by_folder[number])) for number in shown]
    others = ranked[most:]
    if others:
        bars.append(Bar("", _tuple(np.sum([by_folder[number] for number in others], axis=0))))
    return tuple(bars), len(others)


def _tuple(counts: NDArray[Any]) -> Counts:
    return tuple(int(count) for count in counts)
