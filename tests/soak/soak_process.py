"""What a process uses, from /proc, and a child process of the soak with its lines of output."""

import os
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Usage:
    """Memory in MB (resident), threads and open files of a process."""

    memory: float
    threads: int
    files: int


def usage_of(process_id: int) -> Usage:
    """Measure a process. Raises `OSError` if it has ended."""
    folder = Path("/proc") / str(process_id)
    pages = int((folder / "statm").read_text().split()[1])
    return Usage(pages * _PAGE / 1e6, len(os.listdir(folder / "task")), len(os.listdir(folder / "fd")))


class Child:
    """A running program. Its lines are read in threads, so that it never waits for a full pipe."""

    def __init__(self, arguments: Sequence[object], home: Path) -> None:
        self._process = subprocess.Popen(
            [str(argument) for argument in arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "CATDOG_HOME": str(home), "QT_QPA_PLATFORM": "offscreen"},
        )
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._threads = [
            threading.Thread(target=self._read, args=given, daemon=True)
            for given in ((self._process.stdout, self.lines), (self._process.stderr, self.errors))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def process_id(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.poll() is not None

    def tell(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()

    def end(self, signal_number: int | None = None, seconds: float = 120) -> int:
        """Ask it to end, by a signal or by itself; return its exit status."""
        if signal_number is not None:
            self._process.send_signal(signal_number)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for thread in self._threads:
            thread.join(10)
        return self._process.returncode

    @staticmethod
    def _read(stream: object, lines: list[str]) -> None:
        lines.extend(line.rstrip("\n") for line in stream)  # type: ignore[attr-defined]
