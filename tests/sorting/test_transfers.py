"""One file goes to its place and comes back, whatever is done with it: real files, and a journal that knows."""

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
from catdog_desktop.sorting.journal_items import JournalItem, Leg, Way
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.transfer_errors import DestinationGoneError, LeftError, NameTakenError, TransferError
from catdog_desktop.sorting.transfers import make_folders, put, settle, take_back

ACTIONS = [
    Action.COPY,
    Action.MOVE,
    pytest.param(Action.HARD_LINK, marks=pytest.mark.skipif(os.name != "posix", reason="links as on POSIX")),
    pytest.param(Action.SYMBOLIC_LINK, marks=pytest.mark.skipif(os.name != "posix", reason="links as on POSIX")),
]


@dataclass
class Trip:
    """A photo that is to go from `source` to `target`, and the journal of it."""

    journal: Journal
    source: Path
    target: Path

    @property
    def item(self) -> JournalItem:
        return self.journal.items[0]

    def as_on_disk(self) -> JournalItem:
        """What somebody else would read after a crash in this moment."""
        return read_journal(self.journal.file.path).items[0]


@contextmanager
def trip(top: Path, action: Action, out: Path | None = None) -> Iterator[Trip]:
    source = write(top / "in/a.jpg", mode=0o640)
    folder = out or top / "out"
    target = folder / "cats/a.jpg"
    files = [(0, source, target, FileStat.of(source))]
    with create_journal(top / "journals", action, Destination.at(folder), [folder], files) as journal:
        yield Trip(journal, source, target)


@pytest.mark.parametrize("action", ACTIONS)
def test_there_and_back_again(tmp_path: Path, action: Action) -> None:
    with trip(tmp_path, action) as it:
        before, content = snapshot(tmp_path / "in"), it.source.read_bytes()
        put(it.journal, it.item, it.target)
        assert it.target.read_bytes() == content
        assert it.source.exists() == (action is not Action.MOVE)
        assert it.target.is_symlink() == (action is Action.SYMBOLIC_LINK)
        assert (it.item.placed, it.item.leg) == (it.target, None)
        assert it.as_on_disk() == it.item
        take_back(it.journal, it.item)
        assert not os.path.lexists(it.target)
        assert snapshot(tmp_path / "in") == before
        assert it.item.placed is None
        assert it.as_on_disk() == it.item


@pytest.mark.parametrize("action", [Action.COPY, Action.MOVE])
def test_to_another_disk_and_back(tmp_path: Path, other_disk: Path, action: Action) -> None:
    with trip(tmp_path, action, other_disk / "out") as it:
        before, content = snapshot(tmp_path / "in"), it.source.read_bytes()
        put(it.journal, it.item, it.target)
        assert it.target.read_bytes() == content
        assert it.item.content is not None
        assert it.item.content.is_in(it.target)
        take_back(it.journal, it.item)
        assert snapshot(tmp_path / "in") == before
        assert leftovers(tmp_path, other_disk) == []


@pytest.mark.parametrize("action", ACTIONS)
def test_a_name_that_is_taken_is_nobodys_to_take(tmp_path: Path, action: Action) -> None:
    with trip(tmp_path, action) as it:
        write(it.target, "a stranger's")
        before = snapshot(tmp_path / "in", tmp_path / "out")
        with pytest.raises(NameTakenError):
            put(it.journal, it.item, it.target)
        assert snapshot(tmp_path / "in", tmp_path / "out") == before
        assert (it.item.placed, it.item.leg) == (None, None)


def _changed(source: Path) -> None:
    write(source, "another photo")


def _touched(source: Path) -> None:
    os.utime(source)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_changed, "was changed after the plan"),
        (_touched, "was changed after the plan"),
        (Path.unlink, "no longer there"),
    ],
    ids=["changed", "touched", "gone"],
)
def test_what_is_not_as_planned_stays(
    tmp_path: Path, action: Action, change: Callable[[Path], None], words: str
) -> None:
    with trip(tmp_path, action) as it:
        change(it.source)
        before = snapshot(tmp_path / "in")
        with pytest.raises(TransferError, match=words):
            put(it.journal, it.item, it.target)
        assert snapshot(tmp_path / "in") == before
        assert not (tmp_path / "out").exists()


def test_a_file_where_a_folder_should_be_is_told(tmp_path: Path) -> None:
    with trip(tmp_path, Action.COPY) as it:
        write(tmp_path / "out", "a file")
        with pytest.raises(TransferError, match=r"is gone|could not be brought there"):
            put(it.journal, it.item, it.target)
        assert (tmp_path / "out").read_text() == "a file"
        assert it.journal.folders == [], "what could not be made is not ours to remove"


def _copy_changed(it: Trip) -> None:
    write(it.target, "somebody has worked on it")


def _original_changed(it: Trip) -> None:
    write(it.source, "another photo")


def _original_gone(it: Trip) -> None:
    it.source.unlink()


def _original_leads_to_copy(it: Trip) -> None:
    it.source.unlink()
    it.source.symlink_to(it.target)


def _replaced(it: Trip) -> None:
    it.target.unlink()
    write(it.target, it.source.read_bytes())


