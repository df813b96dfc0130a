"""Journals: what is written, and what is read from complete, cut off and damaged files."""

import json
from pathlib import Path

import pytest
from sort_trees import plan_for, result, snapshot, write

from catdog_desktop.paths import journals_folder
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.history import damaged_sorts, forget_sort, last_sort, list_sorts, unfinished_sorts
from catdog_desktop.sorting.journal import last_state, list_journals, read_journal
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.plan import Action
from catdog_desktop.sorting.run import finish_sort, run_sort, undo_sort


@pytest.fixture
def sorted_tree(tmp_path: Path) -> Path:
    photos = [write(tmp_path / f"in/{name}.jpg") for name in "ab"]
    run_sort(plan_for([result(photo) for photo in photos], tmp_path / "out", Action.MOVE))
    return tmp_path


def journal() -> Path:
    (path,) = list_journals(journals_folder())
    return path


def test_journal_lists_files_then_events(sorted_tree: Path) -> None:
    lines = [json.loads(line) for line in journal().read_text("ascii").splitlines()]
    assert lines[0]["action"] == "move"
    assert [line["source"] for line in lines[1:3]] == [str(sorted_tree / f"in/{name}.jpg") for name in "ab"]
    assert [line["event"] for line in lines[3:]] == [
        *("folder", "folder", "begin", "done", "begin", "done", "state"),
    ]
    (info,) = list_sorts()
    assert (info.photos, info.done, info.state, info.destination) == (2, 2, JournalState.ENDED, sorted_tree / "out")


def test_journal_cut_off_anywhere_can_be_undone(tmp_path: Path) -> None:
    """A crash may cut off the journal anywhere. The files then show what was done."""
    photo = write(tmp_path / "in/a.jpg")
    before = snapshot(tmp_path)
    run_sort(plan_for([result(photo)], tmp_path / "out", Action.MOVE))
    whole = journal().read_bytes()
    begun = whole.index(b'"begin"')
    begun = whole.index(b"\n", begun) + 1
    for end in range(begun, len(whole)):
        journal().write_bytes(whole[:end])
        assert len(unfinished_sorts()) == 1
        undo_sort()
        assert snapshot(tmp_path) == before
        (tmp_path / "out/cats").mkdir(parents=True)
        photo.rename(tmp_path / "out/cats/a.jpg")


@pytest.mark.parametrize(
    "damage",
    [b"", b"\n", b"{}\n", b"[]\n", b"not json\n", b"\xff\xfe\n", b'{"journal": 1, "files": 3}\n'],
    ids=["empty", "line", "object", "list", "text", "bytes", "short"],
)
def test_damaged_journal_raises_and_changes_nothing(sorted_tree: Path, damage: bytes) -> None:
    before = snapshot(sorted_tree)
    journal().write_bytes(damage)
    for use in (undo_sort, last_sort, lambda: finish_sort(journal().stem)):
        with pytest.raises(SortError, match="is damaged"):
            use()
    assert snapshot(sorted_tree) == before
    assert list_sorts() == unfinished_sorts() == []
    ((journal_id, sentence),) = damaged_sorts().items()
    assert f"catdog undo {journal_id} --forget" in sentence
    forget_sort(journal_id)
    assert (damaged_sorts(), last_sort()) == ({}, None), "it is no longer found"
    assert snapshot(sorted_tree) == before


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "done", "item": 0}',
        '{"event": "done", "item": 99}',
        '{"event": "dance", "item": 0}',
        '{"event": "state", "state": "x"}',
        "{",
    ],
)
def test_read_journal_impossible_event_raises(sorted_tree: Path, line: str) -> None:
    with journal().open("a") as file:
        file.write(line + "\n")
    with pytest.raises(SortError, match="is damaged"):
        undo_sort()


def test_damaged_journal_does_not_hide_others(sorted_tree: Path) -> None:
    damaged = journal().with_name("19991231-235959-000000.jsonl")
    damaged.write_bytes(b"not json\n")
    assert [info.id for info in list_sorts()] == [list_journals(journals_folder())[0].stem]
    assert list(damaged_sorts()) == [damaged.stem]
    assert undo_sort().done == 2


def test_read_journal_of_newer_version_raises(sorted_tree: Path) -> None:
    journal().write_bytes(journal().read_bytes().replace(b'{"journal": 1', b'{"journal": 2', 1))
    with pytest.raises(SortError, match="newer CatDog"):
        undo_sort()


def test_retracted_folder_does_not_affect_created_one(tmp_path: Path) -> None:
    """An unplugged disk may need the same folder twice. Only the first was created, and undo removes it."""
    photo = write(tmp_path / "in/a.jpg")
    before = snapshot(tmp_path)
    run_sort(plan_for([result(photo)], tmp_path / "out"))
    out = json.dumps(str(tmp_path / "out"))
    again = f'{{"event": "folder", "path": {out}}}\n{{"event": "folder-not-made", "path": {out}}}\n'
    *lines, end = journal().read_text().splitlines(keepends=True)
    journal().write_text("".join(lines) + again + end)
    undo_sort()
    assert snapshot(tmp_path) == before


def test_last_state_of_open_or_cut_off_journal_is_none(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    outcome = run_sort(plan_for([result(photo)], tmp_path / "out"))
    assert last_state(journal()) is JournalState.ENDED
    undo_sort(outcome.journal_id)
    assert last_state(journal()) is JournalState.UNDONE
    whole = journal().read_bytes()
    for end in (0, 1, len(whole) - 1, whole.rindex(b"\n", 0, -1) + 1):
        journal().write_bytes(whole[:end])
        assert last_state(journal()) is None
    journal().write_bytes(whole.replace(b'"open": 0', b'"open": 1'))
    assert last_state(journal()) is None, "a transfer is open, so the whole journal must be read"
    assert last_state(tmp_path / "nowhere") is None


def test_journal_incomplete_line_is_removed_before_appending(sorted_tree: Path) -> None:
    with journal().open("ab") as file:
        file.write(b'{"event": "sta')
    undo_sort()
    assert read_journal(journal()).state is JournalState.UNDONE
