"""Find the largest embedded preview of a camera's raw file, with the photo's own size, orientation and dates.

Our own reader rather than LibRaw by rawpy: only headers are needed here, which Python reads without native code. LibRaw
decodes every raw format of thirty years in C++, is a frequent subject of security advisories, and does not say which of
several previews is the largest. The preview itself is a JPEG, which a decoder process decodes.

Containers: TIFF (CR2, NEF, NRW, ARW, SR2, DNG, PEF, SRW, and with other first bytes ORF and RW2), ISO base media (CR3)
and RAF. Tags: TIFF 6.0, TIFF/EP (ISO 12234-2), DNG 1.7, EXIF 2.32; the rest as ExifTool's tag tables have it.
"""

import contextlib
import io
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Final

from PIL import Image

from catdog_desktop.decoding.iso_boxes import Box, boxes, find_box, sample_ranges
from catdog_desktop.decoding.jpeg_header import jpeg_size
from catdog_desktop.decoding.tiff_directories import Directory, TiffReader

ORIENTATION: Final = 0x0112
DATE: Final = 0x0132
EXIF_DATES: Final = (0x9003, 0x9004, 0x9290, 0x9291, 0x9292)
"""DateTimeOriginal, DateTimeDigitized and the fractions of a second of these and of DateTime."""
_CFA, _LINEAR_RAW = 32803, 34892
"""PhotometricInterpretation of what a sensor has measured: mosaic, or one value for each colour."""
_DNG_VERSION: Final = 0xC612
_DEFAULT_CROP_SIZE: Final = 0xC620
_SUB_DIRECTORIES: Final = 0x014A
_EXIF: Final = 0x8769
_MAKER_NOTE: Final = 0x927C
_JPEG_FROM_RAW: Final = 0x002E
"""Panasonic's tag for the whole JPEG."""
_FUJI: Final = b"FUJIFILMCCD-RAW"
_CANON_METADATA: Final = bytes.fromhex("85c0b687820f11e08111f4ce462b6a48")
_CANON_PREVIEW: Final = bytes.fromhex("eaf42b5e1c984b88b9fbb7dc406e4d16")
MOST_DIRECTORIES: Final = 50
MOST_FOUND: Final = 200
"""JPEG signatures that a search through a whole file looks at."""
SEARCHED_BYTES: Final = 128 * 2**20


@dataclass(slots=True)
class RawFile:
    """What the header of a raw file says. Sizes are as stored, before `orientation` is applied."""

    previews: list[tuple[int, int]] = field(default_factory=list)
    """Offset and length of what may be JPEG previews."""
    size: tuple[int, int] | None = None
    """Width and height of the photo that the raw data give."""
    orientation: int | None = None
    dates: dict[int, str] = field(default_factory=dict)
    """By EXIF tag: `DATE` and `EXIF_DATES`."""
    is_raw: bool = False
    """Whether the file holds raw data; other TIFFs are read in the same way."""
    preview: "Preview | None" = None
    """The one of `previews` with the most pixels; None if the file has no preview."""

    def exif_for(self, preview: Image.Image) -> Image.Exif:
        """Return EXIF data with orientation and dates of the raw file, or where it has none, those of the preview."""
        theirs, merged = Image.Exif(), Image.Exif()
        with contextlib.suppress(Exception):  # not `getexif`, whose answer would be kept with the image
            theirs.load(preview.info.get("exif", b""))
        orientation = self.orientation or theirs.get(ORIENTATION)
        if isinstance(orientation, int) and 1 <= orientation <= 8:
            merged[ORIENTATION] = 1 if self.has_turned(preview) else orientation
        inner = merged.get_ifd(_EXIF)
        for tag in (DATE, *EXIF_DATES):
            found = self.dates.get(tag) or (theirs if tag == DATE else theirs.get_ifd(_EXIF)).get(tag)
            if isinstance(found, str):
                (merged if tag == DATE else inner)[tag] = found
        return merged

    def has_turned(self, preview: Image.Image) -> bool:
        """Whether the preview is upright already though the raw data are not, as some converters to DNG write it."""
        if self.size is None or (self.orientation or 1) < 5:
            return False
        return (self.size[0] > self.size[1]) != (preview.width > preview.height)


@dataclass(frozen=True, slots=True)
class Preview:
    """A JPEG inside a raw file."""

    offset: int
    length: int
    width: int
    height: int


