"""Filtering and sorting of all rows, on one NumPy array per property: a few milliseconds for 100,000 rows."""

import os
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.gallery.folder_table import FolderTable
from catdog_desktop.gallery.groups import NO_MONTH, Group, first_of_each, month_start, months
from catdog_desktop.gallery.name_order import NameOrder
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gallery.query import FILTERS_WITH_OWN_ORDER, Filter, Query, SecondaryFilter
from catdog_desktop.gallery.search import Term
from catdog_desktop.gallery.search_masks import SearchedRows, narrow
from catdog_desktop.gallery.stacked_rows import StackedRows, StackTable
from catdog_desktop.gallery.statistics import Statistics, make_statistics
from catdog_desktop.learning.look_alikes import disagreement, look_alikes
from catdog_desktop.learning.similarity import FeatureTable
from catdog_desktop.verdict import Thresholds, Verdict
from catdog_desktop.verdict_arrays import CODES, NO_VERDICT, judge_all, margins, worth_a_look

RowNumbers = NDArray[np.int32]
"""Values of `Row.number`."""
Mask = NDArray[np.bool_]
"""One value for each row number, removed rows included."""

_COLUMNS: Final[dict[str, Any]] = {
    "listed": np.bool_,
    "stopped": np.bool_,
    "problem": np.bool_,
    "corrected": np.bool_,
    "verdict": np.int8,
    "rating": np.int8,
    "folder": np.int32,
    "duplicate_group": np.int32,
    "cat": np.float64,
    "dog": np.float64,
    "taken": np.float64,
    "bytes": np.float64,
}
_T = TypeVar("_T")
_MOST_KEPT: Final = 40
"""Limit for kept arrays: with 100,000 rows, a mask has 100 kB."""
_ROUNDING: Final = 0.005
"""Score filters compare whole percents, so a score may be half a percent off."""


