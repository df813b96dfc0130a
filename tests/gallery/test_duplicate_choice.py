"""Which photo of each group of duplicates is kept."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from driving import scored

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.gallery.duplicate_choice import all_but_one, looks_like_copy
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.verdict import Thresholds


def row(path: str, group: int | None = 1, date: datetime | None = None) -> Row:
    made = Row(Path(path), 0, duplicate_group=group)
    result = replace(scored(Path(path), 0.9, 0.1), info=PhotoInfo(date=date))
    made.apply_result(result, Thresholds(), 0.0)
    return made


def kept(*rows: Row, preferred: str | None = None) -> str:
    (choice,) = all_but_one(rows, Path(preferred) if preferred else None)
    assert len(choice.others) == len(rows) - 1
    assert choice.keep not in choice.others
    return str(choice.keep.path)


@pytest.mark.parametrize(
    ("name", "is_copy"),
    [
        ("IMG_1 copy.jpg", True),
        ("IMG_1 copy 2.jpg", True),
        ("Copy of IMG_1.jpg", True),
        ("IMG_1 - Kopie.jpg", True),
        ("IMG_1_copy.jpg", True),
        ("IMG_1 (1).jpg", True),
        ("IMG_1(12).jpg", True),
        ("IMG_1 - 2.jpg", True),
        ("IMG_1.jpg", False),
        ("copycat.jpg", False),
        ("(1) first.jpg", False),
        ("2019-05-12.jpg", False),
    ],
)
def test_looks_like_copy_knows_names_of_file_managers(name: str, is_copy: bool) -> None:
    assert looks_like_copy(Path(name)) is is_copy


def test_photo_in_the_preferred_folder_is_kept_before_all_else() -> None:
    old = row("/a/IMG_1.jpg", date=datetime(2001, 1, 1))
    preferred = row("/b/below/IMG_1 copy.jpg", date=datetime(2020, 1, 1))
    assert kept(old, preferred) == "/a/IMG_1.jpg"
    assert kept(old, preferred, preferred="/b") == "/b/below/IMG_1 copy.jpg"


def test_name_without_copy_is_kept_before_an_older_one() -> None:
    copied = row("/a/IMG_1 (1).jpg", date=datetime(2001, 1, 1))
    assert kept(copied, row("/a/IMG_1.jpg", date=datetime(2020, 1, 1))) == "/a/IMG_1.jpg"


def test_oldest_photo_is_kept_and_one_without_a_date_is_not() -> None:
    rows = [row("/a/0.jpg"), row("/a/1.jpg", date=datetime(2020, 1, 1)), row("/a/2.jpg", date=datetime(1969, 1, 1))]
    assert kept(*rows) == "/a/2.jpg"


def test_first_path_is_kept_if_all_else_is_equal() -> None:
    assert kept(row("/a/IMG_10.jpg"), row("/a/IMG_9.jpg")) == "/a/IMG_9.jpg"


def test_groups_keep_one_each_and_single_photos_are_skipped() -> None:
    rows = [row("/a/1.jpg", 7), row("/a/2.jpg", None), row("/b/3.jpg", 2), row("/a/4.jpg", 7), row("/b/5.jpg", 9)]
    chosen = all_but_one([*rows, row("/b/6.jpg", 2)])
    assert [str(choice.keep.path) for choice in chosen] == ["/a/1.jpg", "/b/3.jpg"]
    assert [[str(other.path) for other in choice.others] for choice in chosen] == [["/a/4.jpg"], ["/b/6.jpg"]]
