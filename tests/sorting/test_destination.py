"""Destinations: an unplugged disk is not confused with the empty mount point that it leaves."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cancel_after import CancelAfter
from sort_trees import plan_for, result, write

from catdog_desktop.files.journal_file import path_of
from catdog_desktop.paths import journals_folder
from catdog_desktop.sorting.destination import Destination, mount_of, nearest_existing
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.journal import last_state
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.run import run_sort, undo_sort


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small mounted disk. `unplug` unmounts it."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounts a file system: root, on Linux")
    place = tmp_path / "disk"
    place.mkdir()
    run = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], capture_output=True, text=True)
    if run.returncode != 0:
        pytest.skip(f"nothing can be mounted here: {run.stderr.strip()}")
    yield place
    subprocess.run(["umount", "-l", place], capture_output=True)


def unplug(disk: Path) -> None:
    subprocess.run(["umount", disk], check=True)


def test_mount_of_existing_and_missing_folders(tmp_path: Path, other_disk: Path) -> None:
    assert nearest_existing(tmp_path / "a/b/c") == tmp_path
    assert mount_of(tmp_path / "a/b/c") == mount_of(tmp_path)
    assert os.path.ismount(mount_of(tmp_path))
    assert mount_of(other_disk / "x") != mount_of(tmp_path)
    (tmp_path / "link").symlink_to(other_disk)
    assert mount_of(tmp_path / "link/x") == mount_of(other_disk)


def test_is_there_replaced_folder_is_false(tmp_path: Path) -> None:
    destination = Destination.at(tmp_path / "out")
    assert destination.is_there(), "it can be created"
    (tmp_path / "out").mkdir()
    destination.remember_identity()
    assert destination.is_there()
    (tmp_path / "out").rename(tmp_path / "old")
    assert not destination.is_there()
    (tmp_path / "out").mkdir()
    assert not destination.is_there()


def test_is_there_unplugged_disk_is_false(disk: Path) -> None:
    destination = Destination.at(disk / "out")
    assert destination.mount == disk
    assert destination.is_there()
    unplug(disk)
    assert not destination.is_there()


def test_undo_unplugged_disk_with_empty_folders_can_be_repeated(tmp_path: Path, disk: Path, other_disk: Path) -> None:
    """Unplugged before the first photo arrived: only empty folders have to be removed."""
    subprocess.run(["mount", "--bind", disk, other_disk], check=True)
    try:
        photo = write(tmp_path / "in/a.jpg")
        outcome = run_sort(plan_for([result(photo)], other_disk / "out"), cancel_token=CancelAfter())
        (other_disk / "out").mkdir()  # As a killed sort would leave it.
        journal = path_of(journals_folder(), outcome.journal_id)
        made = '{"event": "folder", "path": ' + json.dumps(str(other_disk / "out")) + "}\n"
        journal.write_text(journal.read_text() + made)
        unplug(other_disk)
        assert "Connect its disk" in undo_sort(outcome.journal_id).stopped
        subprocess.run(["mount", "--bind", disk, other_disk], check=True)
        assert undo_sort(outcome.journal_id).stopped == ""
        assert list(other_disk.iterdir()) == []
        assert last_state(journal) is JournalState.UNDONE
    finally:
        subprocess.run(["umount", "-l", other_disk], capture_output=True)


def test_run_sort_planned_disk_missing_writes_nothing(tmp_path: Path, disk: Path) -> None:
    plan = plan_for([result(write(tmp_path / "in/a.jpg"))], disk / "out")
    unplug(disk)
    with pytest.raises(SortError, match="Connect the disk again"):
        run_sort(plan)
    assert list(disk.iterdir()) == []
