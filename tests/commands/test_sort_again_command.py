"""`catdog sort --again`: photos in a folder that is wrong now are listed, moved, and can be brought back."""

from pathlib import Path

import pytest
from command_line import catdog
from sort_trees import snapshot

from catdog_desktop.sorting.errors import SortError
from catdog_desktop.sorting.sort_again import sorted_photos
from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Verdict

Capture = pytest.CaptureFixture[str]


def files(top: Path) -> set[str]:
    return {path.relative_to(top).as_posix() for path in top.rglob("*") if path.is_file()}


def correct(photo: Path, verdict: Verdict) -> None:
    with Store.open() as store:
        store.correct({photo: verdict})


@pytest.mark.parametrize("options", [[], ["--move"]])
@pytest.mark.parametrize("layout", [[], ["--by-month"]])
def test_sort_again_moves_only_photos_whose_verdict_changed(
    options: list[str], layout: list[str], photo_dir: Path, tmp_path: Path, capsys: Capture
) -> None:
    (photo_dir / "chelsea.xmp").write_text("<x/>")
    out = tmp_path / "out"
    assert catdog("sort", "--yes", *options, *layout, photo_dir, out) == 0
    before, names = snapshot(out), files(out)
    [chelsea] = out.rglob("chelsea.jpg")
    below = chelsea.parent.relative_to(out / "cats").as_posix()
    assert catdog("sort", "--again", "--yes", out) == 0
    assert snapshot(out) == before, "nothing has changed"
    correct(chelsea, Verdict.BOTH)
    capsys.readouterr()
    assert catdog("sort", "--again", "--dry-run", out) == 0
    printed = capsys.readouterr()
    assert f"{chelsea} -> {out / 'both' / below / 'chelsea.jpg'}" in printed.out
    assert printed.out.count(" -> ") == 1
    assert snapshot(out) == before
    assert catdog("sort", "--again", "--yes", out) == 0
    moved = {(out / "both" / below / name).relative_to(out).as_posix() for name in ("chelsea.jpg", "chelsea.xmp")}
    gone = {chelsea.with_suffix(suffix).relative_to(out).as_posix() for suffix in (".jpg", ".xmp")}
    assert files(out) == names - gone | moved
    assert catdog("undo", "--yes") == 0
    assert files(out) == names


def test_sort_again_photos_added_by_the_user_stay(photo_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert catdog("sort", photo_dir, out) == 0
    own = out / "dogs" / "my own.jpg"
    own.parent.mkdir(exist_ok=True)
    own.write_bytes((photo_dir / "chelsea.jpg").read_bytes() + b"own")
    assert catdog("sort", "--again", "--yes", out) == 0
    assert own.exists()


def test_sort_again_uses_the_folders_of_the_earlier_sort(photo_dir: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert catdog("sort", "--folder", "cat=felines", "--folder", "both=pairs", photo_dir, out) == 0
    correct(out / "felines" / "chelsea.jpg", Verdict.BOTH)
    assert catdog("sort", "--again", "--yes", out) == 0
    assert (out / "pairs" / "chelsea.jpg").exists()
    assert not (out / "cats").exists()


def test_sort_again_unknown_folders_are_not_guessed(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "out"
    assert catdog("sort", "--folder", "cat=felines", "--leave", "dog", photo_dir, out) == 0
    before = snapshot(out)
    assert catdog("sort", "--again", "--yes", out) == 2
    assert "--folder" in capsys.readouterr().err
    assert catdog("sort", "--again", "--yes", "--folder", "cat=felines", "--leave", "dog", out) == 0
    assert snapshot(out) == before


def test_sort_again_without_an_earlier_sort_is_refused(tmp_path: Path, capsys: Capture) -> None:
    assert catdog("sort", "--again", "--yes", tmp_path) == 2
    assert "No sort has filled" in capsys.readouterr().err


def test_sorted_photos_of_an_undone_sort_raises(photo_dir: Path, tmp_path: Path) -> None:
    assert catdog("sort", photo_dir, tmp_path / "out") == 0
    assert len(sorted_photos(tmp_path / "out").photos) == 6
    assert catdog("undo", "--yes") == 0
    with pytest.raises(SortError):
        sorted_photos(tmp_path / "out")


@pytest.mark.parametrize("arguments", [["--again", "src", "out"], ["out"]])
def test_sort_wrong_number_of_folders_is_wrong_usage(arguments: list[str], capsys: Capture) -> None:
    assert catdog("sort", *arguments) == 2
    assert capsys.readouterr().err.startswith("catdog: ")
