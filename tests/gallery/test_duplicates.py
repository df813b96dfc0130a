"""Photos with the same content find each other, and lose each other when one changes or goes."""

from dataclasses import replace
from pathlib import Path

from driving import scored

from catdog_desktop.gallery.duplicates import DuplicateIndex
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.verdict import Thresholds


def row(number: int, content: str) -> Row:
    made = Row(Path(f"{number}.jpg"), number)
    made.apply_result(replace(scored(made.path, 0.9, 0.1), fingerprint=content), Thresholds(), 0.0)
    return made


def test_they_find_each_other_in_any_order() -> None:
    equal = DuplicateIndex()
    third, first, other = row(3, "same"), row(1, "same"), row(2, "other")
    assert equal.add(third) == []
    assert equal.add(other) == []
    assert equal.add(first) == [third, first]
    assert first.duplicate_group == third.duplicate_group is not None
    assert other.duplicate_group is None
    fourth = row(4, "same")
    assert equal.add(fourth) == [fourth], "the others were not alone before"
    assert fourth.duplicate_group == first.duplicate_group
    assert equal.discard(fourth) == [fourth]
    assert fourth.duplicate_group is None
    assert equal.with_fingerprint("same") == [first, third], "in the order in which they were added to the gallery"
    assert equal.with_fingerprint("other") == [other]
    assert equal.with_fingerprint("none") == []


def test_the_last_of_them_is_alone_again() -> None:
    equal = DuplicateIndex()
    rows = [row(number, "same") for number in range(3)]
    for one in rows:
        equal.add(one)
    assert equal.discard(rows[0]) == rows[:1]
    assert equal.discard(rows[1]) == [rows[1], rows[2]]
    assert [one.duplicate_group for one in rows] == [None] * 3
    assert equal.with_fingerprint("same") == rows[2:]
    assert equal.discard(rows[2]) == []
    assert equal.with_fingerprint("same") == []
    assert equal.discard(rows[2]) == []


def test_two_groups_are_two() -> None:
    equal = DuplicateIndex()
    rows = [row(number, content) for number, content in enumerate("abab")]
    for one in rows:
        equal.add(one)
    assert rows[0].duplicate_group == rows[2].duplicate_group != rows[1].duplicate_group == rows[3].duplicate_group


def test_thousands_of_equal_ones_come_and_go_at_once() -> None:
    equal = DuplicateIndex()
    rows = [row(number, "lens cap") for number in range(20_000)]
    for one in rows:
        equal.add(one)
    assert equal.with_fingerprint("lens cap") == rows
    for one in rows:
        equal.discard(one)
    assert equal.with_fingerprint("lens cap") == []


def test_unknown_contents_are_equal_to_none() -> None:
    equal = DuplicateIndex()
    waiting = Row(Path("waits.jpg"), 0)
    assert equal.add(waiting) == []
    assert equal.add(row(1, "")) == []
    assert equal.add(row(2, "")) == []
    assert equal.discard(waiting) == []
