"""The app opens no socket, in Python or in a library written in C."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GUARD = """
import socket, sys

def refuse(*arguments, **options):
    sys.stderr.write("SOCKET\\n")
    sys.stderr.flush()
    raise AssertionError("a socket was opened")

socket.socket.__init__ = refuse
socket.create_connection = socket.getaddrinfo = socket.gethostbyname = refuse
"""


def guarded(tmp_path: Path) -> dict[str, str]:
    """Return an environment in which Python refuses to create sockets."""
    (tmp_path / "guard").mkdir()
    (tmp_path / "guard" / "sitecustomize.py").write_text(GUARD)
    return os.environ | {"PYTHONPATH": str(tmp_path / "guard")}


def test_guard_refuses_sockets(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", "import socket; socket.socket()"], env=guarded(tmp_path), capture_output=True, text=True
    )
    assert run.returncode != 0
    assert "SOCKET" in run.stderr


@pytest.mark.parametrize("command", ["classify", "doctor"])
def test_command_opens_no_python_socket(command: str, tmp_path: Path, photo_dir: Path, model_folder: Path) -> None:
    arguments = [command, "--model", str(model_folder), *([str(photo_dir)] if command == "classify" else [])]
    run = subprocess.run(
        [sys.executable, "-m", "catdog_desktop", *arguments], env=guarded(tmp_path), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    assert "SOCKET" not in run.stderr
    assert run.stdout.count("\n") >= 6


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_classify_makes_no_socket_call(tmp_path: Path, photo_dir: Path, model_folder: Path) -> None:
    log = tmp_path / "calls"
    run = subprocess.run(
        [
            "strace",
            "-f",
            "-qq",
            "-e",
            "trace=socket,connect,sendto",
            "-o",
            str(log),
            sys.executable,
            "-m",
            "catdog_desktop",
            "classify",
            "--model",
            str(model_folder),
            str(photo_dir),
        ],
        capture_output=True,
        text=True,
    )
    if "ptrace" in run.stderr.lower():
        pytest.skip("processes may not be traced here")
    assert run.returncode == 0, run.stderr
    assert "socket(" not in log.read_text()
