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

import soak_clock
from slope import Point, Slope, estimate_slope, lowest_of_each
from soak_files import Files
from soak_process import Child, Usage, usage_of

HERE = Path(__file__).parent
MODEL = HERE.parents[1] / "models" / "catdog"
WINDOW_SECONDS = 25.0
MOST_OUTSTANDING = 25
"""So many photos may wait for their classification. Else a slow computer would be measured, and not the app."""
LATEST_SECONDS = 240.0
"""How long the last photos may take."""
GROWTH_MB_PER_HOUR = 1.0
LONG_SECONDS = 900.0
"""In shorter runs the slope is that of a program that still warms up, so the growth itself is limited."""
GROWTH_MB_SHORT = 12.0
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
    began: float = 0.0
    episodes: dict[str, int] = field(default_factory=dict)
    usage: list[tuple[float, Usage]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.home, self.small = self.top / "home", self.top / "small"
        self.inbox, self.stick = self.top / "inbox", self.top / "stick"
        self.clock = self.top / "clock"
        self._chance = random.Random(self.seed)
        self._current: Episode | None = None
        self._read_lines = 0

    def prepare(self) -> None:
        for folder in (self.home, self.small, self.inbox, self.stick):
            folder.mkdir()
        for name, size in _SIZES.items():
            command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.top / name)]
            subprocess.run(command, check=True)
        soak_clock.set_offset(self.clock, 0)
        self.files = Files([self.inbox, self.stick, self.small], self.seed)
        self.other_model = self.top / "other"
        shutil.copytree(MODEL, self.other_model)
        description = self.other_model / "model.json"
        changed = json.loads(description.read_text())
        changed["name"] = "other"
        description.write_text(json.dumps(changed))

    def run(self) -> None:
        folders = [self.inbox, self.stick, self.small]
        options = ["--format", "jsonl", "--jobs", "1", "--model", MODEL]
        watch = Child([sys.executable, HERE / "soak_watch.py", self.clock, "watch", *options, *folders], self.home)
        options = [WINDOW_SECONDS, MODEL, self.other_model, ":".join(map(str, folders))]
        window = Child([sys.executable, HERE / "soak_window.py", self.clock, *options], self.home)
        self._wait_until(lambda: any(line.startswith("Watching") for line in watch.errors) or watch.has_ended, 120)
        self.began = time.monotonic()
        while time.monotonic() - self.began < self.seconds and not (watch.has_ended or window.has_ended):
            self._go_on(watch)
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

    def _go_on(self, watch: Child) -> None:
        now = time.monotonic()
        self._read(watch)
        with contextlib.suppress(OSError):
            self.usage.append((now - self.began, usage_of(watch.process_id)))
        if self._current is not None and now >= self._current.ends:
            self._end_episode()
        elif self._current is None and self._chance.random() < 0.04:
            self._begin_episode(now)
        if self.files.outstanding < MOST_OUTSTANDING:
            self._try_step()
        time.sleep(0.4)

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
            self.files.reported[json.loads(line)["path"]] += 1
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

    def _check_window(self, window: Child, status: int) -> None:
        if status != 0:
            self.wrong.append(f"window: exit status {status}")
        self.windows = [json.loads(line) for line in window.lines]
        if not self.windows or not self.windows[-1]["is_last"]:
            self.wrong.append("window: it has ended early")
        for closed in self.windows:
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
    later = [(when, used) for when, used in soak.usage if when >= warm]
    watch = lowest_of_each([(when, used.memory) for when, used in later], max(5.0, soak.seconds / 60))
    closed: list[Point] = [(WINDOW_SECONDS * number, used["memory"]) for number, used in enumerate(soak.windows)]
    closed = [point for point in closed if point[0] >= warm]
    for name, points in (("memory of the watch", watch), ("memory after a window was closed", closed)):
        if len(points) >= 5:
            slope = estimate_slope(points)
            print(f"{name}: {points[0][1]:.1f} MB at first, {points[-1][1]:.1f} MB at last, slope in MB {slope}")
            wrong += _judge_memory(name, slope, points[-1][1] - points[0][1], soak.seconds)
    threads = [(when, float(used.threads)) for when, used in later]
    opened = [(when, float(used.files)) for when, used in later]
    for name, points in (
        ("threads of the watch", threads),
        ("open files of the watch", opened),
        ("threads after a window was closed", [(float(n), float(w["threads"])) for n, w in enumerate(soak.windows)]),
        ("open files after a window was closed", [(float(n), float(w["files"])) for n, w in enumerate(soak.windows)]),
    ):
        wrong += _judge_count(name, [value for _when, value in points])
    return wrong


def _judge_memory(name: str, slope: Slope, growth: float, seconds: float) -> list[str]:
    # Only growth that is certain counts: the whole interval must be above the limit.
    if seconds >= LONG_SECONDS and slope.low > GROWTH_MB_PER_HOUR:
        return [f"{name} grows by {slope}"]
    if seconds < LONG_SECONDS and growth > GROWTH_MB_SHORT:
        return [f"{name} has grown by {growth:.1f} MB"]
    return []


def _judge_count(name: str, values: list[float]) -> list[str]:
    """Compare the lowest values of the second and the last quarter: what is used for a moment does not count."""
    quarter = max(1, len(values) // 4)
    if len(values) < 4:
        return []
    before, after = min(values[quarter : 2 * quarter]), min(values[-quarter:])
    print(f"{name}: {before:.0f}, at last {after:.0f}; most {max(values):.0f}")
    return [f"{name} grow from {before:.0f} to {after:.0f}"] if after > before else []


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1800)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if os.geteuid() != 0 or not os.environ.get("CATDOG_SOAK_NAMESPACE"):
        # Disks that run full are mounted in a namespace of their own, which also an ordinary user may have.
        again = ["unshare", "--map-root-user", "--mount", sys.executable, *sys.argv]
        return subprocess.run(again, env={**os.environ, "CATDOG_SOAK_NAMESPACE": "1"}, check=False).returncode
    with tempfile.TemporaryDirectory(prefix="catdog-soak-", ignore_cleanup_errors=True) as folder:
        soak = Soak(Path(folder), arguments.seconds, arguments.seed)
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
