"""Odd files for `readable_pictures`: every format in many forms, cut short, with other data, or with odd samples."""

import io
import sys
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from skimage import data

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from odd_photos import PROFILES, bmp, tiff, wide
from raw_files import RAW_MAKERS

SHARES = (0.3, 0.5, 0.7, 0.9)
MASKS = (
    (16, (0x7C00, 0x03E0, 0x001F)),
    (16, (0xF800, 0x07E0, 0x001F)),
    (16, (0x0F00, 0x00F0, 0x000F)),
    (32, (0x00FF0000, 0x0000FF00, 0x000000FF)),
    (32, (0xFF000000, 0x00FF0000, 0x0000FF00)),
    (32, (0x3FF00000, 0x000FFC00, 0x000003FF)),
)
JPEG_FORMS: dict[str, dict[str, Any]] = {
    "baseline": {}, "progressive": {"progressive": True}, "whole colours": {"subsampling": 0},
    "restarts": {"restart_marker_rows": 2},
}  # fmt: skip


def write_odd_pictures(folder: Path) -> None:
    """Write all of them to `folder`."""
    photo = Image.fromarray(data.chelsea()).resize((300, 200))
    for maker in (_jpegs, _pngs, _tiffs, _bmps, _others):
        for number, (ending, content) in enumerate(maker(photo)):
            (folder / f"{maker.__name__[1:]}-{number:03}.{ending}").write_bytes(content)


def _encoded(photo: Image.Image, format_name: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    photo.save(buffer, format_name, **options)
    return buffer.getvalue()


def _jpegs(photo: Image.Image) -> Iterator[tuple[str, bytes]]:
    video = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + bytes(range(256)) * 40
    for mode in ("RGB", "L", "CMYK"):
        for options in JPEG_FORMS.values():
            whole = _encoded(photo.convert(mode), "JPEG", quality=90, **options)
            yield "jpg", whole
            yield from (("jpg", whole[:-missing]) for missing in (1, 2))
            yield from (("jpg", whole + after) for after in (b"\0", video))
            for share in SHARES:
                yield "jpg", whole[: int(len(whole) * share)]
                yield "jpg", whole[: int(len(whole) * share)] + b"\xff\xd9" + video
    for profile in PROFILES.values():
        yield "jpg", _encoded(photo, "JPEG", icc_profile=profile)


def _pngs(photo: Image.Image) -> Iterator[tuple[str, bytes]]:
    def chunk(kind: bytes, content: bytes, *, wrong: bool = False) -> bytes:
        checksum = zlib.crc32(kind + content) ^ int(wrong)
        return len(content).to_bytes(4, "big") + kind + content + checksum.to_bytes(4, "big")

    odd = [
        chunk(kind, content, wrong=True)
        for kind, content in ((b"tIME", b"\7\xe3\5\x0c\x0a\x0b\x0c"), (b"iTXt", b"T\0\0\0\0\0cat"), (b"caTs", b"\0\1"))
    ]
    odd.append(chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"cat " * 800_000)))
    for mode in ("1", "L", "P", "LA", "RGB", "RGBA"):
        whole = _encoded(photo.convert(mode), "PNG")
        yield "png", whole
        yield from (("png", whole[:33] + extra + whole[33:]) for extra in odd)
        yield "png", whole + b"garbage"
    yield "png", _encoded(Image.fromarray(np.asarray(photo.convert("L")).astype(np.uint16) * 257), "PNG")
    yield "png", _encoded(photo, "PNG", save_all=True, append_images=[photo.rotate(180)])


def _tiffs(photo: Image.Image) -> Iterator[tuple[str, bytes]]:
    for mode in ("1", "L", "P", "RGB", "RGBA", "CMYK"):
        for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits"):
            yield "tif", _encoded(photo.convert(mode), "TIFF", compression=compression)
    yield "tif", _encoded(photo, "TIFF", compression="jpeg")
    yield "tif", _encoded(photo.convert("1"), "TIFF", compression="group4")
    for dtype in ("uint16", "uint32", "uint64", "float16", "float32", "float64"):
        for image in (photo, photo.convert("L")):
            for planar in (False, True):
                for big_endian in (False, True):
                    for compression in (1, 8):
                        content = tiff(
                            wide(image, dtype), planar=planar, big_endian=big_endian, compression=compression
                        )
                        yield "tif", content


def _bmps(photo: Image.Image) -> Iterator[tuple[str, bytes]]:
    for bits, masks in MASKS:
        yield from (("bmp", bmp(photo, bits, masks, top_down=top_down)) for top_down in (False, True))
    for mode in ("1", "L", "P", "RGB"):
        whole = _encoded(photo.convert(mode), "BMP")
        yield "bmp", whole
        yield from (("bmp", whole[: int(len(whole) * share)]) for share in SHARES)


def _others(photo: Image.Image) -> Iterator[tuple[str, bytes]]:
    clear = Image.new("RGBA", photo.size, (0, 0, 0, 0))
    several = {"save_all": True, "append_images": [photo.convert("RGBA"), photo.rotate(90).convert("RGBA")]}
    for format_name in ("GIF", "WEBP"):
        ending = format_name.lower()
        yield from ((ending, _encoded(photo.convert(mode), format_name)) for mode in ("L", "RGB", "RGBA"))
        yield ending, _encoded(clear, format_name, **several)
    yield from (("avif", _encoded(photo.convert(mode), "AVIF", speed=10)) for mode in ("L", "RGB", "RGBA"))
    for ending, make in RAW_MAKERS.items():
        yield from ((ending.lower(), make(photo, turn)) for turn in (1, 3, 6, 8))
