"""Free names, by the rules of the strictest file systems."""

import os
import unicodedata
from pathlib import Path

import pytest

from catdog_desktop.files.free_names import (
    NameAllocator,
    free_path,
    numbered_stem,
    same_name_key,
    stems,
    with_other_stem,
)

NFC, NFD = (unicodedata.normalize(form, "É.JPG") for form in ("NFC", "NFD"))
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
"""An emoji of three parts: 18 bytes, shown as one character."""
posix = pytest.mark.skipif(os.name != "posix", reason="names of bytes, as on POSIX")


@pytest.mark.parametrize(
    ("one", "other"),
    [("a.jpg", "A.JPG"), (NFC, NFD), (NFC, NFD.lower()), ("STRASSE", "straße"), ("ﬁ.jpg", "FI.jpg"), ("İ", "i̇")],
)
def test_same_name_key_equal_names(one: str, other: str) -> None:
    assert one != other
    assert same_name_key(one) == same_name_key(other)


@pytest.mark.parametrize(("one", "other"), [("a.jpg", "a.jpg "), ("a", "ä"), ("a (2)", "a"), ("ı", "i"), ("0", "O")])
def test_same_name_key_different_names(one: str, other: str) -> None:
    assert same_name_key(one) != same_name_key(other)


@pytest.mark.parametrize(
    ("stem", "tail", "cut"),
    [
        ("a" * 300, ".jpg", "a" * 247),
        ("é" * 200, ".jpg", "é" * 123),  # Two bytes each: cut between characters.
        (FAMILY * 20, ".jpg", FAMILY * 13),  # Never within an emoji.
        ("e\u0301" * 100, ".jpg", "e\u0301" * 82),  # Never between a letter and its accent.
        ("short", ".jpg", "short"),
    ],
    ids=["letters", "two bytes", "emoji", "accents", "short"],
)
def test_numbered_stem_long_name_is_cut_between_characters(stem: str, tail: str, cut: str) -> None:
    named = numbered_stem(stem, 2, tail)
    assert named == f"{cut} (2)"
    assert len(os.fsencode(named + tail)) <= 255


@posix
def test_numbered_stem_counts_invalid_utf8_as_bytes() -> None:
    named = numbered_stem("\udcff" * 300, 10, ".jpg")
    assert named is not None
    assert len(os.fsencode(named + ".jpg")) == 255


@pytest.mark.parametrize(("stem", "tail"), [("a", "." + "x" * 254), ("é", "." + "x" * 249), ("\u0301" * 3, "." * 249)])
def test_numbered_stem_nothing_fits_is_none(stem: str, tail: str) -> None:
    assert numbered_stem(stem, 2, tail) is None
    assert list(stems(stem, tail)) == [stem]


def test_stems_start_at_2_or_first() -> None:
    names = stems("a", ".jpg")
    assert [next(names) for _ in range(3)] == ["a", "a (2)", "a (3)"]
    assert next(stems("a", ".jpg", first=7)) == "a (7)"


@pytest.mark.parametrize(
    ("name", "stem", "other", "expected"),
    [
        ("IMG_1.xmp", "IMG_1", "IMG_1 (2)", "IMG_1 (2).xmp"),
        ("img_1.JPG.xmp", "IMG_1", "IMG_1 (2)", "IMG_1 (2).JPG.xmp"),
        ("IMG_O1234.AAE", "IMG_1234", "IMG_1234 (2)", "IMG_O1234 (2).AAE"),
        ("IMG_1.xmp", "IMG_1", "IMG_1", "IMG_1.xmp"),
        ("img_1.xmp", "IMG_1", "IMG_1", "img_1.xmp"),
        ("other.xmp", "IMG_1", "IMG_1 (2)", "other.xmp"),
        ("IMG_O12.AAE", "IMG_12", "x", "IMG_O12.AAE"),  # "x" has no IMG_O name.
    ],
)
def test_with_other_stem_renames_companions(name: str, stem: str, other: str, expected: str) -> None:
    assert with_other_stem(name, stem, other) == expected


def test_free_path_is_first_free_number(tmp_path: Path) -> None:
    wanted = tmp_path / "a.jpg"
    assert free_path(wanted) == wanted
    for name in ("a.jpg", "a (2).jpg"):
        (tmp_path / name).mkdir()
    assert free_path(wanted) == tmp_path / "a (3).jpg"
    assert free_path(tmp_path / "gone/a.jpg") == tmp_path / "gone/a.jpg"


@posix
def test_free_path_dangling_link_takes_name(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").symlink_to(tmp_path / "nowhere")
    assert free_path(tmp_path / "a.jpg") == tmp_path / "a (2).jpg"


def test_free_path_no_number_fits_raises(tmp_path: Path) -> None:
    taken = tmp_path / ("a." + "x" * 253)
    taken.touch()
    with pytest.raises(OSError, match="no free name beside"):
        free_path(taken)


class TestShelf:
    def test_existing_in_any_spelling(self, tmp_path: Path) -> None:
        (tmp_path / "Cats/2024").mkdir(parents=True)
        (tmp_path / "Cats/2024" / NFD).touch()
        allocator = NameAllocator(tmp_path)
        assert allocator.existing("cats", "2024", NFC.lower()) == [tmp_path / "Cats/2024" / NFD]
        assert allocator.existing("CATS") == [tmp_path / "Cats"]
        assert allocator.existing("cats", "2024", "other.jpg") == allocator.existing("dogs", "a.jpg") == []

    def test_existing_below_a_file_is_empty(self, tmp_path: Path) -> None:
        (tmp_path / "cats").touch()
        assert NameAllocator(tmp_path).existing("cats", "a.jpg") == []
        assert NameAllocator(tmp_path / "nowhere").existing("a.jpg") == []

    @posix
    def test_existing_in_folders_differing_in_case(self, tmp_path: Path) -> None:
        for folder in ("cats", "CATS"):
            (tmp_path / folder).mkdir(exist_ok=True)
            (tmp_path / folder / f"{folder}.jpg").touch()
        if len(list(tmp_path.iterdir())) == 1:
            pytest.skip("this file system ignores case")
        allocator = NameAllocator(tmp_path)
        assert len(allocator.existing("Cats", "cats.JPG")) == 2

    def test_promise_in_any_spelling(self, tmp_path: Path) -> None:
        allocator = NameAllocator(tmp_path)
        allocator.promise("cats", NFC)
        assert allocator.is_promised("CATS", NFD.lower())
        assert not allocator.is_promised("dogs", NFC)
        assert not allocator.is_promised("cats", "É (2).JPG")

    def test_possible_copies_same_size_any_number(self, tmp_path: Path) -> None:
        sizes = {"IMG.jpg": 3, "img (2).JPG": 3, "IMG (3).jpg": 4, "IMG (x).jpg": 3, "IMG (2).png": 3}
        for name, size in sizes.items():
            (tmp_path / name).write_bytes(b"x" * size)
        (tmp_path / "IMG (9).jpg").mkdir()
        allocator = NameAllocator(tmp_path)
        assert {path.name for path in allocator.possible_copies("IMG.jpg", size=3)} == {"IMG.jpg", "img (2).JPG"}
        assert [path.name for path in allocator.possible_copies("IMG (5).jpg", size=4)] == ["IMG (3).jpg"]
        assert allocator.possible_copies("IMG.jpg", size=5) == []
        assert allocator.possible_copies("gone", "IMG.jpg", size=3) == []
