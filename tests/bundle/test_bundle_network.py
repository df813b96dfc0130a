"""The app never goes online. Two methods test it, since neither proves it alone.

1. `strace` records every network call. A call with an Internet address fails the test, whether it succeeded or not.
   Local sockets (AF_UNIX: the X server, D-Bus) are allowed.
2. In a network namespace without interfaces, everything must still work. Where the system does not allow such a
   namespace, only the first method is used.

The first method is itself tested, with a program that goes online.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from frozen import FrozenApp
from network_calls import attempts, traced, without_network

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace runs on Linux only")


def test_attempts_of_program_that_goes_online_are_found(tmp_path: Path) -> None:
    log = tmp_path / "strace.log"
    program_text = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))"
    subprocess.run([*traced(log), sys.executable, "-c", program_text], check=True)
    assert attempts(log)


def test_command_line_makes_no_network_call(app: FrozenApp, photos: dict[str, Path], tmp_path: Path) -> None:
    log = tmp_path / "strace.log"
    ended = app.run(app.command_line, "classify", *photos.values(), before=traced(log))
    assert ended.returncode == 0, ended.stderr
    assert attempts(log) == []


def test_window_makes_no_network_call(app: FrozenApp, photos: dict[str, Path], screen: str, tmp_path: Path) -> None:
    log = tmp_path / "strace.log"
    report = app.drop(*photos.values(), before=traced(log), DISPLAY=screen)
    assert {row["verdict"] for row in report["rows"]} == {"cat", "neither"}
    assert "AF_UNIX" in log.read_text(errors="replace"), "the window's own connection to the X server was not seen"
    assert attempts(log) == []


def test_app_without_network_works(app: FrozenApp, photos: dict[str, Path]) -> None:
    unshare = without_network()
    if not unshare:
        pytest.skip("this system does not allow network namespaces")
    ended = app.run(app.command_line, "classify", *photos.values(), before=unshare)
    assert ended.returncode == 0, ended.stderr
    report = app.drop(*photos.values(), before=unshare, QT_QPA_PLATFORM="offscreen")
    assert {row["verdict"] for row in report["rows"]} == {"cat", "neither"}
