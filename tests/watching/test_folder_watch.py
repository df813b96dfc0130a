"""Folders under watch, with real files and what the system tells of them."""

import io
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from catdog_desktop.sorting.options import SortOptions
from catdog_desktop.sorting.plan import make_plan
from catdog_desktop.sorting.run import run_sort
from catdog_desktop.verdict import Result, Scores, Thresholds
from catdog_desktop.watching import folder_watch
from catdog_desktop.watching.arrivals import Arrivals
from catdog_desktop.watching.folder_watch import FolderWatch

WAIT_SECONDS = 60.0
"""Longer than anything takes on a busy computer; nothing waits for its end."""


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((128, 96), 80).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


class Watched:
    """A folder under watch, and what the watch has told so far."""

    def __init__(self, folder: Path, watch: FolderWatch) -> None:
        self.folder = folder
        self.watch = watch
        self.photos: list[str] = []
        self.sentences: list[str] = []

    def put(self, name: str, content: bytes | None = None) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg() if content is None else content)
        return path

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + WAIT_SECONDS
        while not condition():
            assert time.monotonic() < end, (self.photos, self.sentences)
            news = self.watch.take(0.1)
            self.photos += [path.relative_to(self.folder).as_posix() for path in news.photos]
            self.sentences += news.sentences

    def wait_for(self, *names: str) -> None:
        """Wait until just these have arrived, each once; in whatever order."""
        self.until(lambda: len(self.photos) >= len(names))
        assert sorted(self.photos) == sorted(names)
        self.photos.clear()


