"""Days, sizes and numbers of photos as people write them."""

import calendar
import re
from datetime import date
from typing import Final

_MONTHS: Final = {name.casefold(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS_SHORT: Final = {name[:3]: number for name, number in _MONTHS.items()}
_FORMS: Final = (
    re.compile(r"(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})"),
    re.compile(r"(?P<month>\d{1,2})[-./](?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})"),
    # With points the day comes first wherever people write so; with strokes it does not, so that is not guessed.
    re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})"),
    re.compile(r"(?P<name>[a-z]{3,9})\.? (?P<year>\d{4})"),
    re.compile(r"(?P<day>\d{1,2})\.? (?P<name>[a-z]{3,9})\.? (?P<year>\d{4})"),
    re.compile(r"(?P<name>[a-z]{3,9})\.? (?P<day>\d{1,2}),? (?P<year>\d{4})"),
)


def days_of(text: str) -> tuple[date, date]:
    """Return the first and the last day that `text` means: "2019", "May 2019", "12 May 2019" or "2019-05-12".

    Raises `ValueError` if it means none.
    """
    words = " ".join(text.casefold().split())
    for form in _FORMS:
        match = form.fullmatch(words)
        if match is not None:
            return _days(match.groupdict())
    raise ValueError("it is no day, month or year")


def photos_of(count: int) -> str:
    """Return "1 photo", "2 photos"."""
    return f"{count:,} photo{'' if count == 1 else 's'}"


def format_bytes(count: int) -> str:
    """Return a size as people read it: "12 kB", "3.4 GB"."""
    size = float(count)
    for unit in ("bytes", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "bytes" or size >= 10 else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _days(parts: dict[str, str]) -> tuple[date, date]:
    year = int(parts["year"])
    if "name" in parts:
        month = _MONTHS.get(parts["name"]) or _MONTHS_SHORT.get(parts["name"]) or 0
    elif "month" in parts:
        month = int(parts["month"])
    else:
        return date(year, 1, 1), date(year, 12, 31)
    if not 1 <= month <= 12:
        raise ValueError("there is no such month")
    if "day" in parts:
        day = date(year, month, int(parts["day"]))
        return day, day
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
