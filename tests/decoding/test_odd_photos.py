"""Photos as scanners, editors and other programs write them: wide samples, planes, bit masks and colour profiles."""

import io
import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import open_package_photo
from numpy.typing import NDArray
from odd_photos import PROFILES, bmp, tiff, wide
from PIL import Image, ImageCms
from raw_files import SHORT

from catdog_desktop.decoding.decode import decode_for_view, decode_photo
from catdog_desktop.decoding.errors import PhotoError, Unreadable

INPUT = (112, 112)


@pytest.fixture
def photo() -> Image.Image:
    return open_package_photo("chelsea").resize((300, 200))


def difference(pixels: NDArray[np.uint8], photo: Image.Image) -> float:
    meant = photo.convert("RGB").resize(pixels.shape[1::-1], Image.Resampling.BILINEAR)
    return float(np.abs(pixels.astype(np.int16) - np.asarray(meant, np.int16)).mean())


def write(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


# TIFF -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("planar", [False, True])
@pytest.mark.parametrize("big_endian", [False, True])
@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64", "float16", "float32", "float64"])
def test_tiff_with_wide_samples(dtype: str, big_endian: bool, planar: bool, photo: Image.Image, tmp_path: Path) -> None:
    content = tiff(wide(photo, dtype), planar=planar, big_endian=big_endian)
    found = decode_photo(write(tmp_path, "a.tif", content), INPUT)
    assert difference(found.pixels, photo) < 1.5
    assert (found.info.width, found.info.height, found.info.damaged) == (300, 200, False)


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "float64"])
@pytest.mark.parametrize(("compression", "predictor", "tile"), [(8, 1, 0), (8, 2, 0), (1, 1, 64), (8, 1, 64)])
def test_tiff_with_wide_samples_compressed_or_in_tiles(
    dtype: str, compression: int, predictor: int, tile: int, photo: Image.Image, tmp_path: Path
) -> None:
    if dtype == "float64" and predictor == 2:
        pytest.skip("horizontal differences are of whole numbers")
    content = tiff(wide(photo, dtype), compression=compression, predictor=predictor, tile=tile)
    assert difference(decode_photo(write(tmp_path, "a.tif", content), INPUT).pixels, photo) < 1.5


@pytest.mark.parametrize("dtype", ["uint16", "uint32", "uint64", "float32", "float64"])
@pytest.mark.parametrize("planar", [False, True])
def test_grey_tiff_with_wide_samples(planar: bool, dtype: str, photo: Image.Image, tmp_path: Path) -> None:
    grey = photo.convert("L")
    found = decode_photo(write(tmp_path, "a.tif", tiff(wide(grey, dtype), planar=planar)), INPUT)
    assert difference(found.pixels, grey) < 1.5


def test_tiff_with_wide_samples_is_turned_upright(photo: Image.Image, tmp_path: Path) -> None:
    stored = photo.transpose(Image.Transpose.ROTATE_90)
    found = decode_photo(write(tmp_path, "a.tif", tiff(wide(stored, "float32"), orientation=6)), INPUT)
    assert difference(found.pixels, photo) < 1.5
    assert (found.info.width, found.info.height) == (300, 200)


def test_tiff_of_a_kind_that_is_not_read_names_the_kind(photo: Image.Image, tmp_path: Path) -> None:
    content = bytearray(tiff(wide(photo, "float32")))
    entry = content.index(struct.pack("<HHI", 259, SHORT, 1))
    content[entry + 8 : entry + 10] = struct.pack("<H", 5)
    with pytest.raises(PhotoError) as caught:
        decode_photo(write(tmp_path, "a.tif", bytes(content)), INPUT)
    assert caught.value.reason is Unreadable.NOT_A_PHOTO
    sentence = "is a TIFF of a kind that cannot be read (32-bit floating point, LZW); save it as JPEG or PNG first"
    assert str(caught.value) == sentence


