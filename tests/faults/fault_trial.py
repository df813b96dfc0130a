"""What the trials of faults share: places, outcomes, and many processes at a time."""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from typing import Protocol, TypeVar

HANG_SECONDS = 120.0
"""The courses take a few seconds."""
NOT_REACHED = "not reached this time"
_LINES_OF_A_DEFECT = 60
_GUARDS = {
    ("gui/overrides.py", None),
    ("pipeline.py", "Pipeline._serve_store"),
    ("pipeline.py", "Pipeline._work"),
}
"""Files and functions that catch the exceptions of all others, so they cannot fail themselves."""


@dataclass(frozen=True, slots=True)
class Place:
    """A function of the app: file below the package, qualified name, first line."""

    file: str
    name: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.name}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a process ended, and what it wrote."""

    text: str
    output: str

    @property
    def is_defect(self) -> bool:
        return self.text.startswith("DEFECT")


def read_places(seen: Path) -> list[Place]:
    """Read the functions that were called from the file that the programs write; without those that catch all."""
    found = (Place(file, name, line) for file, name, line, _calls in json.loads(seen.read_text()))
    return [each for each in found if not {(each.file, None), (each.file, each.name)} & _GUARDS]


class Closable(Protocol):
    def close(self) -> None: ...


_Server = TypeVar("_Server", bound=Closable)
_Case = TypeVar("_Case")


def end_of(status: int) -> str | None:
    """Return how a signal ended the process, or None."""
    if status == -signal.SIGKILL:
        return "DEFECT hang"
    return f"DEFECT ended by {signal.Signals(-status).name}" if status < 0 else None


def try_cases(
    servers: Sequence[_Server], cases: Iterable[_Case], try_case: Callable[[_Server, _Case], Outcome]
) -> Iterator[tuple[_Case, Outcome]]:
    """Try all cases, one at a time with each of `servers`; yield them in their order, with what happened."""
    free: Queue[_Server] = Queue()
    for server in servers:
        free.put(server)

    def try_one(case: _Case) -> tuple[_Case, Outcome]:
        server = free.get()
        try:
            return case, try_case(server, case)
        finally:
            free.put(server)

    with ThreadPoolExecutor(len(servers)) as pool:
        yield from pool.map(try_one, cases)


def run_trial(
    new_server: Callable[[], _Server],
    list_cases: Callable[[_Server], Sequence[_Case]],
    try_case: Callable[[_Server, _Case], Outcome],
    jobs: int,
) -> int:
    """Try all cases, `jobs` at a time, each with one of as many servers; print what happened.

    Returns the exit status: 1 if there was a defect.
    """
    servers = [new_server() for _ in range(jobs)]
    counts: Counter[str] = Counter()
    try:
        cases = list_cases(servers[0])
        for case, outcome in try_cases(servers, cases, try_case):
            counts[outcome.text] += 1
            if counts.total() % 100 == 0:
                print(f"{counts.total()} of {len(cases)}", file=sys.stderr, flush=True)
            if outcome.is_defect:
                lines = outcome.output.splitlines()[:_LINES_OF_A_DEFECT]
                print(f"{outcome.text}: {case}", *lines, sep=f"{os.linesep}  ", flush=True)
    finally:
        for server in servers:
            server.close()
    for text, count in counts.most_common():
        print(f"{count:6} {text}")
    return 1 if any(text.startswith("DEFECT") for text in counts) else 0
