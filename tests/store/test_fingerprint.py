"""Fingerprints depend on every sampled block; anything but a regular file raises and never blocks."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from catdog_desktop.store import fingerprint
from catdog_desktop.store.fingerprint import (
    BLOCK_BYTES,
    FileSignature,
    file_fingerprint,
    file_signature,
    fingerprint_and_signature,
    same_content,
)

Ask = Callable[[Path], object]
QUESTIONS: dict[str, Ask] = {
    "signature": file_signature,
    "hash": file_fingerprint,
    "hash and signature": fingerprint_and_signature,
}


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("size", [1, BLOCK_BYTES, 3 * BLOCK_BYTES - 1, 3 * BLOCK_BYTES, 3 * BLOCK_BYTES + 1, 10**6])
@pytest.mark.parametrize("where", [0, 0.5, 1])
def test_fingerprint_changes_with_head_middle_and_tail(tmp_path: Path, size: int, where: float) -> None:
    content = bytearray(os.urandom(size))
    path = write(tmp_path / "a", bytes(content))
    first = file_fingerprint(path)
    assert (len(first), file_fingerprint(path)) == (32, first)
    content[int((size - 1) * where)] ^= 1
    assert file_fingerprint(write(path, bytes(content))) != first
    assert file_fingerprint(write(path, bytes(content) + b"\0")) != first


@pytest.mark.parametrize("head", [b"BM", b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"])
def test_fingerprint_reads_uncompressed_formats_completely(tmp_path: Path, head: bytes) -> None:
    content = bytearray(head + bytes(3_000_000))
    first = file_fingerprint(write(tmp_path / "a", bytes(content)))
    content[700_000] = 1
    assert file_fingerprint(write(tmp_path / "a", bytes(content))) != first


def test_same_content_compares_every_byte(tmp_path: Path) -> None:
    content = bytearray(os.urandom(3_000_000))
    one = write(tmp_path / "one", bytes(content))
    assert same_content(one, write(tmp_path / "two", bytes(content)))
    content[700_000] ^= 1
    two = write(tmp_path / "two", bytes(content))
    assert file_fingerprint(one) == file_fingerprint(two), "the reason for comparing whole"
    assert not same_content(one, two)
    assert not same_content(one, write(tmp_path / "two", bytes(content[:-1])))


def test_fingerprint_of_an_empty_file(tmp_path: Path) -> None:
    one, other = write(tmp_path / "one", b""), write(tmp_path / "other", b"")
    assert file_fingerprint(one) == file_fingerprint(other)
    assert same_content(one, other)
    assert file_fingerprint(one) != file_fingerprint(write(other, b"\0"))


def test_fingerprint_depends_on_size(tmp_path: Path) -> None:
    """All sampled blocks are equal; only the sizes differ."""
    one = write(tmp_path / "one", bytes(1_000_000))
    other = write(tmp_path / "other", bytes(1_000_001))
    assert file_fingerprint(one) != file_fingerprint(other)
    assert not same_content(one, other)


def test_fingerprint_short_reads_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Network drives do this."""
    photos = [write(tmp_path / str(size), os.urandom(size)) for size in (1, 5_000, 3 * BLOCK_BYTES, 700_000)]
    photos.append(write(tmp_path / "tiff", b"II*\0" + os.urandom(700_000)))
    whole = [file_fingerprint(photo) for photo in photos]
    read = os.read
    monkeypatch.setattr(fingerprint.os, "read", lambda handle, count: read(handle, min(count, 30_011)))
    assert [file_fingerprint(photo) for photo in photos] == whole


def test_signature_is_of_the_file_that_was_read(tmp_path: Path) -> None:
    photo = write(tmp_path / "a", b"12345")
    os.utime(photo, ns=(1, 1_600_000_000_123_456_700))
    assert file_signature(photo) == FileSignature(5, 1_600_000_000_123_456_700)
    assert fingerprint_and_signature(photo) == (file_fingerprint(photo), file_signature(photo))


@pytest.mark.skipif(os.name != "posix", reason="links and pipes as on POSIX")
def test_fingerprint_follows_links(tmp_path: Path) -> None:
    photo = write(tmp_path / "a", b"12345")
    link = tmp_path / "link"
    link.symlink_to(photo)
    assert fingerprint_and_signature(link) == fingerprint_and_signature(photo)


def _folder(path: Path) -> None:
    path.mkdir()


def _pipe(path: Path) -> None:
    os.mkfifo(path)


def _nothing(_: Path) -> None:
    pass


def _dangling_link(path: Path) -> None:
    path.symlink_to(path.with_name("gone"))


def _link_to_itself(path: Path) -> None:
    path.symlink_to(path)


NO_PHOTOS = [_nothing, _folder, _pipe, _dangling_link, _link_to_itself]


@pytest.mark.skipif(os.name != "posix", reason="links and pipes as on POSIX")
@pytest.mark.parametrize("make", NO_PHOTOS, ids=lambda make: make.__name__[1:])
@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_fingerprint_of_no_regular_file_raises_at_once(tmp_path: Path, make: Callable[[Path], None], ask: Ask) -> None:
    make(tmp_path / "a")
    with pytest.raises(OSError):  # noqa: PT011  Each system has words of its own.
        ask(tmp_path / "a")


@pytest.mark.parametrize("ask", QUESTIONS.values(), ids=QUESTIONS)
def test_fingerprint_invalid_name_raises(ask: Ask) -> None:
    with pytest.raises(ValueError, match="null"):
        ask(Path("a\0b"))


@pytest.mark.parametrize("gone", [0, 1])
def test_same_content_missing_file_raises(tmp_path: Path, gone: int) -> None:
    paths = [write(tmp_path / name, b"x") for name in ("one", "other")]
    paths[gone].unlink()
    with pytest.raises(FileNotFoundError):
        same_content(*paths)


SECOND = 10**9


@pytest.mark.parametrize(
    ("age_ns", "fresh"),
    [(0, True), (1, True), (2 * SECOND - 1, True), (2 * SECOND, False), (3600 * SECOND, False), (-3600 * SECOND, True)],
    ids=["now", "a moment ago", "nearly two seconds", "two seconds", "an hour", "in an hour"],
)
def test_signature_is_fresh_within_two_seconds(age_ns: int, fresh: bool) -> None:
    now = 1_700_000_000 * SECOND
    assert FileSignature(1, now - age_ns).is_fresh(now) == fresh
