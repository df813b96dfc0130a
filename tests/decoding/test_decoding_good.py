"""Every kind of photo that people have comes out upright, in RGB, and with the right colours."""

import contextlib
import io
import os
import struct
import subprocess
import sys
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from bad_files import DATA, png_chunk
from numpy.typing import NDArray
from PIL import Image, ImageFile

from catdog_desktop.decoding import decode as decoding
from catdog_desktop.decoding import memory_turns
from catdog_desktop.decoding.decode import decode_for_view, decode_photo
from catdog_desktop.decoding.pixels import THUMBNAIL_EDGE

INPUT = (224, 224)
Maker = Callable[[Image.Image], bytes]
Expected = Callable[[Image.Image], Image.Image]


def squashed(image: Image.Image) -> NDArray[np.int16]:
    return np.asarray(image.convert("RGB").resize(INPUT, Image.Resampling.BILINEAR), dtype=np.int16)


def difference(pixels: NDArray[Any], image: Image.Image) -> float:
    """Mean absolute difference to the photo that was meant, in 0..255."""
    return float(np.abs(pixels.astype(np.int16) - squashed(image)).mean())


def saved(format_name: str, mode: str | None = None, **options: Any) -> Maker:
    def make(image: Image.Image) -> bytes:
        buffer = io.BytesIO()
        (image.convert(mode) if mode else image).save(buffer, format_name, **options)
        return buffer.getvalue()

    return make


def same(image: Image.Image) -> Image.Image:
    return image


def grey(image: Image.Image) -> Image.Image:
    return image.convert("L")


