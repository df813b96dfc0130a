"""A killed sort loses, duplicates or truncates no photo, and changes no other file.

A real process gets a real SIGKILL: before the n-th call that changes the disk, in the middle of a write, or after a
time. Then the sort is finished or undone, which may be killed as well, and the whole tree is compared by name, content,
permissions and times. The fast tests kill at a few moments of each kind, spread over the run. `make test-slow` kills at
200 or more, and prints the counts in docs/sorting.md.
"""

import itertools
import os
import pickle
import random
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sort_driver import Driver
from sort_trees import contents, leftovers, plan_for, results, snapshot, write

from catdog_desktop.sorting.history import list_sorts, unfinished_sorts
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.plan import Action, SortPlan
from catdog_desktop.sorting.run import finish_sort, undo_sort

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the driver forks, and kills by SIGKILL")
FEW = 3
MANY = int(os.environ.get("CATDOG_KILLS", "200"))


@pytest.fixture(scope="module")
def driver() -> Iterator[Driver]:
    server = Driver()
    yield server
    server.close()


@dataclass(frozen=True)
class Place:
    """The folders of one sort, created again for every kill."""

    top: Path
    out: Path
    journals: Path

    @property
    def all(self) -> tuple[Path, ...]:
        return (self.top, self.out)

    def clear(self) -> None:
        for folder in (self.top, self.out, self.journals):
            shutil.rmtree(folder, ignore_errors=True)

    def plant(self) -> None:
        """Write photos with equal and unusual names, companions, and an output folder with another file in it."""
        photos = self.top / "photos"
        for name in ("a/IMG_1.jpg", "b/IMG_1.jpg", "b/-rf.jpg", "odd\nname \U0001f408.jpg", "é" * 125 + "x.jpg"):
            write(photos / name)
        write(photos / "e" / ("é" * 125 + "x.jpg"), mode=0o400)
        write(photos / "a/IMG_1.xmp")
        write(photos / "b/IMG_1.JPG.xmp", mode=0o600)
        write(photos / "empty.jpg", b"").write_bytes(b"")
        if sys.platform == "linux":
            write(Path(os.fsdecode(os.fsencode(photos) + b"/\xff\xfe.jpg")))
        write(photos / "notes.txt")
        write(self.out / "cats/IMG_1.jpg", "another photo")
        write(self.out / "mine.txt")

    def plan(self, action: Action) -> SortPlan:
        photos = sorted(path for path in (self.top / "photos").rglob("*.jpg"))
        return plan_for(results(photos), self.out, action)


