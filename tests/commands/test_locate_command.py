"""`catdog locate`: results, undo records and verdicts follow a folder that moved."""

from pathlib import Path

import pytest
from command_line import catdog, entries

from catdog_desktop.store.store import Store
from catdog_desktop.verdict import Verdict

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def moved(photo_dir: Path, tmp_path: Path, capsys: Capture) -> Path:
    """The new place of `photo_dir`, whose photos were classified before."""
    assert catdog("classify", photo_dir) == 0
    with Store.open() as store:
        store.correct({photo_dir / "rocket.jpg": Verdict.DOG})
    capsys.readouterr()
    return photo_dir.rename(tmp_path / "elsewhere")


def test_locate_moved_folder_is_known_at_its_new_place(photo_dir: Path, moved: Path, capsys: Capture) -> None:
    assert catdog("locate", photo_dir, moved) == 0
    assert capsys.readouterr().err == f"6 photos found in {moved}.\n"
    assert catdog("classify", "--format", "jsonl", moved) == 0
    captured = capsys.readouterr()
    assert "6 were classified before" in captured.err
    assert '"corrected": true' in captured.out
    assert catdog("forget", "--dry-run", photo_dir) == 0
    assert "nothing" in capsys.readouterr().out


def test_locate_dry_run_changes_nothing(photo_dir: Path, moved: Path, capsys: Capture) -> None:
    assert catdog("locate", photo_dir, moved, "--dry-run") == 0
    assert "Nothing was changed." in capsys.readouterr().err
    with Store.open() as store:
        assert len(store.files_below(photo_dir)) == 6


def test_locate_missing_and_other_photos_are_listed(photo_dir: Path, moved: Path, capsys: Capture) -> None:
    (moved / "coffee.jpg").unlink()
    (moved / "rocket.jpg").write_bytes((moved / "china.jpg").read_bytes())
    assert catdog("locate", photo_dir, moved) == 1
    captured = capsys.readouterr()
    assert captured.out == f"{moved / 'coffee.jpg'} is missing\n{moved / 'rocket.jpg'} is another photo\n"
    assert captured.err == f"4 photos found in {moved}.\n"


def test_locate_jsonl_reports_counts(photo_dir: Path, moved: Path, tmp_path: Path, capsys: Capture) -> None:
    moved.rename(photo_dir)
    assert catdog("sort", photo_dir, tmp_path / "sorted") == 0
    photo_dir.rename(moved)
    capsys.readouterr()
    assert catdog("locate", photo_dir, moved, "--format", "jsonl") == 0
    (entry,) = entries(capsys)
    assert entry == {
        "old": str(photo_dir), "new": str(moved),
        "located": 6, "missing": 0, "different": 0, "not_moved": 0, "journals": 1,
    }  # fmt: skip
    assert catdog("undo", "--yes") == 0


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("photos", "nowhere", "There is no folder"),
        ("photos", "photos", "are the same folder"),
        ("unknown", "elsewhere", "Nothing is stored"),
        ("photos", "empty", "does not contain the photos"),
    ],
)
def test_locate_impossible_folders_report_reason(
    old: str, new: str, sentence: str, moved: Path, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "empty").mkdir()
    assert catdog("locate", tmp_path / old, tmp_path / new) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert sentence in captured.err


def test_locate_folder_that_did_not_move_reports_it(photo_dir: Path, tmp_path: Path, capsys: Capture) -> None:
    assert catdog("classify", photo_dir) == 0
    (tmp_path / "empty").mkdir()
    assert catdog("locate", photo_dir, tmp_path / "empty") == 2
    assert "still in" in capsys.readouterr().err
