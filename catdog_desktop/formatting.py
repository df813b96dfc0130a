"""Text for display: counts, sizes, scores, durations, dates of photos, file names, HTML."""

import html
import re
import unicodedata
from datetime import date, datetime
from pathlib import Path
from typing import Final, assert_never

from catdog_desktop.decoding.photo_info import DateSource
from catdog_desktop.languages.formats import format_day, format_number, format_size, month_names, with_percent_sign
from catdog_desktop.messages import RIGHT_TO_LEFT, _, language, ngettext

_BIDI_CONTROLS: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that change the order in which text is shown. In a file name, they can make `exe.jpg` of `gpj.exe`."""

_ISOLATE, _END_ISOLATE = "\u200f\u2068", "\u2069"
"""First strong isolate and its end: text between them does not change the order of what is around it.

The right-to-left mark before it is for Qt, which takes the direction of a sentence from its first letter even if that
is isolated.
"""

_MONTHS: Final = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6,
    "july": 7, "august": 8, "september": 9, "october": 10, "november": 11, "december": 12,
}  # fmt: skip
"""English names, understood in each language beside its own."""
_MONTHS_SHORT: Final = {name[:3]: number for name, number in _MONTHS.items()}
_NAME: Final = r"(?P<name>[^\W\d_]{3,12})"
_DAY_FORMS: Final = (
    re.compile(r"(?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})"),
    re.compile(r"(?P<month>\d{1,2})[-./](?P<year>\d{4})"),
    re.compile(r"(?P<year>\d{4})[-./](?P<month>\d{1,2})[-./](?P<day>\d{1,2})"),
    # Everybody who writes full stops puts the day first. With slashes the order is ambiguous, so they are not accepted.
    re.compile(r"(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})"),
    re.compile(rf"{_NAME}\.? (?P<year>\d{{4}})"),
    re.compile(rf"(?P<day>\d{{1,2}})\.? {_NAME}\.? (?P<year>\d{{4}})"),
    re.compile(rf"{_NAME}\.? (?P<day>\d{{1,2}}),? (?P<year>\d{{4}})"),
    re.compile(r"(?P<year>\d{4})年"),
    re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月"),
    re.compile(r"(?P<year>\d{4})年(?P<month>\d{1,2})月(?P<day>\d{1,2})日"),
)


def format_photos(count: int) -> str:
    """Return "1 photo" or "1,204 photos"."""
    return ngettext("{count} photo", "{count} photos", count).format(count=format_number(count))


def format_bytes(count: int) -> str:
    """Return a size in powers of 1000: "512 bytes", "12 kB", "3.4 GB"."""
    if count < 1000:
        return ngettext("{count} byte", "{count} bytes", count).format(count=format_number(count))
    return format_size(count)


def format_percent(score: float) -> str:
    """Return a score (0..1) in whole per cent. Never "0%" or "100%": no score is certain."""
    percent = round(score * 100)
    if 0 < percent < 100:
        return with_percent_sign(str(percent))
    return with_percent_sign(">99" if percent else "<1")


def format_duration(seconds: float) -> str:
    """Return a duration: "31 s", "4 min", "1 h 20 min"."""
    whole = max(0, round(seconds))
    if whole < 60:
        return _("{count} s").format(count=whole)
    minutes = round(whole / 60)
    if minutes < 60:
        return _("{count} min").format(count=minutes)
    return _("{hours} h {minutes} min").format(hours=format_number(minutes // 60), minutes=minutes % 60)


def format_photo_date(date: datetime, source: DateSource | None, *, with_time: bool = False) -> str:
    """Return a photo's date with its source: "taken 12 May 2019", "12 May 2019, 14:30, from the file name"."""
    day = format_day(date)
    if with_time:
        day = _("{day}, {time}").format(day=day, time=f"{date:%H:%M}")
    match source:
        case DateSource.TAKEN | DateSource.DIGITIZED:
            return _("taken {day}").format(day=day)
        case DateSource.XMP | DateSource.SIDECAR:
            return _("taken {day}, from XMP").format(day=day)
        case DateSource.TAKEOUT:
            return _("taken {day}, from Google Takeout").format(day=day)
        case DateSource.EXIF:
            return _("{day}, from EXIF").format(day=day)
        case DateSource.FILE_NAME:
            return _("{day}, from the file name").format(day=day)
        case DateSource.FILE_TIME:
            return _("{day}, file modified").format(day=day)
        case None:
            return day
        case _:
            assert_never(source)


