"""The program that makes the screenshots of the documents."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageSequence
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from catdog_desktop.gui import animated_picture, screenshots


def test_screenshots_show_photos_in_both_themes(qtbot: QtBot, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    screenshots.write_photos(photos)
    for theme in ("light", "dark"):
        target = tmp_path / f"{theme}.png"
        screenshots.take(screenshots.Shot(theme, theme, size=(900, 600)), photos, target)
        image = QImage(str(target))
        assert (image.width(), image.height()) == (900, 600)
        corner = image.pixelColor(3, 300)
        assert (corner.lightness() < 100) is (theme == "dark")
        seen = {image.pixelColor(x, y).rgb() for x in range(0, 900, 5) for y in range(0, 600, 5)}
        assert len(seen) > 1000, "photos were painted"


def test_program_without_arguments_prints_its_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert screenshots.main([]) == 2
    assert "FOLDER" in capsys.readouterr().err


QUICK = ("heat-map", "sort-plan")
"""Shots of each run: they wait for the most. The themes are in the test above."""


def shots() -> Iterator[object]:
    for shot in screenshots.SHOTS:
        yield pytest.param(shot, marks=[] if shot.name in QUICK else pytest.mark.slow, id=shot.name)


@pytest.mark.parametrize("shot", shots())
def test_every_shot_is_taken(qtbot: QtBot, tmp_path: Path, shot: screenshots.Shot) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    screenshots.write_photos(photos)
    screenshots.take(shot, photos, tmp_path / "shot.png")
    image = QImage(str(tmp_path / "shot.png"))
    assert not image.isNull()
    assert image.width() >= shot.size[0] // 2


@pytest.mark.slow
def test_animated_picture_shows_the_story_in_twenty_seconds(qtbot: QtBot, tmp_path: Path) -> None:
    target = tmp_path / "story.webp"
    animated_picture.record(tmp_path, target)
    assert target.stat().st_size < 3_000_000
    with Image.open(target) as picture:
        milliseconds, shown = 0, set()
        for frame in ImageSequence.Iterator(picture):
            shown.add(frame.convert("RGB").tobytes())
            milliseconds += frame.info["duration"]
    assert milliseconds == animated_picture.SECONDS * 1000
    assert len(shown) >= 10


def test_animated_picture_without_arguments_prints_its_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert animated_picture.main([]) == 2
    assert "FILE.webp" in capsys.readouterr().err
