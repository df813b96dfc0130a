"""The check for a display, which runs without Qt."""

import ctypes
import subprocess
import sys

import pytest

from catdog_desktop.gui.display_check import display_problem, no_display_text

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="X and Wayland only")


def test_missing_display_names_two_alternatives() -> None:
    problem = display_problem({})
    assert problem == no_display_text()
    assert "catdog classify" in problem
    assert "make demo" in problem


@pytest.mark.parametrize("address", [":4711", "nowhere.invalid:0", "nonsense", "::::"])
def test_display_without_answer_is_named(address: str) -> None:
    problem = display_problem({"DISPLAY": address})
    assert problem is not None
    assert address in problem
    assert problem.endswith(no_display_text())


@pytest.mark.parametrize("platform", ["offscreen", "minimal", "vnc:size=800x600", "eglfs"])
def test_platform_without_display_has_no_problem(platform: str) -> None:
    assert display_problem({"QT_QPA_PLATFORM": platform}) is None


def test_wayland_display_has_no_problem() -> None:
    assert display_problem({"WAYLAND_DISPLAY": "wayland-0"}) is None
    assert display_problem({"WAYLAND_DISPLAY": "wayland-0", "QT_QPA_PLATFORM": "xcb"}) == no_display_text()
    assert display_problem({"QT_QPA_PLATFORM": "xcb"}) == no_display_text()


def test_missing_xcb_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without libxcb the server cannot be asked, but the plugin of Qt cannot be loaded either."""

    def load(library: str) -> None:
        raise OSError(library)

    monkeypatch.setattr(ctypes, "CDLL", load)
    problem = display_problem({"DISPLAY": ":0"})
    assert problem is not None
    assert "apt-get install libxcb-cursor0" in problem


def test_windows_and_macos_have_no_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert display_problem({}) is None
    monkeypatch.setattr(sys, "platform", "darwin")
    assert display_problem({}) is None


def test_display_check_imports_no_qt() -> None:
    code = (
        "import sys; from catdog_desktop.gui.app import main; "
        "from catdog_desktop.gui.display_check import display_problem;"
        "display_problem({}); sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
