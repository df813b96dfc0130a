"""From a model file of others to a draft of a model: in a child process that may crash, hang or lie.

The app itself never imports TensorFlow. It copies the file into an empty folder, starts the child (see `child`), and
believes nothing that comes back unless it has looked at it.
"""

import contextlib
import importlib.util
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Final

from catdog_desktop.importing.draft import Draft
from catdog_desktop.importing.facts import Facts, facts_from_json
from catdog_desktop.importing.failed import ImportCancelledError, ModelImportError, NoTensorFlowError
from catdog_desktop.importing.flatbuffer_facts import facts_of_flatbuffer
from catdog_desktop.importing.flatbuffer_model import inspect_flatbuffer
from catdog_desktop.importing.inspection import check_first_bytes
from catdog_desktop.importing.refused import RefusedModelError, shown
from catdog_desktop.importing.source_copy import copy_source

STEPS: Final = {
    "copying": (0.0, "Reading the file"),
    "inspecting": (0.1, "Looking for anything that could do harm"),
    "starting": (0.2, "Starting TensorFlow"),
    "opening": (0.45, "Opening the model"),
    "converting": (0.6, "Converting it"),
    "comparing": (0.85, "Comparing its answers"),
}
"""By the step's name: which part of an import is done when it begins, and what is said."""
LONGEST_LINE: Final = 2**20
MOST_LINES: Final = 1_000
LONGEST_TAIL: Final = 2**16
LEAST_MEMORY: Final = 4 * 2**30
CHILD_OPTION: Final = "--model-import-child"
"""What the frozen command line is started with to be the child."""
_POLL_SECONDS: Final = 0.1
_PACKAGE_PARENT: Final = str(Path(__file__).resolve().parents[2])
_LAST_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: one of `STEPS`, what to say of it, and the part that is done (0..1)."""

    step: str
    words: str
    part: float


@dataclass(frozen=True, slots=True)
class ImportLimits:
    """What an import may take."""

    seconds: float = 900
    memory_bytes: int = field(default_factory=lambda: _memory_allowed())


def has_tensorflow() -> bool:
    """Whether Keras models can be converted here. Nothing is imported for the answer."""
    return importlib.util.find_spec("tensorflow") is not None


def child_command() -> list[str]:
    """Return what starts the child; in the frozen app, which has no Python to call, it is the app's command line."""
    if getattr(sys, "frozen", False):
        program = Path(sys.executable)
        return [str(program.with_name(f"catdog-cli{program.suffix}")), CHILD_OPTION]
    # Not `-m`, which would import whatever lies in the user's current folder: beside a model from elsewhere there may
    # be a numpy.py from elsewhere.
    start = f"import sys; sys.path.insert(0, {_PACKAGE_PARENT!r}); from catdog_desktop.importing import child; "
    return [sys.executable, "-P", "-c", f"{start}sys.exit(child.main())"]


