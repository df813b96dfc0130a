"""Parts of a photo: the right pixels, at the size that they need, upright."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from catdog_desktop.decoding.decode import cut_parts, decode_parts, decode_photo
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


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_cut_parts_of_a_photo_decoded_whole_are_those_of_a_second_decoding(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"photo.{suffix}"
    noise = np.random.default_rng(3).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    Image.fromarray(noise).resize((300, 200)).save(path, exif=_turned())

    whole = decode_photo(path, (64, 64)).whole

    assert whole is not None
    assert whole.size == (200, 300)
    for cut, decoded in zip(cut_parts(whole, QUARTERS, (64, 64)), decode_parts(path, QUARTERS, (64, 64)), strict=True):
        np.testing.assert_array_equal(cut, decoded)


def test_decode_photo_reduced_photo_is_not_whole(tmp_path: Path) -> None:
    Image.new("RGB", (1600, 1200)).save(tmp_path / "photo.jpg")
    assert decode_photo(tmp_path / "photo.jpg", (64, 64)).whole is None


def _turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif
