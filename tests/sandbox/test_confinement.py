"""What the child can no longer do once it has shut itself in: asked of a process that has."""

import json
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

PROGRAM = """
import ctypes, json, os, socket, subprocess, sys, tempfile, threading
from pathlib import Path
from catdog_desktop.sandbox.confinement import Limits, confine

work, outside, readable = map(Path, sys.argv[1:])
early = open(outside / "secret")
held = confine(work, readable=[readable], limits=Limits(memory_bytes=2**30, cpu_seconds=60, file_bytes=2**20))

def attempt(action):
    try:
        return repr(action())
    except BaseException as error:
        return type(error).__name__

def in_a_thread(action):
    result = []
    thread = threading.Thread(target=lambda: result.append(attempt(action)))
    thread.start()
    thread.join()
    return result[0]

def in_a_fork(leave):
    process = os.fork()
    if not process:
        try:
            leave()
        except PermissionError:
            os._exit(1)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]):
        raise PermissionError

def big_file():
    with open("big", "wb") as file:
        for _ in range(4):
            file.write(bytes(2**19))

attempts = {
    "read outside": lambda: (outside / "secret").read_text(),
    "read through a link": lambda: ((work / "link").symlink_to(outside / "secret"), (work / "link").read_text()),
    "list outside": lambda: os.listdir(outside),
    "write outside": lambda: (outside / "marker").write_text("ran"),
    "remove outside": lambda: (outside / "secret").unlink(),
    "rename from outside": lambda: (outside / "secret").rename(work / "mine"),
    "list the top": lambda: os.listdir("/"),
    "read passwords": lambda: Path("/etc/passwd").read_text(),
    "write readable": lambda: readable.write_text("changed"),
    "start a program": lambda: subprocess.run(["/bin/true"]),
    "start a shell": lambda: os.system("true") and 1 / 0,
    "socket": lambda: socket.create_connection(("127.0.0.1", 9)),
    "local socket": lambda: socket.socket(socket.AF_UNIX),
    "signal the parent": lambda: os.kill(os.getppid(), 0),
    "leave the session": lambda: in_a_fork(os.setsid),
    "leave the group": lambda: in_a_fork(os.setpgrp),
    "memory": lambda: len(bytearray(2**31)),
    "large file": big_file,
}
allowed = {
    "read readable": lambda: readable.read_text(),
    "write work": lambda: (work / "own").write_text("mine"),
    "temporary file": lambda: tempfile.NamedTemporaryFile().name.startswith(str(work)),
    "import": lambda: __import__("sqlite3").__name__,
    "home": lambda: os.environ["HOME"] == str(work) and os.getcwd() == str(work),
    "variables": lambda: "CATDOG_HOME" in os.environ or "SECRET" in os.environ,
}
report = {"kinds": held.kinds, "missing": held.missing}
report["refused"] = {name: attempt(action) for name, action in attempts.items()}
report["refused in a thread"] = {name: in_a_thread(attempts[name]) for name in ("read outside", "socket")}
report["allowed"] = {name: attempt(action) for name, action in allowed.items()}
print(json.dumps(report))
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux has the means")


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, run_beside: Callable[..., str]) -> dict[str, Any]:
    work, outside = tmp_path_factory.mktemp("work"), tmp_path_factory.mktemp("outside")
    (outside / "secret").write_text("secret")
    readable = tmp_path_factory.mktemp("readable") / "photo"
    readable.write_text("photo")
    os.environ["SECRET"] = "password"
    try:
        found = json.loads(run_beside(PROGRAM, work, outside, readable, folder=outside))
    finally:
        del os.environ["SECRET"]
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]
    assert readable.read_text() == "photo"
    return dict(found)


def needs(report: dict[str, Any], kind: str) -> None:
    if kind in dict(report["missing"]):
        pytest.skip(f"{kind}: {dict(report['missing'])[kind]}")
    assert kind in report["kinds"]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("read outside", "files"),
        ("read through a link", "files"),
        ("list outside", "files"),
        ("write outside", "files"),
        ("remove outside", "files"),
        ("rename from outside", "files"),
        ("list the top", "files"),
        ("read passwords", "files"),
        ("write readable", "files"),
        ("start a program", "system calls"),
        ("start a shell", "system calls"),
        ("socket", "system calls"),
        ("local socket", "system calls"),
        ("signal the parent", "system calls"),
        ("leave the session", "system calls"),
        ("leave the group", "system calls"),
        ("memory", "memory"),
        ("large file", "file size"),
    ],
)
def test_it_cannot(name: str, kind: str, report: dict[str, Any]) -> None:
    needs(report, kind)
    assert report["refused"][name] in ("PermissionError", "OSError", "MemoryError", "ZeroDivisionError")


@pytest.mark.parametrize(("name", "kind"), [("read outside", "files"), ("socket", "system calls")])
def test_a_thread_that_is_started_later_cannot_either(name: str, kind: str, report: dict[str, Any]) -> None:
    needs(report, kind)
    assert report["refused in a thread"][name] in ("PermissionError", "OSError")


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("read readable", "'photo'"),
        ("write work", "4"),
        ("temporary file", "True"),
        ("import", "'sqlite3'"),
        ("home", "True"),
        ("variables", "False"),
    ],
)
def test_it_still_can(name: str, answer: str, report: dict[str, Any]) -> None:
    assert report["allowed"][name] == answer


def test_what_holds_is_told(report: dict[str, Any]) -> None:
    named = {*report["kinds"], *dict(report["missing"])}
    assert {"files", "system calls", "network", "memory", "cpu time", "core dumps"} <= named
    assert {"empty environment", "empty folder"} <= set(report["kinds"])
