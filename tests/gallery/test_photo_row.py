"""The plain data behind the gallery: states, filters, natural order."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from driving import scored

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.gallery.photo_row import Filter, Narrowing, Order, Row, State, natural_key
from catdog_desktop.verdict import Result, Thresholds, Verdict


def test_a_row_waits_until_its_result_comes() -> None:
    row = Row(Path("a.jpg"), 0)
    assert (row.state, row.verdict) == (State.WAITING, None)
    row.take(scored(row.path, 0.97, 0.02), Thresholds(), 5.0)
    assert (row.state, row.verdict, row.arrived) == (State.DONE, Verdict.CAT, 5.0)
    row.take(Result(row.path, error="is no longer there"), Thresholds(), 6.0)
    assert (row.state, row.verdict) == (State.FAILED, None)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2.jpg", "10.jpg"),
        ("a2b10", "a10b2"),
        ("IMG_9.JPG", "img_10.jpg"),
        ("a.jpg", "B.jpg"),
        ("7", "a"),
        ("a7", "a 7"),
        ("img", "img1"),
        ("9" * 80, "1" * 100),
        ("٩", "١٠"),
    ],
)
def test_natural_order(first: str, second: str) -> None:
    assert natural_key(first) < natural_key(second)


def test_leading_zeros_do_not_count() -> None:
    assert natural_key("IMG_007") == natural_key("img_7")


def test_only_the_plain_order_is_plain() -> None:
    assert Order().is_plain
    assert not Order(descending=True).is_plain
    assert not Order(search="a").is_plain
    assert not Order(narrowing=Narrowing(folder=Path("/a"))).is_plain
    assert Order(filter=Filter.CAT).needs_results
    assert Order(key="dog").needs_results
    assert Order(narrowing=Narrowing(cat=(0.5, 1.0))).needs_results
    assert not Order(key="name", search="a", narrowing=Narrowing(folder=Path("/a"))).needs_results


@pytest.mark.parametrize(
    ("narrowing", "count"),
    [
        (Narrowing(), 0),
        (Narrowing(folder=Path("/a")), 1),
        (Narrowing(first_day=date(2024, 1, 1)), 1),
        (Narrowing(first_day=date(2024, 1, 1), last_day=date(2024, 2, 1)), 1),
        (Narrowing(Path("/a"), None, date(2024, 1, 1), (0.0, 0.9), (0.1, 1.0)), 4),
    ],
)
def test_conditions_are_counted(narrowing: Narrowing, count: int) -> None:
    assert narrowing.count == count
    assert Order(narrowing=narrowing).is_narrowed is (count > 0)


def test_what_is_wrong_with_a_file() -> None:
    row = Row(Path("a.jpg"), 0)
    assert not row.is_problem
    row.take(Result(row.path, error="is no longer there"), Thresholds(), 0.0)
    assert row.is_problem
    row.take(replace(scored(row.path, 0.9, 0.1), info=PhotoInfo(damaged=True)), Thresholds(), 0.0)
    assert row.is_problem
    assert not row.corrected
    row.take(replace(scored(row.path, 0.9, 0.1), correction=Verdict.DOG), Thresholds(), 0.0)
    assert row.corrected
    assert row.verdict is Verdict.DOG
