"""Entry point of the sandboxed child process; `process` starts it.

It reads one request, a line of JSON, from standard input, and answers with lines of JSON on standard output: what
confines it, the steps of its task, and at the end the result, or what went wrong. It confines itself first. Only then
does it import the task: libraries such as numpy start threads, which would stay outside of the confinement.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from catdog_desktop.sandbox.confinement import Confinement, ResourceLimits, ThreadsError, confine
from catdog_desktop.sandbox.lifetime import end_after, end_with_app


@dataclass(frozen=True, slots=True)
class TaskEntry:
    """Where a task is implemented."""

    module: str
    function: str
    """Takes the request and a `Channel`, and returns the result, which must be JSON."""
    serves: bool = False
    """It answers many requests, and ends itself when standard input ends."""


TASKS: Final[dict[str, TaskEntry]] = {
    "report": TaskEntry("catdog_desktop.sandbox.child", "report_confinement"),
    "convert": TaskEntry("catdog_desktop.model_import.conversion.child_task", "convert_in_child"),
    "try": TaskEntry("catdog_desktop.model_import.proposals.trial_run", "try_in_child"),
    "decode": TaskEntry("catdog_desktop.decoding.decoder_child", "serve", serves=True),
}
"""Everything that a child can be asked to do, by the name in the request."""

OUT_OF_MEMORY_TEXTS: Final = (
    "cannot allocate",
    "failed to map segment",
    "bad_alloc",
    "ran out of memory",
    "oom when",
    "error return without exception set",
)
"""How the loader of libraries, C++, TensorFlow and C extensions report a lack of memory, in lower case.

The last one is a `SystemError`: an extension that got no memory returned without saying so.
"""
LONGEST_MESSAGE: Final = 200


class Channel:
    """Standard output of the child, for answers only: what libraries print goes to standard error."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._stream = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)

    def send(self, **content: object) -> None:
        """Send one line of JSON."""
        self.write(json.dumps(content).encode("ascii") + b"\n")

    def step(self, name: str) -> None:
        """Report the step that begins now."""
        self.send(step=name)

    def write(self, content: bytes) -> None:
        """Send bytes as they are."""
        rest = memoryview(content)
        while rest:  # an unbuffered stream may write a part only
            rest = rest[self._stream.write(rest) :]


def main() -> int:
    """Do what standard input asks for; return the exit status."""
    channel = Channel()
    request = json.loads(read_line())
    entry = TASKS[request["task"]]
    try:
        confined = confine(
            Path(request["folder"]),
            readable=[Path(path) for path in request["readable"]],
            limits=ResourceLimits(memory_bytes=request["memory_bytes"], cpu_seconds=request["cpu_seconds"]),
            dies_with_parent=not entry.serves,
        )
    except ThreadsError as error:
        channel.send(exception=["ThreadsError", str(error)])
        return 1
    channel.send(confined=_as_json(confined))
    if not entry.serves:
        end_with_app()
        end_after(request["seconds"])
    try:
        run: Callable[[Mapping[str, Any], Channel], dict[str, Any]]
        run = getattr(importlib.import_module(entry.module), entry.function)
        channel.send(result=run(request, channel))
    except Exception as error:
        if is_out_of_memory(error):
            channel.send(memory=True)
        else:
            channel.send(exception=[type(error).__name__, str(error)[:LONGEST_MESSAGE]])
        raise
    return 0


def report_confinement(request: Mapping[str, Any], channel: Channel) -> dict[str, Any]:
    """Do nothing: what confines the child was reported before."""
    return {}


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception reports a lack of memory."""
    text = str(error).lower()
    return isinstance(error, MemoryError) or any(words in text for words in OUT_OF_MEMORY_TEXTS)


def _as_json(confined: Confinement) -> dict[str, Any]:
    return {"kinds": list(confined.kinds), "missing": [list(pair) for pair in confined.missing]}


def read_line() -> bytes:
    """Read a line from standard input and not a byte more, for the next reader. Empty at the end."""
    line = bytearray()
    while not line.endswith(b"\n"):
        if not (byte := os.read(0, 1)):
            break
        line += byte
    return bytes(line)
