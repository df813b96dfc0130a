"""Sandboxed child process for untrusted work, as the app sees it: it may crash, hang or send anything.

One child for one task (see `child`): it is started, sent one request, listened to, and killed, whatever it does. The
result is a mapping with unchecked content.
"""

import contextlib
import enum
import json
import math
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.sandbox.confinement import Confinement, child_environment

LONGEST_LINE: Final = 2**20
MOST_LINES: Final = 1_000
LONGEST_TAIL: Final = 2**16
LONGEST_TEXT: Final = 300
CHILD_OPTION: Final = "--sandbox-child"
"""Argument that makes the frozen command line the child."""
REPORT_SECONDS: Final = 20.0
REPORT_BYTES: Final = 2**29
"""ResourceLimits of the child that only reports its confinement."""
_POLL_SECONDS: Final = 0.1
_PACKAGE_PARENT: Final = str(Path(__file__).resolve().parents[2])
_LAST_SECONDS: Final = 5.0


class Failure(enum.Enum):
    """Why a child has no result."""

    TIMED_OUT = "timed out"
    OUT_OF_MEMORY = "out of memory"
    CRASHED = "crashed"
    """The process ended, or does not end though it closed its output."""
    RAISED = "raised an exception"
    NONSENSE = "sent nonsense"


class ChildError(Exception):
    """A child failed. The fields say how; the caller words it for the user."""

    def __init__(
        self,
        failure: Failure,
        *,
        signal_name: str = "",
        status: int | None = None,
        exception: str = "",
        last_words: str = "",
        step: str = "",
    ) -> None:
        super().__init__(failure.value, signal_name, status, exception, last_words, step)
        self.failure = failure
        self.signal_name = signal_name
        """The signal that ended it, "SIGSEGV"; empty if none did."""
        self.status = status
        """Its exit status; None if it did not exit by itself."""
        self.exception = exception
        """Type and message of the exception that its task raised, printable; else empty."""
        self.last_words = last_words
        """The last line that it wrote to standard error, printable; often empty."""
        self.step = step
        """The step that exceeded its own time limit; empty if none did."""


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """Resources of a task."""

    seconds: float
    memory_bytes: int
    step_seconds: Mapping[str, float] = field(default_factory=dict, kw_only=True)
    """ResourceLimits of single steps, by the name that the child reports; other steps may take all of `seconds`."""


def child_command() -> list[str]:
    """Return the command that starts a child; in the frozen app, which has no Python to call, its command line."""
    if getattr(sys, "frozen", False):
        program = Path(sys.executable)
        return [str(program.with_name(f"catdog-cli{program.suffix}")), CHILD_OPTION]
    # Not `-m`, which puts the current folder on the path: beside an untrusted model there may be a numpy.py.
    start = f"import sys; sys.path.insert(0, {_PACKAGE_PARENT!r}); from catdog_desktop.sandbox import child; "
    return [sys.executable, "-P", "-c", f"{start}sys.exit(child.main())"]


def available_confinement() -> Confinement:
    """Start a child that does nothing, and return what confines it here.

    Nothing, with the reason, if it cannot be started. Takes about 0.1 s.
    """
    with tempfile.TemporaryDirectory(prefix="catdog-sandbox-") as folder:
        task = ChildTask("report", Path(folder), {}, ChildLimits(REPORT_SECONDS, REPORT_BYTES))
        try:
            task.run()
        except ChildError as error:
            return Confinement((), (("child process", error.exception or error.failure.value),))
        except OSError as error:
            return Confinement((), (("child process", str(error.strerror or error)),))
        return task.confinement


