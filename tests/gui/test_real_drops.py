"""Drags between processes on a real X server, and pastes on a real Wayland compositor."""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest
from x_server import x_server

HERE = Path(__file__).parent
SECONDS = 300.0
ODD_NAME = b"caf\xe9 1.jpg"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X11 and Wayland are for Linux"),
]


class Program:
    """A running program, whose lines of output are read as they come."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.seen: list[str] = []
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip("\n"))

    def saw(self, text: str) -> bool:
        while not self._lines.empty():
            self.seen.append(self._lines.get())
        return any(text in line for line in self.seen)


def wait_until(condition: Callable[[], object], what: str, app: Program | None = None) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        seen = app.seen if app is not None else []
        assert time.monotonic() < deadline, f"waited {SECONDS:.0f} s for {what}; seen: {seen}"
        time.sleep(0.05)


def _need(*programs: str) -> None:
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is missing")


@contextmanager
def started(command: list[str], environment: dict[str, str]) -> Iterator[Program]:
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, text=True
    )
    try:
        yield Program(process)
    finally:
        process.kill()
        process.wait()


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """Start an X server; yield the environment of programs that use it."""
    _need("Xvfb", "xdotool")
    for name in ("home", "run"):
        (tmp_path / name).mkdir(mode=0o700)
    with x_server() as display:
        yield {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(HERE.parents[1]),
            "DISPLAY": display,
            "HOME": str(tmp_path / "home"),
            "CATDOG_HOME": str(tmp_path / "home" / "catdog"),
            "XDG_RUNTIME_DIR": str(tmp_path / "run"),
            "LANG": "C.UTF-8",
        }


@pytest.fixture
def photo(tmp_path: Path, jpegs: dict[str, bytes]) -> Path:
    """Return a photo whose name is not valid UTF-8."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + ODD_NAME))
    path.write_bytes(jpegs["chelsea"])
    return path


def window(environment: dict[str, str], platform: str) -> AbstractContextManager[Program]:
    command = [sys.executable, str(HERE / "start_window.py"), "report"]
    return started(command, environment | {"QT_QPA_PLATFORM": platform})


@pytest.mark.parametrize(
    ("formats", "outcome"),
    [
        ({"text/uri-list": "file://localhost{folder}/caf%E9%201.jpg\r\n"}, "caf"),
        ({"text/plain": "{folder}/caf\xe9 1.jpg"}, "caf"),
        ({"text/uri-list": "smb://nas/cat.jpg\r\n"}, "says: That file is not in a folder of this computer (smb)"),
        ({"XdndDirectSave0": "cat.jpg"}, "says: That program writes its files only into a folder."),
    ],
    ids=["address", "path as text", "network share", "Direct Save"],
)
def test_drag_from_another_program_on_x11(
    environment: dict[str, str], photo: Path, tmp_path: Path, formats: dict[str, str], outcome: str
) -> None:
    written = {name: text.format(folder=tmp_path) for name, text in formats.items()}
    (tmp_path / "formats.json").write_text(json.dumps(written), encoding="utf-8")

    def xdotool(*words: str) -> str:
        return subprocess.run(["xdotool", *words], env=environment, capture_output=True, text=True, check=False).stdout

    source_command = [sys.executable, str(HERE / "drag_source.py"), str(tmp_path / "formats.json")]
    with ExitStack() as programs:
        app = programs.enter_context(window(environment, "xcb"))
        source = programs.enter_context(started(source_command, environment | {"QT_QPA_PLATFORM": "xcb"}))
        wait_until(lambda: app.saw("window") and source.saw("ready"), "two windows")
        wait_until(lambda: xdotool("search", "--onlyvisible", "--class", "CatDog"), "the window's id")
        number = xdotool("search", "--onlyvisible", "--class", "CatDog").split()[0]
        xdotool("windowmove", "--sync", number, "200", "0", "windowsize", "--sync", number, "1000", "700")

        def drag() -> bool:
            # Under load, the button may be released before the window has answered the drag.
            xdotool("mousemove", "--sync", "50", "50", "mousedown", "1", "mousemove", "--sync", "100", "100")
            for step in range(10):
                xdotool("mousemove", "--sync", str(400 + 10 * step), str(300 + 10 * step))
            wait_until(lambda: app.saw("over: "), "the text over the window")
            xdotool("mouseup", "1")
            wait_until(lambda: source.saw("Action"), "the end of the drag")
            return source.saw("CopyAction")

        while not drag():
            source.seen.clear()
        wait_until(lambda: app.saw(outcome), outcome, app)


@pytest.mark.parametrize(
    ("name", "text", "outcome"),
    [
        ("text/uri-list", "file://localhost{folder}/caf%E9%201.jpg\r\n", "caf"),
        ("x-special/gnome-copied-files", "copy\nfile://{folder}/caf%E9%201.jpg", "caf"),
        ("text/plain;charset=utf-8", "file://{folder}/caf%E9%201.jpg\n", "caf"),
        ("text/uri-list", "trash:///cat.jpg\r\n", "says: That file is not in a folder of this computer (trash)"),
    ],
    ids=["address", "GNOME's list", "address as text", "trash"],
)
def test_paste_from_another_program_on_wayland(
    environment: dict[str, str], photo: Path, tmp_path: Path, name: str, text: str, outcome: str
) -> None:
    _need("weston", "wl-copy")
    compositor = ["weston", "--backend=x11-backend.so", "--socket=catdog", "--width=1200", "--height=700"]
    with ExitStack() as programs:
        weston = programs.enter_context(started([*compositor, "--idle-time=0", "--shell=kiosk-shell.so"], environment))
        wait_until(
            lambda: (tmp_path / "run" / "catdog").exists() or weston.process.poll() is not None, "the compositor"
        )
        if weston.process.poll() is not None:
            pytest.skip("weston does not run here")
        wayland = environment | {"WAYLAND_DISPLAY": "catdog"}
        app = programs.enter_context(window(wayland, "wayland"))
        wait_until(lambda: app.saw("window"), "the window")
        (tmp_path / "copied").write_text(text.format(folder=tmp_path), encoding="latin-1")
        copying = f'exec wl-copy --foreground -t "{name}" < "{tmp_path / "copied"}"'

        def paste() -> bool:
            # The other program needs the focus for a moment to set the clipboard, and may miss it: then it starts anew.
            with started(["sh", "-c", copying], wayland):
                tries = time.monotonic() + 10
                while time.monotonic() < tries and not app.saw(outcome):
                    click = ["xdotool", "mousemove", "1000", "300", "click", "1", "key", "ctrl+v"]
                    subprocess.run(click, env=environment, check=True)
                    time.sleep(0.5)  # the pace of the key presses, not a limit
            return app.saw(outcome)

        wait_until(paste, outcome, app)
