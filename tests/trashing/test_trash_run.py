"""Moving to the trash and back, with a trash made by the test: journal, companions, failures, interruptions."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.paths import journals_folder
from catdog_desktop.sorting.lock import one_writer
from catdog_desktop.trashing.trash_journal import (
    TrashError,
    TrashProblem,
    list_trash_journals,
    read_trash_journal,
    trash_journals_folder,
)
from catdog_desktop.trashing.trash_run import NoTrashError, last_trash, move_to_trash, plan_trash, undo_trash


class Trash:
    """A trash as freedesktop.org describes it. It refuses what is in `refused`."""

    def __init__(self, folder: Path) -> None:
        self.files, self.info = folder / "files", folder / "info"
        self.files.mkdir(parents=True)
        self.info.mkdir()
        self.refused: set[str] = set()
        self.hides_paths = False
        self.moved: list[str] = []

    def move(self, path: Path) -> Path | None:
        if path.name in self.refused:
            raise NoTrashError
        place = self.files / f"{len(self.moved)} {path.name}"
        path.rename(place)
        (self.info / f"{place.name}.trashinfo").write_text("[Trash Info]\n")
        self.moved.append(path.name)
        return None if self.hides_paths else place

    @property
    def is_empty(self) -> bool:
        return not any(self.files.iterdir()) and not any(self.info.iterdir())


@pytest.fixture
def trash(tmp_path: Path) -> Trash:
    return Trash(tmp_path / "Trash")


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Return two photos; the first one has a sidecar and a raw original."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for name in ("a.jpg", "a.jpg.xmp", "a.cr2", "b.jpg"):
        (folder / name).write_bytes(name.encode())
    return [folder / "a.jpg", folder / "b.jpg"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_photos_and_companions_go_and_come_back(trash: Trash, photos: list[Path]) -> None:
    plan = plan_trash(photos)
    assert [path.name for path in plan.companions] == ["a.cr2", "a.jpg.xmp"]
    outcome = move_to_trash(plan, trash.move)
    assert outcome.photos == photos
    assert [path.name for path in outcome.companions] == ["a.cr2", "a.jpg.xmp"]
    assert outcome.failed == []
    assert names(photos[0].parent) == []
    info = last_trash()
    assert info is not None
    assert (info.id, info.photos) == (outcome.journal_id, 2)
    back = undo_trash(outcome.journal_id)
    assert back.photos == photos
    assert names(photos[0].parent) == ["a.cr2", "a.jpg", "a.jpg.xmp", "b.jpg"]
    assert photos[0].read_bytes() == b"a.jpg"
    assert trash.is_empty, "its notes about the files, too"
    assert last_trash() is None


def test_journal_names_each_file_before_it_is_moved(trash: Trash, photos: list[Path]) -> None:
    begun: list[int] = []

    def move(path: Path) -> Path | None:
        (journal,) = list_trash_journals(trash_journals_folder())
        begun.append(sum(file.is_begun for file in read_trash_journal(journal).files))
        return trash.move(path)

    move_to_trash(plan_trash(photos), move)
    assert begun == [1, 2, 3, 4]


def test_photo_without_trash_stays_with_its_companions(trash: Trash, photos: list[Path]) -> None:
    trash.refused = {"a.jpg"}
    outcome = move_to_trash(plan_trash(photos), trash.move)
    assert outcome.failed == [(photos[0], "was not moved: there is no trash for this folder")]
    assert names(photos[0].parent) == ["a.cr2", "a.jpg", "a.jpg.xmp"]
    assert undo_trash(outcome.journal_id).photos == photos[1:]


def test_companion_without_trash_is_reported(trash: Trash, photos: list[Path]) -> None:
    trash.refused = {"a.cr2"}
    outcome = move_to_trash(plan_trash(photos), trash.move)
    assert [path.name for path, _reason in outcome.failed] == ["a.cr2"]
    assert outcome.photos == photos


def test_obstacle_keeps_photo(trash: Trash, photos: list[Path]) -> None:
    outcome = move_to_trash(
        plan_trash(photos), trash.move, obstacle=lambda photo: "differs" if photo.name == "a.jpg" else ""
    )
    assert outcome.failed == [(photos[0], "differs")]
    assert outcome.photos == photos[1:]


def test_missing_photo_is_reported_and_needs_no_journal(trash: Trash, tmp_path: Path) -> None:
    gone = tmp_path / "gone.jpg"
    outcome = move_to_trash(plan_trash([gone]), trash.move)
    assert outcome.failed == [(gone, "is no longer there")]
    assert list_trash_journals(trash_journals_folder()) == []


def test_cancelled_move_can_be_undone(trash: Trash, photos: list[Path]) -> None:
    token = CancelToken()
    outcome = move_to_trash(
        plan_trash(photos), trash.move, cancel_token=token, on_progress=lambda _progress: token.cancel()
    )
    assert (outcome.photos, outcome.not_done) == (photos[:1], 1)
    assert undo_trash(outcome.journal_id).photos == photos[:1]


def test_undo_restores_the_folder(trash: Trash, photos: list[Path]) -> None:
    outcome = move_to_trash(plan_trash(photos), trash.move)
    photos[0].parent.rmdir()
    assert undo_trash(outcome.journal_id).photos == photos


def _take_name(trash: Trash, photo: Path) -> None:
    photo.write_bytes(b"another one")


def _change(trash: Trash, photo: Path) -> None:
    (trash.files / f"3 {photo.name}").write_bytes(b"changed in the trash")


def _empty(trash: Trash, photo: Path) -> None:
    (trash.files / f"3 {photo.name}").unlink()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (_take_name, "is in the trash, since another file has its name by now"),
        (_change, "was changed in the trash, at "),
        (_empty, "is no longer in the trash"),
    ],
)
def test_undo_leaves_what_it_cannot_restore(
    trash: Trash, photos: list[Path], spoil: Callable[[Trash, Path], None], reason: str
) -> None:
    outcome = move_to_trash(plan_trash(photos), trash.move)
    spoil(trash, photos[1])
    before = photos[1].read_bytes() if photos[1].exists() else None
    back = undo_trash(outcome.journal_id)
    assert back.photos == photos[:1]
    ((path, why),) = back.failed
    assert path == photos[1]
    assert why.startswith(reason)
    assert (photos[1].read_bytes() if photos[1].exists() else None) == before


def test_undo_reports_files_whose_place_is_unknown(trash: Trash, photos: list[Path]) -> None:
    trash.hides_paths = True
    outcome = move_to_trash(plan_trash(photos), trash.move)
    back = undo_trash(outcome.journal_id)
    assert back.photos == []
    assert {why for _path, why in back.failed} == {"is in the trash of the system, and only that can restore it"}


def test_undo_across_disks_copies_and_compares(trash: Trash, photos: list[Path], other_disk: Path) -> None:
    far = Trash(other_disk / "Trash")

    def move(path: Path) -> Path:
        place = far.files / path.name
        place.write_bytes(path.read_bytes())
        os.utime(place, ns=(0, path.stat().st_mtime_ns))
        path.unlink()
        return place

    outcome = move_to_trash(plan_trash(photos), move)
    assert undo_trash(outcome.journal_id).photos == photos
    assert photos[1].read_bytes() == b"b.jpg"
    assert far.is_empty
    assert not [name for name in names(photos[0].parent) if name.endswith(".part")]


@pytest.mark.parametrize("moved", [False, True])
def test_undo_after_a_kill_in_the_middle(trash: Trash, photos: list[Path], *, moved: bool) -> None:
    """The process ends before or after a file was moved; its journal has "begin" but no end."""

    class Killed(BaseException):
        pass

    def move(path: Path) -> Path | None:
        if path.name == "b.jpg":
            if moved:
                trash.move(path)
            raise Killed
        return trash.move(path)

    with pytest.raises(Killed):
        move_to_trash(plan_trash(photos), move)
    info = last_trash()
    assert info is not None
    back = undo_trash(info.id)
    assert photos[0] in back.photos
    assert photos[1].exists() is not moved
    if moved:
        assert back.failed == [(photos[1], "is in the trash of the system, and only that can restore it")]


def test_move_while_a_sort_runs_is_refused(trash: Trash, photos: list[Path]) -> None:
    with one_writer(journals_folder()), pytest.raises(TrashError) as refused:
        move_to_trash(plan_trash(photos), trash.move)
    assert refused.value.problem is TrashProblem.NO_LOCK
    assert str(refused.value).startswith("Another sort is running")
    assert photos[0].exists()


def test_damaged_journal_is_refused_and_skipped(trash: Trash, photos: list[Path]) -> None:
    outcome = move_to_trash(plan_trash(photos), trash.move)
    (path,) = list_trash_journals(trash_journals_folder())
    path.write_text('{"journal": 1, "files": 9}\n')
    with pytest.raises(TrashError) as damaged:
        undo_trash(outcome.journal_id)
    assert (damaged.value.problem, damaged.value.path) == (TrashProblem.JOURNAL_DAMAGED, path)
    assert last_trash() is None


def test_unknown_move_is_refused(trash: Trash) -> None:
    with pytest.raises(TrashError) as unknown:
        undo_trash("trash-1")
    assert (unknown.value.problem, unknown.value.detail) == (TrashProblem.UNKNOWN_ID, "trash-1")


def test_journal_that_cannot_be_written_names_file_and_reason(trash: Trash, photos: list[Path]) -> None:
    trash_journals_folder().parent.mkdir(parents=True, exist_ok=True)
    trash_journals_folder().touch()
    with pytest.raises(TrashError) as failed:
        move_to_trash(plan_trash(photos), trash.move)
    assert failed.value.problem is TrashProblem.JOURNAL_NOT_WRITTEN
    assert str(trash_journals_folder()) in str(failed.value)
    assert photos[0].exists()
