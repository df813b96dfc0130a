"""What the gallery knows of each photo, and in which order it shows which of them. Plain data: no Qt in here."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Final

from catdog_desktop.verdict import Result, Thresholds, Verdict


class State(Enum):
    """How far a photo has come."""

    WAITING = "waiting"
    STOPPED = "stopped"
    DONE = "done"
    FAILED = "failed"


class Filter(Enum):
    """Which photos the gallery shows. The first six have the values of the verdicts, for those who count."""

    ALL = "all"
    CAT = "cat"
    DOG = "dog"
    BOTH = "both"
    NEITHER = "neither"
    UNSURE = "unsure"
    PROBLEM = "problem"


@dataclass(slots=True)
class Row:
    """One photo in the gallery."""

    path: Path
    number: int
    """The order in which it was added."""
    state: State = State.WAITING
    result: Result | None = None
    verdict: Verdict | None = None
    arrived: float = 0.0
    """When its result came, in seconds of `time.monotonic()`, so that its bars can grow from there."""

    @property
    def name(self) -> str:
        """The file's name, whatever bytes it is made of."""
        return self.path.name.encode("utf-8", "replace").decode("utf-8")

    def take(self, result: Result, thresholds: Thresholds, now: float) -> None:
        """Note the result of this photo; one with the same scores, corrected say, did not arrive anew."""
        if self.result is None or self.result.scores != result.scores:
            self.arrived = now
        self.result = result
        self.state = State.DONE if result.error is None else State.FAILED
        self.judge(thresholds)

    def judge(self, thresholds: Thresholds) -> bool:
        """Draw the verdict again, the user's own or from the scores; return whether it is another one now."""
        before = self.verdict
        self.verdict = None if self.result is None else self.result.verdict(thresholds)
        return self.verdict is not before


@dataclass(frozen=True, slots=True)
class Order:
    """Which rows are shown and in which order."""

    filter: Filter = Filter.ALL
    search: str = ""
    key: str = "added"
    descending: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether every row is shown in the order in which it was added."""
        return self == Order()

    @property
    def needs_results(self) -> bool:
        """Whether the result of a photo can change what is shown where."""
        return self.filter is not Filter.ALL or self.key in ("date", "cat", "dog")

    def with_filter(self, chosen: Filter) -> "Order":
        """Return the same with another filter."""
        return replace(self, filter=chosen)

    def shows(self, row: Row) -> bool:
        """Whether `row` passes filter and search."""
        if self.filter is Filter.PROBLEM:
            if row.state is not State.FAILED and not (row.result is not None and row.result.damaged):
                return False
        elif self.filter is not Filter.ALL and (row.verdict is None or row.verdict.value != self.filter.value):
            return False
        return self.search.casefold() in row.name.casefold()

    def arrange(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows that are shown, in order; those that lack what is sorted by come last."""
        shown = list(rows) if self.filter is Filter.ALL and not self.search else [r for r in rows if self.shows(r)]
        key = _KEYS.get(self.key)
        if key is None:
            return shown[::-1] if self.descending else shown
        with_value = [row for row in shown if key(row) is not None]
        without = [row for row in shown if key(row) is None]
        with_value.sort(key=key, reverse=self.descending)  # type: ignore[arg-type]
        return with_value + without


class Counts:
    """How many rows each filter would show, search apart; kept along, so that nobody need look at all rows."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(Filter, 0)

    def add(self, row: Row, by: int = 1) -> None:
        """Count `row` in; or out, with -1, before it changes or goes."""
        self._counts[Filter.ALL] += by
        if row.verdict is not None:
            self._counts[Filter(row.verdict.value)] += by
        if row.state is State.FAILED or (row.result is not None and row.result.damaged):
            self._counts[Filter.PROBLEM] += by

    def by_filter(self) -> dict[Filter, int]:
        """Return the counts."""
        return dict(self._counts)


_DIGITS: Final = re.compile(r"(\d+)")


def natural_key(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key by which "IMG_9" comes before "IMG_10"."""
    parts = _DIGITS.split(name.casefold())
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts if part)


def _date(row: Row) -> float | None:
    return row.result.taken.timestamp() if row.result is not None and row.result.taken is not None else None


def _cat(row: Row) -> float | None:
    return row.result.scores.cat if row.result is not None and row.result.scores is not None else None


def _dog(row: Row) -> float | None:
    return row.result.scores.dog if row.result is not None and row.result.scores is not None else None


_KEYS: Final[dict[str, Callable[[Row], object]]] = {
    "name": lambda row: natural_key(row.name),
    "date": _date,
    "cat": _cat,
    "dog": _dog,
}
