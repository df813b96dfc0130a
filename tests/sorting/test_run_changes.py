"""Changes between plan, run and undo: nothing is overwritten, and changed files are kept."""

# Names that are not valid UTF-8, and raw results of the system:

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from sort_trees import leftovers, plan_for, plan_tree, result, results, snapshot, write

from catdog_desktop.files import safe_copy
from catdog_desktop.sorting.history import last_sort
from catdog_desktop.sorting.plan import Action
from catdog_desktop.sorting.run import run_sort, undo_sort

posix = pytest.mark.skipif(os.name != "posix", reason="names and links as on POSIX")
ACTIONS = list(Action)


@pytest.mark.parametrize("action", ACTIONS)
def test_run_sort_name_taken_after_plan_is_not_overwritten(tmp_path: Path, action: Action) -> None:
    photo, sidecar = write(tmp_path / "in/a.jpg"), write(tmp_path / "in/a.jpg.xmp")
    the_plan = plan_for([result(photo)], tmp_path / "out", action)
    write(tmp_path / "out/cats/a.jpg.xmp", "mine")  # Only the companion's name is taken.
    before = snapshot(tmp_path)
    outcome = run_sort(the_plan)
    assert sorted(path.name for path in (tmp_path / "out/cats").iterdir()) == [
        "a (2).jpg",
        "a (2).jpg.xmp",
        "a.jpg.xmp",
    ]
    assert "a (2).jpg" in outcome.notes[0][1]
    assert (tmp_path / "out/cats/a.jpg.xmp").read_text() == "mine"
    assert sidecar.exists() == (action is not Action.MOVE)
    undo_sort()
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("action", [Action.COPY, Action.MOVE])
def test_run_sort_name_taken_before_rename_is_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Action
) -> None:
    photo = write(tmp_path / "in/a.jpg")
    target = tmp_path / "out/cats/a.jpg"
    rename = safe_copy.rename_exclusively

    def create_target_first(source: Path, wanted: Path) -> bool:
        if not target.exists():
            write(target, "mine")
        return rename(source, wanted)

    monkeypatch.setattr(safe_copy, "rename_exclusively", create_target_first)
    run_sort(plan_for([result(photo)], tmp_path / "out", action))
    assert target.read_text() == "mine"
    assert (target.with_name("a (2).jpg")).read_text() == str(photo)
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("without_links", [False, True], ids=["by-link", "by-placeholder"])
@pytest.mark.parametrize("action", [Action.COPY, Action.MOVE])
def test_run_sort_without_exclusive_rename_works(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, action: Action, without_links: bool
) -> None:
    """No exclusive rename (NFS), and no hard links either (exFAT on macOS)."""
    monkeypatch.setattr(safe_copy, "rename_exclusively", lambda source, target: False)
    if without_links:

        def refuse(*args: object, **kwargs: object) -> None:
            raise OSError(errno.EPERM, "Operation not permitted")

        monkeypatch.setattr(os, "link", refuse)
    before = snapshot(tmp_path)
    the_plan = plan_tree(tree, tmp_path / "out", action)
    assert run_sort(the_plan).failed == []
    assert {step.target for step in the_plan.steps} <= set((tmp_path / "out").rglob("*"))
    assert leftovers(tmp_path) == []
    undo_sort()
    assert snapshot(tmp_path) == before


