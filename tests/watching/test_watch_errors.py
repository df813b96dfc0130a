"""An unexpected exception in any step of the watch costs no photo: the next call goes on where this one stopped."""

import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from catdog_desktop.watching import arrivals as arrivals_module
from catdog_desktop.watching import folder_watch, sorted_outputs
from catdog_desktop.watching.arrivals import Arrivals
from catdog_desktop.watching.folder_watch import FolderWatch
from catdog_desktop.watching.retries import Retries
from catdog_desktop.watching.sorted_outputs import SortedOutputs
from catdog_desktop.watching.system_events import SystemEvents

WAIT_SECONDS = 120.0


class UnexpectedError(Exception):
    """What no part of the app raises by itself."""


STEPS: dict[str, tuple[Any, str]] = {
    "events": (SystemEvents, "take"),
    "subscription": (SystemEvents, "subscribe"),
    "unsubscription": (SystemEvents, "unsubscribe"),
    "kind of drive": (folder_watch, "reports_no_changes"),
    "limit of inotify": (folder_watch, "inotify_is_exhausted"),
    "check of a folder": (folder_watch, "_identity"),
    "walk": (folder_watch, "find_photos"),
    "signature in a walk": (folder_watch.FileSignature, "of"),
    "last change": (folder_watch, "_last_change"),
    "new file": (Arrivals, "note"),
    "file of a walk": (Arrivals, "note_changed"),
    "arrivals": (Arrivals, "take"),
    "signature of an arrival": (arrivals_module, "file_signature"),
    "decoding": (arrivals_module, "decode_photo"),
    "sorted folders": (SortedOutputs, "contains"),
    "journals": (sorted_outputs, "own_output_folders"),
    "retries": (Retries, "take"),
}


def jpeg() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(folder_watch, "TICK_SECONDS", 0.02)
    monkeypatch.setattr(folder_watch, "_ROOTS_SECONDS", 0.05)
    monkeypatch.setattr(folder_watch, "_FOLDER_QUIET_SECONDS", 0.05)
    monkeypatch.setattr(folder_watch, "_WALK_SECONDS", 1.0)
    monkeypatch.setattr(folder_watch, "_NETWORK_SECONDS", 0.5)
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def failing(real: Callable[..., Any], times: int) -> Callable[..., Any]:
    """Return `real`, which raises the first `times` times."""
    calls = 0

    def call(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls <= times:
            raise UnexpectedError
        return real(*args, **kwargs)

    return call


@pytest.mark.parametrize("step", STEPS)
def test_watch_step_that_raises_loses_no_photo(folder: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    owner, name = STEPS[step]
    found: list[str] = []
    with FolderWatch([folder], arrivals=Arrivals(settle_seconds=0.05, patience_seconds=1.0)) as watch:

        def until(condition: Callable[[], bool]) -> None:
            end = time.monotonic() + WAIT_SECONDS
            while not condition():
                assert time.monotonic() < end, found
                try:
                    found.extend(photo.relative_to(folder).as_posix() for photo in watch.take(0.05).photos)
                except UnexpectedError:
                    continue

        (folder / "before.jpg").write_bytes(jpeg())
        monkeypatch.setattr(owner, name, failing(getattr(owner, name), 2))
        until(lambda: "before.jpg" in found)
        monkeypatch.undo()
        monkeypatch.setattr(folder_watch, "_ROOTS_SECONDS", 0.05)
        monkeypatch.setattr(folder_watch, "_WALK_SECONDS", 1.0)
        monkeypatch.setattr(folder_watch, "_NETWORK_SECONDS", 0.5)
        monkeypatch.setattr(owner, name, failing(getattr(owner, name), 2))
        (folder / "sub").mkdir()
        (folder / "sub" / "after.jpg").write_bytes(jpeg())
        folder.rename(folder.with_name("away"))
        until(lambda: not watch.folders)
        folder.with_name("away").rename(folder)
        until(lambda: "sub/after.jpg" in found)
        monkeypatch.undo()
        (folder / "last.jpg").write_bytes(jpeg())
        until(lambda: "last.jpg" in found)
    assert sorted(found) == ["before.jpg", "last.jpg", "sub/after.jpg"], "each once"


def test_watch_asks_for_events_again_after_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without events a photo would be found by the next walk only, minutes later."""
    monkeypatch.setattr(folder_watch, "_ROOTS_SECONDS", 0.05)
    monkeypatch.setattr(FolderWatch, "_subscribe", failing(FolderWatch._subscribe, 2))
    with FolderWatch([tmp_path]) as watch:
        for _error in range(2):
            with pytest.raises(UnexpectedError):
                watch.take(WAIT_SECONDS)
        end = time.monotonic() + WAIT_SECONDS
        while not watch._events.is_subscribed(tmp_path):
            watch.take(0.05)
            assert time.monotonic() < end


def _until(condition: Callable[[], bool], watch: FolderWatch, found: list[Path]) -> None:
    end = time.monotonic() + WAIT_SECONDS
    while not condition():
        found += watch.take(0.05).photos
        assert time.monotonic() < end, found


@pytest.mark.parametrize("thread", ["of the folder", "of all folders"])
def test_events_that_have_ended_are_asked_for_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, thread: str
) -> None:
    monkeypatch.setattr(folder_watch, "_ROOTS_SECONDS", 0.05)
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    found: list[Path] = []
    with FolderWatch(folders, arrivals=Arrivals(settle_seconds=0.05)) as watch:
        events = watch._events
        _until(lambda: all(events.is_subscribed(folder) for folder in folders), watch, found)
        assert not any(events.has_ended(folder) for folder in folders)
        observer = events._observer
        assert observer is not None
        for ended in [observer] if thread == "of all folders" else list(observer.emitters)[:1]:
            ended.stop()
            ended.join()
        missed = folders[0] / "missed.jpg"
        missed.write_bytes(jpeg())
        _until(lambda: missed in found and not any(map(events.has_ended, folders)), watch, found)
        photos = [folder / "photo.jpg" for folder in folders]
        for photo in photos:
            photo.write_bytes(jpeg())
        _until(lambda: set(photos) <= set(found), watch, found)
        assert not watch.polls
    assert sorted(found) == sorted([missed, *photos])


def test_events_that_end_again_and_again_are_replaced_by_polling(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_watch, "_ROOTS_SECONDS", 0.02)
    monkeypatch.setattr(SystemEvents, "has_ended", lambda self, folder: self.is_subscribed(folder))
    with FolderWatch([tmp_path]) as watch:
        _until(lambda: watch.polls, watch, [])
        assert not watch._events.is_subscribed(tmp_path)


def test_event_that_is_not_understood_lets_the_folder_be_walked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    found: list[Path] = []
    with FolderWatch([tmp_path], arrivals=Arrivals(settle_seconds=0.05)) as watch:
        _until(lambda: watch._events.is_subscribed(tmp_path), watch, found)
        monkeypatch.setattr(SystemEvents, "_put_event", failing(SystemEvents._put_event, 10))
        photo = tmp_path / "photo.jpg"
        photo.write_bytes(jpeg())
        _until(lambda: bool(found), watch, found)
        monkeypatch.undo()
        (tmp_path / "last.jpg").write_bytes(jpeg())
        _until(lambda: len(found) == 2, watch, found)
    assert found == [photo, tmp_path / "last.jpg"]
    assert "UnexpectedError" in caplog.text