class ChildTask:
    """One request for a child, to be run once, in any thread."""

    def __init__(
        self,
        task: str,
        folder: Path,
        arguments: Mapping[str, Any],
        limits: ChildLimits,
        *,
        readable: Sequence[Path] = (),
        command: Sequence[str] | None = None,
    ) -> None:
        """`task` is a key of `child.TASKS`; `arguments` must be JSON, and reach it with the request.

        `folder` is the child's work folder, the only one that it may write; `readable` may be read too. `command`
        starts another program as the child.
        """
        self._request = {
            "task": task,
            "folder": str(folder),
            "readable": [str(path.resolve()) for path in readable],
            **arguments,
        }
        self._folder = folder
        self._limits = limits
        self._command = command
        self.confinement = Confinement(())
        """What confines the child, once it has reported it."""

    def run(
        self, on_step: Callable[[str], None] = lambda step: None, cancel: CancelToken | None = None
    ) -> dict[str, Any]:
        """Return the result, unchecked. Raises `ChildError`, `Cancelled`, and `OSError` if it cannot be started."""
        request = {
            **self._request,
            "memory_bytes": self._limits.memory_bytes,
            "cpu_seconds": int(self._limits.seconds * (os.cpu_count() or 1)) + 1,
            # Later than the app ends it: this is for a child whose app is gone.
            "seconds": self._limits.seconds + _LAST_SECONDS,
        }
        command = child_command() if self._command is None else self._command
        with _Child(command, request, child_environment(self._folder)) as child:
            return self._listen(child, on_step, cancel or CancelToken())

    def _listen(self, child: "_Child", on_step: Callable[[str], None], cancel: CancelToken) -> dict[str, Any]:
        end = time.monotonic() + self._limits.seconds
        step, step_end = "", end
        while True:
            cancel.raise_if_cancelled()
            if time.monotonic() > end:
                raise ChildError(Failure.TIMED_OUT)
            if time.monotonic() > step_end:
                raise ChildError(Failure.TIMED_OUT, step=step)
            try:
                line = child.lines.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                raise child.error_at_end()
            match parse_answer(line):
                case {"step": str(step)}:
                    step_end = min(end, time.monotonic() + self._limits.step_seconds.get(step, math.inf))
                    on_step(step)
                case {"confined": dict(confined)}:
                    self.confinement = _confinement(confined)
                case {"result": dict(result)}:
                    return result
                case {"memory": True}:
                    raise ChildError(Failure.OUT_OF_MEMORY)
                case {"exception": [str(kind), str(message)]}:
                    exception = printable(f"{kind}: {message}")
                    raise ChildError(Failure.RAISED, exception=exception, last_words=child.last_words())
                case _:
                    raise ChildError(Failure.NONSENSE, last_words=child.last_words())


def parse_answer(line: bytes) -> object:
    """Return the JSON in a line from a child; None for a line that has none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def printable(text: str) -> str:
    """Return text from a child as it may stand in a terminal: printable, on one line, short."""
    return "".join(character if character.isprintable() else " " for character in text[:LONGEST_TEXT])


def _confinement(content: Mapping[str, Any]) -> Confinement:
    match content:
        case {"kinds": [*kinds], "missing": [*missing]} if all(
            isinstance(pair, list) and len(pair) == 2 for pair in missing
        ):
            return Confinement(
                tuple(printable(str(kind)) for kind in kinds),
                tuple((printable(str(kind)), printable(str(reason))) for kind, reason in missing),
            )
    raise ChildError(Failure.NONSENSE)


class _Child:
    """The child process; leaving the context kills it."""

    def __init__(self, command: Sequence[str], request: Mapping[str, Any], environment: Mapping[str, str]) -> None:
        self.lines: queue.Queue[bytes | None] = queue.Queue()
        """What it writes to standard output; None at the end."""
        self._tail = b""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            # Its own session: its group can be killed as a whole, and Ctrl+C reaches the app only.
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._threads = [
            threading.Thread(target=self._read_lines, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_tail, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        with contextlib.suppress(OSError):  # a child that has ended already is noticed when its output ends
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(request).encode("ascii") + b"\n")
            self._process.stdin.flush()

    def __enter__(self) -> "_Child":
        return self

    def __exit__(self, *_: object) -> None:
        kill(self._process)
        for thread in self._threads:
            thread.join(timeout=_LAST_SECONDS)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    def error_at_end(self) -> ChildError:
        """Return why it ended without a result."""
        try:
            status = self._process.wait(timeout=_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            return ChildError(Failure.CRASHED, last_words=self.last_words())
        self._threads[1].join(timeout=_LAST_SECONDS)
        return error_of_status(status, self._tail)

    def last_words(self) -> str:
        """Return the last line that it wrote to standard error so far; empty if there was none."""
        return _last_line(self._tail)

    def _read_lines(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            for _ in range(MOST_LINES):
                line = stream.readline(LONGEST_LINE)
                if not line:
                    break
                self.lines.put(line)
        self.lines.put(None)

    def _read_tail(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError, ValueError):
            while block := os.read(stream.fileno(), LONGEST_TAIL):
                self._tail = (self._tail + block)[-LONGEST_TAIL:]


def kill(process: subprocess.Popen[bytes]) -> None:
    """Kill a child that was started in its own session, with all processes of its group, and wait for its end."""
    if os.name == "posix":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def error_of_status(status: int, errors: bytes = b"") -> ChildError:
    """Return the error for a child that ended with `status` (as `Popen.returncode`) and wrote `errors`."""
    name = signal.Signals(-status).name if -status in set(signal.Signals) else ""
    if name == "SIGKILL" or b"bad_alloc" in errors or b"MemoryError" in errors:
        return ChildError(Failure.OUT_OF_MEMORY, signal_name=name)
    if name == "SIGXCPU":
        return ChildError(Failure.TIMED_OUT, signal_name=name)
    exit_status = None if name else status
    return ChildError(Failure.CRASHED, signal_name=name, status=exit_status, last_words=_last_line(errors))


def _last_line(errors: bytes) -> str:
    lines = [line for line in errors.decode("utf-8", "replace").splitlines() if line.strip()]
    return printable(lines[-1].strip())[:LONGEST_TEXT] if lines else ""