def read_raw_file(file: IO[bytes], head: bytes) -> RawFile | None:
    """Return the header of the raw file `file`, which begins with `head`; None if it is not one. Raises `OSError`."""
    raw = RawFile()
    try:
        if head.startswith(_FUJI):
            _read_fuji(file, raw)
        elif head[4:8] == b"ftyp":
            if head[8:12] == b"crx ":
                _read_canon_3(file, raw)
        else:
            reader = TiffReader.open(file)
            if reader is not None:
                _read_tiff(reader, raw)
    except (struct.error, ValueError, IndexError):
        pass  # damaged: what was found before is used
    if not raw.is_raw:
        return None
    raw.preview = _largest(file, raw.previews)
    if raw.preview is None:
        raw.preview = _largest(file, _search(file))
    return raw


def _largest(file: IO[bytes], previews: Iterable[tuple[int, int]]) -> Preview | None:
    found = [
        Preview(offset, length, *size)
        for offset, length in dict.fromkeys(previews)
        if (size := jpeg_size(file, offset, length)) is not None
    ]
    return max(found, key=lambda preview: preview.width * preview.height, default=None)


# TIFF -----------------------------------------------------------------------------------------------------------------


def _read_tiff(reader: TiffReader, raw: RawFile) -> None:
    raw.is_raw = reader.is_raw_by_signature
    sensor: list[tuple[int, int]] = []
    exif_size: tuple[int, int] | None = None
    crop: tuple[int, int] | None = None
    for number, (directory, is_exif) in enumerate(_directories(reader)):
        if number == 0:
            raw.orientation = directory.number(ORIENTATION)
            _panasonic(directory, raw, sensor)
        _add_dates(directory, raw, EXIF_DATES if is_exif else (DATE,))
        if is_exif:
            exif_size = _pair(directory.number(0xA002), directory.number(0xA003))
            _add_olympus_preview(reader, directory, raw)
            continue
        is_sensor = directory.number(0x0106) in (_CFA, _LINEAR_RAW)
        raw.is_raw |= is_sensor or directory.has(_DNG_VERSION)
        size = _pair(directory.number(0x0100), directory.number(0x0101))
        if is_sensor and size is not None:
            sensor.append(size)
            crop = crop or _pair(*directory.numbers(_DEFAULT_CROP_SIZE, 2))
        else:
            raw.previews += _previews_in(directory)
    largest = max(sensor, key=lambda size: size[0] * size[1], default=None)
    raw.size = crop or exif_size or largest
    if crop is None and largest is not None and exif_size is not None and not _fits(exif_size, largest):
        raw.size = largest


def _directories(reader: TiffReader) -> Iterator[tuple[Directory, bool]]:
    """Yield the directories of a file, each with whether it is the EXIF one."""
    pending = [(reader.first, False)]
    seen: set[int] = set()
    while pending and len(seen) < MOST_DIRECTORIES:
        offset, is_exif = pending.pop(0)
        if offset in seen or (directory := reader.directory(offset)) is None:
            continue
        seen.add(offset)
        yield directory, is_exif
        if not is_exif:
            pending += [(below, False) for below in directory.numbers(_SUB_DIRECTORIES, 10)]
            pending += [(below, True) for below in directory.numbers(_EXIF, 1)]
            pending.append((directory.next, False))


def _previews_in(directory: Directory) -> Iterator[tuple[int, int]]:
    for offset_tag, length_tag in ((0x0201, 0x0202), (0x0111, 0x0117)):
        if offset_tag == 0x0111 and directory.number(0x0103) not in (6, 7):  # not JPEG in strips
            continue
        offsets, lengths = directory.numbers(offset_tag, 2), directory.numbers(length_tag, 2)
        if len(offsets) == len(lengths) == 1:
            yield offsets[0], lengths[0]


def _panasonic(directory: Directory, raw: RawFile, sensor: list[tuple[int, int]]) -> None:
    """Read the tags of RW2, which stand in its first directory beside those of TIFF."""
    jpeg = directory.place(_JPEG_FROM_RAW)
    if jpeg is None:
        return
    raw.previews.append(jpeg)
    top, left, bottom, right = (directory.number(tag) or 0 for tag in (4, 5, 6, 7))
    if right > left and bottom > top:
        sensor.append((right - left, bottom - top))


def _add_olympus_preview(reader: TiffReader, exif: Directory, raw: RawFile) -> None:
    """Add the preview that the maker note of Olympus names: CameraSettings (0x2020), start 0x0101, length 0x0102."""
    place = exif.place(_MAKER_NOTE)
    if place is None:
        return
    start = reader.read(place[0], 16)
    for signature, header in ((b"OLYMPUS\0", 12), (b"OM SYSTEM\0\0\0", 16)):
        if start.startswith(signature):
            notes = reader.directory(place[0] + header, base=place[0])
            settings = notes.numbers(0x2020, 1) if notes is not None else ()
            below = reader.directory(place[0] + settings[0], base=place[0]) if settings else None
            if below is not None:
                offset, length = below.number(0x0101), below.number(0x0102)
                if offset and length:
                    raw.previews.append((place[0] + offset, length))


