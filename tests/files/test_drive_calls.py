"""Calls to network drives: an answer is passed on, a missing one costs a limited time and hurts no other drive."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catdog_desktop.decoding.decode import decode_photo
from catdog_desktop.decoding.errors import PhotoError, Unreadable
from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.files import drive_calls
from catdog_desktop.files.drive_calls import (
    DriveTimeoutError,
    call_drive,
    drive_is_silent,
    is_deleted,
    is_deleted_below,
    mount_points,
    open_on_drive,
)
from catdog_desktop.store.fingerprint import file_fingerprint, file_signature

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="network drives by mount points")
SOON = 0.05


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that the app takes for a network drive."""
    folder = tmp_path / "my share"
    folder.mkdir()
    escaped = str(folder).replace(" ", "\\040")
    monkeypatch.setattr(drive_calls, "mount_table", lambda: f"disk / ext4 rw 0 0\nnas:/x {escaped} nfs4 rw 0 0\n")
    monkeypatch.setattr(drive_calls, "_mounts", drive_calls._Mounts())
    monkeypatch.setattr(drive_calls, "_drives", drive_calls._Drives())
    return folder


class Gate:
    """Work that blocks until it is let through."""

    def __init__(self) -> None:
        self._open = threading.Event()
        self.returned = threading.Event()

    def work(self) -> str:
        assert self._open.wait(30)
        return "answer"

    def open(self) -> None:
        self._open.set()


@pytest.fixture
def gate() -> Iterator[Gate]:
    made = Gate()
    yield made
    made.open()


def until(condition: Callable[[], bool]) -> None:
    for _ in range(3000):
        if condition():
            return
        threading.Event().wait(0.01)
    pytest.fail("it did not come true")


def test_call_local_drive_is_direct(tmp_path: Path, share: Path) -> None:
    assert call_drive(tmp_path, threading.get_ident) == threading.get_ident()
    assert call_drive(share, threading.get_ident) != threading.get_ident()


def test_call_passes_on_value_and_error(share: Path) -> None:
    assert call_drive(share, max, 3, 5) == 5
    with pytest.raises(FileNotFoundError):
        call_drive(share, os.stat, share / "gone")


def test_call_without_answer_ends_and_drive_is_silent_until_it_answers(share: Path, tmp_path: Path, gate: Gate) -> None:
    with pytest.raises(DriveTimeoutError, match="does not answer"):
        call_drive(share, gate.work, seconds=SOON)
    assert drive_is_silent(share / "sub")
    assert not drive_is_silent(tmp_path)
    with pytest.raises(DriveTimeoutError):  # At once: it is not even tried.
        call_drive(share, pytest.fail, "the drive was asked")
    assert call_drive(tmp_path, max, 1, 2) == 2
    gate.open()
    until(lambda: not drive_is_silent(share))
    assert call_drive(share, max, 1, 2) == 2


def test_call_silent_drive_is_tried_again_after_a_while(
    share: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drive_calls, "_TRY_AGAIN_SECONDS", 0.0)
    with pytest.raises(DriveTimeoutError):
        call_drive(share, gate.work, seconds=SOON)
    assert call_drive(share, max, 1, 2) == 2


def test_call_loses_a_limited_number_of_threads(share: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive_calls, "_TRY_AGAIN_SECONDS", 0.0)
    before = threading.active_count()
    for _ in range(30):
        with pytest.raises(DriveTimeoutError):
            call_drive(share, gate.work, seconds=0.001)
    assert threading.active_count() <= before + drive_calls._MOST_LOST_THREADS


def test_call_threads_end_when_they_are_idle(share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drive_calls, "_IDLE_SECONDS", 0.05)
    before = threading.active_count()
    for number in range(3):
        assert call_drive(share, max, number, 5) == 5
    until(lambda: threading.active_count() <= before)
    assert call_drive(share, max, 1, 2) == 2


def test_call_late_file_is_closed(share: Path, gate: Gate) -> None:
    (share / "a").write_bytes(b"x")
    opened = []

    def open_late() -> object:
        gate.work()
        opened.append((share / "a").open("rb"))
        return opened[0]

    with pytest.raises(DriveTimeoutError):
        call_drive(share, open_late, seconds=SOON)
    gate.open()
    until(lambda: bool(opened) and opened[0].closed)


def test_open_on_drive_reads_like_any_file(share: Path) -> None:
    content = os.urandom(3_000_000)
    (share / "a.bin").write_bytes(content)
    with open_on_drive(share / "a.bin") as file:
        assert file.read(10) == content[:10]
        assert file.seek(-5, os.SEEK_END) == len(content) - 5
        assert file.read() == content[-5:]
        file.seek(0)
        assert file.read() == content
        assert os.fstat(file.fileno()).st_size == len(content)


def test_photo_and_fingerprint_are_the_same_on_network_drive(share: Path, tmp_path: Path, encoded_photos: Path) -> None:
    content = (encoded_photos / "chelsea.jpg").read_bytes()
    for folder in (share, tmp_path):
        (folder / "cat.jpg").write_bytes(content)
    here, there = (decode_photo(folder / "cat.jpg", (64, 64)) for folder in (tmp_path, share))
    assert (here.pixels == there.pixels).all()
    assert file_fingerprint(share / "cat.jpg") == file_fingerprint(tmp_path / "cat.jpg")


