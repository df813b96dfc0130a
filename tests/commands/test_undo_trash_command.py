"""`catdog undo` for moves to the trash that the window made."""

from pathlib import Path

import pytest
from command_line import catdog, entries

from catdog_desktop.trashing.trash_run import move_to_trash, plan_trash

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    """Return a photo with a sidecar."""
    path = tmp_path / "album" / "a.jpg"
    path.parent.mkdir()
    path.write_bytes(b"photo")
    path.with_suffix(".xmp").write_text("<x/>")
    return path


@pytest.fixture
def journal_id(photo: Path, tmp_path: Path) -> str:
    """Move the photo to a trash; return the id of the move."""
    trash = tmp_path / "Trash"
    trash.mkdir()
    return move_to_trash(plan_trash([photo]), lambda path: path.rename(trash / path.name)).journal_id


def test_undo_moves_the_photos_of_the_trash_back(photo: Path, journal_id: str, capsys: Capture) -> None:
    assert not photo.exists()
    assert catdog("undo", "--list") == 0
    assert f"{journal_id}  " in (listed := capsys.readouterr().out)
    assert "done: move to the trash, 1 of 1 photo still there" in listed
    assert catdog("undo", "--yes") == 0
    out, err = capsys.readouterr()
    assert out.splitlines() == [f"restored  {photo}", f"restored  {photo.with_suffix('.xmp')}"]
    assert "1 photo put back." in err
    assert photo.read_bytes() == b"photo"
    assert catdog("undo", "--yes") == 2, "nothing is left to undo"
    assert catdog("undo", "--list", "--format", "jsonl") == 0
    (entry,) = entries(capsys)
    assert (entry["id"], entry["photos"], entry["in_trash"]) == (journal_id, 1, 0)


def test_undo_takes_the_newest_of_sort_and_trash(photo_dir: Path, photo: Path, journal_id: str, tmp_path: Path) -> None:
    assert catdog("sort", "--yes", photo_dir, tmp_path / "out") == 0
    assert catdog("undo", "--yes") == 0
    assert not photo.exists(), "the sort was later"
    assert not list((tmp_path / "out").rglob("*.jpg"))
    assert catdog("undo", "--yes") == 0
    assert photo.exists()


def test_undo_reports_a_file_that_is_no_longer_in_the_trash(
    photo: Path, journal_id: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "Trash" / "a.jpg").unlink()
    assert catdog("undo", journal_id, "--yes", "--format", "jsonl") == 1
    out, err = capsys.readouterr()
    assert '"state": "failed"' in out.replace('":"', '": "')
    assert "0 photos put back; 1 failed." in err
    assert photo.with_suffix(".xmp").exists()


def test_undo_forget_stops_offering_a_move_to_the_trash(photo: Path, journal_id: str, capsys: Capture) -> None:
    assert catdog("undo", journal_id, "--finish") == 2
    assert catdog("undo", "--forget") == 0
    assert catdog("undo", "--yes") == 2
    assert catdog("undo", journal_id, "--yes") == 2
    assert "There is no move to the trash" in capsys.readouterr().err
    assert not photo.exists()


@pytest.mark.parametrize("journal_id", ["trash-../sort-journals/x", "trash-1"])
def test_undo_unknown_move_to_the_trash_reports_error(journal_id: str, capsys: Capture) -> None:
    assert catdog("undo", journal_id, "--yes") == 2
    assert journal_id in capsys.readouterr().err
