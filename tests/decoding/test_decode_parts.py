"""Parts of a photo: the right pixels, at the size that they need, upright."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catdog_desktop.decoding.decode import decode_parts
from catdog_desktop.decoding.errors import PhotoError

COLOURS = {"red": (200, 30, 30), "green": (30, 200, 30), "blue": (30, 30, 200), "grey": (120, 120, 120)}
QUARTERS = [(0.0, 0.0, 0.5, 0.5), (0.5, 0.0, 1.0, 0.5), (0.0, 0.5, 0.5, 1.0), (0.5, 0.5, 1.0, 1.0)]


def quartered(width: int, height: int) -> Image.Image:
    image = Image.new("RGB", (width, height))
    for (left, top, right, bottom), colour in zip(QUARTERS, COLOURS.values(), strict=True):
        box = (int(left * width), int(top * height), int(right * width), int(bottom * height))
        image.paste(colour, box)
    return image


@pytest.mark.parametrize("size", [(400, 200), (4000, 3000), (60, 40)])
@pytest.mark.parametrize("suffix", ["png", "jpg"])
def test_decode_parts_gives_each_part_at_the_input_size(size: tuple[int, int], suffix: str, tmp_path: Path) -> None:
    quartered(*size).save(tmp_path / f"photo.{suffix}", quality=95)
    parts = decode_parts(tmp_path / f"photo.{suffix}", QUARTERS, (64, 48))
    assert [part.shape for part in parts] == [(48, 64, 3)] * 4
    assert all(part.dtype == np.uint8 for part in parts)
    for part, colour in zip(parts, COLOURS.values(), strict=True):
        assert np.abs(part[8:-8, 8:-8].astype(int) - colour).max() < 25


def test_decode_parts_of_a_turned_photo_are_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    quartered(400, 200).save(tmp_path / "turned.jpg", quality=95, exif=exif)
    parts = decode_parts(tmp_path / "turned.jpg", QUARTERS, (32, 32))
    upright = [COLOURS[name] for name in ("blue", "red", "grey", "green")]
    for part, colour in zip(parts, upright, strict=True):
        assert np.abs(part[6:-6, 6:-6].astype(int) - colour).max() < 25


def test_decode_parts_keeps_detail_that_the_whole_photo_loses(tmp_path: Path) -> None:
    lines = np.zeros((1200, 1600, 3), np.uint8)
    lines[:, ::4] = 255
    Image.fromarray(lines).save(tmp_path / "lines.png")
    [part] = decode_parts(tmp_path / "lines.png", [(0.4, 0.4, 0.45, 0.45)], (288, 288))
    [whole] = decode_parts(tmp_path / "lines.png", [(0.0, 0.0, 1.0, 1.0)], (288, 288))
    assert part.std() > 60
    assert whole.std() < part.std() / 2


def test_decode_parts_of_no_photo_raises(tmp_path: Path) -> None:
    (tmp_path / "notes.jpg").write_text("hello")
    with pytest.raises(PhotoError):
        decode_parts(tmp_path / "notes.jpg", QUARTERS, (32, 32))
