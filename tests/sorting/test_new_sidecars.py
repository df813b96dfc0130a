"""What an editor has made beside photos that a sort had moved goes home with them, and nothing else does."""

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
    """Move photos, all of cats; return the folder they are in now."""
    run_sort(plan_for([result(photo) for photo in photos], out, Action.MOVE))
    return out / "cats"


def edit(path: Path, content: str = "") -> Path:
    """Write a sidecar, now."""
    return write(path, content or f"edits of {path.name}", modified=int(time.time()))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("sidecar", ["a.jpg.xmp", "a.xmp", "a.XMP", "A.JPG.xmp", "a.aae"])
@pytest.mark.parametrize("disk", ["same", "other"])
def test_a_sidecar_made_meanwhile_comes_home(
    tmp_path: Path, request: pytest.FixtureRequest, sidecar: str, disk: str
) -> None:
    out = tmp_path / "out" if disk == "same" else request.getfixturevalue("other_disk") / "out"
    photo = write(tmp_path / "in/a.jpg")
    cats = move(photo, out=out)
    edits = edit(cats / sidecar).read_text()
    told: list[dict[Path, Path]] = []
    outcome = undo_sort(on_moved=lambda moved: told.append(dict(moved)))
    assert (outcome.done, outcome.failed, outcome.notes) == (1, [], [])
    assert photo.exists()
    assert (tmp_path / "in" / sidecar).read_text() == edits
    assert not out.exists(), "nothing is left there"
    assert told == [{cats / "a.jpg": photo, cats / sidecar: tmp_path / "in" / sidecar}]
    assert last_sort() is None


@pytest.mark.parametrize("stranger", ["b.xmp", "a.txt", "a.cr2", "a.mov", "notes.xmp", "a.xmp.bak", ".a.jpg.xmp"])
def test_what_is_no_sidecar_of_the_photo_stays(tmp_path: Path, stranger: str) -> None:
    cats = move(write(tmp_path / "in/a.jpg"), out=tmp_path / "out")
    edit(cats / stranger)
    outcome = undo_sort()
    assert names(tmp_path / "in") == ["a.jpg"]
    assert names(cats) == [stranger]
    assert (cats, "stays, as it holds other files.") in outcome.notes


def test_one_that_was_there_before_the_sort_is_not_ours(tmp_path: Path) -> None:
    cats = tmp_path / "out/cats"
    write(cats / "a.jpg.xmp", "of a photo that is long gone", modified=1_500_000_000)
    move(write(tmp_path / "in/a.jpg"), out=tmp_path / "out")
    undo_sort()
    assert names(cats) == ["a.jpg.xmp"]
    assert names(tmp_path / "in") == ["a.jpg"]


def test_of_two_photos_each_gets_its_own(tmp_path: Path) -> None:
    """Both were called a.jpg, so one was numbered; at home they get their old names, and the sidecars too."""
    first, second = write(tmp_path / "one/a.jpg"), write(tmp_path / "two/a.jpg")
    cats = move(first, second, out=tmp_path / "out")
    edit(cats / "a.jpg.xmp", "of the first")
    edit(cats / "a (2).jpg.xmp", "of the second")
    undo_sort()
    assert (tmp_path / "one/a.jpg.xmp").read_text() == "of the first"
    assert (tmp_path / "two/a.jpg.xmp").read_text() == "of the second"


def test_it_follows_its_photo_to_another_name_and_takes_nobodys_place(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    cats = move(photo, out=tmp_path / "out")
    edit(cats / "a.jpg.xmp", "of the photo")
    write(photo, "a newer photo")
    undo_sort()
    assert (tmp_path / "in/a (2).jpg.xmp").read_text() == "of the photo"
    assert not (tmp_path / "in/a.jpg.xmp").exists(), "it would be taken for that of the newer photo"


def test_with_the_companions_that_went_along(tmp_path: Path) -> None:
    photo, raw = write(tmp_path / "in/a.jpg"), write(tmp_path / "in/a.cr2")
    cats = move(photo, out=tmp_path / "out")
    assert names(cats) == [raw.name, photo.name]
    edit(cats / "a.cr2.xmp")
    edit(cats / "a.jpg.xmp")
    undo_sort()
    assert names(tmp_path / "in") == ["a.cr2", "a.cr2.xmp", "a.jpg", "a.jpg.xmp"]


def test_a_link_is_left(tmp_path: Path) -> None:
    cats = move(write(tmp_path / "in/a.jpg"), out=tmp_path / "out")
    edit(tmp_path / "elsewhere.xmp")
    (cats / "a.jpg.xmp").symlink_to(tmp_path / "elsewhere.xmp")
    undo_sort()
    assert names(tmp_path / "in") == ["a.jpg"]
    assert (cats / "a.jpg.xmp").is_symlink()


def test_where_the_photo_cannot_go_the_sidecar_stays_with_it_until_it_can(tmp_path: Path) -> None:
    photo = write(tmp_path / "in/a.jpg")
    cats = move(photo, out=tmp_path / "out")
    edit(cats / "a.jpg.xmp")
    (tmp_path / "in").rmdir()
    before = snapshot(tmp_path / "out")
    assert len(undo_sort().failed) == 1
    assert len(undo_sort().failed) == 1, "and is noted in the journal once only"
    assert snapshot(tmp_path / "out") == before
    (tmp_path / "in").mkdir()
    undo_sort()
    assert names(tmp_path / "in") == ["a.jpg", "a.jpg.xmp"]
    assert list_sorts()[0].state is JournalState.UNDONE


def test_where_the_photo_is_no_longer_ours_the_sidecar_is_left_and_told(tmp_path: Path) -> None:
    cats = move(write(tmp_path / "in/a.jpg"), out=tmp_path / "out")
    edit(cats / "a.jpg.xmp")
    (cats / "a.jpg").rename(tmp_path / "mine.jpg")
    (cats / "a.jpg").mkdir()
    outcome = undo_sort()
    assert (cats / "a.jpg.xmp", "stays with its photo.") in outcome.notes
    assert names(cats) == ["a.jpg.xmp"]


class _PowerCutError(Exception):
    pass


def test_after_an_interruption_between_photo_and_sidecar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The photo is home, its sidecar is not: the next undo still knows of it."""
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


def test_a_photo_that_is_edited_while_it_goes_back_is_kept_in_both_versions_and_told(
    tmp_path: Path, other_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = write(tmp_path / "in/a.jpg", "before")
    placed = move(photo, out=other_disk / "out") / "a.jpg"
    real = os.fsync
    edited: list[Path] = []

    def edit_meanwhile(handle: int) -> None:
        real(handle)
        if photo.exists() and not edited:  # the copy has its name; the one that is to be deleted is edited
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
