"""The source of the power, and the priority of threads."""

import os
import sys
import threading
from pathlib import Path

import pytest

from catdog_desktop.power import is_on_battery, lower_thread_priority

linux = pytest.mark.skipif(sys.platform != "linux", reason="reads files of Linux")


def supply(folder: Path, name: str, **values: str) -> None:
    (folder / name).mkdir()
    for key, value in values.items():
        (folder / name / key).write_text(value + "\n")


@linux
@pytest.mark.parametrize(
    ("online", "status", "expected"), [("0", "Discharging", True), ("1", "Charging", False), ("0", "Full", False)]
)
def test_laptop_is_on_battery_without_mains(tmp_path: Path, online: str, status: str, *, expected: bool) -> None:
    supply(tmp_path, "AC", type="Mains", online=online)
    supply(tmp_path, "BAT0", type="Battery", status=status)
    assert is_on_battery(tmp_path) is expected


@linux
def test_battery_of_a_mouse_does_not_count(tmp_path: Path) -> None:
    supply(tmp_path, "hidpp_battery_0", type="Battery", status="Discharging", scope="Device")
    assert not is_on_battery(tmp_path)
    assert not is_on_battery(tmp_path / "nothing")


@linux
def test_lowered_priority_holds_for_the_thread_and_its_children_only() -> None:
    found: list[int] = []

    def niceness() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    def work() -> None:
        lower_thread_priority()
        child = threading.Thread(target=lambda: found.append(niceness()))
        child.start()
        child.join()
        found.append(niceness())

    before = niceness()
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [min(19, before + 10)] * 2
    assert niceness() == before
