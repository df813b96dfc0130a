"""The app never goes online. Shown twice, since neither way alone proves it.

1. Under `strace` every system call for the network is written down; one for an Internet address is a failure, whether
   it succeeded or not. Sockets of the machine itself (AF_UNIX: the X server, D-Bus) are no network.
2. In a network namespace without interfaces nothing could be reached; everything must work all the same. Where the
   system does not let us make one, the first way stands alone.

A detector that never rings proves nothing, so it is shown a program that does go online.
"""

import subprocess
import sys
from pathlib import Path

import pytest
from frozen import FrozenApp
from network_calls import attempts, traced, without_network

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="strace is for Linux")


def test_the_detector_rings(tmp_path: Path) -> None:
    log = tmp_path / "strace.log"
    program_text = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))"
    subprocess.run([*traced(log), sys.executable, "-c", program_text], check=True)
    assert attempts(log)


def test_command_line_traced(app: FrozenApp, photos: dict[str, Path], tmp_path: Path) -> None:
    log = tmp_path / "strace.log"
    ended = app.run(app.command_line, "classify", *photos.values(), before=traced(log))
    assert ended.returncode == 0, ended.stderr
    assert attempts(log) == []


def test_window_traced(app: FrozenApp, photos: dict[str, Path], screen: str, tmp_path: Path) -> None:
    log = tmp_path / "strace.log"
    report = app.drop(*photos.values(), before=traced(log), DISPLAY=screen)
    assert {row["verdict"] for row in report["rows"]} == {"cat", "neither"}
    assert "AF_UNIX" in log.read_text(errors="replace"), "the window's own connection to the X server was not seen"
    assert attempts(log) == []


def test_without_any_network(app: FrozenApp, photos: dict[str, Path]) -> None:
    unshare = without_network()
    if not unshare:
        pytest.skip("this system lets nobody make a network namespace; the traced tests above stand alone")
    ended = app.run(app.command_line, "classify", *photos.values(), before=unshare)
    assert ended.returncode == 0, ended.stderr
    report = app.drop(*photos.values(), before=unshare, QT_QPA_PLATFORM="offscreen")
    assert {row["verdict"] for row in report["rows"]} == {"cat", "neither"}
