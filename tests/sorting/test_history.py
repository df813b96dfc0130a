"""Earlier sorts: which are listed, can be undone, or were interrupted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cancel_after import CancelAfter
from sort_trees import plan_for, result, snapshot, write

from catdog_desktop.files.journal_file import path_of
from catdog_desktop.paths import journals_folder
from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.history import (
    damaged_sorts,
    forget_sort,
    last_sort,
    list_sorts,
    open_sorts,
    unfinished_sorts,
)
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.run import run_sort, undo_sort


class _PowerCutError(Exception):
    pass


def sort(top: Path, name: str, action: Action = Action.MOVE) -> str:
    """Sort one new photo; return the id of the sort."""
    photo = write(top / f"in/{name}.jpg")
    return run_sort(plan_for([result(photo)], top / "out", action)).journal_id


def interrupt(top: Path, name: str) -> str:
    """Sort two photos, interrupted after the first."""
    photos = [write(top / f"in/{name}{number}.jpg") for number in range(2)]

    def cut(_photo: object) -> None:
        raise _PowerCutError

    with pytest.raises(_PowerCutError):
        run_sort(plan_for([result(photo) for photo in photos], top / "out", Action.MOVE), on_photo=cut)
    return list_sorts()[0].id


def stop_at_once(top: Path, name: str) -> str:
    photo = write(top / f"in/{name}.jpg")
    return run_sort(plan_for([result(photo)], top / "out"), cancel_token=CancelAfter()).journal_id


def undone(top: Path, name: str) -> str:
    journal_id = sort(top, name)
    undo_sort(journal_id)
    return journal_id


def forgotten(top: Path, name: str) -> str:
    journal_id = sort(top, name)
    forget_sort(journal_id)
    return journal_id


@pytest.mark.parametrize(
    ("make", "state", "can_be_undone", "is_open"),
    [
        (sort, JournalState.ENDED, True, False),
        (interrupt, JournalState.UNFINISHED, True, True),
        (stop_at_once, JournalState.CANCELLED, False, False),
        (undone, JournalState.UNDONE, False, False),
        (forgotten, JournalState.FORGOTTEN, False, False),
    ],
)
def test_history_offers_sort_by_its_state(
    tmp_path: Path, make: Callable[[Path, str], str], state: JournalState, can_be_undone: bool, is_open: bool
) -> None:
    older = sort(tmp_path, "older")
    journal_id = make(tmp_path, "newer")
    assert [(info.id, info.state) for info in list_sorts()] == [(journal_id, state), (older, JournalState.ENDED)]
    last = last_sort()
    assert last is not None
    assert last.id == (journal_id if can_be_undone else older)
    assert [info.id for info in unfinished_sorts()] == ([journal_id] if is_open else [])


def test_list_sorts_counts_photos(tmp_path: Path) -> None:
    interrupt(tmp_path, "a")
    (info,) = list_sorts()
    assert (info.photos, info.done, info.action, info.destination) == (2, 1, Action.MOVE, tmp_path / "out")
    assert tmp_path / "out/cats" in info.outputs


def test_open_sorts_while_running_is_empty(tmp_path: Path) -> None:
    journal_id = interrupt(tmp_path, "a")
    with one_writer(journals_folder()):
        assert open_sorts() == ([], {})
    assert [info.id for info in open_sorts()[0]] == [journal_id]


def test_history_without_sorts_is_empty(tmp_path: Path) -> None:
    assert (list_sorts(), damaged_sorts(), open_sorts(), last_sort()) == ([], {}, ([], {}), None)
    assert last_sort(tmp_path / "nowhere") is None
    assert not (tmp_path / "nowhere").exists(), "reading creates no folder"


@pytest.mark.parametrize("name", ["20260101-000000-000000", "", "..", "../photos", "/etc/passwd", "a\nb"])
def test_forget_sort_unknown_id_raises(tmp_path: Path, name: str) -> None:
    sort(tmp_path, "a")
    before = snapshot(tmp_path, journals_folder())
    with pytest.raises(SortError, match="There is no sort"):
        forget_sort(name)
    after = snapshot(tmp_path, journals_folder())
    assert {path for path in after if not path.endswith(b"lock")} == {p for p in before if not p.endswith(b"lock")}


def test_forget_sort_changes_no_photo_and_keeps_journal(tmp_path: Path) -> None:
    journal_id = interrupt(tmp_path, "a")
    before = snapshot(tmp_path)
    forget_sort(journal_id)
    assert snapshot(tmp_path) == before
    assert path_of(journals_folder(), journal_id).exists()
    assert open_sorts() == ([], {})


def test_forget_sort_damaged_journal_is_renamed(tmp_path: Path) -> None:
    journal_id = sort(tmp_path, "a")
    path = path_of(journals_folder(), journal_id)
    path.write_bytes(b"damaged\n")
    assert list(damaged_sorts()) == list(open_sorts()[1]) == [journal_id]
    with pytest.raises(SortError, match="is damaged"):
        last_sort()
    forget_sort(journal_id)
    assert (damaged_sorts(), open_sorts(), last_sort()) == ({}, ([], {}), None)
    assert path.with_name(path.name + ".damaged").read_bytes() == b"damaged\n", "the damaged journal is kept"
