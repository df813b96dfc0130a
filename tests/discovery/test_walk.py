"""Walks of folders with any content: everything found is a photo or is reported as skipped."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.discovery.walk import find_photos

posix = pytest.mark.skipif(os.name != "posix", reason="links, names and permissions as on POSIX")


def touch(*paths: Path, content: bytes = b"x") -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def found(*given: Path) -> list[Path]:
    return [photo for photo in find_photos(given) if not isinstance(photo, Skipped)]


def skipped(*given: Path) -> list[tuple[Path, SkipReason]]:
    return [(photo.path, photo.reason) for photo in find_photos(given) if isinstance(photo, Skipped)]


def test_walk_yields_files_before_folders_in_order(tmp_path: Path) -> None:
    names = ["b.jpg", "A.jpg", "c/2.png", "c/1.png", "c/d/x.webp", "a/z.jpg"]
    touch(*(tmp_path / name for name in names))
    order = ["A.jpg", "b.jpg", "a/z.jpg", "c/1.png", "c/2.png", "c/d/x.webp"]
    assert found(tmp_path) == [tmp_path / name for name in order]
    assert skipped(tmp_path) == []


def test_walk_named_files_keep_their_order(tmp_path: Path) -> None:
    given = [tmp_path / name for name in ("z.jpg", "a.jpg", "m.txt")]
    touch(*given)
    assert found(*given) == given


def test_walk_named_file_is_always_yielded(tmp_path: Path) -> None:
    touch(tmp_path / "Thumbs.db", tmp_path / "notes.txt")
    given = [tmp_path / "Thumbs.db", tmp_path / "notes.txt", tmp_path / "gone.jpg", tmp_path / "a\0b.jpg"]
    assert found(*given) == given


def test_walk_other_file_is_skipped_with_reason(tmp_path: Path) -> None:
    touch(tmp_path / "Thumbs.db", tmp_path / "._1.jpg", tmp_path / "notes.txt", tmp_path / "sub" / ".DS_Store")
    touch(tmp_path / "empty.dat", content=b"")
    touch(tmp_path / "IMG_1", tmp_path / "x.data", content=b"\xff\xd8\xff\xe0")
    assert found(tmp_path) == [tmp_path / "IMG_1", tmp_path / "x.data"]
    assert sorted(skipped(tmp_path)) == sorted(
        [
            (tmp_path / "Thumbs.db", SkipReason.SYSTEM_FILE),
            (tmp_path / "._1.jpg", SkipReason.SYSTEM_FILE),
            (tmp_path / "notes.txt", SkipReason.NOT_A_PHOTO),
            (tmp_path / "empty.dat", SkipReason.NOT_A_PHOTO),
            (tmp_path / "sub" / ".DS_Store", SkipReason.SYSTEM_FILE),
        ]
    )
    details = {photo.path.name: photo.detail for photo in find_photos([tmp_path]) if isinstance(photo, Skipped)}
    assert details["notes.txt"] == "it holds text"
    assert details["empty.dat"] == "it is empty"


def test_walk_hidden_photos_are_found(tmp_path: Path) -> None:
    touch(tmp_path / ".hidden.jpg", tmp_path / ".album" / "a.jpg")
    assert found(tmp_path) == [tmp_path / ".hidden.jpg", tmp_path / ".album" / "a.jpg"]


def test_walk_repeated_photo_is_yielded_once(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "1.jpg", tmp_path / "a" / "b" / "2.jpg")
    one, two = tmp_path / "a" / "1.jpg", tmp_path / "a" / "b" / "2.jpg"
    assert found(one, one, tmp_path / "a") == [one, two]
    assert skipped(one, one, tmp_path / "a") == [(one, SkipReason.REPEATED)] * 2
    assert found(tmp_path / "a", one) == [one, two]
    roundabout = tmp_path / "a" / "b" / ".." / "1.jpg"
    assert skipped(one, roundabout) == [(roundabout, SkipReason.REPEATED)]


def test_walk_repeated_folder_is_reported_as_repeated(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "1.jpg", tmp_path / "a" / "b" / "2.jpg")
    a, b = tmp_path / "a", tmp_path / "a" / "b"
    assert skipped(a, a) == [(a, SkipReason.REPEATED)]
    assert skipped(b, a) == [(b, SkipReason.REPEATED)]
    assert skipped(a, b) == [(b, SkipReason.REPEATED)]
    assert found(b, a) == [b / "2.jpg", a / "1.jpg"]


@posix
def test_walk_circular_links_are_skipped(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "1.jpg")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to("self")
    (tmp_path / "z").symlink_to("a")
    assert found(tmp_path) == [tmp_path / "a" / "1.jpg"]
    assert set(skipped(tmp_path)) == {
        (tmp_path / "a" / "up", SkipReason.LOOP),
        (tmp_path / "self", SkipReason.UNREADABLE),
        (tmp_path / "z", SkipReason.LOOP),
    }


@posix
def test_walk_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert skipped(tmp_path) == [(tmp_path / "pipe", SkipReason.NOT_A_PHOTO)]


@posix
@pytest.mark.parametrize(
    "name", ["line\nbreak.jpg", "\N{CAT FACE}.jpg", "bad-\udcff.jpg", "  .jpg", "*.jpg", "'\".jpg"]
)
def test_walk_odd_name_is_found(name: str, tmp_path: Path) -> None:
    touch(tmp_path / name)
    assert found(tmp_path) == [tmp_path / name]


def test_walk_300_nested_folders_are_searched(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d"] * 300)
    touch(deep / "1.jpg")
    assert found(tmp_path) == [deep / "1.jpg"]


def test_walk_reads_folders_on_demand(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "1.jpg", tmp_path / "b" / "2.jpg")
    walk = find_photos([tmp_path])
    assert next(walk) == tmp_path / "a" / "1.jpg"
    touch(tmp_path / "b" / "3.jpg")
    assert list(walk) == [tmp_path / "b" / "2.jpg", tmp_path / "b" / "3.jpg"]


def test_walk_removed_folder_is_skipped_as_unreadable(tmp_path: Path) -> None:
    touch(tmp_path / "a" / "1.jpg")
    (tmp_path / "b").mkdir()
    walk = find_photos([tmp_path])
    next(walk)
    (tmp_path / "b").rmdir()
    rest = list(walk)
    assert [(photo.path, photo.reason) for photo in rest if isinstance(photo, Skipped)] == [
        (tmp_path / "b", SkipReason.UNREADABLE)
    ]


@posix
def test_walk_without_permission_is_skipped_as_unreadable(tmp_path: Path) -> None:
    touch(tmp_path / "open" / "1.jpg", tmp_path / "shut" / "2.jpg", tmp_path / "shut" / "sub" / "3.jpg")
    touch(tmp_path / "open" / "secret", tmp_path / "open" / "secret.jpg")
    for folder in (tmp_path, *tmp_path.parents[:3]):
        if folder.stat().st_uid == os.getuid():
            folder.chmod(0o755)
    for path in (tmp_path / "shut", tmp_path / "open" / "secret"):
        path.chmod(0)
    program = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "from catdog_desktop.discovery.walk import Skipped, find_photos\n"
        "if os.getuid() == 0:\n"
        "    os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "top = Path(sys.argv[1])\n"
        "for photo in find_photos([top, top / 'shut' / 'sub', top / 'shut' / '2.jpg']):\n"
        "    left = isinstance(photo, Skipped)\n"
        "    print((photo.path if left else photo).relative_to(top), photo.reason.name if left else 'found')\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True)
    (tmp_path / "shut").chmod(0o755)
    assert sorted(run.stdout.splitlines()) == [
        "open/1.jpg found",
        "open/secret UNREADABLE",
        "open/secret.jpg found",
        "shut UNREADABLE",
        "shut/2.jpg found",  # it was named: the decoder says why it cannot be read
        "shut/sub found",
    ]
