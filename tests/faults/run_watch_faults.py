"""Put an exception into one function after the other while `catdog watch` runs: it must go on, and report each photo.

`make faults` runs it. For each function that a watch calls, in any thread, a process watches a folder in which photos
arrive, change and disappear, and the function fails in its first call. Before the watch is announced, the command may
end with the exception. Afterwards it must run until Ctrl+C, and write one line for each photo that is complete, or name
the photo in a message. After Ctrl+C, when all lines are written, it may end with the exception, too. Anything else, a
signal and a hang are defects.
"""

import contextlib
import json
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from command_server import FAULT, PROGRAM, Fault, fault_in, has_crashed  # noqa: E402
from conftest import open_package_photo  # noqa: E402
from fault_trial import NOT_REACHED, Outcome, Place, end_of, read_places, trial_arguments, try_places  # noqa: E402
from fork_server import ForkServer  # noqa: E402

ENDED_AT_START = "ended at the start and reported the exception"
ENDED_AT_END = "ended after Ctrl+C and reported the exception, with a line for each photo"
WENT_ON = "the watch went on, with a line for each photo"
NAMED = "the watch went on, and named the photo that it has no line for"
_ANNOUNCED = "Watching 1 folder."
ARRIVAL_SECONDS = 30.0
"""A photo takes 2 seconds, 7 after an unexpected error of the watch, and 12 after one of its own."""
_POLL_SECONDS = 0.05
_WANTED = Counter({"a.jpg": 1, "b.jpg": 1, "slow.jpg": 1, "changed.jpg": 2, "last.jpg": 1})
"""Lines for each photo."""


class Watches:
    """Runs watches in processes, one after the other."""

    def __init__(self, program: str = PROGRAM) -> None:
        self._server = ForkServer(program)

    def close(self) -> None:
        self._server.close()

    def places(self) -> list[Place]:
        """Return the functions that a watch calls."""
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            seen = Path(folder, "seen.json")
            status, output, _before = self._run(Path(folder), None, seen)
            assert status == 0, output
            assert _lines(output) == _WANTED, output
            return read_places(seen)

    def try_fault(self, place: Place, call: int = 1) -> Outcome:
        """Let a function fail in a call of it."""
        with tempfile.TemporaryDirectory(prefix="faults-") as folder:
            status, output, before_end = self._run(Path(folder), fault_in(place, call))
        return Outcome(_described(status, output, before_end), output)

    def _run(self, top: Path, fault: Fault | None, seen: Path | str = "") -> tuple[int, str, str]:
        """Return the exit status, all output, and that before Ctrl+C."""
        home, inbox = top / "home", top / "inbox"
        for folder in (home, inbox):
            folder.mkdir()
        arguments = ["watch", "--format", "jsonl", "--jobs", "1", str(inbox)]
        self._server.start(arguments, str(home), json.dumps(fault), str(seen))
        output = home / "output.txt"

        with ThreadPoolExecutor(1) as pool:
            end = pool.submit(self._server.rest)

            def wait_for(condition: Callable[[str], bool], seconds: float) -> None:
                until = time.monotonic() + seconds
                while time.monotonic() < until and not end.done() and not condition(_read(output)):
                    wait([end], _POLL_SECONDS)

            for condition in _course(inbox):
                wait_for(condition, ARRIVAL_SECONDS)
            before_end = _read(output)
            # A fault in the handler of the first signal costs that signal.
            for number in (signal.SIGINT, signal.SIGINT, signal.SIGKILL):
                if not end.done():
                    with contextlib.suppress(ProcessLookupError):
                        self._server.kill(number)
                    wait([end], ARRIVAL_SECONDS)
            return end.result()[1], _read(output), before_end


def _course(inbox: Path) -> Iterator[Callable[[str], bool]]:
    """Let photos arrive, change and disappear; yield what is to be waited for."""
    cat = open_package_photo("chelsea")

    def put(name: str, number: int) -> Path:
        path = inbox / name
        path.parent.mkdir(exist_ok=True)
        cat.crop((number, 0, *cat.size)).save(path)
        return path

    def reports(*names: str) -> Callable[[str], bool]:
        return lambda output: not Counter(names) - _lines(output)

    yield lambda output: _ANNOUNCED in output
    put("a.jpg", 1)
    put("new folder/b.jpg", 2)
    put("gone.jpg", 3).unlink()
    put("changed.jpg", 4)
    slow = put("half.jpg", 5)
    content = slow.read_bytes()
    slow.unlink()
    slow = inbox / "slow.jpg"
    slow.write_bytes(content[: len(content) // 2])
    yield reports("a.jpg", "b.jpg", "changed.jpg")
    slow.write_bytes(content)
    put("changed.jpg", 6)
    yield reports("slow.jpg", "changed.jpg", "changed.jpg")
    put("last.jpg", 7)
    yield reports("last.jpg")


def _read(output: Path) -> str:
    return output.read_text(errors="replace") if output.exists() else ""


def _lines(output: str) -> Counter[str]:
    """Return the numbers of results by the names of their photos."""
    return Counter(Path(json.loads(line)["path"]).name for line in output.splitlines() if line.startswith('{"path"'))


def _described(status: int, output: str, before_end: str) -> str:
    problem = end_of(status)
    if status == -signal.SIGINT and FAULT in output and FAULT not in before_end:
        problem = None  # The handler of Ctrl+C has failed, and the second one has ended the process as it should.
    if problem:
        return problem
    if FAULT not in output:
        return NOT_REACHED if _lines(output) == _WANTED else "DEFECT lines without a fault"
    if has_crashed(status, output):
        if _ANNOUNCED not in output:
            return ENDED_AT_START
        return ENDED_AT_END if _lines(before_end) == _WANTED else "DEFECT ended"
    if _ANNOUNCED not in output:
        return ENDED_AT_START if "put into" in output else "DEFECT ended without a report"
    lines = _lines(output)
    messages = [line for line in output.splitlines() if not line.startswith('{"path"')]
    missing = [name for name in _WANTED - lines if not any(name in message for message in messages)]
    if missing or lines - _WANTED:
        return f"DEFECT missing {missing}, twice {list(lines - _WANTED)}"
    return NAMED if _WANTED - lines else WENT_ON


def main() -> int:
    # Most of the time they wait.
    return try_places(Watches, trial_arguments(__doc__, jobs=2 * (os.cpu_count() or 1)).parse_args())


if __name__ == "__main__":
    sys.exit(main())
