"""Files that are no photos or are damaged, each with a function that makes it and the expected error."""

import os
import socket
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from conftest import open_package_photo

from catdog_desktop.decoding.errors import Unreadable

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class BadFile:
    """`make` gets an empty folder and returns the path to read; `sentence` is the expected error."""

    name: str
    make: Callable[[Path], Path]
    reason: Unreadable
    sentence: str
    posix_only: bool = False

    def __str__(self) -> str:
        return self.name


@cache
def encoded(format_name: str, edge: tuple[int, int] = (160, 120), **options: Any) -> bytes:
    buffer = BytesIO()
    open_package_photo("chelsea").resize(edge).save(buffer, format_name, **options)
    return buffer.getvalue()


def png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_header(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))


def write(name: str, content: bytes | Callable[[], bytes]) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content())
        return path

    return make


def part_of(format_name: str, share: float, name: str) -> Callable[[Path], Path]:
    def cut() -> bytes:
        whole = encoded(format_name)
        return whole[: int(len(whole) * share)]

    return write(name, cut)


def _zip(folder: Path) -> Path:
    path = folder / "archive.jpg"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", "hello")
    return path


def _sparse(folder: Path) -> Path:
    path = folder / "huge.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff\xe0")
        file.truncate(600 * 2**20)
    return path


def _folder(folder: Path) -> Path:
    (folder / "x.jpg").mkdir()
    return folder / "x.jpg"


def _fifo(folder: Path) -> Path:
    os.mkfifo(folder / "pipe.jpg")
    return folder / "pipe.jpg"


def _socket(folder: Path) -> Path:
    here = Path.cwd()
    listener = socket.socket(socket.AF_UNIX)
    try:
        os.chdir(folder)  # the path of a socket may have no more than 107 bytes
        listener.bind("socket.jpg")
    finally:
        os.chdir(here)
        listener.close()
    return folder / "socket.jpg"


def _link_to(target: str, name: str) -> Callable[[Path], Path]:
    def make(folder: Path) -> Path:
        (folder / name).symlink_to(target)
        return folder / name

    return make


def _below_a_file(folder: Path) -> Path:
    (folder / "notes.txt").write_text("hello")
    return folder / "notes.txt" / "x.jpg"


