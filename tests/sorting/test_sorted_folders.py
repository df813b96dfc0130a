"""Folders that sorts have filled: the copies in them are no photos of their own."""

from pathlib import Path

import pytest
from sort_trees import plan_for, result, write

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.run import run_sort, undo_sort
from catdog_desktop.sorting.sorted_folders import ALREADY_SORTED, own_output_folders, skip_sorted


def sort(top: Path, action: Action = Action.COPY) -> str:
    """Sort a photo of `top`/in into `top`/out."""
    return run_sort(plan_for([result(write(top / "in/a.jpg"))], top / "out", action)).journal_id


def left(source: Path, *outputs: Path) -> tuple[list[str], list[str]]:
    """Return the names of what is passed on and of what is left out."""
    passed, out = [], []
    for photo in skip_sorted(find_photos([source]), [source], outputs):
        if isinstance(photo, Skipped):
            assert (photo.reason, photo.detail) == (SkipReason.REPEATED, ALREADY_SORTED)
            out.append(photo.path.relative_to(source).as_posix())
        else:
            passed.append(photo.relative_to(source).as_posix())
    return sorted(passed), sorted(out)


@pytest.mark.parametrize(
    ("action", "copies"),
    [(Action.COPY, True), (Action.HARD_LINK, True), (Action.SYMBOLIC_LINK, True), (Action.MOVE, False)],
)
def test_copies_and_links_of_an_earlier_sort_are_left_out(tmp_path: Path, action: Action, copies: bool) -> None:
    sort(tmp_path, action)
    write(tmp_path / "out/own.jpg")  # beside the folders that were filled
    passed, out = left(tmp_path)
    assert out == (["out/cats/a.jpg"] if copies else [])
    assert passed == (["in/a.jpg", "out/own.jpg"] if copies else ["out/cats/a.jpg", "out/own.jpg"])


@pytest.mark.parametrize("source", ["out", "out/cats"])
def test_who_gives_the_folder_itself_wants_its_photos(tmp_path: Path, source: str) -> None:
    sort(tmp_path)
    assert len(left(tmp_path / source)[0]) == 1
    assert own_output_folders([tmp_path / source]) == ()


def test_by_a_link_it_is_the_same_folder(tmp_path: Path) -> None:
    sort(tmp_path / "real")
    (tmp_path / "door").symlink_to(tmp_path / "real")
    assert left(tmp_path / "door") == (["in/a.jpg"], ["out/cats/a.jpg"])
    (tmp_path / "way").symlink_to(tmp_path / "real/out")
    assert own_output_folders([tmp_path / "way"]) == ()


def test_after_undo_the_folders_are_like_any_other(tmp_path: Path) -> None:
    undo_sort(sort(tmp_path))
    write(tmp_path / "out/cats/own.jpg")
    assert left(tmp_path) == (["in/a.jpg", "out/cats/own.jpg"], [])


def test_folders_about_to_be_filled_count_too(tmp_path: Path) -> None:
    for name in ("a.jpg", "out/cats/b.jpg", "out/cats/deep/c.jpg", "out/cats2/d.jpg"):
        write(tmp_path / name)
    passed, out = left(tmp_path, tmp_path / "out/cats", tmp_path / "out/dogs")
    assert (passed, out) == (["a.jpg", "out/cats2/d.jpg"], ["out/cats/b.jpg", "out/cats/deep/c.jpg"])


def test_what_was_left_out_before_is_passed_on_as_it_is(tmp_path: Path) -> None:
    gone = Skipped(tmp_path / "cats/x", SkipReason.UNREADABLE, "no")
    assert list(skip_sorted([gone], [tmp_path], [tmp_path / "cats"])) == [gone]


def test_damaged_journals_hide_nothing(tmp_path: Path) -> None:
    journals = tmp_path / "journals"
    for number, damage in enumerate([b"", b"{}\n", b"no json\n", b'{"action": "dance"}\n']):
        write(journals / f"2026010{number}.jsonl", damage)
    assert own_output_folders([tmp_path], journal_folder=journals) == ()
