"""Searches of the command line."""

from dataclasses import replace
from pathlib import Path

from driving import scored

from catdog_desktop.gallery.result_search import matching
from catdog_desktop.verdict import Result, Thresholds

THRESHOLDS = Thresholds(0.5, 0.5, 0.1)


def test_matching_keeps_the_order_and_knows_duplicates() -> None:
    results = [
        replace(scored(Path("/b/2.jpg"), 0.95, 0.1), fingerprint="same"),
        scored(Path("/b/1.jpg"), 0.95, 0.1),
        replace(scored(Path("/a/3.jpg"), 0.95, 0.1), fingerprint="same"),
        Result(Path("/a/4.jpg"), error="is damaged"),
    ]
    assert matching(results, THRESHOLDS, "is:cat") == results[:3]
    assert matching(results, THRESHOLDS, "is:duplicate") == [results[0], results[2]]
    assert matching(results, THRESHOLDS, "is:problem folder:a") == [results[3]]
    assert matching(results, THRESHOLDS, "") == results
    assert matching([], THRESHOLDS, "is:cat") == []
