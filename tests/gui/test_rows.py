"""The plain data behind the gallery: states, filters, natural order."""

from pathlib import Path

import pytest
from driving import scored

from catdog_desktop.gui.rows import Filter, Order, Row, State, natural_key
from catdog_desktop.verdict import Result, Thresholds, Verdict


def test_a_row_waits_until_its_result_comes() -> None:
    row = Row(Path("a.jpg"), 0)
    assert (row.state, row.verdict) == (State.WAITING, None)
    row.take(scored(row.path, 0.97, 0.02), Thresholds(), 5.0)
    assert (row.state, row.verdict, row.arrived) == (State.DONE, Verdict.CAT, 5.0)
    row.take(Result(row.path, error="is no longer there"), Thresholds(), 6.0)
    assert (row.state, row.verdict) == (State.FAILED, None)


@pytest.mark.parametrize(
    ("cat", "dog", "verdict"),
    [(0.9, 0.1, "cat"), (0.1, 0.9, "dog"), (0.9, 0.9, "both"), (0.1, 0.1, "neither"), (0.6, 0.1, "unsure")],
)
def test_every_verdict_passes_its_own_filter_only(cat: float, dog: float, verdict: str) -> None:
    row = Row(Path("a.jpg"), 0)
    row.take(scored(row.path, cat, dog), Thresholds(0.5, 0.5, 0.2), 0.0)
    assert {filter_.value for filter_ in Filter if Order(filter=filter_).shows(row)} == {"all", verdict}


def test_search_is_deaf_to_case() -> None:
    row = Row(Path("Straße_CAT.JPG"), 0)
    assert Order(search="cat").shows(row)
    assert Order(search="STRASSE").shows(row)
    assert not Order(search="dog").shows(row)


@pytest.mark.parametrize(
    ("first", "second"),
    [("2.jpg", "10.jpg"), ("a2b10", "a10b2"), ("IMG_9.JPG", "img_10.jpg"), ("a.jpg", "B.jpg"), ("7", "a")],
)
def test_natural_order(first: str, second: str) -> None:
    assert natural_key(first) < natural_key(second)


def test_only_the_plain_order_is_plain() -> None:
    assert Order().is_plain
    assert not Order(descending=True).is_plain
    assert not Order(search="a").is_plain
    assert Order(filter=Filter.CAT).needs_results
    assert Order(key="dog").needs_results
    assert not Order(key="name", search="a").needs_results
