"""A watched network share that does not answer, and answers again: nothing waits for it, and no photo is lost."""

import io
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from blocked_share import BlockedShare
from fuse_share import FuseShare
from PIL import Image

from catdog_desktop.files import drive_calls
from catdog_desktop.watching import folder_watch
from catdog_desktop.watching.arrivals import Arrivals
from catdog_desktop.watching.folder_watch import FolderWatch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="network drives by mount points")
WAIT_SECONDS = 120.0
LONGEST_TAKE = 10.0
"""Far more than the limits of calls add up to, and far less than for ever."""


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, "JPEG")
    return buffer.getvalue()


class Watched:
    def __init__(self, watch: FolderWatch, folder: Path) -> None:
        self.watch = watch
        self._folder = folder
        self.photos: list[str] = []
        self.sentences: list[str] = []

    def take(self) -> None:
        begin = time.monotonic()
        news = self.watch.take(0.05)
        assert time.monotonic() - begin < LONGEST_TAKE
        self.photos += [photo.relative_to(self._folder).as_posix() for photo in news.photos]
        self.sentences += news.sentences

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + WAIT_SECONDS
        while not condition():
            assert time.monotonic() < end, (self.photos, self.sentences)
            self.take()


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[BlockedShare]:
    made = BlockedShare(tmp_path / "my share", monkeypatch)
    yield made
    made.unblock()


@pytest.fixture
def watched(share: BlockedShare, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watched]:
    monkeypatch.setattr(folder_watch, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(folder_watch, "_ROOTS_SECONDS", 0.1)
    monkeypatch.setattr(folder_watch, "_ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(folder_watch, "_NETWORK_SECONDS", 0.3)
    monkeypatch.setattr(folder_watch, "reports_no_changes", lambda folder: folder == share.folder)
    (share.folder / "old.jpg").write_bytes(jpeg())
    with FolderWatch([share.folder], arrivals=Arrivals(settle_seconds=0.05), arrived_since=time.time() + 9) as watch:
        made = Watched(watch, share.folder)
        made.until(lambda: watch.folders == [share.folder])
        (share.folder / "a.jpg").write_bytes(jpeg())
        made.until(lambda: made.photos == ["a.jpg"])
        yield made


def test_watch_share_that_stops_answering_is_not_available_and_returns(share: BlockedShare, watched: Watched) -> None:
    share.block()
    watched.until(lambda: bool(watched.sentences))
    sentence = f"{share.folder} is not available: its drive does not answer. It is watched again when it does."
    assert watched.sentences == [sentence]
    assert watched.watch.folders == []
    for _ in range(20):
        watched.take()
    share.unblock()
    (share.folder / "while away.jpg").write_bytes(jpeg())
    watched.until(lambda: "while away.jpg" in watched.photos)
    assert watched.sentences == [sentence, f"{share.folder} is back."]
    (share.folder / "after.jpg").write_bytes(jpeg())
    watched.until(lambda: "after.jpg" in watched.photos)
    assert watched.photos == ["a.jpg", "while away.jpg", "after.jpg"], "no photo is new because its share was away"


def test_watch_photo_that_waits_while_share_is_away_arrives_later(share: BlockedShare, watched: Watched) -> None:
    whole = jpeg()
    (share.folder / "half.jpg").write_bytes(whole[: len(whole) // 2])
    watched.until(lambda: watched.watch.waiting == 1)
    share.block()
    watched.until(lambda: watched.watch.folders == [])
    assert watched.watch.waiting == 1
    share.unblock()
    (share.folder / "half.jpg").write_bytes(whole)
    watched.until(lambda: "half.jpg" in watched.photos)
    assert watched.photos == ["a.jpg", "half.jpg"]


@pytest.fixture
def fuse(tmp_path: Path) -> Iterator[tuple[FuseShare, Path]]:
    """A share that is mounted with FUSE, and the folder that it shows."""
    source, folder = tmp_path / "source", tmp_path / "mounted"
    source.mkdir()
    folder.mkdir()
    try:
        share = FuseShare(source, folder)
    except OSError as error:
        pytest.skip(f"FUSE cannot be used here: {error}")
    yield share, source
    share.close()


def test_watch_fuse_share_that_stops_answering_returns_and_is_unmounted(
    fuse: tuple[FuseShare, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a real file system: the calls wait in the kernel, and the mount is found in the system's own list."""
    share, source = fuse
    monkeypatch.setattr(drive_calls, "_mounts", drive_calls._Mounts())
    monkeypatch.setattr(drive_calls, "_TRY_AGAIN_SECONDS", 0.5)
    monkeypatch.setattr(drive_calls.call_drive, "__kwdefaults__", {"seconds": 1.0})
    monkeypatch.setattr(folder_watch, "_ROOTS_SECONDS", 0.1)
    monkeypatch.setattr(folder_watch, "_ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(folder_watch, "_NETWORK_SECONDS", 0.3)
    (source / "sub").mkdir()
    with FolderWatch([share.folder], arrivals=Arrivals(settle_seconds=0.05), arrived_since=0) as watch:
        watched = Watched(watch, share.folder)
        watched.until(lambda: watch.folders == [share.folder])
        assert watch.polls
        (source / "sub" / "a.jpg").write_bytes(jpeg())
        watched.until(lambda: watched.photos == ["sub/a.jpg"])
        share.block()
        watched.until(lambda: any("its drive does not answer" in sentence for sentence in watched.sentences))
        (source / "b.jpg").write_bytes(jpeg())
        for _ in range(10):
            watched.take()
        share.unblock()
        watched.until(lambda: watched.photos == ["sub/a.jpg", "b.jpg"])
        assert f"{share.folder} is back." in watched.sentences
        share.close()  # The mount point is an empty folder now: its photos are away, not deleted.
        (share.folder / "c.jpg").write_bytes(jpeg())
        watched.until(lambda: "c.jpg" in watched.photos)
    assert watched.photos == ["sub/a.jpg", "b.jpg", "c.jpg"]
