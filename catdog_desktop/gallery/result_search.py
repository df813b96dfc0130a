"""A search of the gallery over results, for the command line."""

from collections.abc import Sequence

from catdog_desktop.gallery.columns import Columns
from catdog_desktop.gallery.duplicates import DuplicateIndex
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gallery.query import Query
from catdog_desktop.verdict import Result, Thresholds


def matching(results: Sequence[Result], thresholds: Thresholds, search: str) -> list[Result]:
    """Return the results that match `search`, in the same order; `parse_search` says what is not understood in it."""
    columns, duplicates = Columns(), DuplicateIndex()
    columns.judge(thresholds)
    rows = [Row(result.path, number) for number, result in enumerate(results)]
    for row, result in zip(rows, results, strict=True):
        row.apply_result(result, thresholds, 0.0)
        duplicates.add(row)
    columns.append(rows)
    return [results[number] for number in columns.shown(Query(search=search)).tolist()]