@pytest.mark.skipif(os.name != "posix", reason="links as on POSIX")
@pytest.mark.parametrize(
    ("action", "change"),
    [
        (Action.COPY, _copy_changed),
        (Action.COPY, _original_changed),
        (Action.COPY, _original_gone),
        (Action.COPY, _original_leads_to_copy),
        (Action.HARD_LINK, _replaced),
        (Action.HARD_LINK, _original_gone),
        (Action.SYMBOLIC_LINK, _replaced),
    ],
)
def test_undoing_removes_nothing_that_may_be_all_there_is(
    tmp_path: Path, action: Action, change: Callable[[Trip], None]
) -> None:
    with trip(tmp_path, action) as it:
        put(it.journal, it.item, it.target)
        change(it)
        before = snapshot(tmp_path / "in", tmp_path / "out")
        with pytest.raises(LeftError, match=r"[Ss]o it was left"):
            take_back(it.journal, it.item)
        assert snapshot(tmp_path / "in", tmp_path / "out") == before
        assert it.item.placed == it.target


def test_a_copy_that_somebody_removed_is_back_already(tmp_path: Path) -> None:
    with trip(tmp_path, Action.COPY) as it:
        put(it.journal, it.item, it.target)
        it.target.unlink()
        take_back(it.journal, it.item)
        assert it.item.placed is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda it: it.target.unlink(), "no longer where the sort put it"),
        (lambda it: it.source.parent.rmdir(), "its folder .* is gone"),
        (lambda it: it.target.parent.rename(it.target.parent.with_name("elsewhere")), "cannot be found"),
    ],
    ids=["photo gone", "home gone", "folder gone"],
)
def test_what_cannot_come_back_is_told(tmp_path: Path, change: Callable[[Trip], object], words: str) -> None:
    with trip(tmp_path, Action.MOVE) as it:
        put(it.journal, it.item, it.target)
        change(it)
        before = snapshot(tmp_path / "in", tmp_path / "out")
        with pytest.raises(TransferError, match=words):
            take_back(it.journal, it.item)
        assert snapshot(tmp_path / "in", tmp_path / "out") == before
        assert it.item.placed == it.target


def test_a_photo_comes_back_beside_what_has_its_old_name(tmp_path: Path) -> None:
    with trip(tmp_path, Action.MOVE) as it:
        content = it.source.read_bytes()
        put(it.journal, it.item, it.target)
        write(it.source, "a newer photo")
        take_back(it.journal, it.item)
        assert it.source.read_text() == "a newer photo"
        assert it.item.restored == it.source.with_name("a (2).jpg")
        assert it.item.restored.read_bytes() == content


# --- after a crash ---


def announce(it: Trip) -> None:
    """The last that was written before the crash."""
    it.target.parent.mkdir(parents=True)
    it.journal.begin(it.item, Leg(Way.OUT, it.source, it.target, it.item.looks.inode))


@pytest.mark.parametrize("action", ACTIONS)
def test_a_way_that_was_only_announced_was_not_gone(tmp_path: Path, action: Action) -> None:
    with trip(tmp_path, action) as it:
        announce(it)
        before = snapshot(tmp_path / "in", tmp_path / "out")
        settle(it.journal, it.item)
        assert (it.item.placed, it.item.leg) == (None, None)
        assert snapshot(tmp_path / "in", tmp_path / "out") == before


def test_a_rename_that_was_done_has_arrived(tmp_path: Path) -> None:
    with trip(tmp_path, Action.MOVE) as it:
        announce(it)
        it.source.rename(it.target)
        settle(it.journal, it.item)
        assert it.item.placed == it.target


def test_half_a_copy_is_cleared_away(tmp_path: Path) -> None:
    with trip(tmp_path, Action.COPY) as it:
        announce(it)
        it.journal.temporary(it.item, it.target).write_bytes(b"half")
        settle(it.journal, it.item)
        assert it.item.placed is None
        assert leftovers(tmp_path / "out") == []


def test_a_strangers_file_of_that_name_has_not_arrived(tmp_path: Path) -> None:
    with trip(tmp_path, Action.MOVE) as it:
        announce(it)
        write(it.target, "a stranger's", modified=1_700_000_000)
        settle(it.journal, it.item)
        assert it.item.placed is None
        assert it.target.read_text() == "a stranger's"
        assert it.source.exists()


def test_nothing_is_settled_where_the_disk_cannot_tell(tmp_path: Path) -> None:
    with trip(tmp_path, Action.MOVE) as it:
        announce(it)
        it.target.parent.rmdir()
        with pytest.raises(TransferError, match="Connect the disk"):
            settle(it.journal, it.item)
        assert it.item.leg is not None


# --- folders ---


def test_folders_are_noted_outer_before_inner_and_only_those_made(tmp_path: Path) -> None:
    with trip(tmp_path, Action.COPY) as it:
        (tmp_path / "out").mkdir()
        make_folders(it.journal, tmp_path / "out/cats/2024/05")
        make_folders(it.journal, tmp_path / "out/cats/2024/05")
        assert it.journal.folders == [tmp_path / "out" / below for below in ("cats", "cats/2024", "cats/2024/05")]
        assert (tmp_path / "out/cats/2024/05").is_dir()
        assert read_journal(it.journal.file.path).folders == it.journal.folders


def test_no_folder_is_made_where_the_disk_is_gone(tmp_path: Path) -> None:
    with trip(tmp_path, Action.COPY) as it:
        (tmp_path / "out").mkdir()
        it.journal.place.note_identity()
        (tmp_path / "out").rename(tmp_path / "pulled out")
        with pytest.raises(DestinationGoneError):
            make_folders(it.journal, tmp_path / "out/cats")
        assert not (tmp_path / "out").exists()
        assert it.journal.folders == []
