"""When a new photo is whole: settled, decodable to its end, and never before."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image

from catdog_desktop.store.fingerprint import file_signature
from catdog_desktop.watching.arrivals import Arrivals, Wholeness, wholeness

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
    """A clock that goes when it is told to, and the arrivals that it is shown to."""

    def __init__(self, **options: object) -> None:
        self.now = 100.0
        self.arrivals = Arrivals(settle_seconds=SETTLE, patience_seconds=PATIENCE, **options)  # type: ignore[arg-type]
        self.given_up: list[tuple[str, str]] = []

    def after(self, seconds: float) -> list[str]:
        """Look every half second for so long; return what has arrived meanwhile."""
        found = []
        until = self.now + seconds
        while True:
            arrived = self.arrivals.take(self.now)
            found += [path.name for path in arrived.whole]
            self.given_up += [(path.name, reason) for path, reason in arrived.given_up]
            if self.now >= until:
                return found
            self.now += 0.5


def test_a_photo_is_handed_over_once_when_it_has_settled(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "a.jpg").write_bytes(jpeg())
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(1.0) == []
    assert clock.after(1.0) == ["a.jpg"]
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(100.0) == []
    assert len(clock.arrivals) == 0


def test_as_long_as_it_grows_it_is_not_judged(tmp_path: Path) -> None:
    judged: list[int] = []

    def probe(path: Path) -> Wholeness:
        judged.append(path.stat().st_size)
        return wholeness(path)

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
def test_half_a_jpeg_is_never_handed_over(progressive: bool, share: float, tmp_path: Path) -> None:
    """However long the copy stands still; and when it goes on after all, the photo arrives."""
    clock, whole, path = Clock(), jpeg(progressive), tmp_path / "a.jpg"
    path.write_bytes(whole[: int(len(whole) * share)])
    clock.arrivals.note(path)
    assert clock.after(PATIENCE / 2) == []
    assert len(clock.arrivals) == 1
    handed_over = clock.after(PATIENCE * 3)
    if handed_over:
        assert wholeness(path) is Wholeness.UNREADABLE, "there is nothing in it to be judged"
    else:
        assert clock.given_up == [("a.jpg", "it ends too early")]
    path.write_bytes(whole)
    clock.arrivals.note(path)
    assert clock.after(3.0) == ["a.jpg"]


@pytest.mark.parametrize("format_name", ["PNG", "WEBP", "GIF", "TIFF", "BMP", "AVIF"])
def test_other_formats_cut_short_are_waited_for(format_name: str, tmp_path: Path) -> None:
    clock, whole, path = Clock(), in_format(format_name), tmp_path / f"a.{format_name.lower()}"
    path.write_bytes(whole[: len(whole) * 2 // 3])
    clock.arrivals.note(path)
    assert clock.after(20.0) == []
    path.write_bytes(whole)
    assert clock.after(3.0) == [path.name]


def test_an_empty_file_is_waited_for_and_told_at_last(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "a.jpg").touch()
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(PATIENCE * 2) == []
    assert clock.given_up == [("a.jpg", "it is empty")]
    (tmp_path / "a.jpg").write_bytes(jpeg())
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(2.0) == ["a.jpg"]


def test_what_is_no_photo_is_handed_over_in_the_end_to_be_told_of(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "a.jpg").write_text("hello")
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(PATIENCE / 2) == []
    assert clock.after(PATIENCE) == ["a.jpg"]


PASSED_OVER = ["notes.txt", "a.jpg.part", "b.JPG.crdownload", ".catdog-x.part", "._a.jpg", "Thumbs.db", "c.jpg.tmp"]


@pytest.mark.parametrize("name", PASSED_OVER)
def test_what_is_not_named_like_a_photo_or_not_yet(name: str, tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / name).write_bytes(b"hello" if name == "notes.txt" else jpeg())
    clock.arrivals.note(tmp_path / name)
    assert clock.after(PATIENCE * 2) == []
    assert clock.given_up == []


def test_a_photo_without_a_telling_name_is_known_by_its_content(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "IMG_1").write_bytes(jpeg())
    clock.arrivals.note(tmp_path / "IMG_1")
    assert clock.after(2.0) == ["IMG_1"]


def test_a_renamed_or_removed_file_is_forgotten(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / "a.jpg").write_bytes(jpeg())
    clock.arrivals.note(tmp_path / "a.jpg")
    clock.after(0.5)
    (tmp_path / "a.jpg").rename(tmp_path / "b.jpg")
    clock.arrivals.note(tmp_path / "b.jpg")
    assert clock.after(10.0) == ["b.jpg"]
    assert len(clock.arrivals) == 0


def test_a_change_makes_it_new_and_a_touch_of_the_same_does_not(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "a.jpg"
    path.write_bytes(jpeg())
    os.utime(path, (1, 1))
    clock.arrivals.know(path, file_signature(path))
    clock.arrivals.note(path)
    assert clock.after(5.0) == []
    assert not clock.arrivals.note_changed(path, file_signature(path))
    os.utime(path, (2, 2))
    assert clock.arrivals.note_changed(path, file_signature(path))
    assert clock.after(2.0) == ["a.jpg"]
    clock.arrivals.note_anew(path)
    assert clock.after(2.0) == ["a.jpg"]


def test_what_was_noted_is_not_taken_for_an_old_one(tmp_path: Path) -> None:
    clock, path = Clock(), tmp_path / "a.jpg"
    path.write_bytes(jpeg())
    clock.arrivals.note(path)
    clock.arrivals.know(path, file_signature(path))
    assert clock.after(2.0) == ["a.jpg"]


def test_a_file_that_changes_while_it_is_decoded_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    looks: list[int] = []

    def probe(path: Path) -> Wholeness:
        if not looks:
            path.write_bytes(path.read_bytes() + b"more")
        looks.append(1)
        return Wholeness.WHOLE

    clock = Clock(probe=probe)
    path.write_bytes(jpeg())
    clock.arrivals.note(path)
    assert clock.after(2.0) == []
    assert clock.after(2.0) == ["a.jpg"]
    assert len(looks) == 2


def test_many_can_be_taken_in_turns(tmp_path: Path) -> None:
    clock = Clock()
    for number in range(5):
        (tmp_path / f"{number}.jpg").write_bytes(jpeg())
        clock.arrivals.note(tmp_path / f"{number}.jpg")
    clock.after(0.5)
    clock.now += 1.5
    assert [len(clock.arrivals.take(clock.now, lambda: True).whole) for _ in range(5)] == [1] * 5


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg")
    clock = Clock()
    clock.arrivals.note(tmp_path / "a.jpg")
    assert clock.after(PATIENCE * 2) == []
    assert len(clock.arrivals) == 0