def test_run_sort_foreign_empty_file_is_not_a_placeholder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without exclusive rename and hard links: another program creates the file a moment before the sort does."""
    photo, target = write(tmp_path / "in/a.jpg"), tmp_path / "out/cats/a.jpg"

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    real = os.open

    def create_target_first(path: Any, flags: int, *mode: int) -> int:
        if path == target and not target.exists():
            os.close(real(path, os.O_CREAT | os.O_WRONLY))
        return real(path, flags, *mode)

    monkeypatch.setattr(safe_copy, "rename_exclusively", lambda source, target: False)
    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "open", create_target_first)
    run_sort(plan_for([result(photo)], tmp_path / "out", Action.MOVE))
    assert target.read_bytes() == b""
    assert (tmp_path / "out/cats/a (2).jpg").read_text() == str(photo)


def test_run_sort_photo_changed_after_plan_is_skipped(tmp_path: Path) -> None:
    changed, gone, good = (write(tmp_path / f"in/{name}.jpg") for name in "abc")
    the_plan = plan_for(results([changed, gone, good]), tmp_path / "out", Action.MOVE)
    write(changed, "edited")
    gone.unlink()
    outcome = run_sort(the_plan)
    assert dict(outcome.failed) == {
        changed: "was changed after the plan was made. Make a new plan.",
        gone: "is no longer there.",
    }
    assert outcome.done == 1
    assert changed.read_text() == "edited"


def test_run_sort_photo_changed_while_moved_keeps_both_versions(
    tmp_path: Path, other_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = write(tmp_path / "in/a.jpg", "before")
    the_plan = plan_for([result(photo)], other_disk / "out", Action.MOVE)
    rename = safe_copy.rename_exclusively

    def rename_and_edit(source: Path, target: Path) -> bool:
        renamed = rename(source, target)
        if target == the_plan.steps[0].files[0].target:
            write(photo, "edited", modified=1_700_000_000)
        return renamed

    monkeypatch.setattr(safe_copy, "rename_exclusively", rename_and_edit)
    outcome = run_sort(the_plan)
    assert outcome.failed == [(photo, "was changed while it was moved.")]
    assert photo.read_text() == "edited"
    ((kept, note),) = outcome.notes
    assert kept == tmp_path / "in/a (2).jpg"
    assert kept.read_text() == "before"
    assert note == "was “a.jpg”, which was changed or replaced meanwhile. Both are kept."
    assert list(other_disk.rglob("*.jpg")) == []


def test_run_sort_failed_companion_takes_the_photo_back(tmp_path: Path) -> None:
    photo, sidecar = write(tmp_path / "in/a.jpg"), write(tmp_path / "in/a.xmp")
    the_plan = plan_for([result(photo)], tmp_path / "out", Action.MOVE)
    write(sidecar, "edited")
    before = snapshot(tmp_path)
    outcome = run_sort(the_plan)
    assert outcome.done == 0
    assert snapshot(tmp_path) == before, "the photo is back, and the new folders are gone"


def test_undo_sort_changed_copies_are_kept(tmp_path: Path) -> None:
    a, b, c, d = (write(tmp_path / f"in/{name}.jpg") for name in "abcd")
    out = tmp_path / "out"
    run_sort(plan_for([result(path) for path in (a, b, c, d)], out))
    write(out / "cats/a.jpg", "edited")
    b.unlink()
    (out / "cats/c.jpg").unlink()
    outcome = undo_sort()
    assert {path.name: note.split(":")[0] for path, note in outcome.notes} == {
        "a.jpg": "is no longer what the sort made there, so it was left.",
        "b.jpg": "may be the last copy of the photo",
        "cats": "stays, since it contains other files.",
        "out": "stays, since it contains other files.",
    }
    assert sorted(path.name for path in (out / "cats").iterdir()) == ["a.jpg", "b.jpg"]
    assert last_sort() is None


def test_undo_sort_of_move_overwrites_nothing(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    run_sort(plan_for([result(photo)], tmp_path / "out", Action.MOVE))
    write(photo, "new")
    outcome = undo_sort()
    assert photo.read_text() == "new"
    assert (tmp_path / "in/a (2).jpg").read_text() == str(photo)
    assert "a (2).jpg" in outcome.notes[0][1]


def test_undo_sort_unreachable_folders_fail_until_they_are_back(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    before = snapshot(tmp_path)
    run_sort(plan_for([result(photo)], tmp_path / "out", Action.MOVE))
    (tmp_path / "out").rename(tmp_path / "unplugged")
    outcome = undo_sort()
    assert [path.name for path, _ in outcome.failed] == ["a.jpg"]
    assert "Connect the disk" in outcome.failed[0][1]
    (tmp_path / "in").rename(tmp_path / "in2")
    (tmp_path / "unplugged").rename(tmp_path / "out")
    assert "is gone" in undo_sort().failed[0][1], "a folder that may be on an unplugged disk is not created"
    (tmp_path / "in2").rename(tmp_path / "in")
    assert undo_sort().done == 1
    assert snapshot(tmp_path) == before


@pytest.mark.parametrize("action", [Action.COPY, Action.HARD_LINK, Action.SYMBOLIC_LINK])
def test_undo_sort_after_output_was_removed_succeeds(tree: Path, tmp_path: Path, action: Action) -> None:
    before = snapshot(tmp_path)
    the_plan = plan_tree(tree, tmp_path / "out", action)
    run_sort(the_plan)
    shutil.rmtree(tmp_path / "out")
    outcome = undo_sort()
    assert (outcome.done, outcome.failed) == (len(the_plan.steps), [])
    assert snapshot(tmp_path) == before
    assert last_sort() is None


def test_undo_sort_folder_in_place_of_photo_is_kept(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    run_sort(plan_for([result(photo)], tmp_path / "out", Action.MOVE))
    (tmp_path / "out/cats/a.jpg").rename(tmp_path / "mine.jpg")
    write(tmp_path / "out/cats/a.jpg/b.txt")
    outcome = undo_sort()
    assert outcome.notes[0][1] == "is no longer what the sort put there, so it was left."
    assert not photo.exists()
    assert (tmp_path / "mine.jpg").read_text() == str(photo)


def test_undo_sort_last_hard_link_is_kept(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    run_sort(plan_for([result(photo)], tmp_path / "out", Action.HARD_LINK))
    photo.unlink()
    outcome = undo_sort()
    assert (tmp_path / "out/cats/a.jpg").read_text() == str(photo)
    assert outcome.notes


@posix
def test_undo_sort_original_links_to_copy_keeps_copy(tmp_path: Path) -> None:
    photo = write(tmp_path / "photos" / "a.jpg")
    content = photo.read_bytes()
    the_plan = plan_for(results([photo]), tmp_path / "out", Action.COPY, sources=(photo.parent,))
    run_sort(the_plan)
    copy = the_plan.steps[0].files[0].target
    photo.unlink()
    photo.symlink_to(copy)
    outcome = undo_sort(None)
    assert copy.read_bytes() == photo.read_bytes() == content
    assert any("may be the last copy of the photo" in note for _path, note in outcome.notes)
