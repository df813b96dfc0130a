"""Listings of all formats give the same photos in order, and invalid ones an error."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from cluster_errors import has

from catdog_desktop.cluster.errors import ClusterError, ClusterProblem
from catdog_desktop.cluster.listing import open_listing, walk_folder
from catdog_desktop.discovery.skip_rules import Skipped, SkipReason

ODD = os.fsdecode(b"/nas/\xff.jpg")
NAMES = ["/nas/a.jpg", "/nas/sub folder/ä.jpg", "b.jpg"]


def parquet(path: Path, /, **columns: Any) -> None:
    pq.write_table(pa.table(columns), path)


GOOD: dict[str, Callable[[Path], object]] = {
    "lines": lambda path: path.write_text("\n".join(NAMES), encoding="utf-8"),
    "lines with an end": lambda path: path.write_text("\n".join(NAMES) + "\n", encoding="utf-8"),
    "lines of Windows": lambda path: path.write_bytes("\r\n".join([*NAMES, ""]).encode()),
    "empty lines": lambda path: path.write_text("\n\n".join(["", *NAMES, ""]), encoding="utf-8"),
    "a byte order mark": lambda path: path.write_text("\n".join(NAMES), encoding="utf-8-sig"),
    "UTF-16": lambda path: path.write_text("\n".join(NAMES), encoding="utf-16"),
    "NULs between": lambda path: path.write_bytes("\0".join([*NAMES, ""]).encode()),
    "Parquet": lambda path: parquet(path, path=NAMES, size=[1, 2, 3]),
    "Parquet, empty rows": lambda path: parquet(path, path=[None, *NAMES, ""]),
    "Parquet, bytes": lambda path: parquet(path, path=[name.encode() for name in NAMES]),
    "Parquet, large strings": lambda path: parquet(path, path=pa.array(NAMES, pa.large_string())),
}


@pytest.mark.parametrize("how", GOOD)
def test_open_listing_valid_formats(how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    GOOD[how](tmp_path / "listing")
    listing = open_listing(tmp_path / "listing")
    expected = [Path(NAMES[0]), Path(NAMES[1]), tmp_path / NAMES[2]]
    assert list(listing.paths()) == expected
    assert listing.photos == 3
    GOOD["lines"](tmp_path / "plain")
    assert listing.digest == open_listing(tmp_path / "plain").digest, "the same photos in another format"


def test_open_listing_digest_depends_on_photos(tmp_path: Path) -> None:
    (tmp_path / "one").write_text("/a\n/b\n")
    (tmp_path / "other").write_text("/b\n/a\n")
    assert open_listing(tmp_path / "one").digest != open_listing(tmp_path / "other").digest


def test_open_listing_invalid_utf8_names(tmp_path: Path) -> None:
    (tmp_path / "listing").write_bytes(os.fsencode(ODD) + b"\n")
    parquet(tmp_path / "parquet", path=["/nas/\\xff.jpg"], path_bytes=[os.fsencode(ODD)])
    for name in ("listing", "parquet"):
        assert list(open_listing(tmp_path / name).paths()) == [Path(ODD)]


def test_open_listing_line_across_blocks(tmp_path: Path) -> None:
    names = [f"/nas/{'x' * (number % 200)}{number}.jpg" for number in range(2_000)]
    (tmp_path / "listing").write_text("\n".join(names))
    assert [str(path) for path in open_listing(tmp_path / "listing").paths()] == names


def test_open_listing_column_name(tmp_path: Path) -> None:
    parquet(tmp_path / "listing", file=["/a.jpg"], path=["/b.jpg"])
    assert list(open_listing(tmp_path / "listing", "file").paths()) == [Path("/a.jpg")]


_DAMAGED = (ClusterProblem.LISTING_DAMAGED, ClusterProblem.LISTING_UNREADABLE)

BAD: dict[str, tuple[Callable[[Path], object], ClusterProblem]] = {
    "not there": (lambda _: None, ClusterProblem.LISTING_UNREADABLE),
    "empty": (lambda path: path.write_bytes(b""), ClusterProblem.NO_PHOTOS),
    "empty lines": (lambda path: path.write_text("\n\n"), ClusterProblem.NO_PHOTOS),
    "a photo": (lambda path: path.write_bytes(b"\xff\xd8\xff\xe0\0\x10JFIF\0"), ClusterProblem.NOT_A_LISTING),
    "an archive": (lambda path: path.write_bytes(b"PK\x03\x04\x14\0\0\0"), ClusterProblem.NOT_A_LISTING),
    "half a UTF-16 letter": (lambda path: path.write_bytes(b"\xff\xfea\0b"), ClusterProblem.LISTING_UNREADABLE),
    "damaged Parquet": (lambda path: path.write_bytes(b"PAR1" + b"\0" * 100), ClusterProblem.LISTING_DAMAGED),
    "another column": (lambda path: parquet(path, file=["a"], size=[1]), ClusterProblem.NO_COLUMN),
    "a column of numbers": (lambda path: parquet(path, path=[1, 2]), ClusterProblem.COLUMN_WITHOUT_PATHS),
}


@pytest.mark.parametrize("how", BAD)
def test_open_listing_invalid_raises(how: str, tmp_path: Path) -> None:
    make, problem = BAD[how]
    make(tmp_path / "listing")
    with pytest.raises(ClusterError, check=has(problem, tmp_path / "listing")):
        open_listing(tmp_path / "listing")


def test_open_listing_truncated_parquet_raises(tmp_path: Path) -> None:
    parquet(tmp_path / "listing", path=[f"/{number}.jpg" for number in range(1000)])
    content = (tmp_path / "listing").read_bytes()
    (tmp_path / "listing").write_bytes(content[:100] + b"\xff" * 2000 + content[2100:])
    with pytest.raises(ClusterError, check=lambda error: error.problem in _DAMAGED):
        open_listing(tmp_path / "listing")


# --- folders ---


def test_walk_folder_once(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    (photos / "sub").mkdir(parents=True)
    names = ["a.jpg", "b\n.jpg", os.fsdecode(b"\xff.jpg"), "sub/c.JPG"]
    for name in names:
        (photos / name).write_bytes(b"")
    (photos / "notes.txt").write_text("no photo")
    target, skipped, counts = tmp_path / "_listing.parquet", list[Skipped](), list[int]()
    walk_folder(photos, target, skipped.append, counts.append)
    assert set(open_listing(target).paths()) == {photos / name for name in names}
    assert [entry.reason for entry in skipped] == [SkipReason.NOT_A_PHOTO]
    assert counts == [4]
    (photos / "later.jpg").write_bytes(b"")
    walk_folder(photos, target, skipped.append, counts.append)
    assert open_listing(target).photos == 4, "a continued job keeps its listing"
    with pytest.raises(ClusterError, check=has(ClusterProblem.OTHER_FOLDER, target, str(photos))):
        walk_folder(photos / "sub", target, skipped.append, counts.append)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["_listing.parquet", "photos"]


def test_walk_folder_unwritable_target_raises(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"")
    with pytest.raises(ClusterError, check=has(ClusterProblem.LISTING_NOT_WRITTEN)):
        walk_folder(tmp_path, tmp_path / "nowhere" / "_listing.parquet", print, print)
