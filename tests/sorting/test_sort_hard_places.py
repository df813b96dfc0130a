"""Sorts on full, protected or unplugged disks, killed or not, lose no photo.

Needs root on Linux, to mount small file systems and to change the user. Skipped otherwise.
"""

import itertools
import os
import pickle
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sort_driver import Driver
from sort_trees import Snapshot, contents, leftovers, plan_for, results, snapshot, write

from catdog_desktop.sorting.history import list_sorts
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.plan import Action, SortPlan
from catdog_desktop.sorting.run import finish_sort, undo_sort

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="mounts file systems and changes the user: root, on Linux"
)
NOBODY = 65534
FEW = 6
MANY = int(os.environ.get("CATDOG_KILLS", "200"))
HOW_MANY = pytest.mark.parametrize(
    "how_many", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=["a-few-moments", "many-moments"]
)
ACTIONS = pytest.mark.parametrize("action", [Action.COPY, Action.MOVE])
numbers = itertools.count()


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    server = Driver()
    yield server
    server.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder in memory that other users may enter."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def mounted(open_folder: Path) -> Iterator[Callable[..., Path]]:
    """Mounts file systems, and unmounts them after the test."""
    mounts: list[Path] = []

    def mount(name: str, *arguments: str) -> Path:
        place = open_folder / name
        place.mkdir(exist_ok=True)
        run = subprocess.run(["mount", *arguments, str(place)], capture_output=True, text=True)
        if run.returncode != 0:
            pytest.skip(f"nothing can be mounted here: {run.stderr.strip()}")
        mounts.append(place)
        return place

    yield mount
    for place in reversed(mounts):
        subprocess.run(["umount", "-l", str(place)], capture_output=True)


def begin(folder: Path, out: Path, action: Action) -> tuple[SortPlan, dict[str, Any]]:
    """Write photos, plan their sort to `out`, and return the plan and the command for the driver."""
    top = folder / f"top{next(numbers)}"
    for number in range(5):
        write(top / f"{number % 2}/{number}.jpg", bytes([number]) * 20_000)
    write(top / "0/0.xmp")
    photos = sorted(top.rglob("*.jpg"))
    plan = plan_for(results(photos), out, action)
    journals = folder / f"journals{top.name}"
    return plan, {"do": "sort", "journals": str(journals), "plan": pickle.dumps(plan).hex()}


def sources(plan: SortPlan) -> Path:
    return plan.steps[0].source.parents[1]


def check_nothing_is_lost(plan: SortPlan, whole: list[str], *tops: Path) -> None:
    assert set(whole) <= set(contents(sources(plan), *tops))


def moments(calls: int, how_many: int, seed: str) -> list[int]:
    chance = random.Random(seed)
    return [1 + number % calls for number in chance.sample(range(how_many * calls), how_many)]


def finish_and_undo(
    driver: Driver, plan: SortPlan, order: dict[str, Any], before: Snapshot, whole: list[str], *, finish: bool
) -> None:
    """Finish (in some cases), undo, and compare everything, as the user who ran the sort."""
    out, user = plan.options.destination, {key: order[key] for key in ("user",) if key in order}
    for info in list_sorts(Path(order["journals"])):
        for what in ("finish", "undo") if finish else ("undo",):
            driver.order(do=what, id=info.id, journals=order["journals"], **user)
            assert leftovers(sources(plan), out) == []
            if plan.options.action is Action.MOVE:
                assert contents(sources(plan), out) == whole, "each photo once"
        (again,) = list_sorts(Path(order["journals"]))
        assert again.state is JournalState.UNDONE
    assert snapshot(sources(plan), out) == before


# --- protected folders ---


def hand_over(*tops: Path) -> None:
    for top in tops:
        top.mkdir(exist_ok=True)
        os.chown(top, NOBODY, NOBODY)
        for path in top.rglob("*"):
            os.chown(path, NOBODY, NOBODY)