def test_tiff_in_log_luv_names_the_kind(photo: Image.Image, tmp_path: Path) -> None:
    content = bytearray(tiff(wide(photo, "uint16")))
    entry = content.index(struct.pack("<HHI", 262, SHORT, 1))
    content[entry + 8 : entry + 10] = struct.pack("<H", 32845)
    with pytest.raises(PhotoError, match=r"is a TIFF of a kind that cannot be read \(LogLuv\)"):
        decode_photo(write(tmp_path, "a.tif", bytes(content)), INPUT)


def test_grey_tiff_with_premultiplied_alpha(photo: Image.Image, tmp_path: Path) -> None:
    grey = photo.convert("L")
    grey.convert("LA").save(tmp_path / "a.tif", tiffinfo={338: 1})
    assert difference(decode_photo(tmp_path / "a.tif", INPUT).pixels, grey) < 2


@pytest.mark.parametrize("order", ["<", ">"])
def test_bigtiff(order: str, photo: Image.Image, tmp_path: Path) -> None:
    rows = photo.tobytes()
    entries = [(256, 300), (257, 200), (258, 8), (259, 1), (262, 2), (273, 16), (277, 3), (278, 200), (279, len(rows))]
    magic = b"II+\0" if order == "<" else b"MM\0+"
    directory = struct.pack(order + "Q", len(entries))
    for tag, value in entries:
        if tag == 258:
            directory += struct.pack(order + "HHQHHHH", tag, 3, 3, 8, 8, 8, 0)
        else:
            directory += struct.pack(order + "HHQQ", tag, 16, 1, value)
    content = magic + struct.pack(order + "HHQ", 8, 0, 16 + len(rows)) + rows + directory + bytes(8)
    assert difference(decode_photo(write(tmp_path, "a.tif", content), INPUT).pixels, photo) < 0.5


@pytest.mark.parametrize("mode", ["CMYK", "LAB", "LA", "RGBA", "YCbCr"])
def test_tiff_of_other_colours(mode: str, photo: Image.Image, tmp_path: Path) -> None:
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        image = ImageCms.applyTransform(photo, ImageCms.buildTransform(srgb, lab, "RGB", "LAB"))
    else:
        image = photo.convert(mode)
    assert image is not None
    image.save(tmp_path / "a.tif", compression="tiff_lzw" if mode != "YCbCr" else "jpeg")
    expected = photo.convert("L") if mode == "LA" else photo
    assert difference(decode_photo(tmp_path / "a.tif", INPUT).pixels, expected) < 4


# BMP ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("top_down", [False, True])
@pytest.mark.parametrize(
    ("bits", "masks"),
    [
        (16, (0x7C00, 0x03E0, 0x001F)),
        (16, (0xF800, 0x07E0, 0x001F)),
        (16, (0x0F00, 0x00F0, 0x000F)),
        (16, (0xC000, 0x3800, 0x0007)),
        (32, (0x00FF0000, 0x0000FF00, 0x000000FF)),
        (32, (0xFF000000, 0x00FF0000, 0x0000FF00)),
        (32, (0x3FF00000, 0x000FFC00, 0x000003FF)),
        (32, (0x00000FF0, 0x00FF0000, 0xFF000000)),
    ],
)
def test_bmp_with_bit_masks(
    bits: int, masks: tuple[int, int, int], top_down: bool, photo: Image.Image, tmp_path: Path
) -> None:
    photo = photo.crop((0, 0, 299, 200))  # rows end between two multiples of four bytes
    found = decode_photo(write(tmp_path, "a.bmp", bmp(photo, bits, masks, top_down=top_down)), INPUT)
    fewest = min(mask.bit_count() for mask in masks)
    assert difference(found.pixels, photo) < (2 if fewest >= 8 else 200 >> fewest)
    assert not found.info.damaged


