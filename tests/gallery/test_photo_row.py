"""Rows, queries and the natural sort order of the gallery."""

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


def test_row_state_follows_the_result() -> None:
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
def test_natural_key_orders_numbers_by_value(first: str, second: str) -> None:
    assert natural_key(first) < natural_key(second)


def test_natural_key_ignores_leading_zeros() -> None:
    assert natural_key("IMG_007") == natural_key("img_7")


def test_query_properties() -> None:
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
def test_secondary_filter_counts_its_conditions(secondary: SecondaryFilter, count: int) -> None:
    assert secondary.count == count
    assert Query(secondary=secondary).is_narrowed is (count > 0)


def test_row_problems_and_corrections() -> None:
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
