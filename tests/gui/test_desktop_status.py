"""What the desktop shows of the jobs, with a desktop made by the test; and each system's way to stay awake."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from driving import App
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.desktop import desktop_status, notifications
from catdog_desktop.gui.desktop.desktop_status import SystemDesktop
from catdog_desktop.gui.desktop.keep_awake import (
    LinuxKeepAwake,
    MacKeepAwake,
    NoKeepAwake,
    WindowsKeepAwake,
    make_keep_awake,
)
from catdog_desktop.gui.desktop.notifications import notify_by_bus, show_taskbar_progress
from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.progress import Progress


class FakeDesktop:
    """Records what is asked of it."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.progress: list[float | None] = []
        self.awake: list[bool] = []

    def notify(self, text: str) -> None:
        self.notes.append(text)

    def show_progress(self, fraction: float | None) -> None:
        self.progress.append(fraction)

    def keep_awake(self, *, on: bool) -> None:
        self.awake.append(on)


@pytest.fixture
def desktop(app: App, monkeypatch: pytest.MonkeyPatch) -> FakeDesktop:
    """Return the desktop of a window that is in front. Jobs of any length are reported."""
    monkeypatch.setattr(desktop_status, "NOTIFY_FROM_SECONDS", 0.0)
    fake = app.window.desktop.desktop = FakeDesktop()
    app.wait_for(app.window.isActiveWindow)
    return fake


def put_behind(app: App, monkeypatch: pytest.MonkeyPatch, *, behind: bool = True) -> None:
    """Let another window be in front."""
    monkeypatch.setattr(app.window, "isActiveWindow", lambda: not behind)
    kind = QEvent.Type.WindowDeactivate if behind else QEvent.Type.WindowActivate
    QApplication.sendEvent(app.window, QEvent(kind))


def running(app: App, done: int, total: int, *, paused: bool = False) -> None:
    app.window.session.progress_changed.emit(JobProgress(Progress(done, total), paused=paused))


def test_title_names_the_opened_folder(app: App, make_photos: Callable[..., list[Path]], folder: Path) -> None:
    assert app.window.windowTitle() == "CatDog"
    make_photos(1)
    app.add(folder)
    assert app.window.windowTitle() == folder.name
    app.run("edit.clear_list")
    assert app.window.windowTitle() == "CatDog"


