"""Run, finish and undo: undo restores everything, and each file is reported once."""

# Names that are not valid UTF-8, and raw results of the system:
# ruff: noqa: PTH115, PTH118

import os
from pathlib import Path

import pytest
from cancel_after import CancelAfter
from sort_trees import contents, photos_below, plan_for, plan_tree, result, results, snapshot, write

from catdog_desktop.progress import Progress
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.history import forget_sort, last_sort, list_sorts, unfinished_sorts
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.plan import Action, Layout
from catdog_desktop.sorting.run import PhotoDone, finish_sort, run_sort, undo_sort
from catdog_desktop.verdict import Verdict

posix = pytest.mark.skipif(os.name != "posix", reason="names and links as on POSIX")
ACTIONS = list(Action)


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("action", ACTIONS)
def test_run_sort_then_undo_restores_everything(tree: Path, tmp_path: Path, action: Action, layout: Layout) -> None:
    out = tmp_path / "out"
    before, whole, many = snapshot(tmp_path), contents(tree), len(photos_below(tree))
    the_plan = plan_tree(tree, out, action, layout)
    assert snapshot(tmp_path) == before, "a plan changes nothing"
    outcome = run_sort(the_plan)
    assert (outcome.done, outcome.failed, outcome.not_done, outcome.stopped) == (many, [], 0, "")
    for step in the_plan.steps:
        for file in step.files:
            name = os.fsencode(file.target)
            if action is Action.SYMBOLIC_LINK:
                assert os.fsdecode(os.readlink(name)) == str(file.source)
            else:
                assert snapshot(out)[name] == before[os.fsencode(file.source)], "content, time and permissions"
            assert os.path.lexists(file.source) == (action is not Action.MOVE)
    if action is Action.MOVE:
        assert contents(tree, out) == whole
    assert unfinished_sorts() == []
    undone = undo_sort()
    assert (undone.done, undone.failed, undone.notes) == (outcome.done, [], [])
    assert snapshot(tmp_path) == before
    assert last_sort() is None
    assert [info.state for info in list_sorts()] == [JournalState.UNDONE]


@pytest.mark.parametrize("action", [Action.COPY, Action.MOVE, Action.SYMBOLIC_LINK])
def test_run_sort_to_other_file_system_then_undo_restores_everything(
    tree: Path, other_disk: Path, action: Action
) -> None:
    before, whole = snapshot(tree), contents(tree)
    outcome = run_sort(plan_tree(tree, other_disk / "out", action))
    assert outcome.failed == []
    if action is Action.MOVE:
        assert contents(tree, other_disk) == whole
        assert len(outcome.moved) == len(whole) - 1, "all but the notes"
    undo_sort()
    assert snapshot(tree) == before
    assert list(other_disk.iterdir()) == []


def test_run_sort_hard_link_to_other_file_system_fails(tree: Path, other_disk: Path) -> None:
    outcome = run_sort(plan_tree(tree, other_disk, Action.HARD_LINK))
    assert outcome.done == 0
    assert all("Copy it" in reason for _, reason in outcome.failed)
    assert list(other_disk.iterdir()) == []


def test_on_moved_gets_all_moved_files_once(tree: Path, tmp_path: Path) -> None:
    reported: list[dict[Path, Path]] = []
    the_plan = plan_tree(tree, tmp_path / "out", Action.MOVE)
    run_sort(the_plan, on_moved=lambda moved: reported.append(dict(moved)))
    forth = {file.source: file.target for step in the_plan.steps for file in step.files}
    undo_sort(on_moved=lambda moved: reported.append(dict(moved)))
    assert reported == [forth, {new: old for old, new in forth.items()}]


def test_run_sort_cancelled_can_be_finished(tree: Path, tmp_path: Path) -> None:
    photos: list[PhotoDone] = []
    the_plan = plan_tree(tree, tmp_path / "out", Action.COPY)
    outcome = run_sort(the_plan, on_photo=photos.append, cancel_token=CancelAfter(polls=2))
    assert [photo.progress for photo in photos] == [Progress(1, len(the_plan.steps)), Progress(2, len(the_plan.steps))]
    assert (outcome.done, outcome.not_done, outcome.cancelled) == (2, len(the_plan.steps) - 2, True)
    assert unfinished_sorts() == [], "a cancelled sort is not an interrupted one"
    rest = finish_sort(outcome.journal_id)
    assert (rest.done, rest.not_done, rest.cancelled) == (len(the_plan.steps) - 2, 0, False)
    assert all(file.target.is_file() for step in the_plan.steps for file in step.files)
    with pytest.raises(SortError, match="undone already"):
        undo_sort(outcome.journal_id) and undo_sort(outcome.journal_id)
    with pytest.raises(SortError, match="undone"):
        finish_sort(outcome.journal_id)


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may change the owner")
@pytest.mark.parametrize("action", [Action.COPY, Action.MOVE])
def test_run_sort_keeps_owner(tmp_path: Path, other_disk: Path, action: Action) -> None:
    photo = write(tmp_path / "in/a.jpg", mode=0o640)
    os.chown(photo, 1234, 5678)
    run_sort(plan_for([result(photo)], other_disk, action))
    found = (other_disk / "cats/a.jpg").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1234, 5678, 0o640)


def test_forget_sort_then_undo_by_id_succeeds(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    outcome = run_sort(plan_for([result(photo)], tmp_path / "out"))
    forget_sort(outcome.journal_id)
    assert last_sort() is None
    assert undo_sort(outcome.journal_id).done == 1, "it can still be undone by its id"


@pytest.mark.parametrize("name", ["nothing", "../lock", ""])
def test_undo_sort_unknown_id_raises(name: str) -> None:
    with pytest.raises(SortError):
        undo_sort(name)


def test_run_sort_empty_plan_does_nothing(tmp_path: Path) -> None:
    outcome = run_sort(plan_for([], tmp_path / "out"))
    assert (outcome.done, outcome.journal_id) == (0, "")
    with pytest.raises(SortError, match="no sort to undo"):
        undo_sort()


def test_run_sort_each_verdict_goes_to_its_folder(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"in/{verdict}.jpg") for verdict in Verdict]
    run_sort(plan_for(results(paths), tmp_path / "out"))
    assert sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.jpg")) == [
        os.path.join("both", "both.jpg"),
        os.path.join("cats", "cat.jpg"),
        os.path.join("dogs", "dog.jpg"),
        os.path.join("neither", "neither.jpg"),
        os.path.join("unsure", "unsure.jpg"),
    ]
