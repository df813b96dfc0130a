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
