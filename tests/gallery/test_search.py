"""The search language, and what it finds."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest
from driving import scored

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.gallery.columns import Columns
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gallery.query import Query
from catdog_desktop.gallery.search import completions, parse_search
from catdog_desktop.verdict import Result, Thresholds, Verdict

THRESHOLDS = Thresholds(0.5, 0.5, 0.1)

PHOTOS = [
    (Path("/home/ann/Holiday 2019/IMG_1.jpg"), 0.95, 0.02, datetime(2019, 5, 12), 6_000_000),
    (Path("/home/ann/Holiday 2019/beach copy.jpg"), 0.05, 0.95, datetime(2019, 6, 1, 23), 150_000),
    (Path("/home/ann/New York/both 2.jpg"), 0.9, 0.96, datetime(2020, 1, 1), 2_000_000),
    (Path("/home/ann/New York/2019.jpg"), 0.55, 0.1, datetime(2021, 5, 1), 2_400_000),
    (Path("/home/ann/New York/Café.jpg"), 0.1, 0.1, None, 0),
]


def results() -> list[Result]:
    made = [
        replace(scored(path, cat, dog), info=PhotoInfo(date=day, file_bytes=size))
        for path, cat, dog, day, size in PHOTOS
    ]
    made[0] = replace(made[0], rating=5)
    made[1] = replace(made[1], rating=2)
    made[4] = replace(made[4], correction=Verdict.DOG)
    return [*made, Result(Path("/home/ann/New York/broken.jpg"), error="is damaged")]


def found(search: str) -> list[str]:
    columns = Columns()
    columns.judge(THRESHOLDS)
    for number, result in enumerate(results()):
        row = Row(result.path, number)
        row.apply_result(result, THRESHOLDS, 0.0)
        columns.append([row])
    names = [result.path.name for result in results()]
    return [names[number] for number in columns.shown(Query(search=search)).tolist()]


IMG, BEACH, BOTH, YEAR, CAFE, BROKEN = (result.path.name for result in results())


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("", [IMG, BEACH, BOTH, YEAR, CAFE, BROKEN]),
        ("both 2", [BOTH]),
        ("holiday", [IMG, BEACH]),
        ("HOLIDAY img", [IMG]),
        ("2019", [IMG, BEACH, YEAR]),
        ('"2019"', [IMG, BEACH, YEAR]),
        ("2020", [BOTH]),
        ('"2020"', []),
        ("2021", [YEAR]),
        ('"new york"', [BOTH, YEAR, CAFE, BROKEN]),
        ("york new", [BOTH, YEAR, CAFE, BROKEN]),
        ("holiday -copy", [IMG]),
        ('-"new york"', [IMG, BEACH]),
        ("ann", [IMG, BEACH, BOTH, YEAR, CAFE, BROKEN]),
        ("home", []),
        ("cafe\u0301", [CAFE]),
        ("is:cat", [IMG]),
        ("is:dog", [BEACH, CAFE]),
        ("is:both", [BOTH]),
        ("is:unsure", [YEAR]),
        ("is:neither", []),
        ("is:problem", [BROKEN]),
        ("is:corrected", [CAFE]),
        ("corrected", [CAFE]),
        ('"corrected"', []),
        ("-corrected is:dog", [BEACH]),
        ("cat:>0.9", [IMG]),
        ("cat:>=0.9", [IMG, BOTH]),
        ("cat:90%", [BOTH]),
        ("cat:95", [IMG]),
        ("cat:,95", [IMG]),
        ("dog:<0.1", [IMG]),
        ("dog:<=10%", [IMG, YEAR, CAFE]),
        ("cat:0.5..0.9", [BOTH, YEAR]),
        ("cat:..0.1", [BEACH, CAFE]),
        ("-cat:>0.5", [BEACH, CAFE, BROKEN]),
        ("date:2019", [IMG, BEACH]),
        ("date:2019-05", [IMG]),
        ("date:2019-06-01", [BEACH]),
        ('date:"12 May 2019"', [IMG]),
        ("date:>2019", [BOTH, YEAR]),
        ("date:>=2019-06", [BEACH, BOTH, YEAR]),
        ("date:<2020", [IMG, BEACH]),
        ("date:2019-06..2020", [BEACH, BOTH]),
        ('date:<"May 2019"', []),
        ("folder:2019", [IMG, BEACH]),
        ('folder:"new york" is:both', [BOTH]),
        ("name:2019", [YEAR]),
        ("size:>5MB", [IMG]),
        ("size:2MB", [BOTH, YEAR]),
        ("size:<200kB", [BEACH]),
        ("rating:>=4", [IMG]),
        ("rating:2", [BEACH]),
        ("rating:<5", [BEACH]),
        ("rating:1..5", [IMG, BEACH]),
        ("rating:0", [BOTH, YEAR, CAFE, BROKEN]),
        ("-rating:0", [IMG, BEACH]),
        ("-", [IMG, BEACH, BOTH, YEAR, CAFE, BROKEN]),
        ("12:30", []),
    ],
)
def test_search_finds(search: str, names: list[str]) -> None:
    assert found(search) == names


@pytest.mark.parametrize(
    ("search", "sentence"),
    [
        ('"new york', "A quotation mark is missing."),
        ('folder:"new', "A quotation mark is missing."),
        ("is:bird", "“is:bird” is unknown. Known: cat, dog,"),
        ("colour:red", "“colour:” is unknown. Known: is:, cat:, dog:,"),
        ("cat:", "Something is missing after “cat:”."),
        ("cat:many", "“many” is not a score."),
        ("cat:>", "“>” is not a score."),
        ("cat:>120%", "“120%” is more than 100%."),
        ("date:soon", "“soon” is not a date."),
        ("date:2019-13", "“2019-13” is not a date."),
        ("date:0000", "“0000” is not a date."),
        ("rating:6", "“6” is not a rating."),
        ("size:big", "“big” is not a size."),
    ],
)
def test_search_that_cannot_be_understood_says_why(search: str, sentence: str) -> None:
    assert parse_search(search).problem.startswith(sentence)
    assert len(found(search)) == len(results()), "it hides nothing"
    assert found(f"holiday {search}") == [IMG, BEACH], "the other conditions hold"


@pytest.mark.parametrize(
    ("search", "needs"),
    [("holiday", False), ("folder:x", False), ("2019", True), ("is:cat", True), ("date:2019", True)],
)
def test_query_knows_whether_a_search_depends_on_results(search: str, needs: bool) -> None:
    assert Query(search=search).needs_results is needs


@pytest.mark.parametrize(
    ("word", "first"),
    [
        ("ca", "cat:"),
        ("cat:", "cat:>0.9"),
        ("is:u", "is:unsure"),
        ("-is:d", "-is:dog"),
        ("da", "date:"),
        ("date:2", "date:2026"),
        ("cor", "corrected"),
        ("fol", "folder:"),
    ],
)
def test_completions_offer_conditions(word: str, first: str) -> None:
    assert completions(word, date(2026, 11, 27))[0] == first


@pytest.mark.parametrize("word", ["", "-", "holiday", "is:unsure", "folder:x", "nothing:"])
def test_completions_offer_nothing_for_other_words(word: str) -> None:
    assert completions(word, date(2026, 11, 27)) == []


def test_all_completions_can_be_searched() -> None:
    for key in ("is:", "cat:", "dog:", "date:", "size:", "rating:"):
        for word in completions(key, date(2026, 11, 27)):
            assert parse_search(word).terms, word
            assert not parse_search(word).problem, word
