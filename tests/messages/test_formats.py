"""Numbers, shares, sizes, dates and lists, as each language writes them."""

import ast
from collections.abc import Callable
from datetime import date, datetime

import locale_table
import pytest

from catdog_desktop.formatting import format_bytes, format_percent, parse_days
from catdog_desktop.languages import cldr, formats
from catdog_desktop.languages.choice import LANGUAGES

DAY = date(2019, 9, 2)
MOMENT = datetime(2019, 9, 2, 14, 5)
TRANSLATED = [code for code in LANGUAGES if code != "en"]


def test_table_is_what_its_program_writes() -> None:
    """Compare the values: how the file is broken into lines does not matter."""
    written = ast.parse(locale_table.source()).body[-1]
    assert isinstance(written, ast.AnnAssign)
    assert written.value is not None
    assert ast.literal_eval(written.value) == cldr.TABLE
    assert set(cldr.TABLE) == set(LANGUAGES)


@pytest.mark.parametrize(
    ("code", "small", "large", "share", "size", "day", "month", "items"),
    [
        ("en", "1,204", "12,040.5", "93.5%", "1.5 MB", "2 Sep 2019", "September 2019", "a, b and c"),
        ("de", "1.204", "12.040,5", "93,5\xa0%", "1,5 MB", "2. Sept. 2019", "September 2019", "a, b und c"),
        (
            "fr",
            "1\u202f204",
            "12\u202f040,5",
            "93,5\xa0%",
            "1,5\u202fMo",
            "2 sept. 2019",
            "septembre 2019",
            "a, b et c",
        ),
        ("es", "1204", "12.040,5", "93,5\xa0%", "1,5 MB", "2 sept 2019", "septiembre de 2019", "a, b y c"),
        ("pt_BR", "1.204", "12.040,5", "93,5%", "1,5 MB", "2 de set. de 2019", "setembro de 2019", "a, b e c"),
        ("it", "1.204", "12.040,5", "93,5%", "1,5 MB", "2 set 2019", "settembre 2019", "a, b e c"),
        ("ja", "1,204", "12,040.5", "93.5%", "1.5 MB", "2019年9月2日", "2019年9月", "a、b、c"),
        ("zh_CN", "1,204", "12,040.5", "93.5%", "1.5 MB", "2019年9月2日", "2019年9月", "a、b和c"),
        ("ar", "1,204", "12,040.5", "\u206893.5%\u2069", "1.5 م.ب", "2 سبتمبر 2019", "سبتمبر 2019", "a، b وc"),
    ],
)
def test_language_writes_its_own_way(
    code: str, small: str, large: str, share: str, size: str, day: str, month: str, items: str,
    speak: Callable[[str], None],
) -> None:  # fmt: skip
    speak(code)
    assert formats.format_number(1204) == small
    assert formats.format_number(12040.5, 1) == large
    assert formats.format_share(0.935, 1) == share
    assert formats.format_size(1_500_000) == size
    assert formats.format_day(DAY) == day
    assert formats.format_month(DAY) == month
    assert formats.format_and_list(["a", "b", "c"]) == items


def test_scores_are_never_certain_in_any_language(speak: Callable[[str], None]) -> None:
    speak("de")
    assert [format_percent(score) for score in (0.999, 0.5, 0.001)] == [">99\xa0%", "50\xa0%", "<1\xa0%"]


def test_small_numbers_and_edges() -> None:
    assert formats.format_number(-0.04, 1) == "0.0"
    assert formats.format_number(-1204) == "-1,204"
    assert formats.format_number(999) == "999"
    assert format_bytes(1) == "1 byte"
    assert format_bytes(999) == "999 bytes"
    assert format_bytes(9_949) == "9.9 kB"
    assert format_bytes(9_951) == "10 kB"
    assert format_bytes(999_600) == "1.0 MB"
    assert format_bytes(12_345_678_901_234_567) == "12,345.7 TB"
    assert formats.format_and_list([]) == ""
    assert formats.format_and_list(["a", "b"]) == "a and b"


def test_moment_has_day_and_time() -> None:
    assert formats.format_moment(MOMENT) == "2 Sep 2019, 14:05"


def test_sentences_stand_together_in_japanese(speak: Callable[[str], None]) -> None:
    assert formats.join_sentences(["One.", "", "Two."]) == "One. Two."
    speak("ja")
    assert formats.join_sentences(["一。", "二。"]) == "一。二。"


@pytest.mark.parametrize("code", LANGUAGES)
def test_days_that_are_shown_can_be_typed(code: str, speak: Callable[[str], None]) -> None:
    speak(code)
    for number in range(1, 13):
        day = date(2019, number, 2)
        assert parse_days(formats.format_day(day)) == (day, day)
        assert parse_days(formats.format_long_day(day)) == (day, day)
        assert parse_days(formats.format_month(day))[0] == day.replace(day=1)
    assert parse_days("12 May 2019") == (date(2019, 5, 12), date(2019, 5, 12))  # English is always understood