class Conversion:
    """One import. `run` may be called in any thread; it returns when the draft is there, or raises."""

    def __init__(
        self,
        source: Path,
        *,
        size: tuple[int, int] | None = None,
        limits: ImportLimits | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        """`size` (width, height) is for models that take photos of any size. `command` starts another child."""
        self._source = source
        self._size = size
        self._limits = limits or ImportLimits()
        self._command = command
        self.held: tuple[str, ...] = ()
        """What shut the child in (see `confinement`), once it has said so."""

    def run(
        self,
        on_progress: Callable[[Progress], None] = lambda progress: None,
        cancelled: threading.Event | None = None,
    ) -> Draft:
        """Convert, and return what came of it. Raises `ModelImportError`, and `ImportCancelledError` among them."""
        stop = cancelled or threading.Event()

        def report(step: str) -> None:
            if step in STEPS:
                on_progress(Progress(step, STEPS[step][1], STEPS[step][0]))

        report("copying")
        try:
            with tempfile.TemporaryDirectory(prefix="catdog-import-", ignore_cleanup_errors=True) as name:
                return self._run(Path(name), report, stop)
        except OSError as error:
            raise ModelImportError(f"The import could not be carried out ({error.strerror or error}).") from error

    def _run(self, folder: Path, report: Callable[[str], None], stop: threading.Event) -> Draft:
        name = self._source.resolve().name or "model"
        with contextlib.suppress(OSError):  # which copying tells in words
            check_first_bytes(self._source)  # now, lest a large copy be made of what is no model
        copy = folder / _name_for_copy(name)
        sha256 = copy_source(self._source, copy, stop.is_set)
        if check_first_bytes(copy) == "flatbuffer":
            report("inspecting")
            facts = _sized(facts_of_flatbuffer(copy, inspect_flatbuffer(copy)), self._size)
            return Draft(facts, copy.read_bytes(), name, sha256)
        if self._command is None and not has_tensorflow():
            raise NoTensorFlowError(name)
        facts = self._convert(folder, copy.name, report, stop)
        return Draft(facts, _read_checked(folder / "model.tflite", facts), name, sha256)

    def _convert(self, folder: Path, name: str, report: Callable[[str], None], stop: threading.Event) -> Facts:
        request = {
            "folder": str(folder),
            "name": name,
            "size": self._size,
            "memory_bytes": self._limits.memory_bytes,
            "cpu_seconds": int(self._limits.seconds * (os.cpu_count() or 1)) + 1,
        }
        command = child_command() if self._command is None else self._command
        with _Child(command, request) as child:
            return self._listen(child, report, stop)

    def _listen(self, child: "_Child", report: Callable[[str], None], stop: threading.Event) -> Facts:
        end = time.monotonic() + self._limits.seconds
        while True:
            if stop.is_set():
                raise ImportCancelledError
            if time.monotonic() > end:
                raise ModelImportError(
                    f"The import took longer than {self._limits.seconds:,.0f} seconds and was stopped. "
                    "Nothing was changed."
                )
            try:
                line = child.lines.get(timeout=_POLL_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                raise ModelImportError(child.how_it_ended())
            content = _understood(line, child)
            if "step" in content:
                report(str(content["step"]))
            elif "held" in content:
                self.held = _held(content["held"], child)
            else:
                return _outcome(content, child)


def _held(kinds: object, child: "_Child") -> tuple[str, ...]:
    if not isinstance(kinds, list):
        raise ModelImportError(f"The import broke down: its answer makes no sense.{child.last_words()}")
    return tuple(str(kind) for kind in kinds)


def _understood(line: bytes, child: "_Child") -> dict[str, Any]:
    try:
        content = json.loads(line)
        if not isinstance(content, dict) or not content:
            raise ValueError("no answer")
        return content
    except (ValueError, RecursionError) as error:
        raise ModelImportError(f"The import broke down: its answer makes no sense.{child.last_words()}") from error


def _outcome(content: dict[str, Any], child: "_Child") -> Facts:
    """Return the facts in the last answer, or raise what it says."""
    try:
        if "refused" in content:
            what, where, advice = (str(part)[:1000] for part in content["refused"])
            raise RefusedModelError(what, where, advice)
        if "failed" in content:
            raise ModelImportError(str(content["failed"])[:2000])
        return facts_from_json(content["facts"])
    except (ValueError, TypeError, KeyError) as error:
        raise ModelImportError(f"The import broke down: its answer makes no sense.{child.last_words()}") from error


def _name_for_copy(name: str) -> str:
    """Return a name as near to the file's own as any file system takes: it is named in what the inspection says."""
    plain = "".join("_" if sign in '/\\:*?"<>|' else sign for sign in shown(name))
    return plain.encode("utf-8", "replace").decode("utf-8")[:60] or "model"


def _sized(facts: Facts, size: tuple[int, int] | None) -> Facts:
    if size is None or size == (facts.width, facts.height):
        return facts
    if not facts.free_size:
        raise ModelImportError(
            f"The model takes photos of {facts.width} by {facts.height} pixels; {size[0]} by {size[1]} is not possible."
        )
    return replace(facts, width=size[0], height=size[1])


def _read_checked(path: Path, facts: Facts) -> bytes:
    """Return the flatbuffer that the child wrote, if it is one, and is what the facts say."""
    if path.is_symlink() or not path.is_file():
        raise ModelImportError("The import broke down: there is no converted model.")
    found = inspect_flatbuffer(path)
    own = facts_of_flatbuffer(path, found)
    for name in ("width", "height", "channels", "outputs", "scores_output"):
        if getattr(own, name) != getattr(facts, name):
            raise ModelImportError("The import broke down: the converted model is not the one that was described.")
    return path.read_bytes()


def _memory_allowed() -> int:
    """Return three quarters of this computer's memory, and no less than TensorFlow needs for a small model."""
    try:
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return LEAST_MEMORY
    return max(LEAST_MEMORY, total * 3 // 4)


class _Child:
    """The child process; leaving the context ends it, whatever it does."""

    def __init__(self, command: Sequence[str], request: dict[str, Any]) -> None:
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

    def how_it_ended(self) -> str:
        """Return a sentence for an end without an answer."""
        try:
            status = self._process.wait(timeout=_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            return "The import broke down: it fell silent."
        self._threads[1].join(timeout=_LAST_SECONDS)
        name = signal.Signals(-status).name if -status in set(signal.Signals) else ""
        if name == "SIGKILL" or b"bad_alloc" in self._tail or b"MemoryError" in self._tail:
            return "The import ran out of memory and was ended. Close other programs, or use a smaller model."
        if name == "SIGXCPU":
            return "The import took too long and was ended."
        how = f"it was ended by {name}" if name else f"it ended with status {status}"
        return f"The import broke down ({how}). The model file may be damaged.{self.last_words()}"

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
