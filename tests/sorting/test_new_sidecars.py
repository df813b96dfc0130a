"""Sidecars made beside moved photos after a sort: undo moves them back with their photo, and no other file."""

import os
import time
from pathlib import Path

import pytest
from sort_trees import plan_for, result, snapshot, write

from catdog_desktop.sorting.history import last_sort, list_sorts
from catdog_desktop.sorting.journal_items import JournalState
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.run import PhotoDone, run_sort, undo_sort


def move(*photos: Path, out: Path) -> Path:
    """Move photos of cats; return their new folder."""
    run_sort(plan_for([result(photo) for photo in photos], out, Action.MOVE))
    return out / "cats"


def edit(path: Path, content: str = "") -> Path:
    """Write a sidecar, now."""
    return write(path, content or f"edits of {path.name}", modified=int(time.time()))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("sidecar", ["a.jpg.xmp", "a.xmp", "a.XMP", "A.JPG.xmp", "a.aae"])
@pytest.mark.parametrize("disk", ["same", "other"])
def test_undo_new_sidecar_moves_back_with_photo(
    tmp_path: Path, request: pytest.FixtureRequest, sidecar: str, disk: str
) -> None:
    out = tmp_path / "out" if disk == "same" else request.getfixturevalue("other_disk") / "out"
    photo = write(tmp_path / "in/a.jpg")
    cats = move(photo, out=out)
    edits = edit(cats / sidecar).read_text()
    reported: list[dict[Path, Path]] = []
    outcome = undo_sort(on_moved=lambda moved: reported.append(dict(moved)))
    assert (outcome.done, outcome.failed, outcome.notes) == (1, [], [])
    assert photo.exists()
    assert (tmp_path / "in" / sidecar).read_text() == edits
    assert not out.exists(), "nothing is left in the destination"
    assert reported == [{cats / "a.jpg": photo, cats / sidecar: tmp_path / "in" / sidecar}]
    assert last_sort() is None


@pytest.mark.parametrize("name", ["b.xmp", "a.txt", "a.cr2", "a.mov", "notes.xmp", "a.xmp.bak", ".a.jpg.xmp"])
def test_undo_other_files_stay(tmp_path: Path, name: str) -> None:
    cats = move(write(tmp_path / "in/a.jpg"), out=tmp_path / "out")
    edit(cats / name)
    outcome = undo_sort()
    assert names(tmp_path / "in") == ["a.jpg"]
    assert names(cats) == [name]
    assert (cats, "stays, since it contains other files.") in outcome.notes


def test_undo_sidecar_older_than_sort_stays(tmp_path: Path) -> None:
    cats = tmp_path / "out/cats"
    write(cats / "a.jpg.xmp", "of an older photo", modified=1_500_000_000)
    move(write(tmp_path / "in/a.jpg"), out=tmp_path / "out")
    undo_sort()
    assert names(cats) == ["a.jpg.xmp"]
    assert names(tmp_path / "in") == ["a.jpg"]


def test_undo_numbered_photos_get_their_own_sidecars(tmp_path: Path) -> None:
    """Both photos were a.jpg, so one was numbered. Undo restores the old names of photos and sidecars."""
    first, second = write(tmp_path / "one/a.jpg"), write(tmp_path / "two/a.jpg")
    cats = move(first, second, out=tmp_path / "out")
    edit(cats / "a.jpg.xmp", "of the first")
    edit(cats / "a (2).jpg.xmp", "of the second")
    undo_sort()
    assert (tmp_path / "one/a.jpg.xmp").read_text() == "of the first"
    assert (tmp_path / "two/a.jpg.xmp").read_text() == "of the second"