def half_clear(image: Image.Image) -> Image.Image:
    """The photo with its left half fully transparent."""
    alpha = Image.new("L", image.size, 255)
    alpha.paste(0, (0, 0, image.width // 2, image.height))
    clear = image.convert("RGBA")
    clear.putalpha(alpha)
    return clear


def half_white(image: Image.Image) -> Image.Image:
    """What `half_clear` looks like on white."""
    white = image.copy()
    white.paste((255, 255, 255), (0, 0, image.width // 2, image.height))
    return white


def png(image: NDArray[np.uint8] | NDArray[np.uint16], colour: int, *, interlaced: bool = False) -> bytes:
    """Encode what Pillow cannot: 16 bits a channel, and Adam7 (PNG specification, 8.2)."""
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    rows = b""
    for x, y, step_x, step_y in passes if interlaced else [(0, 0, 1, 1)]:
        part = image[y::step_y, x::step_x]
        big_endian = part.astype(part.dtype.newbyteorder(">"))
        rows += b"".join(b"\0" + row.tobytes() for row in big_endian)
    header = struct.pack(">IIBBBBB", *image.shape[1::-1], image.itemsize * 8, colour, 0, 0, int(interlaced))
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + png_chunk(b"IDAT", zlib.compress(rows, 1))
        + png_chunk(b"IEND", b"")
    )


def grey_16(image: Image.Image) -> NDArray[np.uint16]:
    return np.asarray(image.convert("L")).astype(np.uint16) * 257


def rgb_16(image: Image.Image) -> NDArray[np.uint16]:
    return np.asarray(image).astype(np.uint16) * 257


def float_tiff(scale: float) -> Maker:
    def make(image: Image.Image) -> bytes:
        values = np.asarray(image.convert("L"), dtype=np.float32) * scale
        return saved("TIFF")(Image.fromarray(values))

    return make


def several(format_name: str, **options: Any) -> Maker:
    """More than one picture in a file: the first counts."""

    def make(image: Image.Image) -> bytes:
        other = Image.new("RGB", image.size, "magenta")
        return saved(format_name, save_all=True, append_images=[other, other], **options)(image)

    return make


def palette_with_transparency(image: Image.Image) -> bytes:
    clear = image.quantize(255)
    indices = np.asarray(clear).copy()
    indices[:, : image.width // 2] = 255
    with_hole = Image.frombytes("P", image.size, indices.tobytes())
    with_hole.putpalette([*(clear.getpalette() or [])[: 255 * 3], 0, 255, 0])
    return saved("PNG", transparency=255)(with_hole)


GOOD_FILES: tuple[tuple[str, str, Maker, Expected, float], ...] = (
    ("JPEG", "a.jpg", saved("JPEG", quality=92), same, 2),
    ("JPEG, progressive", "a.jpg", saved("JPEG", quality=92, progressive=True), same, 2),
    ("JPEG, all colours whole", "a.jpeg", saved("JPEG", quality=92, subsampling=0), same, 2),
    ("JPEG, grey", "a.jpg", saved("JPEG", "L", quality=92), grey, 2),
    ("JPEG, CMYK as Adobe inverts it", "a.jpg", saved("JPEG", "CMYK", quality=92), same, 3),
    ("JPEG of several (MPO)", "a.mpo", several("MPO", quality=92), same, 2),
    ("PNG", "a.png", saved("PNG"), same, 0.5),
    ("PNG, palette", "a.png", lambda image: saved("PNG")(image.quantize(256)), same, 6),
    ("PNG, palette with a clear colour", "a.png", palette_with_transparency, half_white, 6),
    ("PNG, alpha", "a.png", lambda image: saved("PNG")(half_clear(image)), half_white, 1),
    (
        "PNG, grey and alpha",
        "a.png",
        lambda image: saved("PNG", "LA")(half_clear(image)),
        lambda image: half_white(image.convert("L").convert("RGB")),
        1,
    ),
    ("PNG, grey", "a.png", saved("PNG", "L"), grey, 0.5),
    ("PNG, one bit", "a.png", saved("PNG", "1"), lambda image: image.convert("1"), 5),
    ("PNG, 16 bit grey", "a.png", lambda image: png(grey_16(image), 0), grey, 1),
    ("PNG, 16 bit colour", "a.png", lambda image: png(rgb_16(image), 2), same, 1),
    ("PNG, interlaced", "a.png", lambda image: png(np.asarray(image), 2, interlaced=True), same, 0.5),
    ("WebP", "a.webp", saved("WEBP", quality=90), same, 3),
    ("WebP, lossless with alpha", "a.webp", lambda im: saved("WEBP", lossless=True)(half_clear(im)), half_white, 1),
    ("WebP, animated", "a.webp", several("WEBP", quality=90), same, 3),
    ("GIF", "a.gif", saved("GIF"), same, 8),
    ("GIF, animated", "a.gif", several("GIF"), same, 8),
    ("BMP", "a.bmp", saved("BMP"), same, 0.5),
    ("TIFF", "a.tif", saved("TIFF"), same, 0.5),
    ("TIFF, LZW", "a.tiff", saved("TIFF", compression="tiff_lzw"), same, 0.5),
    ("TIFF, JPEG inside", "a.tiff", saved("TIFF", compression="jpeg", quality=92), same, 4),
    ("TIFF, CMYK", "a.tiff", saved("TIFF", "CMYK"), same, 2),
    ("TIFF, 16 bit grey", "a.tif", lambda image: saved("TIFF")(Image.fromarray(grey_16(image))), grey, 1),
    ("TIFF, float up to 1", "a.tif", float_tiff(1 / 255), grey, 1),
    ("TIFF, float up to 255", "a.tif", float_tiff(1.0), grey, 1),
    ("TIFF, pages", "a.tif", several("TIFF"), same, 0.5),
    ("AVIF", "a.avif", saved("AVIF", quality=85, speed=10), same, 4),
    ("JPEG called PNG", "a.png", saved("JPEG", quality=92), same, 2),
    ("PNG called JPEG", "a.jpg", saved("PNG"), same, 0.5),
    ("WebP called HEIC", "a.heic", saved("WEBP", quality=90), same, 3),
    ("AVIF called JPEG", "a.jpg", saved("AVIF", quality=85, speed=10), same, 4),
    ("name without an ending", "photo", saved("JPEG", quality=92), same, 2),
)


@pytest.mark.parametrize(
    ("name", "make", "expected", "tolerance"), [g[1:] for g in GOOD_FILES], ids=[g[0] for g in GOOD_FILES]
)
def test_good_file(
    name: str,
    make: Maker,
    expected: Expected,
    tolerance: float,
    chelsea: Image.Image,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / name
    path.write_bytes(make(chelsea))
    photo = decode_photo(path, INPUT)
    assert photo.pixels.shape == (224, 224, 3)
    assert photo.pixels.dtype == np.uint8
    assert (photo.info.width, photo.info.height, photo.info.damaged) == (*chelsea.size, False)
    assert photo.info.file_bytes == path.stat().st_size
    assert difference(photo.pixels, expected(chelsea)) <= tolerance
    thumbnail = Image.open(io.BytesIO(photo.thumbnail))
    assert thumbnail.format == "JPEG"
    assert max(thumbnail.size) == THUMBNAIL_EDGE
    assert abs(thumbnail.width / thumbnail.height - chelsea.width / chelsea.height) < 0.02
    assert difference(squashed(thumbnail), expected(chelsea)) <= tolerance + 4
    view = decode_for_view(path, 400)
    assert max(view.shape) == 400
    assert difference(squashed(Image.fromarray(view)), expected(chelsea)) <= tolerance + 3
    assert capfd.readouterr() == ("", "")


def test_cmyk_is_stored_as_adobe_does(chelsea: Image.Image) -> None:
    """The table's CMYK JPEG is only worth its row with Adobe's marker and inverted inks."""
    assert b"Adobe" in saved("JPEG", "CMYK")(chelsea)[:200]


@pytest.mark.parametrize("name", ["chelsea.heic", "chelsea-turned.heic"])
def test_heic(name: str, chelsea: Image.Image) -> None:
    photo = decode_photo(DATA / name, INPUT)
    assert (photo.info.width, photo.info.height) == (225, 150)
    assert difference(photo.pixels, chelsea) < 6
    assert photo.info.date == datetime(2020, 2, 3, 4, 5, 6)


# How an upright photo must be turned to be stored with an orientation: EXIF 2.32, 4.6.5, "the 0th row is the
# visual ... , the 0th column is the visual ..." (top left, top right, bottom right, bottom left, left top,
# right top, right bottom, left bottom).
STORED: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    1: lambda upright: upright,
    2: lambda upright: upright[:, ::-1],
    3: lambda upright: upright[::-1, ::-1],
    4: lambda upright: upright[::-1],
    5: lambda upright: upright.transpose(1, 0, 2),
    6: lambda upright: upright.transpose(1, 0, 2)[::-1],
    7: lambda upright: upright.transpose(1, 0, 2)[::-1, ::-1],
    8: lambda upright: upright.transpose(1, 0, 2)[:, ::-1],
}


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_orientation(format_name: str, orientation: int, chelsea: Image.Image, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = Image.fromarray(np.ascontiguousarray(STORED[orientation](np.asarray(chelsea))))
    path = tmp_path / "photo"
    options = {"TIFF": {}, "AVIF": {"quality": 90, "speed": 10}}.get(format_name, {"quality": 92})
    path.write_bytes(saved(format_name, exif=exif, **options)(stored))
    photo = decode_photo(path, INPUT)
    assert (photo.info.width, photo.info.height) == chelsea.size
    assert difference(photo.pixels, chelsea) < 3
    thumbnail = Image.open(io.BytesIO(photo.thumbnail))
    assert thumbnail.width > thumbnail.height
    assert difference(squashed(thumbnail), chelsea) < 6
    assert decode_for_view(path, 400).shape == (266, 400, 3)


@pytest.mark.parametrize("orientation", [0, 9, 4711])
def test_orientation_invalid_is_ignored(orientation: int, chelsea: Image.Image, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo.png"
    path.write_bytes(saved("PNG", exif=exif)(chelsea))
    assert difference(decode_photo(path, INPUT).pixels, chelsea) < 0.5


@pytest.mark.parametrize("exif", [b"Exif\0\0", b"Exif\0\0II*\0\xff\xff\xff\x7f", b"Exif\0\0" + bytes(range(256)) * 4])
def test_broken_exif_is_ignored(exif: bytes, chelsea: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(saved("JPEG", quality=92, exif=exif)(chelsea))
    photo = decode_photo(path, INPUT)
    assert difference(photo.pixels, chelsea) < 2
    assert not photo.info.damaged


def with_dates(image: Image.Image, original: object, changed: object) -> bytes:
    exif = Image.Exif()
    if changed is not None:
        exif[0x0132] = changed
    if original is not None:
        exif.get_ifd(0x8769)[0x9003] = original
    return saved("JPEG", exif=exif)(image)


@pytest.mark.parametrize(
    ("original", "changed", "taken"),
    [
        ("2020:02:03 04:05:06", "2024:01:01 00:00:00", datetime(2020, 2, 3, 4, 5, 6)),
        (None, "2024:01:01 10:00:00", datetime(2024, 1, 1, 10)),
        ("2020:02:03 04:05:06\0", None, datetime(2020, 2, 3, 4, 5, 6)),
        ("0000:00:00 00:00:00", None, None),
        ("    :  :     :  :  ", None, None),
        ("yesterday", None, None),
        (None, None, None),
    ],
)
def test_date(original: object, changed: object, taken: datetime | None, chelsea: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(with_dates(chelsea, original, changed))
    last_changed = datetime(2001, 2, 3, 4, 5, 6)
    os.utime(path, (last_changed.timestamp(), last_changed.timestamp()))
    assert decode_photo(path, INPUT).info.date == (taken or last_changed)


@pytest.mark.parametrize("seconds", [-1.0, -1e12, 0.0, 2.0**33, 1e12, 1e30])
def test_impossible_file_date_is_ignored(
    seconds: float, chelsea: Image.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(saved("JPEG", quality=92)(chelsea))
    status = SimpleNamespace(st_size=path.stat().st_size, st_mtime_ns=int(seconds * 1e9))
    monkeypatch.setattr(decoding.os, "fstat", lambda descriptor: status)
    photo = decode_photo(path, INPUT)
    assert difference(photo.pixels, chelsea) < 2
    assert (photo.info.date is None) is (seconds > 1e11)


@pytest.mark.parametrize("orientation", [1, 6])
def test_small_decode_of_a_large_jpeg_is_as_the_full_one(
    orientation: int, chelsea: Image.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = chelsea.resize((4000, 3000), Image.Resampling.BICUBIC)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "large.jpg"
    path.write_bytes(saved("JPEG", quality=90, exif=exif)(large))
    loaded: list[tuple[int, int]] = []
    load = decoding.load_pixels
    monkeypatch.setattr(decoding, "load_pixels", lambda image: (load(image), loaded.append(image.size))[0])
    photo = decode_photo(path, INPUT)
    assert (photo.info.width, photo.info.height) == ((4000, 3000) if orientation == 1 else (3000, 4000))
    assert loaded == [(500, 375)], "the photo was not decoded at an eighth"
    upright = large if orientation == 1 else large.transpose(Image.Transpose.ROTATE_270)
    assert difference(photo.pixels, upright) < 2
    assert max(Image.open(io.BytesIO(photo.thumbnail)).size) == THUMBNAIL_EDGE


def test_turned_photo_is_decoded_large_enough_for_wide_input(
    chelsea: Image.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / "large.jpg"
    path.write_bytes(saved("JPEG", exif=exif)(chelsea.resize((4000, 3000))))
    loaded: list[tuple[int, int]] = []
    load = decoding.load_pixels
    monkeypatch.setattr(decoding, "load_pixels", lambda image: (load(image), loaded.append(image.size))[0])
    decode_photo(path, (380, 64))
    assert loaded == [(1000, 750)], (
        "upright it has 3000 columns, and an eighth of them is fewer than the 380 of the input"
    )


@pytest.mark.parametrize("share", [0.3, 0.6, 0.98])
def test_jpeg_that_ends_too_early_is_decoded_as_far_as_it_goes(
    share: float, chelsea: Image.Image, tmp_path: Path
) -> None:
    whole = saved("JPEG", quality=92)(chelsea)
    path = tmp_path / "cut.jpg"
    path.write_bytes(whole[: int(len(whole) * share)])
    photo = decode_photo(path, INPUT)
    assert photo.info.damaged
    rows = int(224 * (share - 0.2))
    if rows > 0:
        seen = photo.pixels[:rows].astype(np.int16)
        assert np.abs(seen - squashed(chelsea)[:rows]).mean() < 4
    assert not decode_photo_of(whole, tmp_path).info.damaged


def decode_photo_of(content: bytes, folder: Path) -> decoding.DecodedPhoto:
    path = folder / "whole.jpg"
    path.write_bytes(content)
    return decode_photo(path, INPUT)


@pytest.mark.parametrize("size", [(1, 1), (1, 5000), (5000, 1), (3, 2)])
@pytest.mark.parametrize("format_name", ["PNG", "JPEG"])
def test_odd_sizes(size: tuple[int, int], format_name: str, tmp_path: Path) -> None:
    path = tmp_path / "odd"
    path.write_bytes(saved(format_name)(Image.new("RGB", size, (200, 100, 50))))
    photo = decode_photo(path, INPUT)
    assert (photo.info.width, photo.info.height) == size
    assert np.abs(photo.pixels.astype(np.int16) - (200, 100, 50)).max() <= 4
    assert Image.open(io.BytesIO(photo.thumbnail)).size[0] >= 1
    assert min(decode_for_view(path, 100).shape[:2]) >= 1


def test_decode_without_thumbnail_edge_makes_none(chelsea: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(saved("JPEG", quality=92)(chelsea))
    photo = decode_photo(path, INPUT, thumbnail=False)
    assert photo.thumbnail == b""
    assert difference(photo.pixels, chelsea) < 2


@pytest.mark.parametrize("name", ["line\nbreak.jpg", "emoji-\N{CAT FACE}.jpg", "bad-\udcff.jpg", " .jpg", "-rf.jpg"])
@pytest.mark.skipif(os.name != "posix", reason="names that only POSIX allows")
def test_odd_names(name: str, chelsea: Image.Image, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(saved("JPEG", quality=92)(chelsea))
    assert difference(decode_photo(path, INPUT).pixels, chelsea) < 2


def test_photos_that_take_much_memory_are_decoded_one_by_one(
    chelsea: Image.Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As PNG, which cannot be decoded smaller. The limits are lowered so that the test need not take the memory."""
    monkeypatch.setattr(memory_turns, "_turns", memory_turns.MemoryTurns(together_bytes=600_000, usual_bytes=10_000))
    load, meeting, met = decoding.load_pixels, threading.Barrier(2), []

    def counted(image: ImageFile.ImageFile) -> bool:
        with contextlib.suppress(threading.BrokenBarrierError):
            meeting.wait(timeout=0.3)  # ends early only if another photo is being decoded at the same time
            met.append(image.size)
        meeting.reset()
        return load(image)

    monkeypatch.setattr(decoding, "load_pixels", counted)
    paths = [tmp_path / f"{number}.png" for number in range(3)]
    for path in paths:
        chelsea.save(path)
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda path: decode_photo(path, INPUT), paths))
    assert not met


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of memory in /proc")
def test_wide_grey_png_takes_little_memory(tmp_path: Path) -> None:
    """Scaled to 8 bits as a whole, 16 megapixels took 500 MB in floating point."""
    path = tmp_path / "wide.png"
    path.write_bytes(png(np.full((4000, 4000), 30_000, np.uint16), 0))
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from catdog_desktop.decoding.decode import decode_photo\n"
        "decode_photo(Path(sys.argv[1]), (64, 64))\n"
        # Unlike getrusage, this does not include the memory of the parent process at the fork.
        "print(int(Path('/proc/self/status').read_text().split('VmHWM:')[1].split()[0]) // 1024)\n"
    )
    run = subprocess.run([sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 300
