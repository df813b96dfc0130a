"""Which formats are opened as photos, and how large they may be."""

from __future__ import annotations

import contextlib
import io
import os
import threading
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageFile, UnidentifiedImageError

from catdog_desktop.decoding.damaged_png import ANCILLARY, TRANSPARENCY, without_damaged_chunks
from catdog_desktop.decoding.errors import PhotoError, Unreadable
from catdog_desktop.decoding.problem_text import NOT_A_PHOTO, NOT_PLAUSIBLE, TOO_MANY_PIXELS
from catdog_desktop.file_kinds import describe_content, is_heif, looks_like_photo, may_be_raw
from catdog_desktop.messages import N_

if TYPE_CHECKING:
    from catdog_desktop.decoding.decoder_process import RemoteImage
    from catdog_desktop.decoding.raw_file import RawFile

FORMATS: Final = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF", "HEIF", "MPO")
"""The Pillow formats that are opened. Others are not photos; opening EPS, for example, would start Ghostscript."""
_BUILT_IN_FORMATS: Final = tuple(name for name in FORMATS if name not in ("HEIF", "MPO"))
"""Formats that Pillow can open by itself. `pi_heif` adds HEIF, and Pillow's JPEG plugin opens MPO too."""
HEAD_BYTES: Final = 512
"""The first bytes of a file, by which its format is recognized."""
JPEG_START: Final = b"\xff\xd8\xff"
TIFF_STARTS: Final = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""The first bytes of TIFF and BigTIFF, in both byte orders."""
_DECODED_HERE: Final = (JPEG_START, b"\x89PNG")
"""Signatures of JPEG and PNG: most photos, with decoders that have been tested by everybody's browser."""
MAX_FILE_BYTES: Final = 500 * 2**20
MAX_PIXELS: Final = 200_000_000
PLAUSIBLE_PIXELS: Final = 12_000_000
PIXELS_PER_BYTE: Final = 2_000
"""A photo of more than `PLAUSIBLE_PIXELS` has at least one byte for so many pixels (a JPEG of one colour: for 200). A
damaged header would otherwise take a gigabyte of memory for a file of a few kilobytes."""

# Pillow's own limit warns at half of what is allowed here. `open_image` checks the size in the header instead.
Image.MAX_IMAGE_PIXELS = None
# Pillow's warnings about photos that it can read are of no use in a user's terminal.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")


@contextlib.contextmanager
def open_image(file: io.BufferedReader, head: bytes) -> Iterator[ImageFile.ImageFile]:
    """Open the photo in `file`, which begins with `head`; read the header, decode no pixels.

    JPEG and PNG are opened in this process, all other formats in a decoder process. Raises `PhotoError` for a file that
    is not a photo and for one of more than `MAX_PIXELS`. Pillow's plugins raise nearly every other exception for a
    damaged header.
    """
    if head.startswith(_DECODED_HERE) or not looks_like_photo(head):
        yield open_in_this_process(file, head)
        return
    # Imported here and below: most photos are JPEGs and need neither decoder processes nor readers of odd files.
    from catdog_desktop.decoding.decoder_process import RemoteImage
    from catdog_desktop.decoding.raw_file import read_raw_file

    raw = read_raw_file(file, head) if may_be_raw(head) else None
    opened = RemoteImage(file) if raw is None else _open_raw(file, raw)
    try:
        _check_size(opened, file)
        yield opened
    finally:
        opened.release()


def _open_raw(file: io.BufferedReader, raw: RawFile) -> RemoteImage:
    """Open the largest preview of a raw file, with the size, orientation and dates of the raw file itself."""
    from catdog_desktop.decoding.decoder_process import RemoteImage

    preview = raw.preview
    try:
        opened = RemoteImage(file, part=None if preview is None else (preview.offset, preview.length))
    except PhotoError as error:
        if error.reason is not Unreadable.DAMAGED or preview is not None:
            raise
        sentence = N_("is a camera's raw file without an embedded preview; save it as JPEG first")
        raise PhotoError(Unreadable.NOT_A_PHOTO, sentence) from error
    opened.raw_size = raw.size[::-1] if raw.size and raw.has_turned(opened) else raw.size
    opened.raw_exif = raw.exif_for(opened)
    return opened


def open_in_this_process(file: io.BufferedReader, head: bytes) -> ImageFile.ImageFile:
    """Open the photo in `file`, which begins with `head`, with the decoders in this process. Raises as `open_image`."""
    if not looks_like_photo(head):
        what = describe_content(head)
        if what == "it holds other data" and (start := head.find(JPEG_START)) > 0:  # as some transfers leave them
            file.seek(start)
            return _checked(Image.open(io.BytesIO(file.read()), formats=("JPEG",)), file)
        raise PhotoError(Unreadable.NOT_A_PHOTO, NOT_A_PHOTO, content=what)
    heif = is_heif(head)
    if heif:
        _register_heif()
    try:
        # Pillow raises KeyError for a format without a plugin, so "HEIF" is only passed once it is registered.
        opened = _open_leniently(file, ("HEIF",) if heif else _BUILT_IN_FORMATS)
    except UnidentifiedImageError as error:
        raise PhotoError(Unreadable.DAMAGED, N_("is damaged and cannot be decoded")) from error
    return _checked(opened, file)


def _checked(opened: ImageFile.ImageFile, file: io.BufferedReader) -> ImageFile.ImageFile:
    _check_size(opened, file)
    return opened


def _open_leniently(file: io.BufferedReader, formats: tuple[str, ...]) -> ImageFile.ImageFile:
    """Open a photo with Pillow, or with our own means where Pillow refuses or misreads what viewers show."""
    file.seek(0)
    if file.read(len(TIFF_STARTS[0])) in TIFF_STARTS:
        from catdog_desktop.decoding.odd_tiff import open_odd_tiff

        with contextlib.suppress(Exception):  # a damaged directory raises anything; Pillow says the same below
            if (odd := open_odd_tiff(file)) is not None:
                return odd
    file.seek(0)
    try:
        return Image.open(file, formats=formats)
    except (SyntaxError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        from catdog_desktop.decoding.odd_bmp import open_odd_bmp

        if (bitmap := open_odd_bmp(file)) is not None:
            return bitmap
        for kept in (ANCILLARY, TRANSPARENCY):
            repaired = without_damaged_chunks(file, kept)
            if repaired is None:
                raise
            with contextlib.suppress(SyntaxError, ValueError, OSError):
                return Image.open(repaired, formats=("PNG",))
        raise


def _check_size(opened: ImageFile.ImageFile, file: io.BufferedReader) -> None:
    width, height = opened.size
    if width * height > MAX_PIXELS:
        limit = MAX_PIXELS // 10**6
        raise PhotoError(Unreadable.TOO_LARGE, TOO_MANY_PIXELS, width=width, height=height, limit=limit)
    size = os.fstat(file.fileno()).st_size
    packs_bits = opened.mode == "1" and opened.format != "BMP"  # whose black and white is not compressed
    if width * height > max(PLAUSIBLE_PIXELS, size * PIXELS_PER_BYTE * (8 if packs_bits else 1)):
        raise PhotoError(Unreadable.DAMAGED, NOT_PLAUSIBLE, width=width, height=height, size=size)


_heif_lock = threading.Lock()
_heif_registered = False


def _register_heif() -> None:
    """Let Pillow open HEIF. Called for the first such photo, since the import takes a while."""
    global _heif_registered
    with _heif_lock:
        if not _heif_registered:
            import pi_heif

            # The embedded thumbnails would appear as further images of the file.
            pi_heif.register_heif_opener(thumbnails=False)
            _heif_registered = True
