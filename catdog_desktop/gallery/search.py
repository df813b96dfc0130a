"""The search language: `holiday is:cat cat:>0.9 date:2019-05 folder:"New York" -copy`. All conditions must hold.

A plain word is searched in names and folders. Text in quotation marks is always plain text, and "-" excludes.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from functools import lru_cache
from typing import Final

from catdog_desktop.formatting import parse_days
from catdog_desktop.gallery.natural_sort import search_key
from catdog_desktop.messages import N_, MessageError, _

IS_WORDS: Final = ("cat", "dog", "both", "neither", "unsure", "problem", "corrected", "duplicate")
"""What may follow `is:`."""
_CORRECTED: Final = "corrected"
"""The word that is a condition without `is:`."""
_TOKEN: Final = re.compile(
    r'(?P<minus>-?)(?:(?P<key>[A-Za-z]+):)?(?:(?P<operator>[<>]=?|=)?"(?P<quoted>[^"]*)"|(?P<plain>[^\s"]*))'
)
_COMPARISON: Final = re.compile(r"(>=|<=|>|<|=)?\s*(.+)")
_SCORE: Final = re.compile(r"(\d+(?:[.,]\d+)?|[.,]\d+)\s*(%?)")
_SIZE: Final = re.compile(r"(\d+(?:[.,]\d+)?)\s*(b|kb|mb|gb|k|m|g)?")
_UNITS: Final = {"": 1, "b": 1, "k": 10**3, "kb": 10**3, "m": 10**6, "mb": 10**6, "g": 10**9, "gb": 10**9}
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_HALF_PERCENT: Final = 0.005


class SearchError(MessageError, ValueError):
    """A condition that cannot be understood. The text is a sentence for the user."""


class Quantity(Enum):
    """Something that a condition compares with a range."""

    CAT = "cat"
    DOG = "dog"
    DATE = "date"
    """In days, as `date.toordinal()`, with the time of day as a fraction."""
    SIZE = "size"
    """In bytes."""
    RATING = "rating"
    """1 to 5 stars; 0 without a rating."""


@dataclass(frozen=True, slots=True)
class TextCondition:
    """Text within the name, the folder, or one of them; case does not matter."""

    text: str
    in_name: bool = True
    in_folder: bool = True
    year: int | None = None
    """A plain word that is a year also finds the photos of that year."""


@dataclass(frozen=True, slots=True)
class KindCondition:
    """One of `IS_WORDS`."""

    kind: str


@dataclass(frozen=True, slots=True)
class RangeCondition:
    """A quantity that is at least `low` and below `high`; photos without it never pass."""

    quantity: Quantity
    low: float
    high: float


Condition = TextCondition | KindCondition | RangeCondition


@dataclass(frozen=True, slots=True)
class Term:
    """A condition, or its opposite."""

    condition: Condition
    excludes: bool = False

    @property
    def needs_results(self) -> bool:
        """Whether a new result can change what passes."""
        return not isinstance(self.condition, TextCondition) or self.condition.year is not None


@dataclass(frozen=True, slots=True)
class Search:
    """A search as typed."""

    terms: tuple[Term, ...]
    """The conditions that are understood."""
    problem: str = ""
    """A sentence about the first one that is not; empty if all are."""


@lru_cache(maxsize=16)
def parse_search(text: str) -> Search:
    """Return the conditions of a search. Never raises: what is not understood is skipped, and said in `problem`."""
    terms: list[Term] = []
    problems: list[str] = []
    if text.count('"') % 2:
        problems.append(_("A quotation mark is missing."))
        text = text[: text.rindex('"')]
    position = 0
    while position < len(text):
        if text[position].isspace():
            position += 1
            continue
        token = _TOKEN.match(text, position)
        assert token is not None
        position = token.end()
        try:
            term = _parse_token(token)
        except SearchError as error:
            problems.append(str(error))
        else:
            terms += [term] if term is not None else []
    return Search(tuple(terms), problems[0] if problems else "")


def _parse_token(token: re.Match[str]) -> Term | None:
    """Return the condition of a token; None for one without text, as a lone "-" while the user types."""
    excludes = bool(token["minus"])
    key, quoted = token["key"], token["quoted"]
    value = quoted if quoted is not None else token["plain"]
    if key is not None and token["operator"]:
        value = token["operator"] + value
    if key is None:
        if not value.strip():
            return None
        if quoted is None and value.casefold() == _CORRECTED:
            return Term(KindCondition(_CORRECTED), excludes)
        year = int(value) if quoted is None and _YEAR.fullmatch(value) else None
        return Term(TextCondition(search_key(value), year=year), excludes)
    parse = _PARSERS.get(key.casefold())
    if parse is None:
        known = ", ".join(f"{name}:" for name in _PARSERS)
        raise SearchError(
            N_("“{key}:” is unknown. Known: {known}. Put text with a colon in quotation marks."), key=key, known=known
        )
    if not value.strip():
        raise SearchError(N_("Something is missing after “{key}:”."), key=key)
    return Term(parse(value.strip()), excludes)


def _parse_kind(value: str) -> Condition:
    kind = value.casefold()
    if kind not in IS_WORDS:
        raise SearchError(N_("“is:{value}” is unknown. Known: {known}."), value=value, known=", ".join(IS_WORDS))
    return KindCondition(kind)


def _parse_name(value: str) -> Condition:
    return TextCondition(search_key(value), in_folder=False)


def _parse_folder(value: str) -> Condition:
    return TextCondition(search_key(value), in_name=False)


def _parse_cat(value: str) -> Condition:
    return _parse_range(Quantity.CAT, value, _score)


def _parse_dog(value: str) -> Condition:
    return _parse_range(Quantity.DOG, value, _score)


def _parse_date(value: str) -> Condition:
    return _parse_range(Quantity.DATE, value, _day_range)


def _parse_size(value: str) -> Condition:
    return _parse_range(Quantity.SIZE, value, _size)


def _parse_rating(value: str) -> Condition:
    condition = _parse_range(Quantity.RATING, value, _stars)
    # "Less than three stars" does not mean photos without a rating.
    return condition if (condition.low, condition.high) == (0, 1) else replace(condition, low=max(1.0, condition.low))


def _parse_range(quantity: Quantity, value: str, parse: Callable[[str], tuple[float, float]]) -> RangeCondition:
    """Return the range of ">0.9", "<=0.9", "0.9" or "0.5..0.9". `parse` returns the range that one value means."""
    if ".." in value:
        first, last = value.split("..", 1)
        low = parse(first)[0] if first.strip() else float("-inf")
        high = parse(last)[1] if last.strip() else float("inf")
        return RangeCondition(quantity, low, high)
    match = _COMPARISON.fullmatch(value)
    if match is None:
        raise SearchError(N_("“{value}” is not understood."), value=value)
    low, high = parse(match[2])
    return {
        ">": RangeCondition(quantity, high, float("inf")),
        ">=": RangeCondition(quantity, low, float("inf")),
        "<": RangeCondition(quantity, float("-inf"), low),
        "<=": RangeCondition(quantity, float("-inf"), high),
    }.get(match[1] or "=", RangeCondition(quantity, low, high))


def _score(text: str) -> tuple[float, float]:
    """Return the scores that are shown as this percentage. "0.9", ".9", "90%" and "90" are the same."""
    match = _SCORE.fullmatch(text.strip())
    if match is None:
        raise SearchError(N_("“{text}” is not a score. Examples: >0.9, <10%, 0.4..0.6."), text=text)
    number = float(match[1].replace(",", "."))
    score = number / 100 if match[2] or number > 1 else number
    if score > 1:
        raise SearchError(N_("“{text}” is more than 100%."), text=text)
    return score - _HALF_PERCENT, score + _HALF_PERCENT


def _day_range(text: str) -> tuple[float, float]:
    try:
        first, last = parse_days(text)
    except ValueError as error:
        raise SearchError(N_("“{text}” is not a date. Examples: 2019, 2019-05, 2019-05-12."), text=text) from error
    return first.toordinal(), last.toordinal() + 1


def _size(text: str) -> tuple[float, float]:
    match = _SIZE.fullmatch(text.strip().casefold())
    if match is None:
        raise SearchError(N_("“{text}” is not a size. Examples: >5MB, <200kB."), text=text)
    unit = _UNITS[match[2] or ""]
    size = float(match[1].replace(",", ".")) * unit
    # "5MB" means what is shown as 5 MB.
    return (size, size + 1) if unit == 1 else (size - unit / 2, size + unit / 2)


def _stars(text: str) -> tuple[float, float]:
    if text.strip() not in tuple("012345"):
        raise SearchError(N_("“{text}” is not a rating. Examples: >=4, 5, 0 for none."), text=text)
    return int(text), int(text) + 1


_PARSERS: Final[Mapping[str, Callable[[str], Condition]]] = {
    "is": _parse_kind,
    "cat": _parse_cat,
    "dog": _parse_dog,
    "date": _parse_date,
    "folder": _parse_folder,
    "name": _parse_name,
    "size": _parse_size,
    "rating": _parse_rating,
}


def completions(last_word: str, today: date) -> list[str]:
    """Return what the last word of a search may become, best first."""
    minus = "-" if last_word.startswith("-") else ""
    start = last_word[len(minus) :].casefold()
    if not start:
        return []
    keys = {
        "is:": [f"is:{word}" for word in IS_WORDS],
        "cat:": ["cat:>0.9", "cat:<0.1", "cat:0.4..0.6"],
        "dog:": ["dog:>0.9", "dog:<0.1", "dog:0.4..0.6"],
        "date:": [f"date:{today.year}", f"date:{today:%Y-%m}", f"date:>={today.year - 1}", f"date:<{today.year}"],
        "size:": ["size:>5MB", "size:<200kB"],
        "rating:": ["rating:>=4", "rating:5", "rating:0"],
    }
    key, colon, _value = start.partition(":")
    found = keys.get(key + colon, []) if colon else [*keys, "folder:", "name:", _CORRECTED]
    return [minus + word for word in found if word.startswith(start) and word != start]
