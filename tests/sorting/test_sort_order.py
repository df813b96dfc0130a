"""The order of steps on the disk: fsync the journal before each step, the folder after it, delete last."""

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from sort_trees import plan_for, result, write

from catdog_desktop.files import safe_copy
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.run import run_sort, undo_sort

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads file names of handles from /proc")


@pytest.fixture
def steps(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The writes, fsyncs, renames and removals in order: "fsync journal", "remove a.jpg"."""
    seen: list[str] = []

    def name_of(handle: int) -> str:
        path = Path(os.readlink(f"/proc/self/fd/{handle}"))  # noqa: PTH115
        return _short(path)

    def record(name: str, describe: Any) -> None:
        real = getattr(os, name)

        def do(*args: Any, **kwargs: Any) -> Any:
            seen.append(describe(*args))
            return real(*args, **kwargs)

        monkeypatch.setattr(os, name, do)

    def written(handle: int, data: Any) -> str:
        line = bytes(data).decode("latin-1")
        event = line.split('"')[3] if line.startswith('{"event"') else "content"
        return f"write {event} to {name_of(handle)}"

    record("write", written)
    record("fsync", lambda handle: f"fsync {name_of(handle)}")
    record("unlink", lambda path: f"remove {_short(Path(path))}")
    real = safe_copy.rename_exclusively

    def rename(source: Path, target: Path) -> bool:
        seen.append(f"rename {_short(source)} to {_short(target)}")
        return real(source, target)

    monkeypatch.setattr(safe_copy, "rename_exclusively", rename)
    return seen


def _short(path: Path) -> str:
    if path.suffix == ".jsonl":
        return "journal"
    return "temporary" if path.suffix == ".part" else "/".join(path.parts[-2:])


def from_begin(steps: list[str]) -> list[str]:
    """The steps from the first `begin` to the `done` after it."""
    first = steps.index("write begin to journal")
    return steps[first : steps.index("write done to journal", first) + 1]


COPIED = [
    *("write begin to journal", "fsync journal"),
    *("write content to temporary", "fsync temporary"),
    *("write copied to journal", "fsync journal"),
    *("rename temporary to cats/a.jpg", "fsync out/cats"),
]


def test_copy_order_of_steps(tmp_path: Path, steps: list[str]) -> None:
    run_sort(plan_for([result(write(tmp_path / "in/a.jpg"))], tmp_path / "out"))
    assert from_begin(steps) == [*COPIED, "write done to journal"]
    steps.clear()
    undo_sort()
    assert from_begin(steps) == [
        *("write begin to journal", "fsync journal"),
        *("remove cats/a.jpg", "fsync out/cats", "write done to journal"),
    ]


def test_move_order_of_steps(tmp_path: Path, steps: list[str]) -> None:
    run_sort(plan_for([result(write(tmp_path / "in/a.jpg"))], tmp_path / "out", Action.MOVE))
    assert [step.replace(tmp_path.name, "top") for step in from_begin(steps)] == [
        *("write begin to journal", "fsync journal"),
        *("rename in/a.jpg to cats/a.jpg", "fsync top/in", "fsync out/cats"),
        "write done to journal",
    ]


def test_move_to_other_disk_order_of_steps(tmp_path: Path, other_disk: Path, steps: list[str]) -> None:
    run_sort(plan_for([result(write(tmp_path / "in/a.jpg"))], other_disk / "out", Action.MOVE))
    before, after = ["rename in/a.jpg to cats/a.jpg"], ["remove in/a.jpg", f"fsync {tmp_path.name}/in"]
    assert from_begin(steps) == [
        *COPIED[:2], *before, *COPIED[2:], *after, "fsync out/cats", "write done to journal",
    ]  # fmt: skip


def test_folders_are_recorded_before_they_are_created(tmp_path: Path, steps: list[str]) -> None:
    run_sort(plan_for([result(write(tmp_path / "in/a.jpg"))], tmp_path / "out"))
    first = steps.index("write folder to journal")
    assert steps[first : first + 6] == [
        *("write folder to journal", "fsync journal", f"fsync {tmp_path.parent.name}/{tmp_path.name}"),
        *("write folder to journal", "fsync journal", f"fsync {tmp_path.name}/out"),
    ]
