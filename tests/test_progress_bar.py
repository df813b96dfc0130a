"""The bar tells what is so, fits the terminal, and is gone when it is not wanted."""

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


def test_count_rate_and_time_left(clock: Clock) -> None:
    screen = Terminal()
    with ProgressBar(screen) as bar:
        bar.total = 3000
        clock.now += 20
        bar.update(1000)
        assert screen.visible() == "▇▇▇▇▇▇▇░░░░░░░░░░░░░░░  1,000 of 3,000 · 50 photos/s · 40 s left"
    assert screen.visible() == ""


def test_without_a_total(clock: Clock) -> None:
    screen = Terminal()
    bar = ProgressBar(screen)
    clock.now += 10
    bar.update(15)
    assert screen.visible() == "15 · 1.5 photos/s"


def test_ten_times_a_second_at_most(clock: Clock) -> None:
    screen = Terminal()
    bar = ProgressBar(screen)
    for done in range(1000):
        clock.now += 0.001
        bar.update(done)
    assert 8 <= screen.getvalue().count("\r") <= 11


def test_a_shorter_line_leaves_nothing_of_the_longer(clock: Clock) -> None:
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


def test_a_narrow_terminal(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((20, 24)))
    screen = Terminal()
    bar = ProgressBar(screen)
    bar.total = 100
    clock.now += 1
    bar.update(50)
    assert len(screen.visible()) == 19


@pytest.mark.parametrize("stream", [None, io.StringIO()])
def test_silent_where_there_is_no_terminal(stream: io.StringIO | None, clock: Clock) -> None:
    with ProgressBar(stream) as bar:
        assert not bar.shown
        clock.now += 1
        bar.update(1)
    assert stream is None or stream.getvalue() == ""


def test_a_terminal_that_knows_ascii_alone(clock: Clock) -> None:
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
def test_time_left(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


@pytest.mark.parametrize("seconds", range(3500, 3700, 7))
def test_minutes_end_at_sixty(seconds: int) -> None:
    assert "60 min" not in format_duration(seconds)
