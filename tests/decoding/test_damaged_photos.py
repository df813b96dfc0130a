"""Damaged photos are read as viewers do: as far as they go, and marked only if a part of the picture is missing."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from bad_files import png_chunk
from conftest import open_package_photo
from PIL import Image

from catdog_desktop.decoding.decode import DecodedPhoto, decode_photo

INPUT = (224, 224)
VIDEO = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(range(256)) * 40
FORMS: dict[str, dict[str, object]] = {
    "baseline": {},
    "progressive": {"progressive": True},
    "all colours whole": {"subsampling": 0},
    "restart markers": {"restart_marker_rows": 2},
}


@pytest.fixture(params=[(900, 600), (2400, 1800)], ids=["small", "large"])
def photo(request: pytest.FixtureRequest) -> Image.Image:
    """The large one is decoded at an eighth of its size."""
    return open_package_photo("chelsea").resize(request.param, Image.Resampling.BICUBIC)


def jpeg(photo: Image.Image, form: str = "baseline") -> bytes:
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=92, **FORMS[form])
    return buffer.getvalue()


def read(content: bytes, folder: Path, name: str = "photo.jpg") -> DecodedPhoto:
    path = folder / name
    path.write_bytes(content)
    return decode_photo(path, INPUT)


def difference(found: DecodedPhoto, photo: Image.Image, share: float = 1.0) -> float:
    """Mean difference to the photo in the upper `share` of its rows."""
    meant = np.asarray(photo.convert("RGB").resize(INPUT, Image.Resampling.BILINEAR), np.int16)
    rows = int(INPUT[1] * share)
    return float(np.abs(found.pixels.astype(np.int16) - meant)[:rows].mean())


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("missing", [1, 2])
def test_jpeg_without_end_marker_is_whole(form: str, missing: int, photo: Image.Image, tmp_path: Path) -> None:
    found = read(jpeg(photo, form)[:-missing], tmp_path)
    assert not found.info.damaged
    assert difference(found, photo) < 2


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("share", [0.35, 0.6, 0.9])
@pytest.mark.parametrize("after", [b"", b"\xff\xd9", b"\xff\xd9" + VIDEO], ids=["cut", "early end", "motion photo"])
def test_jpeg_that_lacks_a_part_is_read_as_far_as_it_goes(
    after: bytes, share: float, form: str, photo: Image.Image, tmp_path: Path
) -> None:
    whole = jpeg(photo, form)
    found = read(whole[: int(len(whole) * share)] + after, tmp_path)
    # The last scan of a progressive JPEG brings details alone; whether its end marker comes early is not looked at.
    assert found.info.damaged or (form == "progressive" and after and share > 0.5)
    if form == "progressive":  # all rows, with fewer details
        assert difference(found, photo) < 12
    else:
        assert difference(found, photo, share - 0.2) < 4


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("after", [b"\0", b"garbage" * 100, VIDEO], ids=["a byte", "garbage", "motion photo"])
def test_jpeg_with_other_data_after_it_is_whole(form: str, after: bytes, photo: Image.Image, tmp_path: Path) -> None:
    found = read(jpeg(photo, form) + after, tmp_path)
    assert not found.info.damaged
    assert difference(found, photo) < 2


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("before", [b"\0", b"\r\n", bytes(128), b"\x01\x02garbage\x00" * 20], ids=len)
def test_jpeg_with_other_data_before_it_is_read(form: str, before: bytes, photo: Image.Image, tmp_path: Path) -> None:
    found = read(before + jpeg(photo, form), tmp_path)
    assert not found.info.damaged
    assert difference(found, photo) < 2


@pytest.mark.parametrize("form", FORMS)
def test_jpeg_with_a_plain_lower_half_is_whole(form: str, photo: Image.Image, tmp_path: Path) -> None:
    """As after an early end marker, the last rows have one colour."""
    plain = photo.copy()
    plain.paste((90, 120, 160), (0, photo.height // 2, photo.width, photo.height))
    assert not read(jpeg(plain, form), tmp_path).info.damaged
    assert not read(jpeg(plain, form) + VIDEO, tmp_path).info.damaged


def test_grey_jpeg_of_one_colour_is_whole(tmp_path: Path) -> None:
    for mode, colour in (("L", 128), ("RGB", (128, 128, 128)), ("CMYK", (0, 0, 0, 0))):
        assert not read(jpeg(Image.new(mode, (300, 200), colour)), tmp_path).info.damaged


# PNG ------------------------------------------------------------------------------------------------------------------


def png_with(photo: Image.Image, chunk: bytes, *, after_pixels: bool = False) -> bytes:
    buffer = io.BytesIO()
    photo.save(buffer, "PNG")
    whole = buffer.getvalue()
    place = whole.index(b"IEND") - 4 if after_pixels else 33
    return whole[:place] + chunk + whole[place:]


def wrong_checksum(chunk: bytes) -> bytes:
    return chunk[:-4] + b"\1\2\3\4"


CHUNKS = {
    "wrong tIME": wrong_checksum(png_chunk(b"tIME", b"\7\xe3\5\x0c\x0a\x0b\x0c")),
    "wrong iTXt": wrong_checksum(png_chunk(b"iTXt", b"Title\0\0\0\0\0a cat")),
    "wrong gAMA": wrong_checksum(png_chunk(b"gAMA", struct.pack(">I", 45455))),
    "wrong eXIf": wrong_checksum(png_chunk(b"eXIf", b"II*\0\x08\0\0\0\0\0\0\0\0\0")),
    "long zTXt": png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"cat " * 800_000)),
    "much text": png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"cat " * 200_000)) * 90,
    "damaged iCCP": png_chunk(b"iCCP", b"profile\0\0" + b"no zlib"),
    "unknown chunk": wrong_checksum(png_chunk(b"caTs", b"\0\1\2")),
}


@pytest.mark.parametrize("after_pixels", [False, True])
@pytest.mark.parametrize("name", CHUNKS)
def test_png_with_a_damaged_ancillary_chunk_is_read(name: str, after_pixels: bool, tmp_path: Path) -> None:
    photo = open_package_photo("chelsea").resize((300, 200))
    found = read(png_with(photo, CHUNKS[name], after_pixels=after_pixels), tmp_path, "photo.png")
    assert not found.info.damaged
    assert difference(found, photo) < 1


# Animations -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("format_name", ["WEBP", "PNG", "GIF"])
@pytest.mark.parametrize("blank", ["white", "clear"])
def test_animation_is_judged_by_its_first_picture_that_is_not_blank(
    blank: str, format_name: str, tmp_path: Path
) -> None:
    photo = open_package_photo("chelsea").resize((300, 200))
    first = Image.new("RGBA", photo.size, (255, 255, 255, 255) if blank == "white" else (0, 0, 0, 0))
    second = Image.new("RGBA", photo.size, (255, 255, 255, 255))
    others = [second, photo.convert("RGBA"), Image.new("RGBA", photo.size, "magenta")]
    buffer = io.BytesIO()
    first.save(buffer, format_name, save_all=True, append_images=others, duration=100, lossless=True)
    found = read(buffer.getvalue(), tmp_path, f"photo.{format_name.lower()}")
    assert difference(found, photo) < 9
    assert (found.info.width, found.info.height) == photo.size


def test_blank_animation_is_read(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (60, 40), (shade, shade, shade)) for shade in (250, 251, 252)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:])
    found = read(buffer.getvalue(), tmp_path, "photo.gif")
    assert np.abs(found.pixels.astype(int) - 250).max() <= 2


def test_blank_gif_whose_second_picture_is_a_bomb_is_read(tmp_path: Path) -> None:
    pictures = [Image.new("RGB", (60, 40), (shade, shade, shade)) for shade in (250, 20)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:])
    content = bytearray(buffer.getvalue())
    second = content.index(b"\x2c\0\0\0\0", content.index(b"\x2c\0\0\0\0") + 1)
    content[second + 5 : second + 9] = b"\xff\xff\xff\xff"
    found = read(bytes(content), tmp_path, "photo.gif")
    assert np.abs(found.pixels.astype(int) - 250).max() <= 2
