"""Companions of every kind travel with their photo on the command line, as people have them in their folders."""

from pathlib import Path

import pytest
from command_line import catdog, entries

Capture = pytest.CaptureFixture[str]
FOLDER = {
    "IMG_1001.jpg": ["IMG_1001.jpg.supplemental-metadata.json"],
    "IMG_1002.jpg": ["IMG_1002.jpg.json"],
    "IMG_1003.jpg": ["IMG_1003.jpg.pp3"],
    "IMG_1004.jpg": ["IMG_1004.jpg.dop"],
    "IMG_1005.jpg": ["IMG_1005.jpg.xmp", "IMG_1005_01.jpg.xmp"],
    "IMG_1006.jpg": ["IMG_1006.MP4"],
    "PXL_1007.MP.jpg": ["PXL_1007.MP"],
    "IMG_1008.jpg": ["IMG_1008.AAE", "IMG_1008.MOV"],
    "IMG_1009.jpg": ["IMG_1009.THM", "IMG_1009.WAV"],
    "IMG_1010.jpg": ["IMG_1010.AAE", "IMG_E1010.jpg"],
}


@pytest.fixture
def folder(photo_dir: Path, tmp_path: Path) -> Path:
    cat = (photo_dir / "chelsea.jpg").read_bytes()
    folder = tmp_path / "camera"
    folder.mkdir()
    for number, (photo, companions) in enumerate(FOLDER.items()):
        for name in (photo, *companions):
            content = cat + bytes([number]) if name.endswith(".jpg") else b"companion"
            (folder / name).write_bytes(content)
    return folder


def test_sort_dry_run_lists_companions_with_their_photo(folder: Path, tmp_path: Path, capsys: Capture) -> None:
    assert catdog("sort", "--dry-run", "--format", "jsonl", folder, tmp_path / "sorted") == 0
    lines = entries(capsys)
    planned = {
        Path(line["source"]).name: [Path(file["source"]).name for file in line["companions"]]
        for line in lines
        if "target" in line
    }
    assert planned == FOLDER
    assert [Path(line["source"]).name for line in lines if "left_out" in line] == ["IMG_E1010.jpg"], (
        "the edited photo is named, since it has a verdict of its own"
    )


def test_sort_move_and_undo_keep_companions_together(folder: Path, tmp_path: Path) -> None:
    names = sorted(path.name for path in folder.iterdir())
    assert catdog("sort", "--move", "--yes", folder, tmp_path / "sorted") == 0
    assert sorted(path.name for path in (tmp_path / "sorted" / "cats").iterdir()) == names
    assert list(folder.iterdir()) == []
    assert catdog("undo", "--yes") == 0
    assert sorted(path.name for path in folder.iterdir()) == names