def _jpeg_sized(width: int, height: int) -> bytes:
    whole = bytearray(encoded("JPEG"))
    frame = whole.index(b"\xff\xc0")
    whole[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(whole)


def _jpeg_without_scan() -> bytes:
    whole = encoded("JPEG")
    scan = whole.index(b"\xff\xda")
    return whole[: scan + 14]


def _heic_cut() -> bytes:
    whole = (DATA / "chelsea.heic").read_bytes()
    return whole[: len(whole) // 2]


_NOT, _DAMAGED = Unreadable.NOT_A_PHOTO, Unreadable.DAMAGED
_BROKEN = "is damaged and cannot be decoded"
_NO_SUCH_NAME = "cannot be found: its name is not valid here"

BAD_FILES = (
    BadFile("empty", write("a.jpg", b""), _NOT, "is not a photo (it is empty)"),
    BadFile("one byte", write("a.jpg", b"x"), _NOT, "is not a photo (it holds text)"),
    BadFile("text", write("a.jpg", "Grüße\n".encode() * 400), _NOT, "is not a photo (it holds text)"),
    BadFile("UTF-16 text", write("a.jpg", "hello".encode("utf-16")), _NOT, "is not a photo (it holds text)"),
    BadFile("web page", write("a.jpg", b"<!DOCTYPE html><html>404"), _NOT, "is not a photo (it is a web page)"),
    BadFile("PDF", write("a.jpg", b"%PDF-1.7\n%\xe2\xe3"), _NOT, "is not a photo (it is a PDF document)"),
    BadFile("SVG", write("a.png", b"<?xml version='1.0'?>\n<svg/>"), _NOT, "is not a photo (it is an SVG drawing)"),
    BadFile("EPS", write("a.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n"), _NOT, "is not a photo (it holds text)"),
    BadFile("ZIP", _zip, _NOT, "is not a photo (it is a ZIP archive or an office document)"),
    BadFile(
        "MP4", write("a.jpg", b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41"), _NOT, "is not a photo (it is a video)"
    ),
    BadFile("AVI", write("a.jpg", b"RIFF\0\0\1\0AVI LIST"), _NOT, "is not a photo (it is a video)"),
    BadFile("WAV", write("a.webp", b"RIFF\0\0\1\0WAVEfmt "), _NOT, "is not a photo (it is a sound file)"),
    BadFile("icon", write("a.png", b"\0\0\1\0\1\0\x10\x10"), _NOT, "is not a photo (it is an icon)"),
    BadFile("program", write("a.jpg", b"\x7fELF\2\1\1\0" + bytes(40)), _NOT, "is not a photo (it is a program)"),
    BadFile(
        "Photoshop",
        write("a.jpg", b"8BPS\0\1" + bytes(20)),
        _NOT,
        "is not a photo (it is a Photoshop document; save it as JPEG or PNG first)",
    ),
    BadFile("random bytes", write("a.jpg", bytes(range(254, 0, -1)) * 9), _NOT, "is not a photo (it holds other data)"),
    BadFile("zeros", write("a.jpg", bytes(5000)), _NOT, "is not a photo (it holds other data)"),
    BadFile("JPEG, first two bytes", write("a.jpg", b"\xff\xd8"), _NOT, "is not a photo (it holds other data)"),
    BadFile("JPEG, first three bytes", write("a.jpg", b"\xff\xd8\xff"), _DAMAGED, _BROKEN),
    BadFile("JPEG cut in its header", part_of("JPEG", 0.03, "a.jpg"), _DAMAGED, _BROKEN),
    BadFile("JPEG without pixels", write("a.jpg", _jpeg_without_scan), _DAMAGED, _BROKEN),
    BadFile("JPEG of no height", write("a.jpg", lambda: _jpeg_sized(160, 0)), _DAMAGED, _BROKEN),
    BadFile("JPEG followed by nonsense", write("a.jpg", b"\xff\xd8\xff\xe0" + bytes(300)), _DAMAGED, _BROKEN),
    BadFile("PNG, signature alone", write("a.png", png_header(1, 1)[:8]), _DAMAGED, _BROKEN),
    BadFile("PNG, header alone", write("a.png", png_header(40, 30)), _DAMAGED, _BROKEN),
    BadFile("PNG of no width", write("a.png", png_header(0, 30) + png_chunk(b"IEND", b"")), _DAMAGED, _BROKEN),
    BadFile("PNG, wrong checksum", write("a.png", png_header(4, 3)[:-1] + b"?"), _DAMAGED, _BROKEN),
    BadFile("PNG cut", part_of("PNG", 0.5, "a.png"), _DAMAGED, _BROKEN),
    BadFile("WebP cut", part_of("WEBP", 0.5, "a.webp"), _DAMAGED, _BROKEN),
    BadFile("AVIF cut", part_of("AVIF", 0.5, "a.avif"), _DAMAGED, _BROKEN),
    BadFile("HEIC cut", write("a.heic", _heic_cut), _DAMAGED, _BROKEN),
    BadFile("HEIC, first box alone", write("a.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"), _DAMAGED, _BROKEN),
    BadFile("TIFF cut", part_of("TIFF", 0.5, "a.tif"), _DAMAGED, _BROKEN),
    BadFile("TIFF, header alone", write("a.tif", b"II*\0\x08\0\0\0"), _DAMAGED, _BROKEN),
    BadFile("TIFF, directory elsewhere", write("a.tif", b"MM\0*\xff\xff\xff\xf0" + bytes(30)), _DAMAGED, _BROKEN),
    BadFile("BMP, header alone", write("a.bmp", b"BM" + bytes(10)), _DAMAGED, _BROKEN),
    BadFile("GIF without a frame", write("a.gif", b"GIF89a\x10\0\x10\0\0\0\0;"), _DAMAGED, _BROKEN),
    BadFile(
        "PNG of 900 megapixels",
        write("bomb.png", lambda: png_header(30_000, 30_000) + png_chunk(b"IDAT", zlib.compress(bytes(99)))),
        Unreadable.TOO_LARGE,
        "is too large (30,000 x 30,000 pixels; the limit is 200 megapixels)",
    ),
    BadFile(
        "JPEG of 4,000 megapixels",
        write("bomb.jpg", lambda: _jpeg_sized(65_500, 65_500)),
        Unreadable.TOO_LARGE,
        "is too large (65,500 x 65,500 pixels; the limit is 200 megapixels)",
    ),
    BadFile(
        "GIF of 4,000 megapixels",
        write("bomb.gif", lambda: b"GIF89a\xff\xff\xff\xff" + encoded("GIF")[10:]),
        Unreadable.TOO_LARGE,
        "is too large (65,535 x 65,535 pixels; the limit is 200 megapixels)",
    ),
    BadFile("600 MB", _sparse, Unreadable.TOO_LARGE, "is too large (600 MB; the limit is 500 MB)"),
    BadFile("folder", _folder, _NOT, "is a folder, not a photo"),
    BadFile("vanished", lambda folder: folder / "gone.jpg", Unreadable.VANISHED, "is no longer there"),
    BadFile("below a file", _below_a_file, Unreadable.VANISHED, "is no longer there", posix_only=True),
    BadFile("name too long", lambda folder: folder / ("n" * 300 + ".jpg"), Unreadable.VANISHED, _NO_SUCH_NAME),
    BadFile("NUL in its name", lambda folder: folder / "a\0b.jpg", Unreadable.VANISHED, _NO_SUCH_NAME),
    BadFile("name that cannot be", lambda folder: folder / "\ud800.jpg", Unreadable.VANISHED, _NO_SUCH_NAME, True),
    BadFile("pipe", _fifo, _NOT, "is not a photo (it is a pipe or a device)", posix_only=True),
    BadFile("socket", _socket, _NOT, "is not a photo (it is a pipe or a device)", posix_only=True),
    BadFile(
        "device", _link_to("/dev/zero", "zero.jpg"), _NOT, "is not a photo (it is a pipe or a device)", posix_only=True
    ),
    BadFile("dangling link", _link_to("nowhere", "a.jpg"), Unreadable.VANISHED, "is no longer there", posix_only=True),
    BadFile(
        "link to itself",
        _link_to("a.jpg", "a.jpg"),
        Unreadable.NOT_ALLOWED,
        "could not be read (Too many levels of symbolic links)",
        posix_only=True,
    ),
)