def parse_days(text: str) -> tuple[date, date]:
    """Return the first and the last day that `text` means: "2019", "May 2019", "12 May 2019" or "2019-05-12".

    Raises `ValueError` if it means no day, month or year.
    """
    # Spanish and Portuguese write "12 de mayo de 2019".
    words = " ".join(word for word in text.casefold().split() if word != "de")
    for form in _DAY_FORMS:
        match = form.fullmatch(words)
        if match is not None:
            return _days(match.groupdict())
    raise ValueError(_("not a day, month or year"))


def displayable(text: Path | str) -> str:
    """Return a name, a path or a sentence with one on one line for the window, whatever bytes it consists of.

    Bidirectional control characters become escapes, so that they are visible and have no effect.
    """
    shown = str(text)
    is_plain = shown.isascii() and shown.isprintable()  # As nearly all names are.
    if not is_plain:
        shown = shown.encode("utf-8", "replace").decode("utf-8").replace("\n", " ")
    if language() not in RIGHT_TO_LEFT:
        if is_plain:
            return shown
        return "".join(_escaped(character) if character in _BIDI_CONTROLS else character for character in shown)
    # Isolated, so that the full stop of a name and the direction of a path stay theirs within an Arabic sentence. A
    # sentence may have isolated names in it already.
    kept = _isolates(shown)
    visible = "".join(
        _escaped(character) if character in _BIDI_CONTROLS and place not in kept else character
        for place, character in enumerate(shown)
    )
    return f"{_ISOLATE}{visible}{_END_ISOLATE}" if visible and not kept else visible


def _isolates(text: str) -> set[int]:
    """Return the places of the signs that isolate a part of `text`: pairs, which cannot change what is around them."""
    opened: list[int] = []
    pairs: set[int] = set()
    for place, character in enumerate(text):
        if character == _ISOLATE[-1]:
            opened.append(place)
        elif character == _END_ISOLATE and opened:
            first = opened.pop()
            pairs |= {first, place}
            if text.startswith(_ISOLATE, first - 1):
                pairs.add(first - 1)
    return pairs


def printable_path(path: Path | str) -> str:
    """Return a path, or a sentence with one, for a line of a terminal: control characters become escapes."""
    return "".join(
        _escaped(character)
        if character in _BIDI_CONTROLS or unicodedata.category(character) in ("Cc", "Zl", "Zp")
        else character
        for character in encodable(str(path))
    )


def printable_lines(text: str) -> str:
    """Return several lines for a terminal: control characters other than line breaks and tabs become escapes."""
    return "\n".join("\t".join(map(printable_path, line.split("\t"))) for line in text.split("\n"))


def padded(text: str, width: int) -> str:
    """Return `text` with spaces after it, `width` columns of a terminal wide; Chinese and Japanese signs take two."""
    columns = sum(2 if unicodedata.east_asian_width(sign) in "WF" else not unicodedata.combining(sign) for sign in text)
    return text + " " * max(1 if text else 0, width - columns)


def html_language() -> str:
    """Return the attributes of an HTML element for its language and the direction of its text."""
    code = language()
    direction = ' dir="rtl"' if code in RIGHT_TO_LEFT else ""
    return f'lang="{code.replace("_", "-")}"{direction}'


def report_text(text: str) -> str:
    """Return `text` for an HTML report. Bytes that are not UTF-8 and bidirectional control characters are escaped."""
    shown = "".join(_escaped(character) if character in _BIDI_CONTROLS else character for character in encodable(text))
    return html.escape(shown)


def encodable(text: str) -> str:
    r"""Return `text` with bytes that are not UTF-8 (surrogates, in Python) as escapes such as `\xff`."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        try:
            raw = text.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:  # from a Windows name, which is UTF-16
            raw = text.encode("utf-8", "backslashreplace")
        return raw.decode("utf-8", "backslashreplace")
    return text


def escape_html(text: str) -> str:
    """Return `text` for HTML and for Qt's rich text, with line breaks as `<br>`."""
    return html.escape(text.encode("utf-8", "replace").decode("utf-8")).replace("\n", "<br>")


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def _days(parts: dict[str, str]) -> tuple[date, date]:
    year = int(parts["year"])
    if "name" in parts:
        name = parts["name"]
        month = month_names().get(name) or _MONTHS.get(name) or _MONTHS_SHORT.get(name) or 0
    elif "month" in parts:
        month = int(parts["month"])
    else:
        return date(year, 1, 1), date(year, 12, 31)
    if not 1 <= month <= 12:
        raise ValueError(_("no such month"))
    if "day" in parts:
        day = date(year, month, int(parts["day"]))
        return day, day
    import calendar

    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])
