"""What the gallery knows of each photo, and which of them it is to show in which order. Plain data: no Qt in here."""

import re
from dataclasses import dataclass, replace
from datetime import date
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
    """Which photos the gallery shows. Those of a verdict have its value."""

    ALL = "all"
    CAT = "cat"
    DOG = "dog"
    BOTH = "both"
    NEITHER = "neither"
    UNSURE = "unsure"
    PROBLEM = "problem"
    TO_CHECK = "to check"
    """Unsure ones and near misses that the user has not judged; the least certain first."""
    CORRECTED = "corrected"
    """Those with the user's own verdict."""
    EQUAL = "equal"
    """Those whose content is that of another; equal ones together."""


OWN_ORDER: Final = (Filter.TO_CHECK, Filter.EQUAL)
"""Filters that bring an order of their own, whatever the gallery is sorted by."""


@dataclass(slots=True, eq=False)
class Row:
    """One photo in the gallery. Each is itself, and equal to no other."""

    path: Path
    number: int
    """The order in which it was added."""
    state: State = State.WAITING
    result: Result | None = None
    verdict: Verdict | None = None
    arrived: float = 0.0
    """When its result came, in seconds of `time.monotonic()`, so that its bars can grow from there."""
    group: int | None = None
    """The same number for all photos of the gallery with the same content; None if there is no other."""

    @property
    def name(self) -> str:
        """The file's name, whatever bytes it is made of."""
        return self.path.name.encode("utf-8", "replace").decode("utf-8")

    @property
    def corrected(self) -> bool:
        """Whether the verdict is the user's own."""
        return self.result is not None and self.result.correction is not None

    @property
    def is_problem(self) -> bool:
        """Whether something is wrong with the file."""
        return self.state is State.FAILED or (self.result is not None and self.result.info.damaged)

    def take(self, result: Result, thresholds: Thresholds, now: float) -> None:
        """Note the result of this photo; one with the same scores, corrected say, did not arrive anew."""
        if self.result is None or self.result.scores != result.scores:
            self.arrived = now
        self.result = result
        self.state = State.DONE if result.error is None else State.FAILED
        self.verdict = result.verdict(thresholds)


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which photos are looked among: those of a folder, of some days, with scores from here to there."""

    folder: Path | None = None
    """With all its sub-folders."""
    first_day: date | None = None
    last_day: date | None = None
    """Both included."""
    cat: tuple[float, float] = (0.0, 1.0)
    dog: tuple[float, float] = (0.0, 1.0)
    """Lowest and highest score; as whole per cent show it, so that what is shown as 90 % is within 90 to 90 %."""

    @property
    def count(self) -> int:
        """How many conditions are set."""
        plain = Narrowing()
        dated = (self.first_day, self.last_day) != (None, None)
        return (self.folder is not None) + dated + (self.cat != plain.cat) + (self.dog != plain.dog)

    @property
    def needs_results(self) -> bool:
        """Whether the result of a photo can change whether it passes."""
        return replace(self, folder=None) != Narrowing()


@dataclass(frozen=True, slots=True)
class Order:
    """Which rows are shown and in which order."""

    filter: Filter = Filter.ALL
    search: str = ""
    key: str = "added"
    descending: bool = False
    narrowing: Narrowing = Narrowing()

    @property
    def is_plain(self) -> bool:
        """Whether every row is shown in the order in which it was added."""
        return self == Order()

    @property
    def needs_results(self) -> bool:
        """Whether the result of a photo can change what is shown where."""
        return self.filter is not Filter.ALL or self.key in ("date", "cat", "dog") or self.narrowing.needs_results

    @property
    def is_narrowed(self) -> bool:
        """Whether photos are hidden for another reason than the filter."""
        return bool(self.search) or self.narrowing != Narrowing()


_DIGITS: Final = re.compile(r"\d+")


def natural_key(name: str) -> str:
    """Return a sort key by which "IMG_9" comes before "IMG_10", and a number before a letter."""
    return _DIGITS.sub(_number_key, name.casefold())


def _number_key(digits: re.Match[str]) -> str:
    # The longer number is the larger one; names have at most 255 letters.
    number = str(int(digits.group()))
    return f"\1{chr(len(number))}{number}"
