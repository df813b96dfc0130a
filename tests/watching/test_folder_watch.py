"""Watched folders, with real files and real events of the system."""

import io
import os
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import raw_files
from PIL import Image

from catdog_desktop.discovery.skip_rules import SkipRules
from catdog_desktop.sorting.options import SortOptions
from catdog_desktop.sorting.plan import make_plan
from catdog_desktop.sorting.run import run_sort
from catdog_desktop.verdict import Result, Scores, Thresholds
from catdog_desktop.watching import folder_watch, retries
from catdog_desktop.watching.arrivals import Arrivals
from catdog_desktop.watching.folder_watch import FolderWatch

WAIT_SECONDS = 120.0
"""A time limit for failures. No passing test waits this long."""


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((128, 96), 80).convert("RGB").save(buffer, "JPEG")
    return buffer.getvalue()


class Watched:
    """A watched folder, and everything that the watch has reported."""

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
        """Wait until exactly these have arrived, each once, in any order."""
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
HOW = pytest.mark.parametrize("options", [{}, POLLING], ids=["events", "polling"])
HOW_SLOWLY = pytest.mark.parametrize(
    "options", [{}, pytest.param(POLLING, marks=pytest.mark.slow)], ids=["events", "polling"]
)


@HOW
def test_watch_new_photo_is_reported(start: Start, options: dict[str, float]) -> None:
    watched = start(**options)
    assert watched.watch.polls == bool(options)
    watched.put("a.jpg")
    watched.wait_for("a.jpg")
    watched.put("sub/folder/b.jpg")
    watched.wait_for("sub/folder/b.jpg")


@HOW
def test_watch_existing_photos_are_old_until_changed(start: Start, options: dict[str, float], tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    old = tmp_path / "inbox" / "old.jpg"
    old.write_bytes(jpeg())
    watched = start(arrived_since=time.time() + 60, **options)
    watched.put("new.jpg")
    watched.wait_for("new.jpg")
    old.write_bytes(jpeg())
    watched.wait_for("old.jpg")


def test_watch_deleted_photo_is_not_tried_again(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "FIRST_SECONDS", 3600.0)
    watched = start()
    photo = watched.put("a.jpg")
    watched.wait_for("a.jpg")
    assert watched.watch.retry(photo) == 1
    assert watched.watch.retry(photo) == 2
    photo.unlink()
    watched.until(lambda: watched.watch.waiting == 0)
    assert watched.watch.retry(photo) == 1, "its failures are forgotten, too"


def test_watch_arrived_since_reports_recent_photos(start: Start, tmp_path: Path) -> None:
    """Photos that arrived after a scan of the folder and before its watch."""
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "a.jpg").write_bytes(jpeg())
    os.utime(tmp_path / "inbox" / "a.jpg", (1, 1))
    start(arrived_since=time.time() - 60).wait_for("a.jpg")


def test_watch_with_existing_reports_existing_photos(start: Start, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / "inbox" / name).write_bytes(jpeg())
    start(with_existing=True, arrived_since=time.time() + 60).wait_for("a.jpg", "b.jpg")