def _add_dates(directory: Directory, raw: RawFile, tags: tuple[int, ...]) -> None:
    for tag in tags:
        if text := directory.text(tag):
            raw.dates.setdefault(tag, text)


def _pair(*numbers: int | None) -> tuple[int, int] | None:
    if len(numbers) != 2 or not all(numbers):
        return None
    width, height = numbers
    assert width is not None
    assert height is not None
    return width, height


def _fits(size: tuple[int, int], sensor: tuple[int, int]) -> bool:
    """Whether a photo of `size` can be cut out of the sensor's pixels, and is not that of a preview."""
    return all(0.8 * whole <= part <= whole for part, whole in zip(size, sensor, strict=True))


# Other containers -----------------------------------------------------------------------------------------------------


def _read_fuji(file: IO[bytes], raw: RawFile) -> None:
    """Read a RAF header: offsets of JPEG (84) and of the table of sensor tags (92), big-endian. Dates: in the JPEG."""
    raw.is_raw = True
    file.seek(84)
    jpeg, length, table, table_length = struct.unpack(">4I", file.read(16))
    raw.previews.append((jpeg, length))
    file.seek(table)
    entries = io.BytesIO(file.read(min(table_length, 2**16)))
    (count,) = struct.unpack(">I", entries.read(4))
    sizes: dict[int, tuple[int, int]] = {}
    for _ in range(min(count, 256)):
        tag, size = struct.unpack(">HH", entries.read(4))
        content = entries.read(size)
        if tag in (0x0100, 0x0111, 0x0121) and size == 4:
            height, width = struct.unpack(">HH", content)
            sizes[tag] = (width, height)
    raw.size = sizes.get(0x0111) or sizes.get(0x0121) or sizes.get(0x0100)


def _read_canon_3(file: IO[bytes], raw: RawFile) -> None:
    """Read a CR3: TIFF blocks with metadata in one box, a preview in another, and the whole JPEG as a track."""
    raw.is_raw = True
    top = list(boxes(file))
    for box in top:
        if box.kind == b"uuid" and box.uuid == _CANON_PREVIEW:
            raw.previews += _canon_jpeg(file, box, b"PRVW", 16)
    movie = find_box(top, b"moov")
    if movie is None:
        return
    inner = list(boxes(file, movie.start, movie.end))
    for box in inner:
        if box.kind == b"uuid" and box.uuid == _CANON_METADATA:
            raw.previews += _canon_jpeg(file, box, b"THMB", 16)
            _read_canon_metadata(file, box, raw)
        elif box.kind == b"trak":
            raw.previews += sample_ranges(file, box)


def _canon_jpeg(file: IO[bytes], parent: Box, kind: bytes, header: int) -> Iterator[tuple[int, int]]:
    """Yield the JPEG in the box `kind`, after `header` bytes of version and size."""
    # The preview's box stands after 8 bytes of its own in the box of the identifier.
    for skipped in (0, 8):
        for box in boxes(file, parent.start + skipped, parent.end):
            if box.kind == kind:
                yield box.start + header, box.end - box.start - header
                return


def _read_canon_metadata(file: IO[bytes], parent: Box, raw: RawFile) -> None:
    for box in boxes(file, parent.start, parent.end):
        if box.kind not in (b"CMT1", b"CMT2") or (reader := TiffReader.open(file, box.start, box.end)) is None:
            continue
        directory = reader.directory(reader.first)
        if directory is None:
            continue
        if box.kind == b"CMT1":
            raw.orientation = directory.number(ORIENTATION)
            raw.size = raw.size or _pair(directory.number(0x0100), directory.number(0x0101))
            _add_dates(directory, raw, (DATE,))
        else:
            raw.size = _pair(directory.number(0xA002), directory.number(0xA003)) or raw.size
            _add_dates(directory, raw, EXIF_DATES)


def _search(file: IO[bytes]) -> Iterator[tuple[int, int]]:
    """Yield where JPEGs begin, for files whose directories name none; each is given the rest of the file."""
    file.seek(0)
    content = file.read(SEARCHED_BYTES)
    at = -1
    for _ in range(MOST_FOUND):
        at = content.find(b"\xff\xd8\xff", at + 1)
        if at < 0:
            return
        yield at, len(content) - at
