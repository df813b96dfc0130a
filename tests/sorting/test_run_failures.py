"""Runs on failing disks, without a journal, or beside another run."""

# Names that are not valid UTF-8, and raw results of the system:

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sort_trees import leftovers, plan_for, result, snapshot, write

from catdog_desktop.paths import journals_folder
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.sorting.plan import Action
from catdog_desktop.sorting.run import finish_sort, run_sort, undo_sort

posix = pytest.mark.skipif(os.name != "posix", reason="names and links as on POSIX")
ACTIONS = list(Action)


def failing_write(number: int, after: int) -> Callable[..., int]:
    """An `os.write` that fails for files (not for lines of the journal) once `after` bytes were written."""
    real, written = os.write, 0

    def write(handle: int, data: Any) -> int:
        nonlocal written
        if bytes(data[:1]) == b"{":
            return real(handle, data)
        written += len(data)
        if written > after:
            raise OSError(number, os.strerror(number))
        return real(handle, data)

    return write


@pytest.mark.parametrize("action", [Action.COPY, Action.MOVE])
def test_run_sort_full_disk_ends_the_run(
    tmp_path: Path, other_disk: Path, monkeypatch: pytest.MonkeyPatch, action: Action
) -> None:
    paths = [write(tmp_path / f"in/{name}.jpg", b"\xff" * 1000) for name in "abcd"]
    the_plan = plan_for([result(path) for path in paths], other_disk / "out", action)
    before = snapshot(tmp_path)
    with monkeypatch.context() as full:
        full.setattr(os, "write", failing_write(errno.ENOSPC, 2500))
        outcome = run_sort(the_plan)
    assert (outcome.done, len(outcome.failed), outcome.not_done, outcome.cancelled) == (2, 1, 1, False)
    assert "disk is full" in outcome.stopped
    assert leftovers(other_disk) == []
    assert finish_sort(outcome.journal_id).done == 2
    undo_sort()
    assert snapshot(tmp_path) == before


def test_run_sort_detects_wrongly_written_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    photo = write(tmp_path / "in/a.jpg", b"\xff" * 1000)
    the_plan = plan_for([result(photo)], tmp_path / "out")
    real = os.write

    def flip(handle: int, data: Any) -> int:
        return real(handle, data if bytes(data[:1]) == b"{" else b"\xfe" + bytes(data[1:]))

    monkeypatch.setattr(os, "write", flip)
    outcome = run_sort(the_plan)
    assert "faulty" in outcome.failed[0][1]
    assert not (tmp_path / "out").exists()


def test_run_sort_without_journal_changes_nothing(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    blocked = write(tmp_path / "blocked")
    with pytest.raises(SortError, match="cannot be created"):
        run_sort(plan_for([result(photo)], tmp_path / "out"), blocked / "journals")
    assert not (tmp_path / "out").exists()


def test_run_sort_while_another_runs_raises(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    the_plan = plan_for([result(photo)], tmp_path / "out")
    with one_writer(journals_folder()), pytest.raises(SortError, match=rf"running \(process {os.getpid()}\)"):
        run_sort(the_plan)
    assert run_sort(the_plan).done == 1
    with one_writer(journals_folder()), pytest.raises(SortError, match="running"):
        undo_sort()
