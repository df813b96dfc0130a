"""Whether a window can be opened, asked before Qt is."""

import ctypes
import subprocess
import sys

import pytest

from catdog_desktop.gui.display_check import NO_DISPLAY, display_problem

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="displays are a matter of X and Wayland")


def test_no_display_names_both_ways_out() -> None:
    problem = display_problem({})
    assert problem == NO_DISPLAY
    assert "catdog classify" in problem
    assert "make demo" in problem


@pytest.mark.parametrize("address", [":4711", "nowhere.invalid:0", "nonsense", "::::"])
def test_a_display_that_does_not_answer(address: str) -> None:
    problem = display_problem({"DISPLAY": address})
    assert problem is not None
    assert address in problem
    assert problem.startswith(NO_DISPLAY)


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "vnc:size=800x600", "eglfs"])
def test_a_platform_without_a_display_needs_none(platform: str) -> None:
    assert display_problem({"QT_QPA_PLATFORM": platform}) is None


def test_wayland_is_a_display() -> None:
    assert display_problem({"WAYLAND_DISPLAY": "wayland-0"}) is None
    assert display_problem({"WAYLAND_DISPLAY": "wayland-0", "QT_QPA_PLATFORM": "xcb"}) == NO_DISPLAY
    assert display_problem({"QT_QPA_PLATFORM": "xcb"}) == NO_DISPLAY


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where X cannot be asked, but it is plain that Qt's plugin for it would not load."""

    def load(library: str) -> None:
        raise OSError(library)

    monkeypatch.setattr(ctypes, "CDLL", load)
    problem = display_problem({"DISPLAY": ":0"})
    assert problem is not None
    assert "apt-get install libxcb-cursor0" in problem


def test_other_systems_always_have_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert display_problem({}) is None
    monkeypatch.setattr(sys, "platform", "darwin")
    assert display_problem({}) is None


def test_it_is_asked_without_qt() -> None:
    code = (
        "import sys; from catdog_desktop.gui.app import main; "
        "from catdog_desktop.gui.display_check import display_problem;"
        "display_problem({}); sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
