"""The soak: a watch and a window for half an hour, while much goes wrong with files, disks, the clock and the store.

`make soak` runs it; SOAK_SECONDS sets how long. It ends with a table, and with status 1 if anything was wrong.
"""

import argparse
import contextlib
import errno
import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import soak_clock
from slope import Point, estimate_slope, lower_quartile_of_each
from soak_files import Files
from soak_process import Child, Usage, usage_of

from catdog_desktop.decoding.photo_info import PhotoInfo
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.store.fingerprint import FileSignature
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Result, Scores

HERE = Path(__file__).parent
MODEL = HERE.parents[1] / "models" / "catdog"
WINDOW_SECONDS = 20.0
"""How long the windows stay open that are opened beside the long one, and how long after each the next one is."""
BETWEEN_WINDOWS = 70.0
MOST_OUTSTANDING = 25
"""So many photos may wait for their classification. Else a slow computer would be measured, and not the app."""
LATEST_SECONDS = 240.0
"""How long the last photos may take."""
EARLIER_PHOTOS = 4000
GROWTH_MB_PER_HOUR = 1.0
LONG_SECONDS = 900.0
"""In shorter runs the slope is that of a program that still warms up, so the growth itself is limited."""
GROWTH_MB_SHORT = 40.0
"""6 MB were measured in two minutes."""
_INTERVALS = 30
"""The lower quartile of each counts."""
SPARE = 6
"""Open files and threads that may be added: those of a decoder process that is kept for later."""
_SIZES = {"home": "96m", "small": "4m"}
"""Disks in memory: the app's data, and a watched folder that runs full."""


@dataclass
class Episode:
    """Something that goes wrong for a while."""

    name: str
    ends: float
    end: Callable[[], None]