def test_bmp_that_ends_too_early_is_read_as_far_as_it_goes(photo: Image.Image, tmp_path: Path) -> None:
    buffer = io.BytesIO()
    photo.save(buffer, "BMP")
    found = decode_photo(write(tmp_path, "a.bmp", buffer.getvalue()[:-60_000]), INPUT)
    assert found.info.damaged
    lower = photo.crop((0, 100, 300, 200))  # rows are stored from the last to the first
    assert difference(found.pixels[56:], lower) < 3


@pytest.mark.parametrize("cut", [0, 300])
def test_bmp_of_runs(cut: int, photo: Image.Image, tmp_path: Path) -> None:
    """RLE8: a run of two pixels for each pair, an end for each row."""
    small = photo.resize((100, 60)).quantize(256)
    indices = np.asarray(small)[::-1]
    rows = b"".join(b"".join(bytes((1, index)) for index in row) + b"\0\0" for row in indices) + b"\0\1"
    palette = bytes(small.getpalette() or ()).ljust(768, b"\0")
    colours = b"".join(
        palette[at + 2 : at + 3] + palette[at + 1 : at + 2] + palette[at : at + 1] + b"\0" for at in range(0, 768, 3)
    )
    header = struct.pack("<IiiHHIIiiII", 40, 100, 60, 1, 8, 1, len(rows), 0, 0, 256, 0)
    content = b"BM" + struct.pack("<IHHI", 54 + 1024 + len(rows), 0, 0, 54 + 1024) + header + colours + rows
    found = decode_photo(write(tmp_path, "a.bmp", content[: len(content) - cut * 20 if cut else None]), INPUT)
    assert found.info.damaged is bool(cut)
    half = photo.resize((100, 60)).crop((0, 30, 100, 60)) if cut else photo
    assert difference(found.pixels[56:] if cut else found.pixels, half) < 12


def test_bmp_of_os2(photo: Image.Image, tmp_path: Path) -> None:
    rows = b"".join(np.ascontiguousarray(row[:, ::-1]).tobytes() for row in np.asarray(photo)[::-1])
    header = struct.pack("<IHHHH", 12, photo.width, photo.height, 1, 24)
    content = b"BM" + struct.pack("<IHHI", 26 + len(rows), 0, 0, 26) + header + rows
    assert difference(decode_photo(write(tmp_path, "a.bmp", content), INPUT).pixels, photo) < 0.5


# Colour profiles ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "WEBP"])
@pytest.mark.parametrize("name", PROFILES)
def test_thumbnail_and_view_are_in_srgb(name: str, form: str, photo: Image.Image, tmp_path: Path) -> None:
    """Compared with LittleCMS, which converts in both directions."""
    wide_gamut = ImageCms.ImageCmsProfile(io.BytesIO(PROFILES[name]))
    stored = ImageCms.profileToProfile(photo, ImageCms.createProfile("sRGB"), wide_gamut)
    assert stored is not None
    assert difference(np.asarray(stored), photo) > 3, "the profile changes nothing"
    path = tmp_path / f"a.{form.lower()}"
    options = {"lossless": True} if form == "WEBP" else {"quality": 97} if form == "JPEG" else {}
    stored.save(path, form, icc_profile=PROFILES[name], **options)
    assert difference(decode_for_view(path, 300), photo) < 2
    thumbnail = Image.open(io.BytesIO(decode_photo(path, INPUT).thumbnail)).convert("RGB")
    assert difference(np.asarray(thumbnail), photo) < 3


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: whole[:200],
        lambda whole: whole[:128] + b"\xff" * 300,
        lambda whole: b"\0" * len(whole),
        lambda _: b"x",
    ],
)
def test_damaged_profile_changes_nothing(damage: Callable[[bytes], bytes], photo: Image.Image, tmp_path: Path) -> None:
    photo.save(tmp_path / "a.jpg", quality=95, icc_profile=damage(PROFILES["Display P3"]))
    assert difference(decode_for_view(tmp_path / "a.jpg", 300), photo) < 2