def test_progress_is_shown_while_another_window_is_in_front(
    app: App, desktop: FakeDesktop, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(app, 10, 100)
    assert (app.window.windowTitle(), desktop.progress) == ("CatDog", [])
    put_behind(app, monkeypatch)
    running(app, 42, 100)
    assert app.window.windowTitle() == "42% · CatDog"
    assert desktop.progress == [0.1, 0.42]
    put_behind(app, monkeypatch, behind=False)
    assert app.window.windowTitle() == "CatDog"
    assert desktop.progress[-1] is None


def test_end_of_a_classification_is_reported_behind(
    app: App,
    desktop: FakeDesktop,
    make_photos: Callable[..., list[Path]],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_photos(3)
    put_behind(app, monkeypatch)
    app.add(folder)
    assert desktop.notes == ["1 cat, 2 neither."]
    assert desktop.awake == [True, False]
    assert "%" not in app.window.windowTitle()


def test_end_in_front_and_end_of_a_short_job_are_not_reported(
    app: App, desktop: FakeDesktop, cat: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app.add(cat)
    assert desktop.notes == []
    monkeypatch.setattr(desktop_status, "NOTIFY_FROM_SECONDS", 60.0)
    put_behind(app, monkeypatch)
    app.run("photos.classify_again")
    app.wait_done(1)
    assert desktop.notes == []


def test_computer_may_sleep_during_a_pause(app: App, desktop: FakeDesktop) -> None:
    running(app, 1, 9)
    running(app, 2, 9, paused=True)
    running(app, 3, 9)
    assert desktop.awake == [True, False, True]


def test_sort_keeps_the_computer_awake(app: App, desktop: FakeDesktop) -> None:
    app.window.sort.began.emit()
    app.window.sort.advanced.emit(1, 2)
    assert desktop.awake == [True]
    app.window.sort.ended.emit("2 photos copied.")
    assert desktop.awake == [True, False]


# The systems.


class FakeBus:
    """A bus on which some services exist."""

    def __init__(self, *services: str) -> None:
        self.services = services
        self.calls: list[tuple[Any, ...]] = []

    def call(self, *arguments: object) -> bool:
        self.calls.append(arguments)
        return arguments[0] in self.services

    def emit(self, *arguments: object) -> bool:
        self.calls.append(arguments)
        return True

    def close(self) -> None:
        self.calls.append(("close",))


@pytest.mark.parametrize("service", ["org.freedesktop.PowerManagement", "org.freedesktop.ScreenSaver"])
def test_linux_asks_the_service_that_exists(service: str) -> None:
    bus = FakeBus(service)
    awake = LinuxKeepAwake(bus)
    assert awake.start("Sorting")
    assert bus.calls[-1][0] == service
    assert bus.calls[-1][3:] == ("Inhibit", "CatDog", "Sorting")
    awake.stop()
    assert bus.calls[-1] == ("close",), "services drop the wishes of a closed connection"
    assert not LinuxKeepAwake(FakeBus()).start("Sorting")


def test_windows_sets_and_clears_the_execution_state() -> None:
    states: list[int] = []

    class Kernel32:
        @staticmethod
        def SetThreadExecutionState(state: int) -> int:  # noqa: N802
            states.append(state)
            return 1

    awake = WindowsKeepAwake(Kernel32())
    assert awake.start("Sorting")
    awake.stop()
    assert states == [0x80000001, 0x80000000]


def test_mac_holds_and_releases_an_assertion() -> None:
    calls: list[tuple[Any, ...]] = []

    class Foundation:
        @staticmethod
        def CFStringCreateWithCString(_allocator: None, text: bytes, _encoding: int) -> bytes:  # noqa: N802
            return text

    class IOKit:
        @staticmethod
        def IOPMAssertionCreateWithName(kind: bytes, level: int, name: bytes, assertion: Any) -> int:  # noqa: N802
            calls.append((kind, level, name))
            assertion._obj.value = 7
            return 0

        @staticmethod
        def IOPMAssertionRelease(assertion: Any) -> None:  # noqa: N802
            calls.append(("release", assertion.value))

    awake = MacKeepAwake(IOKit(), Foundation())
    assert awake.start("Sorting")
    awake.stop()
    awake.stop()
    assert calls == [(b"PreventUserIdleSystemSleep", 255, b"Sorting"), ("release", 7)]


def test_notification_and_progress_on_the_bus() -> None:
    bus = FakeBus("org.freedesktop.portal.Desktop")
    assert notify_by_bus(bus, "CatDog", "5 cats.")
    assert bus.calls[-1][-1] == {"title": "CatDog", "body": "5 cats."}
    show_taskbar_progress(bus, 0.42)
    assert bus.calls[-1][-1] == {"progress": 0.42, "progress-visible": True}
    show_taskbar_progress(bus, None)
    assert bus.calls[-1][-1] == {"progress": 0.0, "progress-visible": False}


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no bus")
def test_qt_without_dbus_does_without_a_bus(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(make_keep_awake(), LinuxKeepAwake)
    monkeypatch.setattr(notifications, "find_spec", lambda _name: None)
    assert isinstance(make_keep_awake(), NoKeepAwake)
    desktop = SystemDesktop(app.window.context)
    desktop.keep_awake(on=True)
    desktop.keep_awake(on=False)
    desktop.show_progress(0.5)
    desktop.notify("5 cats.")


@pytest.mark.skipif(shutil.which("dbus-run-session") is None, reason="there is no dbus-run-session")
def test_real_bus_answers_and_is_not_started_by_us() -> None:
    program = (
        "from PySide6.QtCore import QCoreApplication\n"
        "from catdog_desktop.gui.desktop.session_bus import SessionBus\n"
        "app = QCoreApplication([])\n"
        "bus = SessionBus('test')\n"
        "name = 'org.freedesktop.DBus'\n"
        "print(bus.call(name, '/org/freedesktop/DBus', name, 'GetId'), bus.call(name, '/', name, 'Nothing'))\n"
        "print(bus.emit('/a', 'a.b', 'C', 'text', {'progress': 0.5}))\n"
        "bus.close()\n"
        "bus.close()\n"
    )
    started = ["dbus-run-session", "--", sys.executable, "-c", program]
    run = subprocess.run(started, capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["True", "False", "True"]
    alone = {"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run(started[2:], capture_output=True, text=True, check=True, env=alone)
    assert run.stdout.split() == ["False", "False", "False"]
