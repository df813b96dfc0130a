"""The child ends with the app and with its time, though it holds the interpreter lock and never gives it back."""

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

PATIENCE = 30.0
LOCKED = """
import ctypes, os

def hold_the_lock(request, photos, report):
    report(str(os.getpid()))
    ctypes.PyDLL(None).pause()  # unlike CDLL, it keeps the interpreter lock while it waits

child._try = hold_the_lock
"""
APP = """
import sys, threading
from catdog_desktop.sandbox.process import ChildLimits, ChildTask, Sentences

request = {"do": "try", "folder": sys.argv[1], "scalings": []}
limits = ChildLimits(seconds=60, memory_bytes=2**30)
task = ChildTask(request, limits, Sentences("", "", ""), command=sys.argv[2:])
thread = threading.Thread(target=task.run, args=(lambda step: print(step, flush=True), threading.Event()))
thread.start()
thread.join()
"""


def locked_child() -> list[str]:
    """Return the real child, but for what it does: it stays where no other thread of it gets a turn."""
    *begin, program = child_command()
    return [*begin, program.replace("sys.exit(child.main())", f"\n{LOCKED}\nsys.exit(child.main())")]


def ends(process: int) -> bool:
    """Wait for a process that is not ours."""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], PATIENCE)[0])
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV], ids=str)
def test_it_ends_with_the_app(how: signal.Signals, tmp_path: Path) -> None:
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
    assert gone, "nobody waits for it any more"


def request(tmp_path: Path, seconds: float) -> bytes:
    content = {"do": "try", "folder": str(tmp_path), "scalings": [], "memory_bytes": 2**30, "cpu_seconds": 60}
    return json.dumps(content | {"seconds": seconds}).encode() + b"\n"


def test_it_ends_with_its_time(tmp_path: Path) -> None:
    """Even while an app waits for it."""
    pipe = subprocess.PIPE
    with subprocess.Popen(locked_child(), stdin=pipe, stdout=pipe, stderr=pipe) as child:
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdin.write(request(tmp_path, 1))
        child.stdin.flush()
        said = child.stderr.read().decode()
        assert child.wait(PATIENCE) == 1
    assert "hold_the_lock" in said, "where it was stuck"


def test_it_does_not_begin_when_the_app_is_gone(tmp_path: Path) -> None:
    done = subprocess.run(locked_child(), input=request(tmp_path, 60), capture_output=True, timeout=PATIENCE)
    assert done.returncode == 3
    assert done.stdout == b""
