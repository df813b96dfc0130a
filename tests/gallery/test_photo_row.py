"""The plain data behind the gallery: states, filters, natural order."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from driving import scored

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.gallery.natural_sort import natural_key
from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gallery.query import Filter, Query, SecondaryFilter
from catdog_desktop.verdict import Result, Thresholds, Verdict


def test_a_row_waits_until_its_result_comes() -> None:
    row = Row(Path("a.jpg"), 0)
    assert (row.state, row.verdict) == (State.WAITING, None)
    row.apply_result(scored(row.path, 0.97, 0.02), Thresholds(), 5.0)
    assert (row.state, row.verdict, row.result_time) == (State.DONE, Verdict.CAT, 5.0)
    row.apply_result(Result(row.path, error="is no longer there"), Thresholds(), 6.0)
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
    assert Query().is_plain
    assert not Query(descending=True).is_plain
    assert not Query(search="a").is_plain
    assert not Query(secondary=SecondaryFilter(folder=Path("/a"))).is_plain
    assert Query(filter=Filter.CAT).needs_results
    assert Query(sort_key="dog").needs_results
    assert Query(secondary=SecondaryFilter(cat=(0.5, 1.0))).needs_results
    assert not Query(sort_key="name", search="a", secondary=SecondaryFilter(folder=Path("/a"))).needs_results


@pytest.mark.parametrize(
    ("secondary", "count"),
    [
        (SecondaryFilter(), 0),
        (SecondaryFilter(folder=Path("/a")), 1),
        (SecondaryFilter(first_day=date(2024, 1, 1)), 1),
        (SecondaryFilter(first_day=date(2024, 1, 1), last_day=date(2024, 2, 1)), 1),
        (SecondaryFilter(Path("/a"), None, date(2024, 1, 1), (0.0, 0.9), (0.1, 1.0)), 4),
    ],
)
def test_conditions_are_counted(secondary: SecondaryFilter, count: int) -> None:
    assert secondary.count == count
    assert Query(secondary=secondary).is_narrowed is (count > 0)


def test_what_is_wrong_with_a_file() -> None:
    row = Row(Path("a.jpg"), 0)
    assert not row.is_problem
    row.apply_result(Result(row.path, error="is no longer there"), Thresholds(), 0.0)
    assert row.is_problem
    row.apply_result(replace(scored(row.path, 0.9, 0.1), info=PhotoInfo(damaged=True)), Thresholds(), 0.0)
    assert row.is_problem
    assert not row.corrected
    row.apply_result(replace(scored(row.path, 0.9, 0.1), correction=Verdict.DOG), Thresholds(), 0.0)
    assert row.corrected
    assert row.verdict is Verdict.DOG