@pytest.fixture
def blocked(share: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A share whose calls block, with a time limit that a test can wait for."""
    (share / "sub").mkdir()
    for name in ("a.jpg", "sub/b.jpg"):
        (share / name).write_bytes(b"x")
    real = {name: getattr(os, name) for name in ("stat", "scandir", "lstat", "open")}

    def block(name: str) -> Callable[..., object]:
        def blocking(path: object, *args: object, **kwargs: object) -> object:
            if isinstance(path, str | Path) and str(path).startswith(str(share)):
                gate.work()
            return real[name](path, *args, **kwargs)

        return blocking

    for name in real:
        monkeypatch.setattr(os, name, block(name))
    monkeypatch.setattr(drive_calls, "ANSWER_SECONDS", SOON)
    monkeypatch.setattr(call_drive, "__kwdefaults__", {"seconds": SOON})
    return share


def test_photo_on_silent_drive_is_reported_as_passing(blocked: Path) -> None:
    with pytest.raises(PhotoError, match="its drive does not answer") as error:
        decode_photo(blocked / "a.jpg", (64, 64))
    assert error.value.reason is Unreadable.NOT_ALLOWED


def test_walk_of_silent_drive_ends_and_other_folders_are_searched(blocked: Path, tmp_path: Path) -> None:
    local = tmp_path / "local"
    local.mkdir()
    (local / "c.jpg").write_bytes(b"x")
    found = list(find_photos([blocked, local]))
    assert local / "c.jpg" in found


def test_walk_says_that_folder_does_not_answer(share: Path, gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    (share / "sub").mkdir()
    (share / "a.jpg").write_bytes(b"x")
    found = find_photos([share])
    assert next(found) == share / "a.jpg"
    with pytest.raises(DriveTimeoutError):
        call_drive(share, gate.work, seconds=SOON)
    assert list(found) == [Skipped(share / "sub", SkipReason.UNREADABLE, "the drive does not answer")]


def test_signature_of_silent_drive_raises(blocked: Path) -> None:
    with pytest.raises(DriveTimeoutError):
        file_signature(blocked / "a.jpg")


def test_photo_whose_folder_is_missing_is_not_available(tmp_path: Path) -> None:
    with pytest.raises(PhotoError, match="is not available: its folder is not there") as error:
        decode_photo(tmp_path / "unmounted" / "a.jpg", (64, 64))
    assert error.value.reason is Unreadable.NOT_ALLOWED
    with pytest.raises(PhotoError, match="is no longer there") as error:
        decode_photo(tmp_path / "a.jpg", (64, 64))
    assert error.value.reason is Unreadable.VANISHED


def test_mount_points_innermost_first_and_last_mounted_first() -> None:
    table = "disk / ext4 rw\nnas:/x /mnt/my\\040nas nfs4 rw\nold /mnt/a vfat rw\nnew /mnt/a cifs rw\nbroken line\n"
    assert mount_points(table) == [("/mnt/my nas", "nfs4"), ("/mnt/a", "cifs"), ("/mnt/a", "vfat"), ("/", "ext4")]


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/", ""), ("/home/a", ""), ("/mnt/nas", "/mnt/nas"), ("/mnt/nas/a", "/mnt/nas"), ("/mnt/nas two/a", "")],
)
def test_network_drive_by_mount_point(path: str, expected: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = "nas:/photos / nfs rw\nx /home ext4 rw\ny /mnt/nas fuse.sshfs rw\n"
    monkeypatch.setattr(drive_calls, "mount_table", lambda: table)
    monkeypatch.setattr(drive_calls, "_mounts", drive_calls._Mounts())
    assert drive_calls.network_drive(Path(path)) == expected


def test_file_deleted_with_its_folder_is_deleted_below_its_source(tmp_path: Path) -> None:
    source, other = tmp_path / "source", tmp_path / "other"
    source.mkdir()
    photo = source / "2019" / "day 1" / "cat.jpg"
    assert not is_deleted(photo)
    assert is_deleted_below(photo, [source])
    assert not is_deleted_below(photo, [other])
    assert not is_deleted_below(photo, [])
    (source / "2019").mkdir()
    assert is_deleted_below(photo, [source])
    photo.parent.mkdir()
    assert is_deleted_below(photo, [])
    photo.touch()
    assert not is_deleted_below(photo, [source])


def test_source_that_is_away_deletes_nothing(tmp_path: Path) -> None:
    photo = tmp_path / "stick" / "day 1" / "cat.jpg"
    assert not is_deleted_below(photo, [tmp_path / "stick"])
    assert is_deleted_below(photo, [tmp_path])


@pytest.mark.parametrize("bases", ["_MOUNTED_IN", "_MOUNTED_IN_FOR_USERS"])
def test_drive_that_is_away_deletes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bases: str) -> None:
    mounted_in = tmp_path / "user" if bases == "_MOUNTED_IN_FOR_USERS" else tmp_path
    mounted_in.mkdir(exist_ok=True)
    photo = mounted_in / "stick" / "day 1" / "cat.jpg"
    assert is_deleted_below(photo, [tmp_path])
    monkeypatch.setattr(drive_calls, bases, frozenset({tmp_path.as_posix()}))
    assert not is_deleted_below(photo, [tmp_path])
    (mounted_in / "stick").mkdir()
    assert is_deleted_below(photo, [tmp_path])
