"""What the trials of faults share: places, outcomes, and many processes at a time."""

import argparse
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


class TriesPlaces(Closable, Protocol):
    """Tries functions in one course."""

    def places(self) -> list[Place]: ...

    def try_fault(self, place: Place, call: int = 1) -> Outcome: ...


class TriesCourses(Closable, Protocol[_Case]):
    """Tries functions in several courses."""

    def cases(self, course: str) -> list[_Case]: ...

    def try_case(self, case: _Case, call: int = 1) -> Outcome: ...


def trial_arguments(description: str | None, jobs: int = os.cpu_count() or 1) -> argparse.ArgumentParser:
    """Return a parser with the options of every trial."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--call", type=int, default=1, help="which call of each function fails")
    parser.add_argument("--every", type=int, default=1, help="try only every Nth function")
    parser.add_argument("--jobs", type=int, default=jobs, help="how many are tried at a time")
    return parser


def try_places(new_server: Callable[[], TriesPlaces], arguments: argparse.Namespace) -> int:
    """Try the functions of one course as the options say; return the exit status."""
    return run_trial(
        new_server,
        lambda server: server.places()[:: arguments.every],
        lambda server, place: server.try_fault(place, arguments.call),
        arguments.jobs,
    )


def try_courses(new_server: Callable[[], TriesCourses[_Case]], courses: Iterable[str], description: str | None) -> int:
    """Try the functions of all courses, or of those on the command line; return the exit status."""
    parser = trial_arguments(description)
    parser.add_argument("--course", choices=list(courses), action="append", help="only this course; can be repeated")
    arguments = parser.parse_args()
    chosen = arguments.course or list(courses)
    return run_trial(
        new_server,
        lambda server: [case for course in chosen for case in server.cases(course)[:: arguments.every]],
        lambda server, case: server.try_case(case, arguments.call),
        arguments.jobs,
    )
