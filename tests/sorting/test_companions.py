"""Companions: each file belongs to one photo at most, and to the right one."""

import os
from pathlib import Path

import pytest
from sort_trees import write

from catdog_desktop.sorting.companions import Companions

FOR_PNG = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" photoshop:SidecarForExtension="PNG"/>'
    "</rdf:RDF></x:xmpmeta>"
)


def taken(folder: Path, *photos: str, chosen: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Return the companions that each of `photos` takes, in that order. `chosen` are all photos that are sorted."""
    companions = Companions(folder / name for name in chosen or photos)
    return {name: [path.name for path in companions.take(folder / name)] for name in photos}


@pytest.mark.parametrize(
    ("beside", "photo", "expected"),
    [
        (["x.cr2", "x.jpg.xmp", "x.cr2.xmp"], "x.jpg", ["x.cr2", "x.cr2.xmp", "x.jpg.xmp"]),
        (["x.xmp", "x.cr2.xmp"], "x.cr2", ["x.cr2.xmp", "x.xmp"]),
        (["x.jpg", "x.cr2", "x.xmp", "x.aae", "x.png.xmp"], "x.png", ["x.png.xmp"]),
        (["x.png", "x.cr2", "x.xmp", "x.aae"], "x.jpg", ["x.aae", "x.cr2", "x.xmp"]),
        (["x.heic", "x.mov"], "x.jpg", []),
        (["y.jpg", "y.xmp", "x.xmp"], "x.jpg", ["x.xmp"]),
        (["x.xmp"], "x.png", ["x.xmp"]),
    ],
)
def test_take_companions_of_single_photo(tmp_path: Path, beside: list[str], photo: str, expected: list[str]) -> None:
    for name in (*beside, photo):
        write(tmp_path / name)
    assert taken(tmp_path, photo) == {photo: expected}


def test_take_sidecar_that_names_its_owner(tmp_path: Path) -> None:
    for name in ("x.jpg", "x.png", "y.jpg"):
        write(tmp_path / name)
    write(tmp_path / "x.xmp", FOR_PNG)
    write(tmp_path / "y.xmp", FOR_PNG)
    assert taken(tmp_path, "x.jpg", "x.png", "y.jpg") == {"x.jpg": [], "x.png": ["x.xmp"], "y.jpg": ["y.xmp"]}
    assert taken(tmp_path, "x.jpg") == {"x.jpg": []}, "it stays with its owner"


def test_take_raw_file_sorted_by_itself_keeps_sidecar(tmp_path: Path) -> None:
    for name in ("x.jpg", "x.cr2", "x.cr2.xmp"):
        write(tmp_path / name)
    assert taken(tmp_path, "x.jpg", "x.cr2") == {"x.jpg": [], "x.cr2": ["x.cr2.xmp"]}


def test_take_names_differing_in_case_only(tmp_path: Path) -> None:
    for name in ("a.jpg", "A.JPG", "a.jpg.xmp", "A.xmp"):
        write(tmp_path / name)
    if len(os.listdir(tmp_path)) < 4:
        pytest.skip("this file system ignores case")
    assert taken(tmp_path, "A.JPG", "a.jpg") == {"A.JPG": ["A.xmp"], "a.jpg": ["a.jpg.xmp"]}
    assert taken(tmp_path, "A.JPG") == {"A.JPG": ["A.xmp"]}


def test_take_ignores_links_and_folders(tmp_path: Path) -> None:
    write(tmp_path / "x.jpg")
    (tmp_path / "x.aae").mkdir()
    if os.name == "posix":
        (tmp_path / "x.xmp").symlink_to(write(tmp_path / "elsewhere.xmp"))
    assert taken(tmp_path, "x.jpg") == {"x.jpg": []}


def test_photo_of_taken_companion(tmp_path: Path) -> None:
    photo, raw = write(tmp_path / "x.jpg"), write(tmp_path / "x.dng")
    companions = Companions([photo])
    assert companions.photo_of(raw) is None
    assert companions.take(photo) == [raw]
    assert companions.photo_of(raw) == photo