def test_undo_sidecar_follows_renamed_photo(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    cats = move(photo, out=tmp_path / "out")
    edit(cats / "a.jpg.xmp", "of the photo")
    write(photo, "a newer photo")
    undo_sort()
    assert (tmp_path / "in/a (2).jpg.xmp").read_text() == "of the photo"
    assert not (tmp_path / "in/a.jpg.xmp").exists(), "it would become the sidecar of the newer photo"


def test_undo_new_sidecars_of_companions_move_back(tmp_path: Path) -> None:
    photo, raw = write(tmp_path / "in/a.jpg"), write(tmp_path / "in/a.cr2")
    cats = move(photo, out=tmp_path / "out")
    assert names(cats) == [raw.name, photo.name]
    edit(cats / "a.cr2.xmp")
    edit(cats / "a.jpg.xmp")
    undo_sort()
    assert names(tmp_path / "in") == ["a.cr2", "a.cr2.xmp", "a.jpg", "a.jpg.xmp"]


def test_undo_link_is_not_a_new_sidecar(tmp_path: Path) -> None:
    cats = move(write(tmp_path / "in/a.jpg"), out=tmp_path / "out")
    edit(tmp_path / "elsewhere.xmp")
    (cats / "a.jpg.xmp").symlink_to(tmp_path / "elsewhere.xmp")
    undo_sort()
    assert names(tmp_path / "in") == ["a.jpg"]
    assert (cats / "a.jpg.xmp").is_symlink()


def test_undo_sidecar_stays_until_photo_can_move(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    cats = move(photo, out=tmp_path / "out")
    edit(cats / "a.jpg.xmp")
    (tmp_path / "in").rmdir()
    before = snapshot(tmp_path / "out")
    assert len(undo_sort().failed) == 1
    assert len(undo_sort().failed) == 1, "and it is recorded in the journal once only"
    assert snapshot(tmp_path / "out") == before
    (tmp_path / "in").mkdir()
    undo_sort()
    assert names(tmp_path / "in") == ["a.jpg", "a.jpg.xmp"]
    assert list_sorts()[0].state is JournalState.UNDONE


def test_undo_sidecar_of_kept_photo_stays(tmp_path: Path) -> None:
    cats = move(write(tmp_path / "in/a.jpg"), out=tmp_path / "out")
    edit(cats / "a.jpg.xmp")
    (cats / "a.jpg").rename(tmp_path / "mine.jpg")
    (cats / "a.jpg").mkdir()
    outcome = undo_sort()
    assert (cats / "a.jpg.xmp", "stays with its photo.") in outcome.notes
    assert names(cats) == ["a.jpg.xmp"]


class _PowerCutError(Exception):
    pass


def test_undo_interrupted_before_sidecar_can_be_repeated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The photo is back and its sidecar is not. The next undo still moves the sidecar."""
    photo = write(tmp_path / "in/a.jpg")
    cats = move(photo, out=tmp_path / "out")
    edit(cats / "a.jpg.xmp")
    real = os.lstat

    def cut(path: str | Path, *args: object, **more: object) -> os.stat_result:
        if str(path).endswith(".xmp") and photo.exists():
            raise _PowerCutError
        return real(path, *args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as context:
        context.setattr(os, "lstat", cut)
        with pytest.raises(_PowerCutError):
            undo_sort()
    assert (names(tmp_path / "in"), names(cats)) == (["a.jpg"], ["a.jpg.xmp"])
    undo_sort()
    assert names(tmp_path / "in") == ["a.jpg", "a.jpg.xmp"]
    assert not (tmp_path / "out").exists()


def test_undo_photo_edited_while_moving_keeps_both_versions(
    tmp_path: Path, other_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = write(tmp_path / "in/a.jpg", "before")
    placed = move(photo, out=other_disk / "out") / "a.jpg"
    real = os.fsync
    edited: list[Path] = []

    def edit_meanwhile(handle: int) -> None:
        real(handle)
        if photo.exists() and not edited:  # The file that is about to be deleted is edited.
            edited.append(write(placed, "after"))

    monkeypatch.setattr(os, "fsync", edit_meanwhile)
    photos: list[PhotoDone] = []
    outcome = undo_sort(on_photo=photos.append)
    assert edited == [placed]
    assert (photo.read_text(), placed.read_text()) == ("before", "after")
    ((_, note),) = [(path, note) for path, note in outcome.notes if path == placed]
    assert "Both are kept" in note
    assert str(photo) in note
    assert photos[-1].target == photo