@dataclass
class Soak:
    top: Path
    seconds: float
    seed: int
    pause: float = 0.4
    """Seconds between two changes of files."""
    began: float = 0.0
    episodes: dict[str, int] = field(default_factory=dict)
    usage: dict[str, list[tuple[float, Usage]]] = field(default_factory=lambda: {"watch": [], "window": []})
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home, self.small = self.top / "home", self.top / "small"
        self.inbox, self.stick = self.top / "inbox", self.top / "stick"
        self.clock = self.top / "clock"
        self._chance = random.Random(self.seed)
        self._current: Episode | None = None
        self._read_lines = 0
        self._short: Child | None = None
        """A window that is opened and closed beside the long one."""
        self._next_short = 0.0
        self.windows: list[dict[str, Any]] = []

    def prepare(self) -> None:
        for folder in (self.home, self.small, self.inbox, self.stick):
            folder.mkdir()
        for name, size in _SIZES.items():
            command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.top / name)]
            subprocess.run(command, check=True)
        self._fill_store()
        soak_clock.set_offset(self.clock, 0)
        self.files = Files([self.inbox, self.stick, self.small], self.seed)
        # Both are outside of the app's folder: its own model is mapped into memory, and takes 7 MB less than a copy.
        self.models = [self.top / name for name in ("one", "other")]
        for folder in self.models:
            shutil.copytree(MODEL, folder)
            description = folder / "model.json"
            description.write_text(json.dumps(json.loads(description.read_text()) | {"name": folder.name}))

    def _fill_store(self) -> None:
        """Store photos of earlier days, so that SQLite's caches have their size from the start."""
        folder, chance = self.home / "data", random.Random(2)
        folder.mkdir()
        paths = [Path("/earlier", f"{number:05}.jpg") for number in range(EARLIER_PHOTOS)]
        results = [
            Result(
                path,
                scores=Scores(0.9, 0.1),
                info=PhotoInfo(160, 120, None, number),
                thumbnail=chance.randbytes(6000),
                fingerprint=chance.randbytes(32).hex(),
            )
            for number, path in enumerate(paths)
        ]
        signatures = {path: FileSignature(number, number) for number, path in enumerate(paths)}
        with Store.open(folder / "store.sqlite") as store:
            store.keep(results, load_model_file(MODEL).identity, signatures)

    def run(self) -> None:
        folders = [self.inbox, self.stick, self.small]
        options = ["--format", "jsonl", "--jobs", "1", "--model", MODEL]
        watch = Child([sys.executable, HERE / "soak_watch.py", self.clock, "watch", *options, *folders], self.home)
        window = self._open_window(0)
        self._wait_until(lambda: any(line.startswith("Watching") for line in watch.errors) or watch.has_ended, 120)
        self._wait_until(lambda: bool(window.lines) or window.has_ended, 120)
        self.began = time.monotonic()
        while time.monotonic() - self.began < self.seconds and not (watch.has_ended or window.has_ended):
            self._go_on(watch, window)
        if self._short is not None:
            self._close_short()
        if self._current is not None:
            self._end_episode()
        self.files.finish()
        self._wait_until(lambda: not self._read(watch) and not self.files.outstanding, LATEST_SECONDS)
        self.files.put(self.inbox / "last.jpg")
        self._wait_until(lambda: not self._read(watch) and not self.files.outstanding, LATEST_SECONDS)
        window.tell("end")
        status = window.end(seconds=LATEST_SECONDS * 2)
        self._check_watch(watch, watch.end(signal.SIGINT))
        self._check_window(window, status)

    def _open_window(self, seconds: float) -> Child:
        folders = ":".join(str(folder) for folder in (self.inbox, self.stick, self.small))
        options = [self.clock, seconds, *self.models, folders]
        return Child([sys.executable, HERE / "soak_window.py", *options], self.home)

    def _go_on(self, watch: Child, window: Child) -> None:
        now = time.monotonic()
        self._read(watch)
        for name, child in (("watch", watch), ("window", window)):
            with contextlib.suppress(OSError):
                self.usage[name].append((now - self.began, usage_of(child.process_id)))
        if self._short is None and now >= self._next_short:
            self._short = self._open_window(WINDOW_SECONDS)
        elif self._short is not None and self._short.has_ended:
            self._close_short()
        if self._current is not None and now >= self._current.ends:
            self._end_episode()
        elif self._current is None and self._chance.random() < 0.04:
            self._begin_episode(now)
        if self.files.outstanding < MOST_OUTSTANDING:
            self._try_step()
        time.sleep(self.pause)

    def _try_step(self) -> None:
        try:
            self.files.step()
        except OSError as error:  # The small disk is full. What was written is not whole, so it is not expected.
            self.episodes["write refused"] = self.episodes.get("write refused", 0) + 1
            if error.errno != errno.ENOSPC:
                self.wrong.append(f"driver: {error!r}")

    def _read(self, watch: Child) -> bool:
        """Count the lines of the watch; return whether there were any."""
        lines = watch.lines[self._read_lines :]
        self._read_lines += len(lines)
        for line in lines:
            photo = json.loads(line)
            self.files.reported[photo["path"]] += 1
            if photo.get("error"):
                self.wrong.append(f"watch: {photo['path']} {photo['error']}")
        return bool(lines)

    # What goes wrong.

    def _begin_episode(self, now: float) -> None:
        kinds = (self._lock_store, self._fill_home, self._fill_small, self._jump, self._take_away)
        kind = self._chance.choice(kinds)
        end = kind()
        if end is not None:
            name = kind.__name__.strip("_").replace("_", " ")
            self.episodes[name] = self.episodes.get(name, 0) + 1
            self._current = Episode(name, now + self._chance.uniform(3, 12), end)

    def _end_episode(self) -> None:
        assert self._current is not None
        self._current.end()
        self._current = None

    def _lock_store(self) -> Callable[[], None] | None:
        try:
            store = sqlite3.connect(self.home / "data" / "store.sqlite", timeout=2, isolation_level=None)
            store.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error:
            return None
        return store.close

    def _fill_home(self) -> Callable[[], None]:
        return self._fill(self.home)

    def _fill_small(self) -> Callable[[], None]:
        return self._fill(self.small)

    def _fill(self, folder: Path) -> Callable[[], None]:
        filler = folder / "filler.bin"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(2**16))
        return filler.unlink

    def _jump(self) -> Callable[[], None]:
        soak_clock.set_offset(self.clock, self._chance.choice((-86_400 * 400, -3600, -5, 5, 3600, 86_400 * 4000)))
        return lambda: soak_clock.set_offset(self.clock, 0)

    def _take_away(self) -> Callable[[], None] | None:
        if not self.files.settled_below(self.stick):
            return None
        away = self.stick.with_name("unplugged")
        self.files.leave_alone(self.stick, away=True)
        self.stick.rename(away)

        def bring_back() -> None:
            away.rename(self.stick)
            self.files.leave_alone(self.stick, away=False)

        return bring_back

    # What must hold.

    def _check_watch(self, watch: Child, status: int) -> None:
        self._read(watch)
        if status != 0:
            self.wrong.append(f"watch: exit status {status}")
        self.wrong += [f"watch: {line}" for line in watch.errors if "Traceback" in line or "unexpected error" in line]
        self.wrong += [f"classified {got} times, not {want}: {path}" for path, (want, got) in self.files.wrong.items()]
        self.sentences = sorted({_without_names(line) for line in watch.errors})

    def _close_short(self) -> None:
        assert self._short is not None
        self._check_window(self._short, self._short.end())
        self._short, self._next_short = None, time.monotonic() + BETWEEN_WINDOWS

    def _check_window(self, window: Child, status: int) -> None:
        if status != 0 or len(window.lines) != 2:
            self.wrong.append(f"window: exit status {status}, {len(window.lines)} lines")
        for line in window.lines[1:]:
            closed = json.loads(line)
            self.windows.append(closed)
            self.wrong += [f"window: {problem}" for problem in closed["problems"]]
            self.wrong += [f"window: no verdict for {path}" for path in closed["missing"]]
        self.wrong += [f"window: {line}" for line in window.errors if line.strip()]

    def _wait_until(self, condition: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not condition() and time.monotonic() < end:
            time.sleep(0.2)


def _without_names(line: str) -> str:
    return " ".join("…" if "/" in word else word for word in line.split())


def judge(soak: Soak) -> list[str]:
    """Print the figures; return what is wrong."""
    wrong = list(soak.wrong)
    warm = min(300.0, soak.seconds / 4)
    files = soak.files
    print(f"{soak.seconds:.0f} s, seed {soak.seed}; warm-up {warm:.0f} s")
    print(f"photos to be classified: {files.expected.total()}, each once; classified: {files.reported.total()}")
    print(f"changes of files: {dict(files.actions)}")
    print(f"episodes: {soak.episodes}; windows opened and closed: {len(soak.windows)}")
    print("sentences of the watch:", *soak.sentences, sep="\n  ")
    for name, usage in soak.usage.items():
        later = [(when, used) for when, used in usage if when >= warm]
        memory = [(when, used.memory) for when, used in later]
        quartiles = lower_quartile_of_each(memory, max(5.0, soak.seconds / _INTERVALS))
        wrong += _judge_memory(f"memory of the {name}", quartiles, soak.seconds)
        wrong += _judge_count(f"threads of the {name}", [used.threads for _when, used in later])
        wrong += _judge_count(f"open files of the {name}", [used.files for _when, used in later])
    return wrong


def _judge_memory(name: str, points: list[Point], seconds: float) -> list[str]:
    if len(points) < 5:
        return [f"{name} was measured {len(points)} times only"]
    slope, growth = estimate_slope(points), points[-1][1] - points[0][1]
    print(f"{name}: {points[0][1]:.1f} MB at first, {points[-1][1]:.1f} MB at last, slope in MB {slope}")
    # Only growth that is certain counts: the whole interval must be above the limit.
    if seconds >= LONG_SECONDS and slope.low > GROWTH_MB_PER_HOUR:
        return [f"{name} grows by {slope}"]
    if seconds < LONG_SECONDS and growth > GROWTH_MB_SHORT:
        return [f"{name} has grown by {growth:.1f} MB"]
    return []


def _judge_count(name: str, values: list[int]) -> list[str]:
    """Compare the lowest values of the second and the last quarter: what is used for a moment does not count."""
    quarter = max(1, len(values) // 4)
    before, after = min(values[quarter : 2 * quarter], default=0), min(values[-quarter:], default=0)
    print(f"{name}: {before}, at last {after}; most {max(values, default=0)}")
    return [f"{name} grow from {before} to {after}"] if after > before + SPARE else []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--pause", type=float, default=0.4, help="seconds between two changes of files")
    arguments = parser.parse_args()
    if os.geteuid() != 0 or not os.environ.get("CATDOG_SOAK_NAMESPACE"):
        # Disks that run full are mounted in a namespace of their own, which also an ordinary user may have.
        again = ["unshare", "--map-root-user", "--mount", sys.executable, *sys.argv]
        return subprocess.run(again, env={**os.environ, "CATDOG_SOAK_NAMESPACE": "1"}, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="catdog-soak-", ignore_cleanup_errors=True) as folder:
        soak = Soak(Path(folder), arguments.seconds, arguments.seed, arguments.pause)
        try:
            soak.prepare()
            soak.run()
        finally:
            for name in _SIZES:
                subprocess.run(["umount", "--lazy", str(soak.top / name)], check=False)
        wrong = judge(soak)
    print("\n".join(wrong) if wrong else "nothing was wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
