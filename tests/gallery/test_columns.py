"""Filtering by columns. `test_gallery_model.py` compares random queries with a plain implementation."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from driving import scored

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.gallery.columns import Columns, distinct
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gallery.query import Filter, Query, SecondaryFilter
from catdog_desktop.settings import SORT_KEYS
from catdog_desktop.verdict import Result, Scores, Thresholds, Verdict

THRESHOLDS = Thresholds(0.5, 0.5, 0.1)


def columns_of(*results: Result) -> Columns:
    columns = Columns()
    columns.judge(THRESHOLDS)
    rows = [Row(result.path, number) for number, result in enumerate(results)]
    for row, result in zip(rows, results, strict=True):
        row.apply_result(result, THRESHOLDS, 0.0)
    columns.append(rows)
    return columns


def test_rows_put_together_or_one_by_one_are_found_alike() -> None:
    days = [datetime(2020, 1 + number % 12, 1) for number in range(3_000)]
    results = [
        Result(
            Path(f"/{number % 7}/{number}.jpg"),
            scores=None if number % 5 == 0 else Scores(number % 10 / 10, 0.1),
            error="is damaged" if number % 5 == 0 else None,
            info=PhotoInfo(1, 1, None if number % 3 == 0 else days[number], number % 4),
            rating=number % 6 or None,
        )
        for number in range(3_000)
    ]
    together, apart = columns_of(*results), Columns()
    apart.judge(THRESHOLDS)
    for number, result in enumerate(results):
        row = Row(result.path, number)
        apart.append([row])
        row.apply_result(result, THRESHOLDS, 0.0)
        apart.put([row])
    for search in ("", "cat", "is:problem"):
        for key in SORT_KEYS:
            query = Query(search=search, sort_key=key)
            assert together.shown(query).tolist() == apart.shown(query).tolist(), (search, key)


@pytest.mark.parametrize("values", [[], [3], [5, 5], [2, 1, 2, -7, 1, 9], list(range(50)) * 3])
def test_distinct_values_are_those_of_numpy(values: list[int]) -> None:
    assert distinct(np.array(values, np.int32)).tolist() == np.unique(values).tolist()


@pytest.mark.parametrize(
    ("cat", "dog", "filters"),
    [
        (0.9, 0.1, {Filter.CAT}),
        (0.1, 0.9, {Filter.DOG}),
        (0.9, 0.9, {Filter.BOTH}),
        (0.1, 0.1, {Filter.NEITHER}),
        (0.55, 0.1, {Filter.UNSURE, Filter.TO_CHECK}),
        (0.7, 0.1, {Filter.CAT, Filter.TO_CHECK}),
    ],
)
def test_verdict_passes_only_its_own_filter(cat: float, dog: float, filters: set[Filter]) -> None:
    columns = columns_of(scored(Path("a.jpg"), cat, dog))
    assert {filter_ for filter_, count in columns.counts(Query()).items() if count} == {Filter.ALL, *filters}


def test_corrected_photo_is_not_to_check() -> None:
    columns = columns_of(replace(scored(Path("a.jpg"), 0.5, 0.5), correction=Verdict.DOG))
    counts = columns.counts(Query())
    assert {filter_ for filter_, count in counts.items() if count} == {Filter.ALL, Filter.DOG, Filter.CORRECTED}


def test_search_ignores_case() -> None:
    columns = columns_of(scored(Path("Straße_CAT.JPG"), 0.9, 0.1))
    assert columns.shown(Query(search="cat")).size
    assert columns.shown(Query(search="STRASSE")).size
    assert not columns.shown(Query(search="dog")).size


@pytest.mark.parametrize(
    ("score", "low", "high", "passes"),
    [
        (0.896, 0.9, 1.0, True),
        (0.894, 0.9, 1.0, False),
        (0.904, 0.0, 0.9, True),
        (0.906, 0.0, 0.9, False),
        (0.9999, 0.99, 1.0, True),
        (0.0001, 0.0, 0.01, True),
        (0.5, 0.5, 0.5, True),
        (0.5, 0.6, 0.4, False),
    ],
)
def test_score_range_compares_whole_percents(score: float, low: float, high: float, passes: bool) -> None:
    columns = columns_of(scored(Path("a.jpg"), score, 0.01))
    assert bool(columns.shown(Query(secondary=SecondaryFilter(cat=(low, high)))).size) is passes


def test_date_range_includes_both_days() -> None:
    moments = [datetime(2024, 5, 1, 23, 59, 59), datetime(2024, 5, 2), datetime(2024, 5, 3, 23, 59, 59)]
    results = [
        replace(scored(Path(f"{n}.jpg"), 0.9, 0.1), info=PhotoInfo(date=moment)) for n, moment in enumerate(moments)
    ]
    columns = columns_of(*results, replace(scored(Path("none.jpg"), 0.9, 0.1), info=PhotoInfo()))
    first, last = date(2024, 5, 2), date(2024, 5, 3)
    assert columns.shown(Query(secondary=SecondaryFilter(first_day=first))).tolist() == [1, 2]
    assert columns.shown(Query(secondary=SecondaryFilter(last_day=first))).tolist() == [0, 1]
    assert columns.shown(Query(secondary=SecondaryFilter(first_day=last, last_day=last))).tolist() == [2]
    assert columns.days() == (date(2024, 5, 1).toordinal(), last.toordinal())


def test_days_without_rows_is_none() -> None:
    assert Columns().days() is None


def test_folders_without_removed_rows() -> None:
    columns = columns_of(*(scored(Path(name), 0.9, 0.1) for name in ("/a/1.jpg", "/a/2.jpg", "/b/3.jpg", "4.jpg")))
    columns.drop(Row(Path("/b/3.jpg"), 2))
    assert columns.folders() == {"/a": 2, "": 1}


def test_prepare_sorts_names_in_slices() -> None:
    columns = columns_of(*(scored(Path(f"{(number * 7) % 10}.jpg"), 0.9, 0.1) for number in range(10)))
    assert [columns.prepare(4) for _ in range(6)] == [True, True, True, True, False, False]
    assert columns.shown(Query(sort_key="name")).tolist() == sorted(range(10), key=lambda number: number * 7 % 10)