class Columns:
    """Properties of rows, indexed by `Row.number`. The numbers of removed rows are not used until `renumber`."""

    def __init__(self) -> None:
        self.thresholds = Thresholds()
        self._count = 0
        self._columns: dict[str, NDArray[Any]] = {name: np.zeros(1024, kind) for name, kind in _COLUMNS.items()}
        self._names = NameOrder()
        self._folders = FolderTable()
        self._features = FeatureTable()
        self._stacks = StackTable()
        self._kept: dict[object, Any] = {}
        """What `_once` has computed since the last change: chips, gallery and headings ask for the same masks."""

    # Changes

    def append(self, rows: Sequence[Row]) -> None:
        """Add rows; their numbers must be the next ones, in order."""
        self._count += len(rows)
        while self._count > len(self._columns["listed"]):
            self._columns = {name: np.concatenate([old, np.zeros_like(old)]) for name, old in self._columns.items()}
        self._names.extend(len(rows))
        for row in rows:
            self.put_path(row)
        self.put(rows)

    def renumber(self, rows: Sequence[Row], kept: RowNumbers) -> None:
        """Keep these rows only, which are numbered from 0 on; `kept` are the numbers that they had, ascending."""
        size = max(1024, len(rows))
        for name, old in self._columns.items():
            self._columns[name] = np.zeros(size, old.dtype)
            self._columns[name][: len(rows)] = old[kept]
        self._count = len(rows)
        self._features.keep(kept)
        self._stacks.keep(kept)
        self._kept.clear()
        self._names = NameOrder(len(rows))
        self._folders = FolderTable()
        for row in rows:
            self.put_path(row)

    def put_path(self, row: Row) -> None:
        """Update the folder and the name of a row."""
        self._kept.clear()
        path = str(row.path)
        cut = path.rfind(os.sep)
        # What os.path.dirname() returns, in a fifth of the time; Path.parent takes ten times as long as that.
        folder = path[:cut] if cut > 1 and os.name == "posix" else os.path.dirname(path)  # noqa: PTH120
        self._columns["folder"][row.number] = self._folders.number_of(folder)
        self._names.put(row.number, row.name)

    def put(self, rows: Sequence[Row]) -> None:
        """Update everything but the paths of some rows."""
        if not rows:
            return
        self._kept.clear()
        numbers = np.fromiter((row.number for row in rows), np.intp, len(rows))
        # One column after the other: numpy takes a list in the time of a few single values.
        columns = self._columns
        columns["listed"][numbers] = True
        columns["stopped"][numbers] = [row.state is State.STOPPED for row in rows]
        columns["problem"][numbers] = [row.is_problem for row in rows]
        columns["corrected"][numbers] = [row.corrected for row in rows]
        columns["rating"][numbers] = [row.rating for row in rows]
        columns["duplicate_group"][numbers] = [
            -1 if row.duplicate_group is None else row.duplicate_group for row in rows
        ]
        columns["verdict"][numbers] = [NO_VERDICT if row.verdict is None else _CODE[row.verdict] for row in rows]
        results = [row.result for row in rows]
        if all(result is None for result in results):  # of a folder that is being walked
            for name in ("cat", "dog", "taken", "bytes"):
                columns[name][numbers] = np.nan
            return
        scores = [result.scores if result is not None else None for result in results]
        columns["cat"][numbers] = [np.nan if each is None else each.cat for each in scores]
        columns["dog"][numbers] = [np.nan if each is None else each.dog for each in scores]
        dates = [result.info.date if result is not None else None for result in results]
        columns["taken"][numbers] = [np.nan if date is None else _days(date) for date in dates]
        columns["bytes"][numbers] = [
            (result.info.file_bytes if result is not None else 0) or np.nan for result in results
        ]

    def put_features(self, numbers: Sequence[int], features: NDArray[np.float32]) -> None:
        """Set the features [N, D] of rows."""
        self._kept.clear()
        self._features.put(numbers, features)

    def forget_features_of(self, row: Row) -> None:
        """Drop the features of a row, because its file has changed."""
        self._features.forget(row.number)

    def forget_features(self) -> None:
        """Drop all features, because another model is used."""
        self._kept.clear()
        self._features.clear()

    def put_stacks(self, stacks: Sequence[Sequence[int]]) -> None:
        """Set which rows are in a stack together: the numbers of each, the best first."""
        self._stacks.put(stacks, self._count)

    def drop(self, row: Row) -> None:
        """Remove a row from the list."""
        self._kept.clear()
        self._columns["listed"][row.number] = False

    # Queries

    def stopped(self) -> int:
        """Return how many listed photos were stopped before they had a result."""
        return int(np.count_nonzero(self._column("stopped") & self._column("listed")))

    def listed(self, rows: Sequence[Row]) -> list[bool]:
        """Return for each row whether it was not removed."""
        listed: list[bool] = self._columns["listed"][[row.number for row in rows]].tolist()
        return listed

    def folders(self) -> dict[str, int]:
        """Return the number of photos directly in each folder."""
        counts = np.bincount(self._column("folder")[self._column("listed")], minlength=len(self._folders))
        return {folder: int(count) for folder, count in zip(self._folders, counts, strict=True) if count}

    def days(self) -> tuple[int, int] | None:
        """Return the first and the last day on which a photo was taken, as ordinals; None if no day is known."""
        taken = self._column("taken")[self._column("listed")]
        taken = taken[~np.isnan(taken)]
        return None if not taken.size else (int(taken.min()), int(taken.max()))

    def years(self) -> list[int]:
        """Return the years in which photos were taken, in order."""
        found = distinct(months(self._column("taken")[self._column("listed")]))
        return [int(year) for year in distinct(1970 + found[found != NO_MONTH] // 12)]

    def shown(self, query: Query) -> RowNumbers:
        """Return the numbers of the rows to show, in order; rows without the property sorted by come last."""
        mask = self._narrowed(query) & self._passing(query.filter)
        if query.similar_to:
            values = self._once(query.similar_to, lambda: self._similarities(query.similar_to))
            return self._sorted(np.flatnonzero(mask).astype(np.int32), values, descending=True)
        if query.filter is Filter.TO_CHECK:
            # Mistakes cost the same, so the likeliest comes first: least certain, or unlike its look-alikes.
            doubts = self._margins() - self._disagreement()
            return self._sorted(np.flatnonzero(mask).astype(np.int32), doubts, descending=False)
        if query.filter is Filter.DUPLICATES:
            return self._grouped_duplicates(np.flatnonzero(mask).astype(np.int32))
        key = (query.sort_key, query.descending, query.grouping)
        # All rows are sorted once: filters and searches only leave some out.
        order = self._once(key, lambda: self._order(query))
        shown: RowNumbers = order[mask[order]]
        return shown

    def stacked(self, query: Query) -> StackedRows:
        """Return what `shown` does, with the photos of each closed stack behind its best one."""
        order = self.shown(query)
        if not query.shows_stacks or self._stacks.is_empty:
            return StackedRows(order)
        return self._stacks.close_up(order, query.open_stacks, self._group_keys(query, order))

    def stack_of(self, number: int) -> list[int]:
        """Return the rows of the stack of a row, the best first; none if it is in no stack."""
        return self._stacks.members(number)

    def to_stack(self) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
        """Return copies of the features [N, D] and of the margins [N] of all rows.

        Features are zeros for rows without; D is 0 if none has any. Margins are NaN without scores.
        """
        return self._features.packed(self._count), self._margins().copy()

    def has_features(self, number: int) -> bool:
        """Whether the features of a row are known."""
        return self._features.has(number)

    def unlike_look_alikes(self, number: int) -> RowNumbers:
        """Return the listed rows like the row `number` that the user has not checked and that have another verdict."""
        found = look_alikes(self._features, number, self._count)
        wanted = self._column("listed") & ~self._column("corrected")
        wanted &= self._column("verdict") != self._column("verdict")[number]
        unlike: RowNumbers = found[wanted[found]].astype(np.int32)
        return unlike

    def groups(self, query: Query, shown: RowNumbers) -> list[Group]:
        """Return the groups of the rows `shown` by `query`; none if it does not group."""
        keys = self._group_keys(query, shown)
        if keys is None or not len(shown):
            return []
        firsts = first_of_each(keys)
        folders = self._column("folder")
        groups = []
        for first, end in zip(firsts, [*firsts[1:], len(shown)], strict=True):
            if query.grouping == "folder":
                folder = self._folders.path(int(folders[shown[first]]))
                groups.append(Group(first, end - first, folder=folder))
            else:
                groups.append(Group(first, end - first, month=month_start(int(keys[first]))))
        return groups

    def month_starts(self, numbers: RowNumbers) -> list[tuple[int, date]]:
        """Return the index of the first row of each month among `numbers`, with the first day of the month."""
        keys = self._once("months", lambda: months(self._column("taken")))[numbers]
        starts = ((first, month_start(int(keys[first]))) for first in first_of_each(keys))
        return [(first, month) for first, month in starts if month is not None]

    def statistics(self, numbers: RowNumbers) -> Statistics:
        """Return the statistics of these rows."""
        return make_statistics(
            self._column("verdict")[numbers],
            self._column("taken")[numbers],
            self._column("folder")[numbers],
            self._folders.names,
            self._margins()[numbers],
        )

    def counts(self, query: Query) -> dict[Filter, int]:
        """Return how many rows each filter would show with the search and the secondary filter of `query`."""
        narrowed = self._narrowed(query)
        return {filter_: int(np.count_nonzero(narrowed & self._passing(filter_))) for filter_ in Filter}

    def find_name(self, numbers: RowNumbers, start: str, position: int) -> int | None:
        """Return the index in `numbers` of a row whose name starts with `start`, in any case; None without any.

        The search begins at `position` and wraps around at the end.
        """
        return self._names.find(numbers.tolist(), start, position)

    def judge(self, thresholds: Thresholds) -> RowNumbers:
        """Use other thresholds; return the numbers of the listed rows whose verdict changes, corrected rows aside."""
        self._kept.clear()
        self.thresholds = thresholds
        before = self._column("verdict")
        after = judge_all(thresholds, self._column("cat"), self._column("dog"))
        changed = (after != before) & ~self._column("corrected") & self._column("listed")
        return np.flatnonzero(changed).astype(np.int32)

    def prepare(self, most: int) -> bool:
        """Sort up to `most` more rows by name ahead of time, in idle time; return whether there is more to do."""
        return self._names.prepare(most)

    # Helpers

    def _once(self, key: object, make: Callable[[], _T]) -> _T:
        """Return what `make` returns, or what it returned before for this key if nothing has changed since."""
        if key not in self._kept:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            self._kept[key] = make()
        kept: _T = self._kept[key]
        return kept

    def _order(self, query: Query) -> RowNumbers:
        """Return all rows in the order of the sort key, in groups."""
        numbers = self._in_order(query)
        keys = self._group_keys(query, numbers)
        if keys is None:
            return numbers
        if query.sort_key == _SORT_KEY_OF_GROUP[query.grouping] and query.descending:
            # Photos without a date stay last.
            keys = np.where(keys == NO_MONTH, NO_MONTH, -keys)
        return numbers[np.argsort(keys, kind="stable")]

    def _in_order(self, query: Query) -> RowNumbers:
        """Return all rows in the order of the sort key."""
        every = np.arange(self._count, dtype=np.int32)
        match query.sort_key:
            case "name" | "folder":
                shown = self._numbers_by_name()
                if query.sort_key == "folder":
                    ranks = self._folders.ranks()[self._column("folder")[shown]]
                    shown = shown[np.argsort(ranks, kind="stable")]
                return shown[::-1] if query.descending else shown
            case "verdict" | "rating":
                # Photos without one come last.
                values = self._column(query.sort_key).astype(np.float64)
                values[values == (NO_VERDICT if query.sort_key == "verdict" else 0)] = np.nan
                return self._sorted(every, values, descending=query.descending)
            case "certainty":
                return self._sorted(every, self._margins(), descending=query.descending)
            case key if key in _SORT_COLUMNS:
                return self._sorted(every, self._column(_SORT_COLUMNS[key]), descending=query.descending)
            case _:
                return every[::-1] if query.descending else every

    def _group_keys(self, query: Query, numbers: RowNumbers) -> NDArray[np.int32] | None:
        """Return a number for the group of each row, ascending in the order of the groups; None without groups."""
        if query.grouping == "none" or query.similar_to or query.filter in FILTERS_WITH_OWN_ORDER:
            return None
        if query.grouping == "month":
            return self._once("months", lambda: months(self._column("taken")))[numbers]
        ranks: NDArray[np.int32] = self._folders.ranks()[self._column("folder")[numbers]]
        return ranks

    def _column(self, name: str) -> NDArray[Any]:
        return self._columns[name][: self._count]

    def _passing(self, filter_: Filter) -> Mask:
        return self._once(filter_, lambda: self._find_passing(filter_))

    def _find_passing(self, filter_: Filter) -> Mask:
        if filter_ is Filter.ALL:
            return np.ones(self._count, np.bool_)
        special: dict[Filter, Callable[[], Mask]] = {
            Filter.PROBLEM: lambda: self._column("problem"),
            Filter.CORRECTED: lambda: self._column("corrected"),
            Filter.DUPLICATES: lambda: self._column("duplicate_group") >= 0,
            Filter.TO_CHECK: lambda: (
                (worth_a_look(self.thresholds, self._column("cat"), self._column("dog")) & ~self._column("corrected"))
                | (self._disagreement() > 0)
            ),
        }
        if filter_ in special:
            return special[filter_]()
        chosen: Mask = self._column("verdict") == _CODE[Verdict(filter_.value)]
        return chosen

    def _similarities(self, numbers: tuple[int, ...]) -> NDArray[np.float32]:
        direction = self._features.mean_of(numbers)
        if direction is None:
            return np.full(self._count, np.nan, np.float32)
        return self._features.similarities(direction, self._count)

    def _disagreement(self) -> NDArray[np.float32]:
        return self._once(
            "disagreement",
            lambda: disagreement(self._features, self._column("verdict"), self._column("corrected")),
        )

    def _margins(self) -> NDArray[np.float64]:
        return self._once("margins", lambda: margins(self.thresholds, self._column("cat"), self._column("dog")))

    def _narrowed(self, query: Query) -> Mask:
        """Return which listed rows pass the search and the secondary filter."""
        key = (query.search, query.secondary)
        return self._once(key, lambda: self._search(query.terms) & self._passing_secondary(query.secondary))

    def _search(self, terms: tuple[Term, ...]) -> Mask:
        """Return which listed rows pass all terms. Each term is kept: the user types one after the other."""
        if not terms:
            listed: Mask = self._column("listed")
            return listed
        rows = SearchedRows({name: self._column(name) for name in _COLUMNS}, self._names.names, self._folders.texts())
        before = self._search(terms[:-1])
        return self._once(terms, lambda: narrow(rows, terms[-1:], before))

    def _passing_secondary(self, secondary: SecondaryFilter) -> Mask:
        mask = np.ones(self._count, np.bool_)
        if secondary == SecondaryFilter():
            return mask
        if secondary.folder is not None:
            mask &= self._folders.within(secondary.folder)[self._column("folder")]
        # Comparisons with NaN are false: a photo without a score or a date does not pass.
        for name, (low, high) in (("cat", secondary.cat), ("dog", secondary.dog)):
            if (low, high) != (0.0, 1.0):
                scores = self._column(name)
                mask &= (scores >= low - _ROUNDING) & (scores < high + _ROUNDING)
        if secondary.first_day is not None:
            mask &= self._column("taken") >= secondary.first_day.toordinal()
        if secondary.last_day is not None:
            mask &= self._column("taken") < secondary.last_day.toordinal() + 1
        return mask

    def _sorted(self, numbers: RowNumbers, values: NDArray[Any], *, descending: bool) -> RowNumbers:
        chosen = values[numbers]
        # A stable sort keeps equal values in the order of adding; NaN comes last in both directions.
        return numbers[np.argsort(-chosen if descending else chosen, kind="stable")]

    def _grouped_duplicates(self, numbers: RowNumbers) -> RowNumbers:
        """Move each duplicate behind the first photo of its group."""
        _, first, group = np.unique(self._column("duplicate_group")[numbers], return_index=True, return_inverse=True)
        return numbers[np.argsort(first[group], kind="stable")]

    def _numbers_by_name(self) -> RowNumbers:
        return self._once("names", lambda: np.array(self._names.numbers(), np.int32))


_CODE: Final = {verdict: code for code, verdict in enumerate(CODES)}
_SORT_COLUMNS: Final = {"date": "taken", "cat": "cat", "dog": "dog", "size": "bytes"}
_SORT_KEY_OF_GROUP: Final = {"month": "date", "folder": "folder"}
"""The sort key whose direction is also that of the groups."""


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """Return the distinct values of a vector in ascending order, as `np.unique`, which imports masked arrays first."""
    ordered = np.sort(values)
    return ordered if len(ordered) < 2 else ordered[np.append(True, ordered[1:] != ordered[:-1])]


def runs(numbers: RowNumbers) -> list[tuple[int, int]]:
    """Return the first and the last number of each run of consecutive numbers."""
    if not len(numbers):
        return []
    breaks = np.flatnonzero(np.diff(numbers) != 1)
    firsts = numbers[np.concatenate([[0], breaks + 1])]
    lasts = numbers[np.concatenate([breaks, [len(numbers) - 1]])]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _days(moment: datetime) -> float:
    """Return a moment in days, without a time zone: only the camera's local clock is known."""
    return moment.toordinal() + (moment.hour * 3600 + moment.minute * 60 + moment.second) / 86_400
