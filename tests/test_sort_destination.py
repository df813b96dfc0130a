"""A disk that is pulled out is not mistaken for the empty folder it leaves."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sort_trees import plan_for, result, write

from catdog_desktop.destination import Destination, mount_of, nearest_existing
from catdog_desktop.sort_options import SortError
from catdog_desktop.sort_run import run_sort


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk that is mounted, and may be pulled out by `umount`."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounts a file system: root, on Linux")
    place = tmp_path / "disk"
    place.mkdir()
    run = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, text=True)
    if run.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {run.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", place], capture_output=True)


def pull_out(disk: Path) -> None:
    subprocess.run(["umount", disk], check=True)


def test_where_a_folder_lies_or_would_lie(tmp_path: Path, other_disk: Path) -> None:
    assert nearest_existing(tmp_path / "a/b/c") == tmp_path
    assert mount_of(tmp_path / "a/b/c") == mount_of(tmp_path)
    assert os.path.ismount(mount_of(tmp_path))
    assert mount_of(other_disk / "x") != mount_of(tmp_path)
    (tmp_path / "door").symlink_to(other_disk)
    assert mount_of(tmp_path / "door/x") == mount_of(other_disk)


def test_a_folder_that_was_replaced_is_another(tmp_path: Path) -> None:
    place = Destination.at(tmp_path / "out")
    assert place.is_there(), "it can be made"
    (tmp_path / "out").mkdir()
    place.note_identity()
    assert place.is_there()
    (tmp_path / "out").rename(tmp_path / "old")
    assert not place.is_there()
    (tmp_path / "out").mkdir()
    assert not place.is_there()


def test_a_disk_that_is_not_there_any_more(disk: Path) -> None:
    place = Destination.at(disk / "out")
    assert place.mount == disk
    assert place.is_there()
    pull_out(disk)
    assert not place.is_there()


def test_nothing_is_written_where_the_planned_disk_is_not(tmp_path: Path, disk: Path) -> None:
    plan = plan_for([result(write(tmp_path / "in/a.jpg"))], disk / "out")
    pull_out(disk)
    with pytest.raises(SortError, match="Connect the disk again"):
        run_sort(plan)
    assert list(disk.iterdir()) == []
