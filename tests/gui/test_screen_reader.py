"""The story of the README through the real AT-SPI tree: what a screen reader hears and does, on a real X server."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

STORY = Path(__file__).with_name("screen_reader_story.py")
SECONDS = 600
_CHECK = "import gi; gi.require_version('Atspi', '2.0'); from gi.repository import Atspi"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="AT-SPI is for Linux"),
]


def _need(found: object, what: str) -> None:
    """Skip if something is missing; fail in CI where `set_up.sh` can install it."""
    if not found:
        message = f"{what} is missing; `sh packaging/set_up.sh test` installs it as root"
        if os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get"):
            pytest.fail(message)
        pytest.skip(message)


@pytest.fixture
def reader_python() -> str:
    """Return a Python that can speak AT-SPI: the system's, since PyGObject is a package of the system."""
    for name in ("/usr/bin/python3", "python3"):
        path = shutil.which(name)
        if path and subprocess.run([path, "-c", _CHECK], capture_output=True, check=False).returncode == 0:
            return path
    _need(None, "Python with gir1.2-atspi-2.0")
    raise AssertionError


@pytest.fixture
def display() -> Iterator[str]:
    """Start an X server; yield its DISPLAY."""
    _need(shutil.which("Xvfb"), "Xvfb")
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", "1", "-screen", "0", "1366x768x24", "-nolisten", "tcp", "-noreset"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert server.stdout is not None
        yield f":{server.stdout.readline().strip()}"
    finally:
        server.terminate()
        server.wait(timeout=60)


def test_screen_reader_opens_hears_filters_corrects_sorts_and_undoes(
    display: str, reader_python: str, jpegs: dict[str, bytes], tmp_path: Path
) -> None:
    _need(shutil.which("dbus-run-session"), "dbus-run-session")
    photos, target, home = tmp_path / "Holiday", tmp_path / "Sorted", tmp_path / "home"
    for folder in (photos, home, target):
        folder.mkdir()
    for name, jpeg in jpegs.items():
        (photos / f"{name}.jpg").write_bytes(jpeg)
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DISPLAY": display,
        "HOME": str(home),
        "CATDOG_HOME": str(home / "catdog"),
        "QT_QPA_PLATFORM": "xcb",
        "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
        "LANG": "C.UTF-8",
    }
    script = (
        f'"{sys.executable}" -m catdog_desktop & app=$!; '
        f'PYTHONPATH= PYTHONWARNINGS=ignore "{reader_python}" "{STORY}" "{photos}" "{target}"; story=$?; '
        "kill $app; exit $story"
    )
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    heard = dict(line.split(": ", 1) for line in done.stdout.splitlines() if ": " in line)
    assert "chelsea.jpg: a cat (cat " in heard["verdicts"]
    assert "coffee.jpg: neither a cat nor a dog" in heard["verdicts"]
    assert "chelsea.jpg" in heard["cats"]
    assert "coffee.jpg: a dog, yours" in heard["corrected"]
    assert "dog" in heard["announced"]
    assert "cats/chelsea.jpg" in heard["sorted"]
    assert "dogs/coffee.jpg" in heard["sorted"], "by the corrected verdict"
    assert ".jpg" not in heard["undone"], "nothing is left in the target"