@pytest.fixture
def same_disk(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """On the disk for many kills, in memory for a few."""
    many = "slow" in request.keywords
    top = tmp_path if many or not os.access("/dev/shm", os.W_OK) else request.getfixturevalue("other_disk")
    return Place(top / "top", top / "out", top / "journals")


@pytest.fixture
def two_disks(tmp_path: Path, other_disk: Path) -> Place:
    return Place(tmp_path / "top", other_disk / "out", other_disk / "journals")


def moments(calls: int, how_many: int, seed: str) -> list[int]:
    """Return the calls to be killed at: `how_many`, spread at random; each call twice if there are fewer."""
    chance = random.Random(seed)
    if how_many >= calls:
        return [1 + number // 2 % calls for number in range(2 * calls)]
    edges = [1 + calls * number // how_many for number in range(how_many + 1)]
    return [chance.randrange(low, max(low + 1, high)) for low, high in itertools.pairwise(edges)]


def begin(place: Place, action: Action) -> tuple[str, dict[bytes, Any], list[str]]:
    place.clear()
    place.plant()
    plan = place.plan(action)
    return pickle.dumps(plan).hex(), snapshot(*place.all), contents(*place.all)


def expected(place: Place, before: dict[bytes, Any], plan: SortPlan) -> dict[bytes, Any]:
    """Return the snapshot that a finished sort must give, without new folders."""
    after = dict(before)
    for step in plan.steps:
        for file in step.files:
            entry = before[os.fsencode(file.source)]
            if plan.options.action is Action.MOVE:
                del after[os.fsencode(file.source)]
            if plan.options.action is Action.SYMBOLIC_LINK:
                entry = ("link", 0, 0, str(file.source))
            after[os.fsencode(file.target)] = entry
    return after


def without_new_folders(found: dict[bytes, Any], before: dict[bytes, Any]) -> dict[bytes, Any]:
    return {name: entry for name, entry in found.items() if entry[0] != "folder" or name in before}


def check_photos_are_whole(place: Place, plan: SortPlan, before: dict[bytes, Any]) -> None:
    """Check right after the kill that the complete content of each file exists somewhere."""
    now = {entry[3] for entry in snapshot(*place.all).values() if entry[0] == "file"}
    for step in plan.steps:
        for file in step.files:
            assert before[os.fsencode(file.source)][3] in now


def kill_after_a_time(driver: Driver, place: Place, action: Action, how_many: int) -> int:
    """Kill a sort after a random time, also within a call; finish or undo it. Returns the number of kills."""
    chance, killed, longest = random.Random(f"time {action}"), 0, 0.1
    while killed < how_many:
        plan, before, whole = begin(place, action)
        after = chance.uniform(0, longest)
        answer = driver.order(do="sort", journals=str(place.journals), plan=plan, die_after=after)
        if answer["ended"] == "done":
            longest = after
            continue
        killed += 1
        check_photos_are_whole(place, pickle.loads(bytes.fromhex(plan)), before)
        for info in list_sorts(place.journals):
            if killed % 2:
                assert finish_sort(info.id, place.journals).failed == []
                if action is Action.MOVE:
                    assert contents(*place.all) == whole
            if info.state is not JournalState.UNDONE:
                undo_sort(info.id, place.journals)
        assert snapshot(*place.all) == before, after
    return killed


def kill_and_recover(
    driver: Driver, place: Place, action: Action, how_many: int, rename: str = "system", *, twice: bool = False
) -> int:
    """Kill a sort at `how_many` moments; finish and undo it in turn. Returns the number of kills."""
    chance = random.Random(f"{action}{rename}{twice}")
    plan, _, _ = begin(place, action)
    order = {"do": "sort", "journals": str(place.journals), "rename": rename}
    calls = driver.order(plan=plan, **order)["calls"]
    killed = 0
    for number, moment in enumerate(moments(calls, how_many, f"{action}{rename}")):
        plan, before, whole = begin(place, action)
        the_plan: SortPlan = pickle.loads(bytes.fromhex(plan))
        answer = driver.order(plan=plan, die_at=moment, **order)
        assert answer["ended"] == "killed", moment
        killed += 1
        check_photos_are_whole(place, the_plan, before)
        found = unfinished_sorts(place.journals)
        if not found:  # Killed before its journal existed, or after the last line.
            assert snapshot(*place.all) in (before,) or list_sorts(place.journals)
        for info in found:
            ways = ("finish", "undo") if number % 2 else ("undo", "undo")
            if twice:  # Finish or undo is killed as well.
                answer = driver.order(
                    do=ways[0], id=info.id, journals=str(place.journals), die_at=chance.randrange(1, 60), rename=rename
                )
                killed += answer["ended"] == "killed"
                check_photos_are_whole(place, the_plan, before)
            info = next(again for again in list_sorts(place.journals) if again.id == info.id)
            if number % 2:
                outcome = finish_sort(info.id, place.journals)
                assert outcome.failed == []
                assert without_new_folders(snapshot(*place.all), before) == expected(place, before, the_plan), moment
                if action is Action.MOVE:
                    assert contents(*place.all) == whole
            elif info.state is not JournalState.UNDONE:
                assert undo_sort(info.id, place.journals).failed == []
            assert leftovers(*place.all) == []
        if number % 2 == 0 or not found:
            for info in list_sorts(place.journals):
                if info.state is not JournalState.UNDONE:
                    undo_sort(info.id, place.journals)
            assert snapshot(*place.all) == before, moment
        assert unfinished_sorts(place.journals) == []
    return killed


def edit(plan: SortPlan, before: dict[bytes, Any]) -> None:
    """Write a sidecar beside each moved photo, and add to `before` what undo must restore."""
    for step in plan.steps:
        restored, sidecar = (path.with_name(f"{path.name}.xmp") for path in (step.source, step.target))
        if len(os.fsencode(sidecar.name)) <= 255:
            write(sidecar, f"edits of {step.source}", modified=int(time.time()))
            before[os.fsencode(restored)] = snapshot(sidecar.parent)[os.fsencode(sidecar)]


def kill_undo(
    driver: Driver, place: Place, action: Action, how_many: int, rename: str = "system", *, edited: bool = False
) -> int:
    """Kill the undo of a sort at `how_many` moments; undo again. Returns the number of kills."""

    def sorted_place() -> tuple[dict[bytes, Any], list[str], SortPlan, dict[str, Any]]:
        plan, before, whole = begin(place, action)
        driver.order(do="sort", journals=str(place.journals), plan=plan, rename=rename)
        (info,) = list_sorts(place.journals)
        order = {"do": "undo", "journals": str(place.journals), "id": info.id, "rename": rename}
        the_plan: SortPlan = pickle.loads(bytes.fromhex(plan))
        if edited:
            edit(the_plan, before)
            whole = contents(*place.all)
        return before, whole, the_plan, order

    *_, order = sorted_place()
    calls = driver.order(**order)["calls"]
    killed = 0
    for moment in moments(calls, how_many, f"undo {action}{rename}"):
        before, whole, plan, order = sorted_place()
        assert driver.order(die_at=moment, **order)["ended"] == "killed", moment
        killed += 1
        check_photos_are_whole(place, plan, before)
        if list_sorts(place.journals)[0].state is not JournalState.UNDONE:
            assert undo_sort(order["id"], place.journals).failed == []
        assert snapshot(*place.all) == before, moment
        assert contents(*place.all) == whole
        assert unfinished_sorts(place.journals) == []
    return killed


CASES = [
    *((action, "same_disk", "system") for action in Action),
    (Action.COPY, "two_disks", "system"),
    (Action.MOVE, "two_disks", "system"),
    *((action, "same_disk", how) for action in (Action.COPY, Action.MOVE) for how in ("link", "placeholder")),
]


@pytest.mark.parametrize(
    "how_many", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=["a-few-moments", "many-moments"]
)
@pytest.mark.parametrize(("action", "place", "rename"), CASES)
class TestKilled:
    def test_sort_killed_loses_nothing(
        self,
        driver: Driver,
        request: pytest.FixtureRequest,
        action: Action,
        place: str,
        rename: str,
        how_many: int,
        record_property: Any,
    ) -> None:
        killed = kill_and_recover(driver, request.getfixturevalue(place), action, how_many, rename)
        record_property("kills", killed)
        print(f"{action} {place} {rename}: {killed} kills")

    def test_sort_killed_twice_loses_nothing(
        self, driver: Driver, request: pytest.FixtureRequest, action: Action, place: str, rename: str, how_many: int
    ) -> None:
        killed = kill_and_recover(driver, request.getfixturevalue(place), action, how_many, rename, twice=True)
        print(f"{action} {place} {rename}, killed again: {killed} kills")

    def test_undo_killed_loses_nothing(
        self, driver: Driver, request: pytest.FixtureRequest, action: Action, place: str, rename: str, how_many: int
    ) -> None:
        killed = kill_undo(driver, request.getfixturevalue(place), action, how_many, rename)
        print(f"undo of {action} {place} {rename}: {killed} kills")


@pytest.mark.parametrize(
    "how_many", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=["a-few-moments", "many-moments"]
)
@pytest.mark.parametrize("place", ["same_disk", "two_disks"])
def test_undo_with_new_sidecars_killed_loses_nothing(
    driver: Driver, request: pytest.FixtureRequest, place: str, how_many: int
) -> None:
    killed = kill_undo(driver, request.getfixturevalue(place), Action.MOVE, how_many, edited=True)
    print(f"undo of move with new sidecars, {place}: {killed} kills")


@pytest.mark.parametrize(
    "how_many", [FEW, pytest.param(MANY, marks=pytest.mark.slow)], ids=["a-few-moments", "many-moments"]
)
@pytest.mark.parametrize("action", [Action.COPY, Action.MOVE])
def test_sort_killed_after_random_time_loses_nothing(
    driver: Driver, two_disks: Place, action: Action, how_many: int
) -> None:
    print(f"{action} two_disks, by time: {kill_after_a_time(driver, two_disks, action, how_many)} kills")


@pytest.mark.parametrize(("do", "recover"), [("sort", finish_sort), ("sort", undo_sort), ("undo", undo_sort)])
@pytest.mark.parametrize("where", ["same_disk", "two_disks"])
def test_old_name_taken_after_kill_keeps_photo(
    driver: Driver, request: pytest.FixtureRequest, do: str, where: str, recover: Any
) -> None:
    """A camera starts numbering from 1 again. The photo must survive whenever the sort was killed."""
    place: Place = request.getfixturevalue(where)
    names_taken, moment = 0, 0
    while True:
        moment += 1
        place.clear()
        photo = write(place.top / "IMG_1.jpg", "the photo")
        plan = plan_for(results([photo]), place.out, Action.MOVE)
        order: dict[str, Any] = {"do": "sort", "journals": str(place.journals), "plan": pickle.dumps(plan).hex()}
        old = photo
        if do == "undo":
            driver.order(**order)
            (info,) = list_sorts(place.journals)
            order = {"do": "undo", "journals": str(place.journals), "id": info.id}
            old = plan.steps[0].files[0].target
        if driver.order(die_at=moment, **order)["ended"] == "done":
            break
        for info in unfinished_sorts(place.journals):
            if not old.exists() and old.parent.is_dir():
                write(old, "another photo")
                names_taken += 1
            recover(info.id, place.journals)
            found = {path.read_text(): path for path in (*place.top.rglob("*.jpg"), *place.out.rglob("*.jpg"))}
            assert "the photo" in found, moment
            if old.exists() and "another photo" in found:
                assert found["another photo"] == old
            if recover is undo_sort:
                assert found["the photo"].parent == place.top, moment
    assert names_taken, "some kill was between the last step on the disk and its journal line"
