"""Folders that sorts have filled: their copies and links are skipped."""

from pathlib import Path

import pytest
from sort_trees import plan_for, result, write

from catdog_desktop.discovery.skip_rules import Skipped, SkipReason
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.sorting.options import Action
from catdog_desktop.sorting.run import run_sort, undo_sort
from catdog_desktop.sorting.sorted_folders import already_sorted, own_output_folders, skip_sorted


def sort(top: Path, action: Action = Action.COPY) -> str:
    """Sort a photo of `top`/in into `top`/out."""
    return run_sort(plan_for([result(write(top / "in/a.jpg"))], top / "out", action)).journal_id


def left(source: Path, *outputs: Path) -> tuple[list[str], list[str]]:
    """Return the names of the photos that are passed on, and of the skipped ones."""
    passed, out = [], []
    for photo in skip_sorted(find_photos([source]), [source], outputs):
        if isinstance(photo, Skipped):
            assert (photo.reason, photo.detail) == (SkipReason.REPEATED, already_sorted())
            out.append(photo.path.relative_to(source).as_posix())
        else:
            passed.append(photo.relative_to(source).as_posix())
    return sorted(passed), sorted(out)


@pytest.mark.parametrize(
    ("action", "copies"),
    [(Action.COPY, True), (Action.HARD_LINK, True), (Action.SYMBOLIC_LINK, True), (Action.MOVE, False)],
)
def test_skip_sorted_skips_copies_and_links_not_moves(tmp_path: Path, action: Action, copies: bool) -> None:
    sort(tmp_path, action)
    write(tmp_path / "out/own.jpg")  # beside the folders that were filled
    passed, out = left(tmp_path)
    assert out == (["out/cats/a.jpg"] if copies else [])
    assert passed == (["in/a.jpg", "out/own.jpg"] if copies else ["out/cats/a.jpg", "out/own.jpg"])


@pytest.mark.parametrize("source", ["out", "out/cats"])
def test_skip_sorted_folder_named_by_user_is_not_skipped(tmp_path: Path, source: str) -> None:
    sort(tmp_path)
    assert len(left(tmp_path / source)[0]) == 1
    assert own_output_folders([tmp_path / source]) == ()


def test_skip_sorted_resolves_links(tmp_path: Path) -> None:
    sort(tmp_path / "real")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert left(tmp_path / "link") == (["in/a.jpg"], ["out/cats/a.jpg"])
    (tmp_path / "other_link").symlink_to(tmp_path / "real/out")
    assert own_output_folders([tmp_path / "other_link"]) == ()


def test_skip_sorted_after_undo_skips_nothing(tmp_path: Path) -> None:
    undo_sort(sort(tmp_path))
    write(tmp_path / "out/cats/own.jpg")
    assert left(tmp_path) == (["in/a.jpg", "out/cats/own.jpg"], [])


def test_skip_sorted_skips_planned_outputs(tmp_path: Path) -> None:
    for name in ("a.jpg", "out/cats/b.jpg", "out/cats/deep/c.jpg", "out/cats2/d.jpg"):
        write(tmp_path / name)
    passed, out = left(tmp_path, tmp_path / "out/cats", tmp_path / "out/dogs")
    assert (passed, out) == (["a.jpg", "out/cats2/d.jpg"], ["out/cats/b.jpg", "out/cats/deep/c.jpg"])


def test_skip_sorted_passes_skipped_on(tmp_path: Path) -> None:
    gone = Skipped(tmp_path / "cats/x", SkipReason.UNREADABLE, "no")
    assert list(skip_sorted([gone], [tmp_path], [tmp_path / "cats"])) == [gone]


def test_own_output_folders_ignores_damaged_journals(tmp_path: Path) -> None:
    journals = tmp_path / "journals"
    for number, damage in enumerate([b"", b"{}\n", b"no json\n", b'{"action": "dance"}\n']):
        write(journals / f"2026010{number}.jsonl", damage)
    assert own_output_folders([tmp_path], journal_folder=journals) == ()
