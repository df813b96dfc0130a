"""Transfers of one file: put, take back, and settle after a crash, with real files and a real journal."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sort_trees import leftovers, snapshot, write

from catdog_desktop.files.safe_copy import FileStat
from catdog_desktop.sorting.destination import Destination
from catdog_desktop.sorting.journal import Journal, create_journal, read_journal
from catdog_desktop.sorting.journal_items import Direction, JournalItem, Transfer
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.resume import settle
from catdog_desktop.sorting.transfer_errors import (
    DestinationGoneError,
    KeepReason,
    KeptError,
    NameTakenError,
    Problem,
    TransferError,
)
from catdog_desktop.sorting.transfers import make_folders, put, take_back

ACTIONS = [
    Action.COPY,
    Action.MOVE,
    pytest.param(Action.HARD_LINK, marks=pytest.mark.skipif(os.name != "posix", reason="links as on POSIX")),
    pytest.param(Action.SYMBOLIC_LINK, marks=pytest.mark.skipif(os.name != "posix", reason="links as on POSIX")),
]


@dataclass
class Sorting:
    """A sort of one photo from `source` to `target`, with its journal."""

    journal: Journal
    source: Path
    target: Path

    @property
    def item(self) -> JournalItem:
        return self.journal.items[0]

    def as_on_disk(self) -> JournalItem:
        """Return the item as it would be read after a crash now."""
        return read_journal(self.journal.file.path).items[0]


@contextmanager
def sort_one(top: Path, action: Action, out: Path | None = None) -> Iterator[Sorting]:
    source = write(top / "in/a.jpg", mode=0o640)
    folder = out or top / "out"
    target = folder / "cats/a.jpg"
    files = [(0, source, target, FileStat.of(source))]
    with create_journal(top / "journals", action, Destination.at(folder), [folder], files) as journal:
        yield Sorting(journal, source, target)


@pytest.mark.parametrize("action", ACTIONS)
def test_put_then_take_back_restores_everything(tmp_path: Path, action: Action) -> None:
    with sort_one(tmp_path, action) as sorting:
        before, content = snapshot(tmp_path / "in"), sorting.source.read_bytes()
        put(sorting.journal, sorting.item, sorting.target)
        assert sorting.target.read_bytes() == content
        assert sorting.source.exists() == (action is not Action.MOVE)
        assert sorting.target.is_symlink() == (action is Action.SYMBOLIC_LINK)
        assert (sorting.item.placed, sorting.item.transfer) == (sorting.target, None)
        assert sorting.as_on_disk() == sorting.item
        take_back(sorting.journal, sorting.item)
        assert not os.path.lexists(sorting.target)
        assert snapshot(tmp_path / "in") == before
        assert sorting.item.placed is None
        assert sorting.as_on_disk() == sorting.item


@pytest.mark.parametrize("action", [Action.COPY, Action.MOVE])
def test_put_on_other_disk_then_take_back(tmp_path: Path, other_disk: Path, action: Action) -> None:
    with sort_one(tmp_path, action, other_disk / "out") as sorting:
        before, content = snapshot(tmp_path / "in"), sorting.source.read_bytes()
        put(sorting.journal, sorting.item, sorting.target)
        assert sorting.target.read_bytes() == content
        assert sorting.item.content is not None
        assert sorting.item.content.is_in(sorting.target)
        take_back(sorting.journal, sorting.item)
        assert snapshot(tmp_path / "in") == before
        assert leftovers(tmp_path, other_disk) == []


@pytest.mark.parametrize("action", ACTIONS)
def test_put_name_taken_raises_and_changes_nothing(tmp_path: Path, action: Action) -> None:
    with sort_one(tmp_path, action) as sorting:
        write(sorting.target, "another program's")
        before = snapshot(tmp_path / "in", tmp_path / "out")
        with pytest.raises(NameTakenError):
            put(sorting.journal, sorting.item, sorting.target)
        assert snapshot(tmp_path / "in", tmp_path / "out") == before
        assert (sorting.item.placed, sorting.item.transfer) == (None, None)


def _changed(source: Path) -> None:
    write(source, "another photo")


def _touched(source: Path) -> None:
    os.utime(source)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (_changed, Problem.SOURCE_CHANGED),
        (_touched, Problem.SOURCE_CHANGED),
        (Path.unlink, Problem.SOURCE_GONE),
    ],
    ids=["changed", "touched", "gone"],
)
def test_put_source_changed_since_plan_raises(
    tmp_path: Path, action: Action, change: Callable[[Path], None], problem: Problem
) -> None:
    with sort_one(tmp_path, action) as sorting:
        change(sorting.source)
        before = snapshot(tmp_path / "in")
        with pytest.raises(TransferError) as raised:
            put(sorting.journal, sorting.item, sorting.target)
        assert raised.value.problem is problem
        assert snapshot(tmp_path / "in") == before
        assert not (tmp_path / "out").exists()


def test_put_file_in_place_of_folder_raises(tmp_path: Path) -> None:
    with sort_one(tmp_path, Action.COPY) as sorting:
        write(tmp_path / "out", "a file")
        with pytest.raises(TransferError) as raised:
            put(sorting.journal, sorting.item, sorting.target)
        assert raised.value.problem in (Problem.NOT_FOUND, Problem.OTHER)
        assert (tmp_path / "out").read_text() == "a file"
        assert sorting.journal.folders == [], "undo must not remove what the sort did not create"


def _copy_changed(sorting: Sorting) -> None:
    write(sorting.target, "edited")


def _original_changed(sorting: Sorting) -> None:
    write(sorting.source, "another photo")


def _original_gone(sorting: Sorting) -> None:
    sorting.source.unlink()


def _original_leads_to_copy(sorting: Sorting) -> None:
    sorting.source.unlink()
    sorting.source.symlink_to(sorting.target)


def _replaced(sorting: Sorting) -> None:
    sorting.target.unlink()
    write(sorting.target, sorting.source.read_bytes())


@pytest.mark.skipif(os.name != "posix", reason="links as on POSIX")
@pytest.mark.parametrize(
    ("action", "change", "reason"),
    [
        (Action.COPY, _copy_changed, KeepReason.CHANGED),
        (Action.COPY, _original_changed, KeepReason.MAY_BE_LAST_COPY),
        (Action.COPY, _original_gone, KeepReason.MAY_BE_LAST_COPY),
        (Action.COPY, _original_leads_to_copy, KeepReason.MAY_BE_LAST_COPY),
        (Action.HARD_LINK, _replaced, KeepReason.CHANGED),
        (Action.HARD_LINK, _original_gone, KeepReason.CHANGED),
        (Action.SYMBOLIC_LINK, _replaced, KeepReason.CHANGED),
    ],
)
def test_take_back_possible_last_copy_is_kept(
    tmp_path: Path, action: Action, change: Callable[[Sorting], None], reason: KeepReason
) -> None:
    with sort_one(tmp_path, action) as sorting:
        put(sorting.journal, sorting.item, sorting.target)
        change(sorting)
        before = snapshot(tmp_path / "in", tmp_path / "out")
        with pytest.raises(KeptError) as raised:
            take_back(sorting.journal, sorting.item)
        assert raised.value.reason is reason
        assert snapshot(tmp_path / "in", tmp_path / "out") == before
        assert sorting.item.placed == sorting.target


def test_take_back_removed_copy_succeeds(tmp_path: Path) -> None:
    with sort_one(tmp_path, Action.COPY) as sorting:
        put(sorting.journal, sorting.item, sorting.target)
        sorting.target.unlink()
        take_back(sorting.journal, sorting.item)
        assert sorting.item.placed is None


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda sorting: sorting.target.unlink(), Problem.PLACED_FILE_GONE),
        (lambda sorting: sorting.source.parent.rmdir(), Problem.ORIGINAL_FOLDER_GONE),
        (
            lambda sorting: sorting.target.parent.rename(sorting.target.parent.with_name("elsewhere")),
            Problem.FOLDER_UNREACHABLE,
        ),
    ],
    ids=["photo gone", "home gone", "folder gone"],
)
def test_take_back_unreachable_raises(tmp_path: Path, change: Callable[[Sorting], object], problem: Problem) -> None:
    with sort_one(tmp_path, Action.MOVE) as sorting:
        put(sorting.journal, sorting.item, sorting.target)
        change(sorting)
        before = snapshot(tmp_path / "in", tmp_path / "out")
        with pytest.raises(TransferError) as raised:
            take_back(sorting.journal, sorting.item)
        assert raised.value.problem is problem
        assert snapshot(tmp_path / "in", tmp_path / "out") == before
        assert sorting.item.placed == sorting.target


def test_take_back_old_name_taken_gets_number(tmp_path: Path) -> None:
    with sort_one(tmp_path, Action.MOVE) as sorting:
        content = sorting.source.read_bytes()
        put(sorting.journal, sorting.item, sorting.target)
        write(sorting.source, "a newer photo")
        take_back(sorting.journal, sorting.item)
        assert sorting.source.read_text() == "a newer photo"
        assert sorting.item.restored == sorting.source.with_name("a (2).jpg")
        assert sorting.item.restored.read_bytes() == content


# --- after a crash ---


def begin_transfer(sorting: Sorting) -> None:
    """Record the start of the transfer, as before a crash."""
    sorting.target.parent.mkdir(parents=True)
    sorting.journal.begin(
        sorting.item, Transfer(Direction.OUT, sorting.source, sorting.target, sorting.item.stat.inode)
    )


@pytest.mark.parametrize("action", ACTIONS)
def test_settle_transfer_not_started_is_reverted(tmp_path: Path, action: Action) -> None:
    with sort_one(tmp_path, action) as sorting:
        begin_transfer(sorting)
        before = snapshot(tmp_path / "in", tmp_path / "out")
        settle(sorting.journal, sorting.item)
        assert (sorting.item.placed, sorting.item.transfer) == (None, None)
        assert snapshot(tmp_path / "in", tmp_path / "out") == before


def test_settle_completed_rename_is_done(tmp_path: Path) -> None:
    with sort_one(tmp_path, Action.MOVE) as sorting:
        begin_transfer(sorting)
        sorting.source.rename(sorting.target)
        settle(sorting.journal, sorting.item)
        assert sorting.item.placed == sorting.target


def test_settle_incomplete_copy_is_removed(tmp_path: Path) -> None:
    with sort_one(tmp_path, Action.COPY) as sorting:
        begin_transfer(sorting)
        sorting.journal.temporary(sorting.item, sorting.target).write_bytes(b"half")
        settle(sorting.journal, sorting.item)
        assert sorting.item.placed is None
        assert leftovers(tmp_path / "out") == []


def test_settle_other_file_at_target_is_kept(tmp_path: Path) -> None:
    with sort_one(tmp_path, Action.MOVE) as sorting:
        begin_transfer(sorting)
        write(sorting.target, "another program's", modified=1_700_000_000)
        settle(sorting.journal, sorting.item)
        assert sorting.item.placed is None
        assert sorting.target.read_text() == "another program's"
        assert sorting.source.exists()


def test_settle_missing_disk_raises_and_stays_open(tmp_path: Path) -> None:
    with sort_one(tmp_path, Action.MOVE) as sorting:
        begin_transfer(sorting)
        sorting.target.parent.rmdir()
        with pytest.raises(TransferError) as raised:
            settle(sorting.journal, sorting.item)
        assert raised.value.problem is Problem.FOLDER_UNREACHABLE
        assert sorting.item.transfer is not None


# --- folders ---


def test_make_folders_records_created_folders_outer_first(tmp_path: Path) -> None:
    with sort_one(tmp_path, Action.COPY) as sorting:
        (tmp_path / "out").mkdir()
        make_folders(sorting.journal, tmp_path / "out/cats/2024/05")
        make_folders(sorting.journal, tmp_path / "out/cats/2024/05")
        assert sorting.journal.folders == [tmp_path / "out" / below for below in ("cats", "cats/2024", "cats/2024/05")]
        assert (tmp_path / "out/cats/2024/05").is_dir()
        assert read_journal(sorting.journal.file.path).folders == sorting.journal.folders


def test_make_folders_unplugged_disk_raises(tmp_path: Path) -> None:
    with sort_one(tmp_path, Action.COPY) as sorting:
        (tmp_path / "out").mkdir()
        sorting.journal.destination.remember_identity()
        (tmp_path / "out").rename(tmp_path / "unplugged")
        with pytest.raises(DestinationGoneError):
            make_folders(sorting.journal, tmp_path / "out/cats")
        assert not (tmp_path / "out").exists()
        assert sorting.journal.folders == []
