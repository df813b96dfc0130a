"""Stacks in the gallery: photos that are alike are shown as one card, or side by side while their stack is open."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

RowNumbers = NDArray[np.int32]
NO_STACK: Final = -1


@dataclass(frozen=True, slots=True)
class OpenPlace:
    """The place of a photo in an open stack."""

    place: int
    """1 is the best photo."""
    count: int
    """Photos of the stack that are shown."""


@dataclass(frozen=True, slots=True)
class StackedRows:
    """Rows in the order of the gallery, with closed stacks."""

    shown: RowNumbers
    """One row of each closed stack: the best one that passes the filters."""
    behind: dict[int, list[int]] = field(default_factory=dict)
    """For the row of each closed stack: all of its rows that pass the filters, the best first."""
    opened: dict[int, OpenPlace] = field(default_factory=dict)
    """The place of each row of an open stack."""
    hidden: RowNumbers = field(default_factory=lambda: np.zeros(0, np.int32))
    """The rows of closed stacks that are not shown themselves."""
    cards: RowNumbers = field(default_factory=lambda: np.zeros(0, np.int32))
    """For each of `hidden`: the row that is shown for it."""

    def with_hidden(self, numbers: RowNumbers) -> RowNumbers:
        """Return these cards with the rows hidden behind them, each row once."""
        if not self.behind:
            return numbers
        every = [member for number in numbers.tolist() for member in self.behind.get(number, (number,))]
        return np.array(list(dict.fromkeys(every)), np.int32)

    def hidden_behind(self, numbers: RowNumbers) -> int:
        """Return how many rows are hidden behind these cards."""
        behind = self.behind
        return sum(len(behind[number]) - 1 for number in numbers.tolist() if number in behind) if behind else 0

    def but_best(self) -> list[int]:
        """Return the rows of all stacks, closed or open, but the best of each."""
        others = [number for members in self.behind.values() for number in members[1:]]
        return others + [number for number, opened in self.opened.items() if opened.place > 1]


class StackTable:
    """Which rows are in a stack together."""

    def __init__(self) -> None:
        self._stacks = np.zeros(0, np.int32)
        """The number of the stack of each row, `NO_STACK` for rows in no stack."""
        self._ranks = np.zeros(0, np.int32)
        """The place of each row in its stack, 0 for the best."""

    def put(self, stacks: Sequence[Sequence[int]], count: int) -> None:
        """Replace all stacks of `count` rows: row numbers, the best of each stack first."""
        self._stacks = np.full(count, NO_STACK, np.int32)
        self._ranks = np.zeros(count, np.int32)
        for number, members in enumerate(stacks):
            self._stacks[list(members)] = number
            self._ranks[list(members)] = np.arange(len(members), dtype=np.int32)

    def keep(self, numbers: RowNumbers) -> None:
        """Keep the rows with these numbers only; they are numbered anew, from 0 on."""
        self._stacks, self._ranks = self._of(self._stacks, numbers, NO_STACK), self._of(self._ranks, numbers, 0)

    @property
    def is_empty(self) -> bool:
        """Whether there are no stacks."""
        return not (self._stacks >= 0).any()

    def members(self, number: int) -> list[int]:
        """Return all rows of the stack of a row, the best first; none if it is in no stack."""
        if number >= len(self._stacks) or self._stacks[number] == NO_STACK:
            return []
        found = np.flatnonzero(self._stacks == self._stacks[number])
        return list(found[np.argsort(self._ranks[found])].tolist())

    def close_up(self, order: RowNumbers, opened: Collection[int], groups: NDArray[Any] | None = None) -> StackedRows:
        """Return the rows `order` with their stacks closed, except those of the rows `opened`.

        A stack is where its first row was. `groups` are numbers for the group of each row of `order`: a stack is not
        shown across groups.
        """
        stacks = self._of(self._stacks, order, NO_STACK)
        places = np.flatnonzero(stacks != NO_STACK)
        if not len(places):
            return StackedRows(order)
        keys = stacks[places].astype(np.int64)
        if groups is not None:
            keys = keys * (len(order) + 1) + np.unique(groups, return_inverse=True)[1][places]
        _, firsts, inverse, counts = np.unique(keys, return_index=True, return_inverse=True, return_counts=True)
        together = counts[inverse] > 1
        places, firsts = places[together], places[firsts[inverse]][together]
        anchors = np.arange(len(order))
        anchors[places] = firsts
        ranks = np.zeros(len(order), np.int32)
        ranks[places] = self._of(self._ranks, order[places], 0)
        moved = np.lexsort((ranks, anchors))
        order, anchors = order[moved], anchors[moved]
        starts = np.flatnonzero(np.diff(anchors, prepend=-1))
        sizes = np.diff(np.append(starts, len(order)))
        return self._divide(order, starts, sizes, opened)

    def _divide(
        self, order: RowNumbers, starts: NDArray[np.intp], sizes: NDArray[np.intp], opened: Collection[int]
    ) -> StackedRows:
        open_stacks = {int(self._stacks[number]) for number in opened if number < len(self._stacks)} - {NO_STACK}
        behind: dict[int, list[int]] = {}
        places: dict[int, OpenPlace] = {}
        cards = np.repeat(order[starts], sizes)
        # Python's own lists are faster than 10,000 slices of an array.
        numbers, stacks = order.tolist(), self._of(self._stacks, order[starts], NO_STACK).tolist()
        several = np.flatnonzero(sizes > 1)
        for which, start, size in zip(several.tolist(), starts[several].tolist(), sizes[several].tolist(), strict=True):
            members = numbers[start : start + size]
            if stacks[which] in open_stacks:
                places.update((member, OpenPlace(place, size)) for place, member in enumerate(members, start=1))
                cards[start : start + size] = members
            else:
                behind[members[0]] = members
        hidden = cards != order
        return StackedRows(order[~hidden], behind, places, order[hidden], cards[hidden])

    @staticmethod
    def _of(values: NDArray[np.int32], numbers: RowNumbers, default: int) -> NDArray[np.int32]:
        """Return the values of rows; rows that were added since have the default."""
        found = np.full(len(numbers), default, np.int32)
        known = numbers < len(values)
        found[known] = values[numbers[known]]
        return found
