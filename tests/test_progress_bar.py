"""The progress bar: its text, its width, and its removal."""

import io
import os
import shutil

import pytest

from catdog_desktop import progress_bar
from catdog_desktop.formatting import format_duration
from catdog_desktop.progress_bar import ProgressBar


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def visible(self) -> str:
        return self.getvalue().rpartition("\r")[2]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(progress_bar, "time", clock)
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((100, 24)))
    return clock


def test_bar_shows_count_rate_and_time_left(clock: Clock) -> None:
    screen = Terminal()
    with ProgressBar(screen) as bar:
        bar.total = 3000
        clock.now += 20
        bar.update(1000)
        assert screen.visible() == "▇▇▇▇▇▇▇░░░░░░░░░░░░░░░  1,000 of 3,000 · 50 photos/s · 40 s left"
    assert screen.visible() == ""


def test_bar_without_total_shows_count_and_rate(clock: Clock) -> None:
    screen = Terminal()
    bar = ProgressBar(screen)
    clock.now += 10
    bar.update(15)
    assert screen.visible() == "15 · 1.5 photos/s"


def test_bar_is_drawn_at_most_ten_times_a_second(clock: Clock) -> None:
    screen = Terminal()
    bar = ProgressBar(screen)
    for done in range(1000):
        clock.now += 0.001
        bar.update(done)
    assert 8 <= screen.getvalue().count("\r") <= 11


def test_bar_shorter_line_covers_the_longer(clock: Clock) -> None:
    screen = Terminal()
    bar = ProgressBar(screen)
    bar.total = 100_000
    clock.now += 1
    bar.update(99_999)
    long = len(screen.visible())
    bar.total = None
    clock.now += 1
    bar.update(1)
    assert len(screen.visible()) == long


def test_bar_on_narrow_terminal_is_cut(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((20, 24)))
    screen = Terminal()
    bar = ProgressBar(screen)
    bar.total = 100
    clock.now += 1
    bar.update(50)
    assert len(screen.visible()) == 19


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_bar_without_terminal_is_silent(stream: io.StringIO | None, clock: Clock) -> None:
    with ProgressBar(stream) as bar:
        assert not bar.shown
        clock.now += 1
        bar.update(1)
    assert stream is None or stream.getvalue() == ""


def test_bar_on_ascii_terminal_uses_ascii(clock: Clock) -> None:
    screen = Terminal()
    screen.encoding = "ascii"
    bar = ProgressBar(screen)
    bar.total = 2
    clock.now += 1
    bar.update(1)
    assert screen.visible() == "###########...........  1 of 2 - 1.0 photos/s - 1 s left"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (0.4, "0 s"), (31, "31 s"), (59.6, "1 min"), (61, "1 min"), (240, "4 min"), (4800, "1 h 20 min")],
)
def test_format_duration_known_values(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize("seconds", range(3500, 3700, 7))
def test_format_duration_never_shows_60_minutes(seconds: int) -> None:
    assert "60 min" not in format_duration(seconds)
