"""Index of duplicates: adding, removing, groups."""

from dataclasses import replace
from pathlib import Path

from driving import scored

from catdog_desktop.gallery.duplicates import DuplicateIndex
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.verdict import Thresholds


def row(number: int, fingerprint: str) -> Row:
    made = Row(Path(f"{number}.jpg"), number)
    made.apply_result(replace(scored(made.path, 0.9, 0.1), fingerprint=fingerprint), Thresholds(), 0.0)
    return made


def test_add_groups_rows_with_the_same_fingerprint() -> None:
    index = DuplicateIndex()
    third, first, other = row(3, "same"), row(1, "same"), row(2, "other")
    assert index.add(third) == []
    assert index.add(other) == []
    assert index.add(first) == [third, first]
    assert first.duplicate_group == third.duplicate_group is not None
    assert other.duplicate_group is None
    fourth = row(4, "same")
    assert index.add(fourth) == [fourth], "the others had a group already"
    assert fourth.duplicate_group == first.duplicate_group
    assert index.discard(fourth) == [fourth]
    assert fourth.duplicate_group is None
    assert index.with_fingerprint("same") == [first, third], "by row number"
    assert index.with_fingerprint("other") == [other]
    assert index.with_fingerprint("none") == []


def test_discard_leaves_the_last_row_without_group() -> None:
    index = DuplicateIndex()
    rows = [row(number, "same") for number in range(3)]
    for one in rows:
        index.add(one)
    assert index.discard(rows[0]) == rows[:1]
    assert index.discard(rows[1]) == [rows[1], rows[2]]
    assert [one.duplicate_group for one in rows] == [None] * 3
    assert index.with_fingerprint("same") == rows[2:]
    assert index.discard(rows[2]) == []
    assert index.with_fingerprint("same") == []
    assert index.discard(rows[2]) == []


def test_different_fingerprints_have_different_groups() -> None:
    index = DuplicateIndex()
    rows = [row(number, fingerprint) for number, fingerprint in enumerate("abab")]
    for one in rows:
        index.add(one)
    assert rows[0].duplicate_group == rows[2].duplicate_group != rows[1].duplicate_group == rows[3].duplicate_group


def test_thousands_of_duplicates_are_added_and_removed_fast() -> None:
    index = DuplicateIndex()
    rows = [row(number, "lens cap") for number in range(20_000)]
    for one in rows:
        index.add(one)
    assert index.with_fingerprint("lens cap") == rows
    for one in rows:
        index.discard(one)
    assert index.with_fingerprint("lens cap") == []


def test_rows_without_fingerprint_are_no_duplicates() -> None:
    index = DuplicateIndex()
    waiting = Row(Path("waits.jpg"), 0)
    assert index.add(waiting) == []
    assert index.add(row(1, "")) == []
    assert index.add(row(2, "")) == []
    assert index.discard(waiting) == []