Start = Callable[..., Watched]


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    monkeypatch.setattr(folder_watch, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(folder_watch, "_ROOTS_SECONDS", 0.05)
    monkeypatch.setattr(folder_watch, "_FOLDER_QUIET_SECONDS", 0.05)
    opened: list[FolderWatch] = []

    def start_(*, folder: Path | None = None, folders: list[Path] | None = None, **options: object) -> Watched:
        folder = folder or tmp_path / "inbox"
        if folders is None:
            folder.mkdir(exist_ok=True)
        arrivals = Arrivals(settle_seconds=0.05, patience_seconds=0.6)
        watch = FolderWatch(folders or [folder], arrivals=arrivals, **options)  # type: ignore[arg-type]
        opened.append(watch)
        watched = Watched(folder, watch)
        watched.until(lambda: bool(watch.folders) or bool(watched.sentences))
        return watched

    yield start_
    for watch in opened:
        watch.close()
    assert not [thread for thread in threading.enumerate() if "Emitter" in thread.name or "Observer" in thread.name]


POLLING = {"poll_seconds": 0.05}
HOW = pytest.mark.parametrize("options", [{}, POLLING], ids=["told", "polling"])
HOW_SLOWLY = pytest.mark.parametrize(
    "options", [{}, pytest.param(POLLING, marks=pytest.mark.slow)], ids=["told", "polling"]
)


@HOW
def test_a_photo_that_arrives(start: Start, options: dict[str, float]) -> None:
    watched = start(**options)
    assert watched.watch.polls == bool(options)
    watched.put("a.jpg")
    watched.wait_for("a.jpg")
    watched.put("sub/folder/b.jpg")
    watched.wait_for("sub/folder/b.jpg")


@HOW
def test_those_that_are_there_are_old_until_they_change(
    start: Start, options: dict[str, float], tmp_path: Path
) -> None:
    (tmp_path / "inbox").mkdir()
    old = tmp_path / "inbox" / "old.jpg"
    old.write_bytes(jpeg())
    watched = start(arrived_since=time.time() + 60, **options)
    watched.put("new.jpg")
    watched.wait_for("new.jpg")
    old.write_bytes(jpeg())
    watched.wait_for("old.jpg")


def test_those_that_came_just_before_can_be_taken_as_new(start: Start, tmp_path: Path) -> None:
    """What came between a first look at a folder and its watch."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.jpg").write_bytes(jpeg())
    os.utime(tmp_path / "inbox" / "a.jpg", (1, 1))
    start(arrived_since=time.time() - 60).wait_for("a.jpg")


def test_existing_ones_can_be_asked_for(start: Start, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "inbox" / name).write_bytes(jpeg())
    start(with_existing=True, arrived_since=time.time() + 60).wait_for("a.jpg", "b.jpg")


@HOW_SLOWLY
def test_half_a_photo_waits_for_its_other_half(start: Start, options: dict[str, float]) -> None:
    watched = start(**options)
    whole = jpeg()
    watched.put("a.jpg", whole[: len(whole) * 3 // 4])
    watched.until(lambda: watched.sentences != [])
    assert watched.photos == []
    assert "a.jpg is not whole (it ends too early)" in watched.sentences[0]
    watched.put("a.jpg", whole)
    watched.wait_for("a.jpg")


@HOW_SLOWLY
def test_a_slow_copy_arrives_once(start: Start, options: dict[str, float]) -> None:
    watched = start(**options)
    whole = jpeg()
    with (watched.folder / "a.jpg").open("wb") as file:
        for begin in range(0, len(whole), 1000):
            file.write(whole[begin : begin + 1000])
            file.flush()
            news = watched.watch.take(0.02)
            assert news.photos == []
    watched.wait_for("a.jpg")


@HOW_SLOWLY
def test_a_renamed_photo_arrives_by_its_new_name(start: Start, options: dict[str, float]) -> None:
    watched = start(**options)
    path = watched.put("a.jpg.crdownload")
    path.rename(watched.folder / "a.jpg")
    watched.wait_for("a.jpg")
    (watched.folder / "a.jpg").rename(watched.folder / "b.jpg")
    watched.wait_for("b.jpg")


@HOW_SLOWLY
def test_a_folder_that_is_moved_in_brings_its_photos(start: Start, options: dict[str, float], tmp_path: Path) -> None:
    (tmp_path / "outside" / "deep").mkdir(parents=True)
    (tmp_path / "outside" / "deep" / "a.jpg").write_bytes(jpeg())
    (tmp_path / "outside" / "b.jpg").write_bytes(jpeg())
    watched = start(**options)
    (tmp_path / "outside").rename(watched.folder / "trip")
    watched.wait_for("trip/b.jpg", "trip/deep/a.jpg")


@HOW_SLOWLY
def test_links_in_circles(start: Start, options: dict[str, float]) -> None:
    watched = start(**options)
    (watched.folder / "loop").symlink_to(watched.folder)
    watched.put("sub/a.jpg")
    (watched.folder / "sub" / "up").symlink_to(watched.folder)
    watched.wait_for("sub/a.jpg")


def test_a_folder_behind_a_link(start: Start, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    watched = start(folder=tmp_path / "link")
    (tmp_path / "real" / "a.jpg").write_bytes(jpeg())
    watched.wait_for("a.jpg")


@HOW_SLOWLY
def test_a_folder_that_goes_and_comes_back(start: Start, options: dict[str, float]) -> None:
    watched = start(**options)
    kept = watched.put("kept.jpg")
    watched.wait_for("kept.jpg")
    aside = watched.folder.with_name("unplugged")
    watched.folder.rename(aside)
    watched.until(lambda: any("is gone" in sentence for sentence in watched.sentences))
    assert watched.watch.folders == []
    (aside / "while away.jpg").write_bytes(jpeg())
    aside.rename(watched.folder)
    watched.until(lambda: any("is back" in sentence for sentence in watched.sentences))
    watched.wait_for("while away.jpg")
    watched.put("after.jpg")
    watched.wait_for("after.jpg")
    shutil.rmtree(watched.folder)
    watched.until(lambda: watched.watch.folders == [])
    assert not kept.exists()


def test_a_folder_that_is_not_there_yet(start: Start, tmp_path: Path) -> None:
    watched = start(folder=tmp_path / "stick", folders=[tmp_path / "stick"])
    assert watched.sentences == [f"{tmp_path / 'stick'} is not there. It is watched as soon as it is."]
    watched.put("a.jpg")
    watched.wait_for("a.jpg")


def test_copies_that_a_sort_makes_are_no_new_photos(start: Start, tmp_path: Path) -> None:
    watched = start()
    photo = watched.put("a.jpg")
    watched.wait_for("a.jpg")
    options = SortOptions(watched.folder / "sorted", sources=(watched.folder,))
    run_sort(make_plan([Result(photo, Scores(0.99, 0.01))], options, Thresholds()))
    assert (watched.folder / "sorted" / "cats" / "a.jpg").exists()
    watched.put("b.jpg")
    watched.wait_for("b.jpg")
    watched.put("c.jpg")
    watched.wait_for("c.jpg")


def test_two_folders_one_within_the_other(start: Start, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "sub").mkdir(parents=True)
    watched = start(folders=[tmp_path / "inbox", tmp_path / "inbox" / "sub"])
    watched.put("sub/a.jpg")
    watched.wait_for("sub/a.jpg")


def test_where_the_system_tells_nothing_it_looks_for_itself(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchdog.observers.api import BaseObserver

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(BaseObserver, "schedule", refuse)
    monkeypatch.setattr(folder_watch, "_NETWORK_SECONDS", 0.1)
    watched = start()
    watched.until(lambda: watched.sentences != [])
    assert "So it is looked through every" in watched.sentences[0]
    assert watched.watch.polls
    watched.put("a.jpg")
    watched.wait_for("a.jpg")


def test_network_drives_are_looked_through_often(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watch, "is_network_drive", lambda folder: True)
    assert start().watch.polls
    monkeypatch.setattr(folder_watch, "is_network_drive", lambda folder: False)
    assert not start().watch.polls


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux tells of it")
def test_a_drive_of_another_computer_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not folder_watch.is_network_drive(tmp_path)
    mounts = "disk / ext4 rw 0 0\nnas:/x /mnt/my\\040nas nfs4 rw 0 0\nstick /mnt/my\\040nas/stick vfat rw 0 0\n"
    read = Path.read_bytes
    monkeypatch.setattr(
        Path, "read_bytes", lambda path: mounts.encode() if path == Path("/proc/self/mounts") else read(path)
    )
    folders = ["/", "/mnt", "/mnt/my nas", "/mnt/my nas/photos", "/mnt/my nas two", "/mnt/my nas/stick/a"]
    assert [folder_watch.is_network_drive(Path(folder)) for folder in folders] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]


def test_folders_can_be_added(start: Start, tmp_path: Path) -> None:
    watched = start()
    (tmp_path / "more").mkdir()
    for name, changed in (("old.jpg", 1), ("just.jpg", time.time())):
        (tmp_path / "more" / name).write_bytes(jpeg())
        os.utime(tmp_path / "more" / name, (changed, changed))
    watched.watch.add(tmp_path / "more", time.time() + 60)
    watched.put("a.jpg")
    watched.wait_for("a.jpg")
    watched.folder = tmp_path
    (tmp_path / "more" / "new.jpg").write_bytes(jpeg())
    watched.wait_for("more/new.jpg")


def test_news_that_are_lost_are_found_by_looking(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the system's queue overflows: after a burst the folders are walked."""
    monkeypatch.setattr(folder_watch, "_BURST", 10)
    monkeypatch.setattr(folder_watch, "_QUIET_SECONDS", 0.2)
    note = Arrivals.note
    deaf = True

    def note_nothing(arrivals: Arrivals, path: Path) -> None:
        if not deaf:
            note(arrivals, path)

    watched = start()
    monkeypatch.setattr(Arrivals, "note", note_nothing)
    for number in range(12):
        watched.put(f"{number}.jpg")
    watched.until(lambda: watched.watch.take(0.05) is not None and _drained(watched))
    deaf = False
    watched.wait_for(*(f"{number}.jpg" for number in range(12)))


def _drained(watched: Watched) -> bool:
    return watched.watch.waiting == 0


def test_a_burst_of_a_thousand(start: Start) -> None:
    watched = start()
    content = jpeg()
    for number in range(1000):
        watched.put(f"{number}.jpg", content)
    watched.wait_for(*(f"{number}.jpg" for number in range(1000)))


def test_nothing_is_started_before_it_is_asked_for() -> None:
    """Watching costs nobody anything who does not watch."""
    import subprocess

    program = "import sys; import catdog_desktop.watching.folder_watch; print('watchdog' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
