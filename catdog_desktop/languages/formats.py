"""How the language in use writes numbers, shares, sizes, dates and lists. The table is the Unicode CLDR's (`cldr.py`).

Only for texts that people read. Files for other programs have Python's own form of a number.
"""

from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from catdog_desktop.languages.cldr import TABLE
from catdog_desktop.messages import RIGHT_TO_LEFT, language

_SIZE_UNITS: Final = ("kB", "MB", "GB", "TB")
_FULL_STOPS: Final = {"ja": "。", "zh_CN": "。"}
_MARK, _ISOLATE, _END_ISOLATE = "\u200e", "\u2068", "\u2069"
"""The left-to-right mark of the CLDR, and the signs that isolate a part of a text."""


def format_number(value: float, decimals: int = 0) -> str:
    """Return a number with separators of thousands and `decimals` digits after the decimal sign: "1,204", "3.5"."""
    table = _table(language())
    text = f"{value:,.{decimals}f}"
    if text.startswith("-0") and not text.strip("-0.,"):
        text = text[1:]
    whole, _point, fraction = text.partition(".")
    if abs(value) < 10 ** (3 + table["min_grouped"] - 1):
        whole = whole.replace(",", "")
    whole = whole.replace(",", table["group"])
    return f"{whole}{table['decimal']}{fraction}" if fraction else whole


def format_share(share: float, decimals: int = 0) -> str:
    """Return a share, 0 to 1, in per cent as the language writes it: "93%", "93 %", "93.5%"."""
    return with_percent_sign(format_number(share * 100, decimals))


def with_percent_sign(number: str) -> str:
    """Return a number that is formatted already with the sign for per cent: "5–10%".

    In a language from right to left it is isolated: a mark at its beginning, as the CLDR has it, would turn the
    direction of a sentence that begins with it.
    """
    text = str(_table(language())["percent"]).format(number)
    return f"{_ISOLATE}{text.replace(_MARK, '')}{_END_ISOLATE}" if language() in RIGHT_TO_LEFT else text


def format_size(count: float) -> str:
    """Return a size of at least 1,000 bytes in powers of 1000: "12 kB", "3.4 GB"."""
    size = float(count)
    for unit in _SIZE_UNITS:
        size /= 1000
        if size < 999.5 or unit == _SIZE_UNITS[-1]:
            break
    number = format_number(size, 1 if size < 9.95 or unit == _SIZE_UNITS[-1] else 0)
    return str(_table(language())["units"][unit]).format(number)


def format_day(day: date) -> str:
    """Return a day: "12 May 2019"."""
    return _dated("day", "months_short", day)


def format_long_day(day: date) -> str:
    """Return a day with the whole name of the month: "12 November 2019"."""
    return _dated("long_day", "months", day)


def format_day_of_year(day: date) -> str:
    """Return a day without its year: "12 November"."""
    return _dated("day_of_year", "months", day)


def format_month(day: date) -> str:
    """Return the month of a day: "November 2019"."""
    return _dated("month", "months_alone", day)


def format_moment(moment: datetime) -> str:
    """Return a day with the time of the day, in 24 hours everywhere: "12 May 2019, 14:05"."""
    return str(_table(language())["moment"]).format(day=format_day(moment), time=f"{moment:%H:%M}")


def month_names() -> dict[str, int]:
    """Return the numbers of the months by their long and short names, in lower case and without full stops."""
    table = _table(language())
    return {
        name.casefold().rstrip("."): number
        for key in ("months", "months_alone", "months_short")
        for number, name in enumerate(table[key], 1)
    }


def short_month_name(month: int) -> str:
    """Return the short name of a month, 1 to 12."""
    return str(_table(language())["months_short"][month - 1])


def format_list(items: Iterable[str]) -> str:
    """Return an enumeration: "a, b, c"."""
    return str(_table(language())["comma"]).join(items)


def format_clauses(items: Iterable[str]) -> str:
    """Return an enumeration of longer parts, which may have commas: "a; b; c"."""
    return str(_table(language())["semicolon"]).join(items)


def format_and_list(items: Iterable[str]) -> str:
    """Return an enumeration with "and": "a, b and c"."""
    table, parts = _table(language()), list(items)
    if len(parts) < 2:
        return "".join(parts)
    if len(parts) == 2:
        return str(table["and_two"]).format(*parts)
    return str(table["and_last"]).format(format_list(parts[:-1]), parts[-1])


def with_full_stop(text: str) -> str:
    """Return a text without its full stop, such as a list, as a sentence."""
    return text + _FULL_STOPS.get(language(), ".")


def join_sentences(sentences: Iterable[str]) -> str:
    """Return whole sentences one after the other, with a space between them where the language writes one."""
    return str(_table(language())["sentence_space"]).join(filter(None, sentences))


def _dated(pattern: str, names: str, day: date) -> str:
    table = _table(language())
    return str(table[pattern]).format(day=day.day, month=table[names][day.month - 1], number=day.month, year=day.year)


@cache
def _table(code: str) -> dict[str, Any]:
    """Return the table of a language, that of English for the pseudo-locale."""
    return TABLE.get(code, TABLE["en"])
