"""The thumbnail cache: least recently used ones are deleted, missing ones are made from the photo."""

import contextlib
import io
import os
import sqlite3
from pathlib import Path

import pytest
from PIL import Image

from catdog_desktop.decoding.pixels import THUMBNAIL_EDGE
from catdog_desktop.store.errors import StoreError
from catdog_desktop.store.fingerprint import file_fingerprint
from catdog_desktop.store.store import Store
from catdog_desktop.store.thumbnail_store import ThumbnailStore
from catdog_desktop.verdict import Result, Scores


def key(number: int) -> str:
    return f"{number:032x}"


def test_keep_persists(tmp_path: Path) -> None:
    thumbnails = ThumbnailStore(tmp_path / "t.sqlite")
    thumbnails.keep({key(1): b"one", key(2): b"two"})
    thumbnails.keep({key(2): b"zwei"})
    thumbnails.close()
    thumbnails = ThumbnailStore(tmp_path / "t.sqlite")
    assert (thumbnails.get(key(1)), thumbnails.get(key(2)), thumbnails.get(key(3))) == (b"one", b"zwei", b"")
    assert thumbnails.among([key(3), key(2), ""]) == {key(2): b"zwei"}
    assert thumbnails.size_bytes() == 7
    thumbnails.close()


def test_get_and_close_read_only_file(tmp_path: Path) -> None:
    """The disk may be full or read-only."""
    thumbnails = ThumbnailStore(tmp_path / "t.sqlite")
    thumbnails.keep({key(number): b"one" for number in range(600)})
    with contextlib.closing(sqlite3.connect(tmp_path / "t.sqlite")) as other:
        other.execute("CREATE TRIGGER no BEFORE UPDATE ON thumbnail BEGIN SELECT RAISE(ABORT, 'no'); END")
    with pytest.raises(StoreError):
        thumbnails.file.write(lambda db: db.execute("UPDATE thumbnail SET used = 0"))
    assert all(thumbnails.get(key(number)) for number in range(600))
    thumbnails.close()
    with pytest.raises(StoreError, match="closed"):
        thumbnails.get(key(1))


def test_keep_above_limit_deletes_least_recently_used(tmp_path: Path) -> None:
    limit = 100_000
    thumbnails = ThumbnailStore(tmp_path / "t.sqlite", limit_bytes=limit)
    for number in range(100):
        thumbnails.keep({key(number): bytes(1000)})
    assert thumbnails.size_bytes() == limit
    assert thumbnails.get(key(3))
    thumbnails.close()
    thumbnails = ThumbnailStore(tmp_path / "t.sqlite", limit_bytes=limit)
    thumbnails.keep({key(100): bytes(1000)})
    assert limit * 0.85 <= thumbnails.size_bytes() <= limit * 0.9, "space for more than one"
    assert thumbnails.get(key(3)), "used, by the process before"
    assert thumbnails.get(key(100)), "new"
    assert not thumbnails.get(key(0)), "the oldest"
    for number in range(200, 1000):
        thumbnails.keep({key(number): bytes(1000)})
        assert thumbnails.size_bytes() <= limit
    thumbnails.close()
    assert (tmp_path / "t.sqlite").stat().st_size < 2 * limit, "the space of deleted ones is used again"


def test_keep_limit_holds_for_several_processes(tmp_path: Path) -> None:
    """Each process checks the total size only at times: together they may exceed the limit by that much."""
    limit = 100_000
    both = [ThumbnailStore(tmp_path / "t.sqlite", limit_bytes=limit) for _ in range(2)]
    for number in range(400):
        both[number % 2].keep({key(number): bytes(1000)})
        assert both[0].size_bytes() <= limit + 2 * limit / 32 + 1000
    for thumbnails in both:
        thumbnails.close()


def test_set_limit_takes_effect_in_every_process(tmp_path: Path) -> None:
    path = tmp_path / "t.sqlite"
    one, other = ThumbnailStore(path), ThumbnailStore(path)
    one.keep({key(number): os.urandom(10_000) for number in range(100)})
    assert one.size_bytes() == 1_000_000, "far below the limit"
    full = path.stat().st_size + path.with_name("t.sqlite-wal").stat().st_size
    one.set_limit(300_000)
    assert 250_000 <= one.size_bytes() <= 300_000
    assert path.stat().st_size + path.with_name("t.sqlite-wal").stat().st_size < full / 2, "the disk has it back"
    other.keep({key(number): bytes(10_000) for number in range(200, 300)})
    assert other.size_bytes() <= 300_000
    other.set_limit(900_000)
    other.keep({key(number): bytes(10_000) for number in range(300, 360)})
    assert other.size_bytes() > 800_000, "it may grow again"
    for thumbnails in (one, other):
        thumbnails.close()
    again = ThumbnailStore(path)
    again.keep({key(number): bytes(10_000) for number in range(400, 500)})
    assert again.size_bytes() <= 900_000, "it lasts"
    again.close()


def test_count_and_forget(tmp_path: Path) -> None:
    thumbnails = ThumbnailStore(tmp_path / "t.sqlite")
    thumbnails.keep({key(number): bytes(number) for number in (1, 20, 300)})
    some = [bytes.fromhex(key(number)) for number in (20, 300, 4)]
    assert thumbnails.count() == (3, 321)
    assert thumbnails.count(some) == (2, 320)
    thumbnails.forget(some)
    assert thumbnails.count() == (1, 1)
    thumbnails.forget([])
    assert thumbnails.get(key(1)) == bytes(1)
    thumbnails.forget()
    assert thumbnails.count() == thumbnails.count(some) == (0, 0)
    thumbnails.close()


@pytest.mark.parametrize("kept", [True, False])
def test_thumbnail_not_stored_is_made(photo_dir: Path, kept: bool) -> None:
    path = photo_dir / "astronaut.jpg"
    with Store.open() as store:
        store.keep([Result(path, scores=Scores(0, 0))], "a" * 64)
        made = store.thumbnail(path, file_fingerprint(path) if kept else "")
        with Image.open(io.BytesIO(made)) as image:
            assert (image.format, max(image.size)) == ("JPEG", THUMBNAIL_EDGE)
        content = file_fingerprint(path)
        path.unlink()
        assert store.thumbnail(path, content) == made, "kept from now on"
        assert store.thumbnail(path) == b"", "nobody knows what it was"


def test_thumbnail_of_no_photo_is_empty(tmp_path: Path) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("hello")
    with Store.open() as store:
        assert store.thumbnail(text, file_fingerprint(text)) == b""
        assert store.thumbnail(tmp_path / "gone.jpg") == b""


def test_thumbnail_is_shared_by_duplicates(tmp_path: Path) -> None:
    one, other = tmp_path / "one.jpg", tmp_path / "other.jpg"
    for path in (one, other):
        path.write_bytes(b"equal")
        os.utime(path, (1_600_000_000, 1_600_000_000))
    with Store.open() as store:
        store.keep([Result(one, scores=Scores(0, 0), thumbnail=b"small")], "a" * 64)
        known = store.known([one, other], "a" * 64, thumbnails=True)
        assert {path: result.thumbnail for path, result in known.items()} == {one: b"small", other: b"small"}
        assert {result.thumbnail for result in store.known([one, other], "a" * 64).values()} == {b""}
