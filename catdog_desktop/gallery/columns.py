"""What filters and sorting look at, a column each: so that 100,000 rows are looked through in a few milliseconds."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.gallery.photo_row import Filter, Narrowing, Order, Row, natural_key
from catdog_desktop.verdict import Thresholds, Verdict
from catdog_desktop.verdict_arrays import CODES, NO_VERDICT, judge_all, margins, worth_a_look

Numbers = NDArray[np.int32]
"""Numbers of rows."""
Mask = NDArray[np.bool_]
"""One truth for each row, listed or not."""

_COLUMNS: Final[dict[str, Any]] = {
    "listed": np.bool_,
    "problem": np.bool_,
    "corrected": np.bool_,
    "verdict": np.int8,
    "folder": np.int32,
    "group": np.int32,
    "cat": np.float64,
    "dog": np.float64,
    "taken": np.float64,
}
_ROUNDING: Final = 0.005
"""Scores are chosen by whole per cent."""


class Columns:
    """Columns by the numbers of rows. Numbers of rows taken off the list stay empty."""

    def __init__(self) -> None:
        self.thresholds = Thresholds()
        self._count = 0
        self._columns: dict[str, NDArray[Any]] = {name: np.zeros(1024, kind) for name, kind in _COLUMNS.items()}
        self._names: list[str] = []
        self._folders: list[str] = []
        self._folder_numbers: dict[str, int] = {}
        self._by_name: list[list[int]] = []
        """Numbers of rows, sorted; in parts while there is more to do."""
        self._name_keys: list[str] = []

    # What is in them.

    def append(self, row: Row) -> None:
        """Take a row in; its number is the next."""
        if self._count == len(self._columns["listed"]):
            self._columns = {name: np.concatenate([old, np.zeros_like(old)]) for name, old in self._columns.items()}
        self._count += 1
        self._names.append("")
        self.put_place(row)
        self.put(row)

    def put_place(self, row: Row) -> None:
        """Note where a photo lies, which is not changed by its result."""
        folder = os.path.dirname(row.path)  # noqa: PTH120  Path.parent takes ten times as long.
        number = self._folder_numbers.setdefault(folder, len(self._folders))
        if number == len(self._folders):
            self._folders.append(folder)
        self._columns["folder"][row.number] = number
        self._names[row.number] = row.name.casefold()
        if row.number < len(self._name_keys):
            self._name_keys.clear()
            self._by_name.clear()

    def put(self, row: Row) -> None:
        """Note what is known of a row."""
        columns, number, result = self._columns, row.number, row.result
        columns["listed"][number] = True
        columns["problem"][number] = row.is_problem
        columns["corrected"][number] = row.corrected
        columns["group"][number] = -1 if row.group is None else row.group
        columns["verdict"][number] = NO_VERDICT if row.verdict is None else _CODE[row.verdict]
        scores = result.scores if result is not None else None
        columns["cat"][number], columns["dog"][number] = (scores.cat, scores.dog) if scores else (np.nan, np.nan)
        taken = result.info.date if result is not None else None
        columns["taken"][number] = np.nan if taken is None else _days(taken)

    def drop(self, row: Row) -> None:
        """Take a row off the list."""
        self._columns["listed"][row.number] = False

    def folders(self) -> dict[str, int]:
        """Return how many photos lie in each folder itself."""
        counts = np.bincount(self._column("folder")[self._column("listed")], minlength=len(self._folders))
        return {folder: int(count) for folder, count in zip(self._folders, counts, strict=True) if count}

    def days(self) -> tuple[int, int] | None:
        """Return the first and the last day on which a photo was taken, as ordinals; None if no day is known."""
        taken = self._column("taken")[self._column("listed")]
        taken = taken[~np.isnan(taken)]
        return None if not taken.size else (int(taken.min()), int(taken.max()))

    # What they say.

    def shown(self, order: Order) -> Numbers:
        """Return the numbers of the rows that are to be shown, in order; those that lack what is sorted by are last."""
        mask = self._narrowed(order) & self._passing(order.filter)
        if order.filter is Filter.TO_CHECK:
            return self._sorted(mask, self._margins(), descending=False)
        if order.filter is Filter.EQUAL:
            return self._equal_together(np.flatnonzero(mask).astype(np.int32))
        if order.key == "name":
            numbers = self._numbers_by_name()
            shown = numbers[mask[numbers]]
            return shown[::-1] if order.descending else shown
        column = _KEYS.get(order.key)
        if column is not None:
            return self._sorted(mask, self._column(column), descending=order.descending)
        shown = np.flatnonzero(mask).astype(np.int32)
        return shown[::-1] if order.descending else shown

    def counts(self, order: Order) -> dict[Filter, int]:
        """Return how many rows each filter would show, search and narrowing being what they are."""
        among = self._narrowed(order)
        return {filter_: int(np.count_nonzero(among & self._passing(filter_))) for filter_ in Filter}

    def judge(self, thresholds: Thresholds) -> Numbers:
        """Draw the verdicts that are not the user's own again; return the numbers of the rows that have another."""
        self.thresholds = thresholds
        before = self._column("verdict")
        after = judge_all(thresholds, self._column("cat"), self._column("dog"))
        changed = (after != before) & ~self._column("corrected") & self._column("listed")
        return np.flatnonzero(changed).astype(np.int32)

    def prepare(self, most: int) -> bool:
        """Sort up to `most` more rows by name, before anybody asks for it; return whether there is more to do."""
        start = len(self._name_keys)
        end = min(self._count, start + most)
        if start < end:
            self._name_keys += [natural_key(name) for name in self._names[start:end]]
            self._by_name.append(sorted(range(start, end), key=self._name_keys.__getitem__))
        elif len(self._by_name) > 1:
            # What is sorted in two parts is merged in little more than a look at each.
            later, earlier = self._by_name.pop(), self._by_name.pop()
            self._by_name.append(sorted(earlier + later, key=self._name_keys.__getitem__))
        return end < self._count or len(self._by_name) > 1

    # How.

    def _column(self, name: str) -> NDArray[Any]:
        return self._columns[name][: self._count]

    def _passing(self, filter_: Filter) -> Mask:
        if filter_ is Filter.ALL:
            return np.ones(self._count, np.bool_)
        special: dict[Filter, Callable[[], Mask]] = {
            Filter.PROBLEM: lambda: self._column("problem"),
            Filter.CORRECTED: lambda: self._column("corrected"),
            Filter.EQUAL: lambda: self._column("group") >= 0,
            Filter.TO_CHECK: lambda: (
                worth_a_look(self.thresholds, self._column("cat"), self._column("dog")) & ~self._column("corrected")
            ),
        }
        if filter_ in special:
            return special[filter_]()
        chosen: Mask = self._column("verdict") == _CODE[Verdict(filter_.value)]
        return chosen

    def _margins(self) -> NDArray[np.float64]:
        return margins(self.thresholds, self._column("cat"), self._column("dog"))

    def _narrowed(self, order: Order) -> Mask:
        mask = self._column("listed").copy()
        wanted = order.search.casefold()
        if wanted:
            mask &= np.fromiter((wanted in name for name in self._names), np.bool_, self._count)
        narrowing = order.narrowing
        if narrowing == Narrowing():
            return mask
        if narrowing.folder is not None:
            mask &= self._lies_in(narrowing.folder)[self._column("folder")]
        # Nothing compares with NaN: a photo without a score or a day does not pass.
        for name, (low, high) in (("cat", narrowing.cat), ("dog", narrowing.dog)):
            if (low, high) != (0.0, 1.0):
                scores = self._column(name)
                mask &= (scores >= low - _ROUNDING) & (scores < high + _ROUNDING)
        if narrowing.first_day is not None:
            mask &= self._column("taken") >= narrowing.first_day.toordinal()
        if narrowing.last_day is not None:
            mask &= self._column("taken") < narrowing.last_day.toordinal() + 1
        return mask

    def _lies_in(self, folder: Path) -> Mask:
        """Return for each of the folders whether it is `folder` or below it."""
        whole = os.fspath(folder)
        below = whole if whole.endswith(os.sep) else whole + os.sep
        return np.array([name == whole or name.startswith(below) for name in self._folders], np.bool_)

    def _sorted(self, mask: Mask, values: NDArray[Any], *, descending: bool) -> Numbers:
        numbers = np.flatnonzero(mask).astype(np.int32)
        chosen = values[numbers]
        # Stable, so that equal values stay in the order in which they came; NaN is the last either way.
        return numbers[np.argsort(-chosen if descending else chosen, kind="stable")]

    def _equal_together(self, numbers: Numbers) -> Numbers:
        """Put equal photos together, where the first of them is."""
        _, first, group = np.unique(self._column("group")[numbers], return_index=True, return_inverse=True)
        return numbers[np.argsort(first[group], kind="stable")]

    def _numbers_by_name(self) -> Numbers:
        while self.prepare(self._count):
            pass
        return np.array(self._by_name[0] if self._by_name else [], np.int32)


_CODE: Final = {verdict: code for code, verdict in enumerate(CODES)}
_KEYS: Final = {"date": "taken", "cat": "cat", "dog": "dog"}


def _days(moment: datetime) -> float:
    """Return a moment as days; by no time zone, for the photo's own clock is all that is known."""
    return moment.toordinal() + (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400
