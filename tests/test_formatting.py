"""Parsing of days, months and years as users type them."""

from datetime import date, datetime

import pytest

from catdog_desktop.decoding.photo_info import DateSource
from catdog_desktop.formatting import displayable, format_photo_date, parse_days
from catdog_desktop.languages.choice import use_language
from catdog_desktop.languages.formats import format_day, format_long_day, format_month


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2019", (2019, 1, 1), (2019, 12, 31)),
        ("2024-02", (2024, 2, 1), (2024, 2, 29)),
        ("2/2023", (2023, 2, 1), (2023, 2, 28)),
        ("05.2019", (2019, 5, 1), (2019, 5, 31)),
        ("2019-05-12", (2019, 5, 12), (2019, 5, 12)),
        ("2019/5/2", (2019, 5, 2), (2019, 5, 2)),
        ("12.5.2019", (2019, 5, 12), (2019, 5, 12)),
        ("1. 12. 2019", (2019, 12, 1), (2019, 12, 1)),
        (" May  2019 ", (2019, 5, 1), (2019, 5, 31)),
        ("september 2019", (2019, 9, 1), (2019, 9, 30)),
        ("12 May 2019", (2019, 5, 12), (2019, 5, 12)),
        ("Dec. 1, 2019", (2019, 12, 1), (2019, 12, 1)),
        ("12. Aug 2019", (2019, 8, 12), (2019, 8, 12)),
    ],
)
def test_parse_days_valid_text(text: str, first: tuple[int, int, int], last: tuple[int, int, int]) -> None:
    assert parse_days(text) == (date(*first), date(*last))


@pytest.mark.parametrize(
    "text",
    [
        "", "soon", "19", "20199", "2019-13", "2019-00", "2019-02-30", "31.4.2019", "0000", "5/12/2019", "Foo 2019",
        "2019-05-12 10:00", "May", "２０１９-99", "-2019", "12 12 2019", "\n",
    ],
)  # fmt: skip
def test_parse_days_invalid_text_raises(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_days(text)


class _ArabicDay(datetime):
    """A date as it is formatted in an Arabic session: only the C locale is sure to be installed."""

    def __format__(self, format_spec: str) -> str:
        return super().__format__(format_spec.replace("%b", "نوف").replace("%B", "نوفمبر"))


def test_months_do_not_depend_on_the_language_of_the_system() -> None:
    """Qt switches to the language of the system, which strftime follows."""
    day = _ArabicDay(2026, 11, 27)
    assert f"{day:%b}" == "نوف"
    assert format_day(day) == "27 Nov 2026"
    assert format_long_day(day) == "27 November 2026"
    assert format_month(day) == "November 2026"
    assert format_photo_date(day, DateSource.TAKEN) == "taken 27 Nov 2026"
    assert format_photo_date(day, DateSource.EXIF, with_time=True) == "27 Nov 2026, 00:00, from EXIF"


def test_month_names_can_be_parsed() -> None:
    for month in range(1, 13):
        day = date(2026, month, 1)
        assert parse_days(format_day(day)) == (day, day)
        assert parse_days(format_month(day))[0] == day


def test_name_in_arabic_sentence_is_isolated() -> None:
    assert displayable("cat.jpg") == "cat.jpg"
    try:
        assert use_language("ar") == "ar"
        assert displayable("cat.jpg") == "\u200f\u2068cat.jpg\u2069"
        assert displayable("a\u202egpj.exe") == "\u200f\u2068a\\u202egpj.exe\u2069"  # its own controls have no effect
        assert displayable("") == ""
        assert displayable(displayable("cat.jpg")) == displayable("cat.jpg")
        assert displayable("\u2069a\u2068") == "\u200f\u2068\\u2069a\\u2068\u2069"  # no pair
    finally:
        use_language("en")
