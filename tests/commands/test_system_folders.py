"""System folders, partial files and excluded files on the command line."""

import shutil
from pathlib import Path

import pytest
from command_line import catdog, entries

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def pictures(photo_dir: Path, tmp_path: Path) -> Path:
    """Two photos, and copies of one in folders of the system."""
    folder = tmp_path / "Pictures"
    names = ["a.jpg", "trip/b.png", "@eaDir/a.jpg/THUMB_XL.jpg", ".Trash-1000/files/c.jpg", "a.jpg_original"]
    for name in (*names, "d.jpg.part", "e.jpg.part", "Old.photoslibrary/originals/A/f.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photo_dir / "chelsea.jpg", folder / name)
    return folder


def names(out: str, top: Path) -> set[str]:
    return {line.split(f"{top}/", 1)[1] for line in out.splitlines()}


def test_classify_skips_system_folders_and_names_their_kinds(pictures: Path, capsys: Capture) -> None:
    assert catdog("classify", pictures) == 0
    out, err = capsys.readouterr()
    assert names(out, pictures) == {"a.jpg", "trip/b.png"}
    assert "3 system folders" in err
    assert "2 incomplete or temporary files" in err
    assert "1 backup file" in err
    assert all(kind in err for kind in ("trash", "cache of another program", "library of another program"))
    assert "--include-system-folders" in err


def test_classify_include_system_folders_classifies_all(pictures: Path, capsys: Capture) -> None:
    assert catdog("classify", "--include-system-folders", pictures) == 0
    assert len(capsys.readouterr().out.splitlines()) == 8


def test_classify_exclude_pattern_skips_matching_files(pictures: Path, capsys: Capture) -> None:
    assert catdog("classify", "--exclude", "*.png", "--exclude", "!b.png", "--exclude", "a.jpg", pictures) == 0
    out, err = capsys.readouterr()
    assert names(out, pictures) == {"trip/b.png"}
    assert "1 excluded by a pattern" in err
    assert catdog("classify", "--exclude", "!", pictures) == 2
    assert "not a valid pattern" in capsys.readouterr().err


def test_classify_settings_apply_their_patterns(pictures: Path, home: Path, capsys: Capture) -> None:
    (home / "config").mkdir(parents=True, exist_ok=True)
    (home / "config" / "settings.json").write_text('{"exclude": "# not mine\\n*.png"}')
    assert catdog("classify", "--settings", pictures) == 0
    assert names(capsys.readouterr().out, pictures) == {"a.jpg"}
    assert catdog("classify", pictures) == 0
    assert names(capsys.readouterr().out, pictures) == {"a.jpg", "trip/b.png"}


def test_sort_move_leaves_system_folders_alone(pictures: Path, tmp_path: Path, capsys: Capture) -> None:
    assert catdog("sort", "--move", "--yes", "--format", "jsonl", pictures, tmp_path / "out") == 0
    left = {path.relative_to(pictures).as_posix() for path in pictures.rglob("*") if path.is_file()}
    assert left == {
        "@eaDir/a.jpg/THUMB_XL.jpg",
        ".Trash-1000/files/c.jpg",
        "Old.photoslibrary/originals/A/f.jpg",
        "a.jpg_original",
        "d.jpg.part",
        "e.jpg.part",
    }
    reasons = {entry["source"]: entry["left_out"] for entry in entries(capsys) if "left_out" in entry}
    assert reasons[str(pictures / "@eaDir")] == "system folder (cache of another program)"
    assert reasons[str(pictures)] == "2 incomplete or temporary files"


def test_sort_named_system_folder_is_sorted(pictures: Path, tmp_path: Path) -> None:
    assert catdog("sort", pictures / ".Trash-1000", tmp_path / "out") == 0
    assert [path.name for path in (tmp_path / "out").rglob("*.jpg")] == ["c.jpg"]
    assert (pictures / ".Trash-1000/files/c.jpg").exists()
