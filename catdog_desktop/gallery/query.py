"""Which photos the gallery shows and in which order: filter, search, secondary filter, sort key."""

from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from pathlib import Path
from typing import Final

from catdog_desktop.gallery.search import Term, parse_search


class Filter(Enum):
    """The chips above the gallery. Filters of a verdict have its value."""

    ALL = "all"
    CAT = "cat"
    DOG = "dog"
    BOTH = "both"
    NEITHER = "neither"
    UNSURE = "unsure"
    PROBLEM = "problem"
    TO_CHECK = "to check"
    """Unsure photos, near misses, and photos whose verdict differs from that of a checked look-alike, without a
    correction, the likeliest mistakes first."""
    CORRECTED = "corrected"
    """Photos with the user's own verdict."""
    DUPLICATES = "duplicates"
    """Photos that have a duplicate in the gallery, grouped."""


FILTERS_WITH_OWN_ORDER: Final = (Filter.TO_CHECK, Filter.DUPLICATES)
"""Filters that ignore the sort key."""


@dataclass(frozen=True, slots=True)
class SecondaryFilter:
    """Secondary filter: folder, dates, scores."""

    folder: Path | None = None
    """Includes its subfolders."""
    first_day: date | None = None
    last_day: date | None = None
    """Inclusive, as is `first_day`."""
    cat: tuple[float, float] = (0.0, 1.0)
    dog: tuple[float, float] = (0.0, 1.0)
    """Lowest and highest score, 0..1, compared as whole percents: a photo shown with 90% passes (0.9, 0.9)."""

    @property
    def count(self) -> int:
        """How many conditions are set."""
        default = SecondaryFilter()
        dated = (self.first_day, self.last_day) != (None, None)
        return (self.folder is not None) + dated + (self.cat != default.cat) + (self.dog != default.dog)

    @property
    def needs_results(self) -> bool:
        """Whether the filter depends on results."""
        return replace(self, folder=None) != SecondaryFilter()


@dataclass(frozen=True, slots=True)
class Query:
    """Which rows are shown and in which order."""

    filter: Filter = Filter.ALL
    search: str = ""
    """What `search.parse_search` reads: words in names and folders, and conditions."""
    sort_key: str = "added"
    """One of `settings.SORT_KEYS`."""
    descending: bool = False
    secondary: SecondaryFilter = SecondaryFilter()
    grouping: str = "none"
    """One of `groups.GROUPINGS`. Filters with an order of their own are not grouped."""
    similar_to: tuple[int, ...] = ()
    """Numbers of rows: the photos most like them come first, in place of any other order and of groups."""
    stacks: bool = False
    """Whether photos that are alike are shown as one card. Not among duplicates, nor ordered by similarity."""
    open_stacks: frozenset[int] = frozenset()
    """Numbers of rows whose stacks are open."""

    @property
    def shows_stacks(self) -> bool:
        """Whether photos can be behind the card of another one."""
        return self.stacks and self.filter is not Filter.DUPLICATES and not self.similar_to

    @property
    def terms(self) -> tuple[Term, ...]:
        """The conditions of the search that are understood. The search field says what is not."""
        return parse_search(self.search).terms

    @property
    def is_plain(self) -> bool:
        """Whether every row is shown in the order of adding."""
        return self == Query()

    @property
    def needs_results(self) -> bool:
        """Whether a new result can change which rows are shown, or their order."""
        sorts_by_result = self.sort_key not in ("added", "name", "folder") or self.grouping == "month"
        searches_results = any(term.needs_results for term in self.terms)
        sorts_by_result = sorts_by_result or bool(self.similar_to)
        return self.filter is not Filter.ALL or sorts_by_result or searches_results or self.secondary.needs_results

    @property
    def is_narrowed(self) -> bool:
        """Whether search or the secondary filter hide photos."""
        return bool(self.search) or self.secondary != SecondaryFilter()

    @property
    def shows_all(self) -> bool:
        """Whether nothing hides photos."""
        return self.filter is Filter.ALL and not self.is_narrowed
