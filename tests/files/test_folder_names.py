"""FolderNames: names in folders by a key that ignores case and Unicode form."""

import os
from pathlib import Path

import pytest

from catdog_desktop.files.free_names import FolderNames


def test_folder_names_are_found_by_key(tmp_path: Path) -> None:
    for name in ("b.JPG", "IMG_1.xmp", "é.jpg"):
        (tmp_path / name).touch()
    names = FolderNames().of(tmp_path)
    assert names["b.jpg"] == ["b.JPG"]
    assert names["img_1.xmp"] == ["IMG_1.xmp"]
    assert names["é.jpg"] == ["é.jpg"]
    assert "B.JPG" not in names, "only keys are found"


@pytest.mark.skipif(os.name != "posix", reason="needs a case-sensitive file system")
def test_folder_names_differing_in_case_are_both_found(tmp_path: Path) -> None:
    for name in ("a.jpg", "A.jpg"):
        (tmp_path / name).touch()
    if len(os.listdir(tmp_path)) == 1:
        pytest.skip("this file system ignores case")
    assert FolderNames().of(tmp_path)["a.jpg"] == ["A.jpg", "a.jpg"]


def test_folder_names_lists_folder_once(tmp_path: Path) -> None:
    names = FolderNames()
    assert names.of(tmp_path) == {}
    (tmp_path / "a.jpg").touch()
    assert names.of(tmp_path) == {}
    assert FolderNames().of(tmp_path) == {"a.jpg": ["a.jpg"]}


@pytest.mark.parametrize("name", ["nowhere", "file", "n" * 300])
def test_folder_names_unlistable_folder_is_empty(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    assert FolderNames().of(tmp_path / name) == {}
