"""A second start passes its photos to the open window. Each start is a real process.

`tests/test_single_instance.py` has what a killed window leaves, a refusal and damaged files, in one process.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Queue

import pytest
from driving import WAIT_MS

ROOT = Path(__file__).resolve().parents[2]
SECONDS = WAIT_MS / 1000


class Start:
    """A start of the window, and the lines that it prints."""

    def __init__(self, *arguments: object) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "CATDOG_SELF_TEST"}
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("start_window.py")), *map(str, arguments)],
            env=environment | {"PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.lines: Queue[str] = Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.strip())
        self.lines.put("")

    def next_line(self) -> str:
        """Wait for the next line; empty at the end of the process."""
        return self.lines.get(timeout=SECONDS)

    def end(self) -> int:
        return self.process.wait(timeout=SECONDS)


@pytest.fixture
def start() -> Iterator[Callable[..., Start]]:
    started: list[Start] = []

    def run(*arguments: object) -> Start:
        started.append(Start(*arguments))
        return started[-1]

    yield run
    for each in started:
        each.process.kill()
        each.process.wait(timeout=SECONDS)


def test_second_start_hands_photos_to_open_window(start: Callable[..., Start], cat: Path) -> None:
    first = start("stay")
    assert first.next_line() == "window"
    second = start("close", cat)
    assert (second.next_line(), second.end()) == ("", 0), "it opened no window"
    assert first.next_line() == cat.name


def test_several_starts_at_once_open_one_window(
    start: Callable[..., Start], make_photos: Callable[..., list[Path]]
) -> None:
    """The file manager of Windows starts the program once for each selected photo."""
    photos = make_photos(4)
    starts = [start("stay", photo) for photo in photos]
    first_lines = {each: each.next_line() for each in starts}
    assert sorted(first_lines.values()) == ["", "", "", "window"]
    (window,) = (each for each, line in first_lines.items() if line)
    assert {window.next_line() for _ in photos} == {photo.name for photo in photos}


@pytest.mark.slow
def test_new_window_option_opens_another(start: Callable[..., Start], cat: Path) -> None:
    first = start("stay")
    assert first.next_line() == "window"
    assert start("close", "--new-window", cat).next_line() == "window"
    assert first.lines.empty()


@pytest.mark.slow
def test_start_after_kill_opens_window_and_takes_over(start: Callable[..., Start], cat: Path) -> None:
    first = start("stay")
    assert first.next_line() == "window"
    first.process.kill()
    first.end()
    second = start("stay")
    assert second.next_line() == "window"
    assert start("close", cat).end() == 0
    assert second.next_line() == cat.name


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="no SIGSTOP")
def test_start_while_window_is_stopped_opens_another(start: Callable[..., Start], cat: Path) -> None:
    first = start("stay")
    assert first.next_line() == "window"
    first.process.send_signal(signal.SIGSTOP)
    assert start("close", cat).next_line() == "window"


def test_start_after_close_opens_window(start: Callable[..., Start], home: Path) -> None:
    first = start("close")
    assert (first.next_line(), first.end()) == ("window", 0)
    assert not (home / "data" / "window" / "address.json").exists()
    assert start("close").next_line() == "window"
