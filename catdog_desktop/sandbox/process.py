"""The child process that opens and runs what strangers have made, seen from the app: it may crash, hang or lie.

One child for one task (see `child`): it is started, asked one thing, listened to, and ended, whatever it does. What it
answers is a mapping and nothing more is known of it: whoever asked has to look at every value.
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from catdog_desktop.model_import.conversion.progress import Report
from catdog_desktop.model_import.errors import ImportCancelledError, ModelImportError
from catdog_desktop.model_import.refused import RefusedModelError, shown

LONGEST_LINE: Final = 2**20
MOST_LINES: Final = 1_000
LONGEST_TAIL: Final = 2**16
LONGEST_SENTENCE: Final = 2_000
CHILD_OPTION: Final = "--model-import-child"
"""What the frozen command line is started with to be the child."""
_POLL_SECONDS: Final = 0.1
_PACKAGE_PARENT: Final = str(Path(__file__).resolve().parents[2])
_LAST_SECONDS: Final = 5.0
_NONSENSE: Final = "its answer makes no sense"


@dataclass(frozen=True, slots=True)
class ChildLimits:
    """What a task may take."""

    seconds: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Sentences:
    """What is said of a task that did not come to its end: what happened, and what to do."""

    too_long: str
    too_large: str
    broken: str
    """With `{how}` for how: "it was ended by SIGSEGV"."""


def child_command() -> list[str]:
    """Return what starts the child; in the frozen app, which has no Python to call, it is the app's command line."""
    if getattr(sys, "frozen", False):
        program = Path(sys.executable)
        return [str(program.with_name(f"catdog-cli{program.suffix}")), CHILD_OPTION]
    # Not `-m`, which would import whatever lies in the user's current folder: beside a model from elsewhere there may
    # be a numpy.py from elsewhere.
    start = f"import sys; sys.path.insert(0, {_PACKAGE_PARENT!r}); from catdog_desktop.sandbox import child; "
    return [sys.executable, "-P", "-c", f"{start}sys.exit(child.main())"]


class ChildTask:
    """One request, to be run once, in any thread."""

    def __init__(
        self,
        request: Mapping[str, Any],
        limits: ChildLimits,
        sentences: Sentences,
        command: Sequence[str] | None = None,
    ) -> None:
        """`request` is as `child` reads it, but for the limits. `command` starts another child."""
        self._request = request
        self._limits = limits
        self._sentences = sentences
        self._command = command
        self.held: tuple[str, ...] = ()
        """What shut the child in (see `confinement`), once it has said so."""

    def run(self, report: Report, stop: threading.Event) -> dict[str, Any]:
        """Return the last answer, unchecked. Raises `ModelImportError`, `ImportCancelledError` and `OSError`."""
        request = {
            **self._request,
            "memory_bytes": self._limits.memory_bytes,
            "cpu_seconds": int(self._limits.seconds * (os.cpu_count() or 1)) + 1,
            "seconds": self._limits.seconds + _LAST_SECONDS,  # until then the app ends it, unless it is gone itself
        }
        with _Child(child_command() if self._command is None else self._command, request) as child:
            return self._listen(child, report, stop)

    def nonsense(self) -> ModelImportError:
        """Return what is to be raised when the answer turns out to be none."""
        return ModelImportError(self._sentences.broken.format(how=_NONSENSE))

    def _listen(self, child: "_Child", report: Report, stop: threading.Event) -> dict[str, Any]:
        end = time.monotonic() + self._limits.seconds
        while True:
            if stop.is_set():
                raise ImportCancelledError
            if time.monotonic() > end:
                raise ModelImportError(self._sentences.too_long)
            try:
                line = child.lines.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                raise self._end_without_answer(child)
            content = self._understood(line, child)
            if "step" in content:
                report(str(content["step"]))
            elif "held" in content:
                self.held = content["held"]
            else:
                return self._outcome(content, child)

    def _understood(self, line: bytes, child: "_Child") -> dict[str, Any]:
        try:
            content = json.loads(line)
            if not isinstance(content, dict) or not content:
                raise ValueError("no answer")
            if "held" in content:
                content["held"] = tuple(str(kind) for kind in content["held"])
            if "refused" in content:
                what, where, advice = content["refused"]
                content["refused"] = [_sentence(part)[:1000] for part in (what, where, advice)]
            return content
        except (ValueError, TypeError, RecursionError) as error:
            raise self._broken(_NONSENSE, child) from error

    def _outcome(self, content: dict[str, Any], child: "_Child") -> dict[str, Any]:
        """Return the last answer, or raise what it says."""
        if "refused" in content:
            raise RefusedModelError(*content["refused"])
        if "failed" in content:
            raise ModelImportError(_sentence(content["failed"]))
        if "memory" in content:
            raise ModelImportError(self._sentences.too_large)
        if "broke" in content:
            raise self._broken(_sentence(content["broke"])[:300], child)
        return content

    def _end_without_answer(self, child: "_Child") -> ModelImportError:
        status = child.status()
        if status is None:
            return self._broken("it fell silent", child)
        name = signal.Signals(-status).name if -status in set(signal.Signals) else ""
        if name == "SIGKILL" or child.wanted_memory():
            return ModelImportError(self._sentences.too_large)
        if name == "SIGXCPU":
            return ModelImportError(self._sentences.too_long)
        return self._broken(f"it was ended by {name}" if name else f"it ended with status {status}", child)

    def _broken(self, how: str, child: "_Child") -> ModelImportError:
        return ModelImportError(self._sentences.broken.format(how=how) + child.last_words())


def _sentence(said: object) -> str:
    """Return what the child wants the user to read, as it may stand in a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in str(said)[:LONGEST_SENTENCE])


class _Child:
    """The child process; leaving the context ends it, whatever it does."""

    def __init__(self, command: Sequence[str], request: Mapping[str, Any]) -> None:
        self.lines: queue.Queue[bytes | None] = queue.Queue()
        """What it answers; None: it has ended."""
        self._tail = b""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # Its own session, so that what it may have started ends with it, and Ctrl+C is ours to handle.
            start_new_session=os.name == "posix",
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._threads = [
            threading.Thread(target=self._read_lines, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._read_tail, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()
        with contextlib.suppress(OSError):  # it may be gone already, which the lines will tell
            assert self._process.stdin is not None
            self._process.stdin.write(json.dumps(request).encode("utf-8") + b"\n")
            self._process.stdin.flush()

    def __enter__(self) -> "_Child":
        return self

    def __exit__(self, *_: object) -> None:
        if os.name == "posix":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        for thread in self._threads:
            thread.join(timeout=_LAST_SECONDS)
        for stream in (self._process.stdin, self._process.stdout, self._process.stderr):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()

    def status(self) -> int | None:
        """Return how it ended, as `Popen.returncode` says it; None if it does not end, though it says no more."""
        try:
            status = self._process.wait(timeout=_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        self._threads[1].join(timeout=_LAST_SECONDS)
        return status

    def wanted_memory(self) -> bool:
        """Whether its last words are those of a process that was given no memory."""
        return b"bad_alloc" in self._tail or b"MemoryError" in self._tail

    def last_words(self) -> str:
        """Return the last line that it wrote to standard error, as a sentence to be added."""
        lines = [line for line in self._tail.decode("utf-8", "replace").splitlines() if line.strip()]
        return f" Its last words: {shown(lines[-1].strip())}" if lines else ""

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
            while block := stream.read1(LONGEST_TAIL) if hasattr(stream, "read1") else stream.read(LONGEST_TAIL):
                self._tail = (self._tail + block)[-LONGEST_TAIL:]
