"""Arrivals: a new photo is handed over once it is complete, and never before."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from catdog_desktop.store.fingerprint import file_signature
from catdog_desktop.watching.arrivals import Arrivals, Completeness, completeness

SETTLE, PATIENCE = 1.5, 60.0


def jpeg(progressive: bool = False) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((320, 240), 80).convert("RGB").save(buffer, "JPEG", quality=90, progressive=progressive)
    return buffer.getvalue()


def in_format(name: str) -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((320, 240), 80).convert("RGB").save(buffer, name)
    return buffer.getvalue()


class Clock:
    """A clock that tests advance, with its arrivals."""

    def __init__(self, **options: object) -> None:
        self.now = 100.0
        self.arrivals = Arrivals(settle_seconds=SETTLE, patience_seconds=PATIENCE, **options)  # type: ignore[arg-type]
        self.given_up: list[tuple[str, str]] = []

    def after(self, seconds: float) -> list[str]:
        """Poll every half second for a time; return the photos that arrived."""
        found = []
        until = self.now + seconds
        while True:
            arrived = self.arrivals.take(self.now)
            found += [path.name for path in arrived.complete]
            self.given_up += [(path.name, reason) for path, reason in arrived.given_up]
            if self.now >= until:
                return found
            self.now += 0.5


def test_take_unchanged_photo_once(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "a.jpg").write_bytes(jpeg())
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(1.0) == []
    assert clock.after(1.0) == ["a.jpg"]
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(100.0) == []
    assert len(clock.arrivals) == 0


def test_take_growing_file_is_not_probed(tmp_path: Path) -> None:
    judged: list[int] = []

    def probe(path: Path) -> Completeness:
        judged.append(path.stat().st_size)
        return completeness(path)

    clock, whole, path = Clock(probe=probe), jpeg(), tmp_path / "a.jpg"
    clock.arrivals.note(path)
    for end in range(1000, len(whole), 1000):
        path.write_bytes(whole[:end])
        clock.arrivals.note(path)
        assert clock.after(1.0) == []
    assert judged == []
    path.write_bytes(whole)
    assert clock.after(2.0) == ["a.jpg"]
    assert judged == [len(whole)]


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.9, 0.99])
def test_take_truncated_jpeg_is_never_handed_over(progressive: bool, share: float, tmp_path: Path) -> None:
    """Even if the copy stalls for long. Once it continues, the photo arrives."""
    clock, whole, path = Clock(), jpeg(progressive), tmp_path / "a.jpg"
    path.write_bytes(whole[: int(len(whole) * share)])
    clock.arrivals.note(path)
    assert clock.after(PATIENCE / 2) == []
    assert len(clock.arrivals) == 1
    handed_over = clock.after(PATIENCE * 3)
    if handed_over:
        assert completeness(path) in (Completeness.UNREADABLE, Completeness.WITHOUT_END), "none or all can be decoded"
    else:
        assert clock.given_up == [("a.jpg", "it ends too early")]
    path.write_bytes(whole)
    clock.arrivals.note(path)
    assert clock.after(3.0) == ["a.jpg"]


@pytest.mark.parametrize("format_name", ["PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
def test_take_truncated_file_of_other_format_waits(format_name: str, tmp_path: Path) -> None:
    clock, whole, path = Clock(), in_format(format_name), tmp_path / f"a.{format_name.lower()}"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    clock.arrivals.note(path)
    assert clock.after(20.0) == []
    path.write_bytes(whole)
    assert clock.after(3.0) == [path.name]


def test_take_empty_file_is_given_up_at_last(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "a.jpg").touch()
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(PATIENCE * 2) == []
    assert clock.given_up == [("a.jpg", "it is empty")]
    (tmp_path / "a.jpg").write_bytes(jpeg())
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(2.0) == ["a.jpg"]


def test_take_undecodable_photo_is_handed_over_at_last(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "a.jpg").write_text("hello")
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(PATIENCE / 2) == []
    assert clock.after(PATIENCE) == ["a.jpg"]


PASSED_OVER = ["notes.txt", "a.jpg.part", "b.JPG.crdownload", ".catdog-x.part", "._a.jpg", "Thumbs.db", "c.jpg.tmp"]


@pytest.mark.parametrize("name", PASSED_OVER)
def test_take_ignores_other_and_partial_names(name: str, tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / name).write_bytes(b"hello" if name == "notes.txt" else jpeg())
    clock.arrivals.note(tmp_path / name)
    assert clock.after(PATIENCE * 2) == []
    assert clock.given_up == []


def test_take_photo_without_extension_by_content(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "IMG_1").write_bytes(jpeg())
    clock.arrivals.note(tmp_path / "IMG_1")
    assert clock.after(2.0) == ["IMG_1"]


def test_take_renamed_or_removed_file_is_dropped(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "a.jpg").write_bytes(jpeg())
    clock.arrivals.note(tmp_path / "a.jpg")
    clock.after(0.5)
    (tmp_path / "a.jpg").rename(tmp_path / "b.jpg")
    clock.arrivals.note(tmp_path / "b.jpg")
    assert clock.after(10.0) == ["b.jpg"]
    assert len(clock.arrivals) == 0


def test_note_changed_needs_new_signature(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "a.jpg"
    path.write_bytes(jpeg())
    os.utime(path, (1, 1))
    clock.arrivals.mark_seen(path, file_signature(path))
    clock.arrivals.note(path)
    assert clock.after(5.0) == []
    assert not clock.arrivals.note_changed(path, file_signature(path))
    os.utime(path, (2, 2))
    assert clock.arrivals.note_changed(path, file_signature(path))
    assert clock.after(2.0) == ["a.jpg"]
    clock.arrivals.note_again(path)
    assert clock.after(2.0) == ["a.jpg"]


def test_mark_seen_does_not_affect_tracked_file(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "a.jpg"
    path.write_bytes(jpeg())
    clock.arrivals.note(path)
    clock.arrivals.mark_seen(path, file_signature(path))
    assert clock.after(2.0) == ["a.jpg"]


def test_take_file_changed_while_probed_waits(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    looks: list[int] = []

    def probe(path: Path) -> Completeness:
        if not looks:
            path.write_bytes(path.read_bytes() + b"more")
        looks.append(1)
        return Completeness.COMPLETE

    clock = Clock(probe=probe)
    path.write_bytes(jpeg())
    clock.arrivals.note(path)
    assert clock.after(2.0) == []
    assert clock.after(2.0) == ["a.jpg"]
    assert len(looks) == 2


def test_take_stops_when_until_is_true(tmp_path: Path) -> None:
    clock = Clock()
    for number in range(5):
        (tmp_path / f"{number}.jpg").write_bytes(jpeg())
        clock.arrivals.note(tmp_path / f"{number}.jpg")
    clock.after(0.5)
    clock.now += 1.5
    assert [len(clock.arrivals.take(clock.now, lambda: True).complete) for _ in range(5)] == [1] * 5


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_take_pipe_is_dropped(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    clock = Clock()
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(PATIENCE * 2) == []
    assert len(clock.arrivals) == 0