@HOW_SLOWLY
def test_watch_truncated_photo_waits_for_the_rest(start: Start, options: dict[str, float]) -> None:
    watched = start(**options)
    whole = jpeg()
    watched.put("a.jpg", whole[: len(whole) * 3 // 4])
    watched.until(lambda: watched.sentences != [])
    assert watched.photos == []
    assert "a.jpg is not complete (it ends too early)" in watched.sentences[0]
    watched.put("a.jpg", whole)
    watched.wait_for("a.jpg")


@HOW_SLOWLY
def test_watch_slow_copy_is_reported_once(start: Start, options: dict[str, float]) -> None:
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
def test_watch_renamed_photo_has_new_name(start: Start, options: dict[str, float]) -> None:
    watched = start(**options)
    path = watched.put("a.jpg.crdownload")
    path.rename(watched.folder / "a.jpg")
    watched.wait_for("a.jpg")
    (watched.folder / "a.jpg").rename(watched.folder / "b.jpg")
    watched.wait_for("b.jpg")


@HOW_SLOWLY
def test_watch_moved_folder_reports_its_photos(start: Start, options: dict[str, float], tmp_path: Path) -> None:
    (tmp_path / "outside" / "deep").mkdir(parents=True)
    (tmp_path / "outside" / "deep" / "a.jpg").write_bytes(jpeg())
    (tmp_path / "outside" / "b.jpg").write_bytes(jpeg())
    watched = start(**options)
    (tmp_path / "outside").rename(watched.folder / "trip")
    watched.wait_for("trip/b.jpg", "trip/deep/a.jpg")


@HOW_SLOWLY
def test_watch_circular_links_end(start: Start, options: dict[str, float]) -> None:
    watched = start(**options)
    (watched.folder / "loop").symlink_to(watched.folder)
    watched.put("sub/a.jpg")
    (watched.folder / "sub" / "up").symlink_to(watched.folder)
    watched.wait_for("sub/a.jpg")


def test_watch_folder_behind_link(start: Start, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    watched = start(folder=tmp_path / "link")
    (tmp_path / "real" / "a.jpg").write_bytes(jpeg())
    watched.wait_for("a.jpg")


@HOW_SLOWLY
def test_watch_folder_disappears_and_returns(start: Start, options: dict[str, float]) -> None:
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


def test_watch_missing_folder_is_watched_once_created(start: Start, tmp_path: Path) -> None:
    watched = start(folder=tmp_path / "stick", folders=[tmp_path / "stick"])
    assert watched.sentences == [f"{tmp_path / 'stick'} does not exist. It is watched as soon as it does."]
    watched.put("a.jpg")
    watched.wait_for("a.jpg")


def test_watch_copies_of_a_sort_are_ignored(start: Start, tmp_path: Path) -> None:
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


def test_watch_nested_folders_report_photo_once(start: Start, tmp_path: Path) -> None:
    (tmp_path / "inbox" / "sub").mkdir(parents=True)
    watched = start(folders=[tmp_path / "inbox", tmp_path / "inbox" / "sub"])
    watched.put("sub/a.jpg")
    watched.wait_for("sub/a.jpg")


def test_watch_without_events_polls(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    from watchdog.observers.api import BaseObserver

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(BaseObserver, "schedule", refuse)
    monkeypatch.setattr(folder_watch, "_NETWORK_SECONDS", 0.1)
    watched = start()
    watched.until(lambda: watched.sentences != [])
    assert "so it is checked every" in watched.sentences[0]
    assert watched.watch.polls
    watched.put("a.jpg")
    watched.wait_for("a.jpg")


def test_watch_network_drive_polls(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_watch, "reports_no_changes", lambda folder: True)
    assert start().watch.polls
    monkeypatch.setattr(folder_watch, "reports_no_changes", lambda folder: False)
    assert not start().watch.polls


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc/self/mounts")
def test_reports_no_changes_reads_mounts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert not folder_watch.reports_no_changes(tmp_path)
    mounts = "disk / ext4 rw 0 0\nnas:/x /mnt/my\\040nas nfs4 rw 0 0\nstick /mnt/my\\040nas/stick vfat rw 0 0\n"
    read = Path.read_bytes
    monkeypatch.setattr(
        Path, "read_bytes", lambda path: mounts.encode() if path == Path("/proc/self/mounts") else read(path)
    )
    folders = ["/", "/mnt", "/mnt/my nas", "/mnt/my nas/photos", "/mnt/my nas two", "/mnt/my nas/stick/a"]
    assert [folder_watch.reports_no_changes(Path(folder)) for folder in folders] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]


def test_watch_add_folder(start: Start, tmp_path: Path) -> None:
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


def test_watch_lost_events_are_found_by_walk(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a burst of events the folders are walked, since the queue may have overflowed."""
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


def test_watch_raw_file_whose_jpeg_comes_before_it_has_settled_is_left_out(start: Start) -> None:
    watched = start(rules=SkipRules(join_raw=True))
    raw = raw_files.nef(Image.effect_noise((320, 240), 80).convert("RGB"))
    watched.put("a.NEF", raw)
    end = time.monotonic() + WAIT_SECONDS
    while not watched.watch.waiting:
        assert watched.watch.take(0).photos == []
        assert time.monotonic() < end
    watched.put("a.jpg")
    watched.until(lambda: bool(watched.photos) and not watched.watch.waiting)
    watched.wait_for("a.jpg")
    watched.put("b.NEF", raw)
    watched.wait_for("b.NEF")


def test_watch_burst_of_1000_photos(start: Start) -> None:
    watched = start()
    content = jpeg()
    for number in range(1000):
        watched.put(f"{number}.jpg", content)
    watched.wait_for(*(f"{number}.jpg" for number in range(1000)))


def test_import_starts_nothing() -> None:
    """Importing the module neither imports watchdog nor starts threads."""
    import subprocess

    program = "import sys; import catdog_desktop.watching.folder_watch; print('watchdog' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
