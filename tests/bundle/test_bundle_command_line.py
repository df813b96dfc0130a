"""The console executable classifies real photos."""

import json
from pathlib import Path

import pytest
from frozen import FrozenApp
from PIL import Image


def classify(app: FrozenApp, *paths: Path) -> tuple[int, dict[str, dict]]:
    ended = app.run(app.command_line, "classify", "--format", "jsonl", *paths)
    rows = [json.loads(line) for line in ended.stdout.splitlines()]
    assert rows, ended.stderr
    return ended.returncode, {Path(row["path"]).stem: row for row in rows}


def test_classify_photos_gives_verdicts(app: FrozenApp, photos: dict[str, Path]) -> None:
    status, rows = classify(app, *photos.values())
    assert status == 0
    assert {name: row["verdict"] for name, row in rows.items()} == {
        "chelsea": "cat",
        "coffee": "neither",
        "rocket": "neither",
    }
    assert rows["chelsea"]["cat"] > 0.5 > rows["chelsea"]["dog"]


@pytest.mark.parametrize("ending", ["png", "webp", "avif", "gif", "bmp", "tiff"])
def test_classify_each_format_finds_cat(app: FrozenApp, photos: dict[str, Path], tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"cat.{ending}"
    Image.open(photos["chelsea"]).save(path)
    status, rows = classify(app, path)
    assert (status, rows["cat"]["verdict"]) == (0, "cat")


def test_classify_damaged_heic_is_called_damaged(app: FrozenApp, tmp_path: Path) -> None:
    # No installed library writes HEIC (the encoder is under the GPL). So the file contains no picture: the library that
    # reads HEIC must report damage, which shows that the bundle contains it.
    path = tmp_path / "cat.heic"
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0heicmif1" + b"\0" * 200)
    status, rows = classify(app, path)
    assert status == 1
    assert "damaged" in rows["cat"]["error"]


def test_classify_unreadable_file_reports_reason(app: FrozenApp, photos: dict[str, Path], tmp_path: Path) -> None:
    text = tmp_path / "notes.jpg"
    text.write_text("no photo")
    status, rows = classify(app, photos["chelsea"], text)
    assert status == 1
    assert "not a photo" in rows["notes"]["error"]
    assert rows["chelsea"]["verdict"] == "cat"


def test_doctor_finds_no_problem(app: FrozenApp) -> None:
    ended = app.run(app.command_line, "doctor")
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_classify_without_paths_is_wrong_usage(app: FrozenApp) -> None:
    assert app.run(app.command_line, "classify").returncode == 2
