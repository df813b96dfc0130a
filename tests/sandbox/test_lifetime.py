"""The child ends with the app and with its time, even while native code in it holds the interpreter lock."""

import json
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catdog_desktop.sandbox.process import child_command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and descriptors of processes as on Linux")

PATIENCE = 120.0
LOCKED = """
import ctypes, os

def hold_the_lock(request, channel):
    channel.step(str(os.getpid()))
    ctypes.PyDLL(None).sleep(600)  # unlike CDLL, it keeps the interpreter lock while it waits

child.report_confinement = hold_the_lock
"""
APP = """
import sys, threading
from pathlib import Path
from catdog_desktop.sandbox.process import ChildLimits, ChildTask

limits = ChildLimits(seconds=60, memory_bytes=2**30)
task = ChildTask("report", Path(sys.argv[1]), {}, limits, command=sys.argv[2:])
thread = threading.Thread(target=task.run, args=(lambda step: print(step, flush=True),))
thread.start()
thread.join()
"""


def locked_child() -> list[str]:
    """Return the command of the real child, with a task that lets no other thread of it run."""
    *begin, program = child_command()
    return [*begin, program.replace("sys.exit(child.main())", f"\n{LOCKED}\nsys.exit(child.main())")]


def ends(process: int) -> bool:
    """Wait for the end of a process that this one did not start; return whether it came in time."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], PATIENCE)[0])
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV], ids=str)
def test_child_ends_with_the_app(how: signal.Signals, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", APP, str(tmp_path), *locked_child()], stdout=subprocess.PIPE, text=True
    ) as app:
        assert app.stdout is not None
        process = int(app.stdout.readline())
        app.send_signal(how)
        assert app.wait(PATIENCE) == -how
    gone = ends(process)
    if not gone:
        os.kill(process, signal.SIGKILL)
    assert gone


def request(tmp_path: Path, seconds: float) -> bytes:
    content = {"task": "report", "folder": str(tmp_path), "readable": [], "memory_bytes": 2**30, "cpu_seconds": 60}
    return json.dumps(content | {"seconds": seconds}).encode() + b"\n"


def test_child_ends_with_its_time_though_the_app_waits(tmp_path: Path) -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(locked_child(), stdin=pipe, stdout=pipe, stderr=pipe) as child:
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdin.write(request(tmp_path, 1))
        child.stdin.flush()
        errors = child.stderr.read().decode()
        assert child.wait(PATIENCE) == 1
    assert "hold_the_lock" in errors


def test_child_does_not_begin_when_the_app_is_gone(tmp_path: Path) -> None:
    done = subprocess.run(locked_child(), input=request(tmp_path, 60), capture_output=True, timeout=PATIENCE)
    assert done.returncode == 3
    assert b"result" not in done.stdout