@pytest.mark.parametrize("across", [False, True], ids=["same-disk", "two-disks"])
@HOW_MANY
@ACTIONS
def test_sort_read_only_source_folder_loses_nothing(
    driver: Driver, mounted: Callable[..., Path], open_folder: Path, action: Action, how_many: int, across: bool
) -> None:
    disk = mounted("disk", "-t", "tmpfs", "-o", "size=8m", "tmpfs") if across else open_folder

    def protected() -> tuple[SortPlan, dict[str, Any]]:
        plan, order = begin(open_folder, disk / f"out{next(numbers)}", action)
        hand_over(sources(plan), Path(order["journals"]), plan.options.destination)
        (sources(plan) / "1").chmod(0o555)
        return plan, {**order, "user": NOBODY}

    plan, order = protected()
    before, whole = snapshot(sources(plan), plan.options.destination), contents(sources(plan))
    calls = driver.order(**order)["calls"]
    stayed = sorted(path.name for path in (sources(plan) / "1").iterdir())
    assert stayed == ["1.jpg", "3.jpg"], "they could not be moved, or were only copied"
    arrived = {step.source.name for step in plan.steps if step.target.is_file()}
    assert arrived == {"0.jpg", "2.jpg", "4.jpg"} | ({"1.jpg", "3.jpg"} if action is Action.COPY else set())
    finish_and_undo(driver, plan, order, before, whole, finish=False)
    for number, moment in enumerate(moments(calls, how_many, f"protected {action}{across}")):
        plan, order = protected()
        before, whole = snapshot(sources(plan), plan.options.destination), contents(sources(plan))
        assert driver.order(die_at=moment, **order)["ended"] == "killed"
        check_nothing_is_lost(plan, whole, plan.options.destination)
        finish_and_undo(driver, plan, order, before, whole, finish=number % 2 == 0)
    print(f"{action}, protected folder, {'two disks' if across else 'same disk'}: {how_many} kills")


# --- a full disk ---


@HOW_MANY
@ACTIONS
def test_sort_full_disk_loses_nothing(
    driver: Driver, mounted: Callable[..., Path], open_folder: Path, tmp_path: Path, action: Action, how_many: int
) -> None:
    disk = mounted("disk", "-t", "tmpfs", "-o", "size=72k", "tmpfs")  # Holds three of the five photos.
    plan, order = begin(tmp_path, disk / "out", action)
    assert not plan.fits
    before, whole = snapshot(sources(plan), plan.options.destination), contents(sources(plan))
    calls = driver.order(**order)["calls"]
    (info,) = list_sorts(Path(order["journals"]))
    assert 2 <= info.done <= 3
    assert leftovers(disk) == []
    finish_and_undo(driver, plan, order, before, whole, finish=True)
    chance, killed = random.Random(f"full {action}"), 0
    while killed < how_many:
        plan, order = begin(tmp_path, disk / "out", action)
        before, whole = snapshot(sources(plan), plan.options.destination), contents(sources(plan))
        # What fits on a full disk varies. Some runs end before the last calls.
        killed += driver.order(die_at=chance.randrange(1, calls + 1), **order)["ended"] == "killed"
        check_nothing_is_lost(plan, whole, plan.options.destination)
        finish_and_undo(driver, plan, order, before, whole, finish=killed % 2 == 0)
    print(f"{action}, full disk: {killed} kills")


# --- an unplugged disk ---


@HOW_MANY
@ACTIONS
def test_sort_unplugged_disk_loses_nothing(
    driver: Driver, mounted: Callable[..., Path], open_folder: Path, tmp_path: Path, action: Action, how_many: int
) -> None:
    """The disk is mounted twice, so that its content survives being unplugged."""
    disk = mounted("disk", "-t", "tmpfs", "-o", "size=8m", "tmpfs")
    socket = open_folder / "socket"
    mounted("socket", "--bind", str(disk))
    plan, order = begin(tmp_path, socket / "out", action)
    calls = driver.order(**order)["calls"]
    undo_sort(list_sorts(Path(order["journals"]))[0].id, Path(order["journals"]))
    for number, moment in enumerate(moments(calls, how_many, f"pulled out {action}")):
        plan, order = begin(tmp_path, socket / "out", action)
        out = plan.options.destination
        before, whole = snapshot(sources(plan), out), contents(sources(plan))
        answer = driver.order(vanish_at=moment, mount=str(socket), **order)
        assert answer["ended"] == "done"
        check_nothing_is_lost(plan, whole, disk)
        if action is Action.MOVE and number % 3 == 0:  # Undo without the disk must change nothing.
            for info in list_sorts(Path(order["journals"])):
                driver.order(do="undo", id=info.id, journals=order["journals"])
            check_nothing_is_lost(plan, whole, disk)
        assert list(socket.iterdir()) == [], "nothing is written to the empty mount point"
        mounted("socket", "--bind", str(disk))
        for info in list_sorts(Path(order["journals"])):
            journals = Path(order["journals"])
            if info.state is not JournalState.UNDONE:
                if number % 2 and info.state is not JournalState.UNDOING:
                    assert finish_sort(info.id, journals).failed == []
                    assert all(step.target.is_file() for step in plan.steps)
                assert undo_sort(info.id, journals).failed == []
        assert snapshot(sources(plan), out) == before
        assert leftovers(sources(plan), out) == []
    print(f"{action}, disk pulled out: {how_many} moments")
