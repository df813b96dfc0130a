"""Run, finish and undo: steps are atomic, nothing is overwritten, undo restores everything."""

# Names that are not valid UTF-8, and raw results of the system:
# ruff: noqa: PTH115, PTH118

import errno
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cancel_after import CancelAfter
from sort_trees import contents, leftovers, plan_for, result, results, snapshot, write

from catdog_desktop.files import safe_copy
from catdog_desktop.paths import journals_folder
from catdog_desktop.progress import Progress
from catdog_desktop.sorting.history import forget_sort, last_sort, list_sorts, unfinished_sorts
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.sorting.plan import Action, Layout, SortError, SortPlan
from catdog_desktop.sorting.run import PhotoDone, finish_sort, run_sort, undo_sort
from catdog_desktop.verdict import Verdict

posix = pytest.mark.skipif(os.name != "posix", reason="names and links as on POSIX")
ACTIONS = list(Action)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Photos with equal and unusual names, companions, and unrelated files."""
    top = tmp_path / "photos"
    for name in ("a/IMG_1.jpg", "b/IMG_1.jpg", "b/img_1.JPG", "c/x.heic", "c/d/-rf.jpg"):
        write(top / name)
    write(top / "a/IMG_1.xmp")
    write(top / "b/IMG_1.jpg.xmp")
    write(top / "c/x.mov", mode=0o444)
    write(top / "notes.txt")
    if os.name == "posix":
        write(top / "odd\nname \U0001f408.jpg")
        write(top / ("é" * 125 + "x.jpg"))
        write(top / "e" / ("é" * 125 + "x.jpg"), mode=0o400)
    if sys.platform == "linux":
        write(Path(os.fsdecode(os.fsencode(top) + b"/\xff\xfe.jpg")))
    return top


def photos(top: Path) -> list[Path]:
    return sorted(path for path in top.rglob("*") if path.suffix.lower() in (".jpg", ".heic"))


def plan(tree: Path, destination: Path, action: Action, layout: Layout = Layout.FLAT) -> SortPlan:
    return plan_for(results(photos(tree)), destination, action, layout, (tree,))


# --- sort and undo ---


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("action", ACTIONS)
def test_run_sort_then_undo_restores_everything(tree: Path, tmp_path: Path, action: Action, layout: Layout) -> None:
    out = tmp_path / "out"
    before, whole, many = snapshot(tmp_path), contents(tree), len(photos(tree))
    the_plan = plan(tree, out, action, layout)
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
    outcome = run_sort(plan(tree, other_disk / "out", action))
    assert outcome.failed == []
    if action is Action.MOVE:
        assert contents(tree, other_disk) == whole
        assert len(outcome.moved) == len(whole) - 1, "all but the notes"
    undo_sort()
    assert snapshot(tree) == before
    assert list(other_disk.iterdir()) == []


def test_run_sort_hard_link_to_other_file_system_fails(tree: Path, other_disk: Path) -> None:
    outcome = run_sort(plan(tree, other_disk, Action.HARD_LINK))
    assert outcome.done == 0
    assert all("Copy it" in reason for _, reason in outcome.failed)
    assert list(other_disk.iterdir()) == []


def test_on_moved_gets_all_moved_files_once(tree: Path, tmp_path: Path) -> None:
    reported: list[dict[Path, Path]] = []
    the_plan = plan(tree, tmp_path / "out", Action.MOVE)
    run_sort(the_plan, on_moved=lambda moved: reported.append(dict(moved)))
    forth = {file.source: file.target for step in the_plan.steps for file in step.files}
    undo_sort(on_moved=lambda moved: reported.append(dict(moved)))
    assert reported == [forth, {new: old for old, new in forth.items()}]


def test_run_sort_cancelled_can_be_finished(tree: Path, tmp_path: Path) -> None:
    photos: list[PhotoDone] = []
    the_plan = plan(tree, tmp_path / "out", Action.COPY)
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


# --- changes between plan, run and undo ---


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
    the_plan = plan(tree, tmp_path / "out", action)
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


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root may change the owner")
@pytest.mark.parametrize("action", [Action.COPY, Action.MOVE])
def test_run_sort_keeps_owner(tmp_path: Path, other_disk: Path, action: Action) -> None:
    photo = write(tmp_path / "in/a.jpg", mode=0o640)
    os.chown(photo, 1234, 5678)
    run_sort(plan_for([result(photo)], other_disk, action))
    found = (other_disk / "cats/a.jpg").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (1234, 5678, 0o640)


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
    the_plan = plan(tree, tmp_path / "out", action)
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


# --- failing disks and journals ---


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
