"""Where the date of a photo is read, in which order, and what is not taken for a date."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from catdog_desktop.decoding.decode import decode_photo, read_embedded_date
from catdog_desktop.decoding.photo_date import (
    FolderListing,
    date_beside,
    name_date,
    takeout_names,
    xmp_date,
)
from catdog_desktop.decoding.photo_info import DateSource, PhotoInfo

FILE_TIME = datetime(2023, 11, 14, 12)
ORIGINAL, DIGITIZED, CHANGED = 0x9003, 0x9004, 0x0132
NOON = "2019:05:12 12:00:00"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description %s/></rdf:RDF></x:xmpmeta>'


def make_photo(
    path: Path, *, inner: dict[int, str] | None = None, changed: str | None = None, **options: object
) -> Path:
    """Write a JPEG with these EXIF tags; `inner` are those of the Exif directory."""
    exif = Image.Exif()
    if changed is not None:
        exif[CHANGED] = changed
    exif.get_ifd(0x8769).update(inner or {})
    Image.new("RGB", (64, 48)).save(path, exif=exif, **options)
    os.utime(path, (FILE_TIME.timestamp(), FILE_TIME.timestamp()))
    return path


def info_of(path: Path) -> PhotoInfo:
    return decode_photo(path, (32, 32), thumbnail=False).info


@pytest.mark.parametrize(
    "blank", ["", "    :  :     :  :  ", "0000:00:00 00:00:00", "2019:13:40 00:00:00", "soon", "\0"]
)
def test_photo_date_invalid_original_falls_back_to_the_next_source(tmp_path: Path, blank: str) -> None:
    path = make_photo(tmp_path / "a.jpg", inner={ORIGINAL: blank, DIGITIZED: NOON}, changed="2020:01:01 00:00:00")
    assert (info_of(path).date, info_of(path).date_source) == (datetime(2019, 5, 12, 12), DateSource.DIGITIZED)
    path = make_photo(tmp_path / "b.jpg", inner={ORIGINAL: blank, DIGITIZED: blank}, changed="2020:01:01 00:00:00")
    assert (info_of(path).date, info_of(path).date_source) == (datetime(2020, 1, 1), DateSource.EXIF)
    path = make_photo(tmp_path / "c.jpg", inner={ORIGINAL: blank, DIGITIZED: blank}, changed=blank)
    assert (info_of(path).date, info_of(path).date_source) == (FILE_TIME, DateSource.FILE_TIME)


def test_photo_date_sources_are_tried_in_order(tmp_path: Path) -> None:
    path = tmp_path / "IMG_20190101_000001.jpg"
    sidecar, takeout = tmp_path / f"{path.name}.xmp", tmp_path / f"{path.name}.json"
    sidecar.write_bytes(XMP % b'exif:DateTimeOriginal="2016-02-03T04:05:06"')
    takeout.write_text(json.dumps({"photoTakenTime": {"timestamp": "1577836800"}}))
    packet = XMP % b'photoshop:DateCreated="2017-02-03"'

    make_photo(path, inner={ORIGINAL: NOON, DIGITIZED: "2018:01:01 00:00:00"}, xmp=packet)
    assert info_of(path).date_source is DateSource.TAKEN
    make_photo(path, xmp=packet)
    assert (info_of(path).date, info_of(path).date_source) == (datetime(2017, 2, 3), DateSource.XMP)
    make_photo(path)
    assert (info_of(path).date, info_of(path).date_source) == (datetime(2016, 2, 3, 4, 5, 6), DateSource.SIDECAR)
    sidecar.write_bytes(XMP % b'exif:DateTimeOriginal="0000-00-00"')
    taken = datetime(2020, 1, 1, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert (info_of(path).date, info_of(path).date_source) == (taken, DateSource.TAKEOUT)
    takeout.write_text("{}")
    assert (info_of(path).date, info_of(path).date_source) == (datetime(2019, 1, 1, 0, 0, 1), DateSource.FILE_NAME)


@pytest.mark.parametrize(
    ("source", "is_capture"),
    [
        (DateSource.TAKEN, True), (DateSource.DIGITIZED, True), (DateSource.XMP, True), (DateSource.SIDECAR, True),
        (DateSource.TAKEOUT, True), (DateSource.EXIF, False), (DateSource.FILE_NAME, False),
        (DateSource.FILE_TIME, False), (None, False),
    ],
)  # fmt: skip
def test_photo_info_taken_is_only_a_capture_date(source: DateSource | None, is_capture: bool) -> None:
    info = PhotoInfo(date=FILE_TIME, date_source=source)
    assert info.taken == (FILE_TIME if is_capture else None)


def test_exif_date_has_subseconds(tmp_path: Path) -> None:
    path = make_photo(tmp_path / "a.jpg", inner={ORIGINAL: NOON, 0x9291: "42 ", 0x9011: "+02:00"})
    assert info_of(path).date == datetime(2019, 5, 12, 12, 0, 0, 420_000), "the clock at the place of the photo"


@pytest.mark.parametrize("format_name", ["PNG", "WEBP", "TIFF"])
def test_read_embedded_date_other_formats(tmp_path: Path, format_name: str) -> None:
    exif = Image.Exif()
    exif[CHANGED] = NOON
    path = tmp_path / f"a.{format_name.lower()}"
    Image.new("RGB", (64, 48)).save(path, format_name, exif=exif)
    assert read_embedded_date(path) == (datetime(2019, 5, 12, 12), DateSource.EXIF)


@pytest.mark.parametrize(
    ("packet", "date"),
    [
        (XMP % b'exif:DateTimeOriginal="2019-05-12T10:11:12.25"', datetime(2019, 5, 12, 10, 11, 12, 250_000)),
        (XMP % b'exif:DateTimeOriginal="2019-05-12T10:11:12+02:00"', datetime(2019, 5, 12, 10, 11, 12)),
        (XMP % b'xmp:CreateDate="2019-05-12T10:11" photoshop:DateCreated="2018-01-01"', datetime(2018, 1, 1)),
        (b"<exif:DateTimeOriginal>2019-05-12</exif:DateTimeOriginal>", datetime(2019, 5, 12)),
        ((XMP % b'xmp:CreateDate="2019-05-12T10:11:12"').decode().encode("utf-16"), datetime(2019, 5, 12, 10, 11, 12)),
        (XMP % b'xmp:ModifyDate="2019-05-12"', None),
        (XMP % b'exif:DateTimeOriginal="2019-02-31"', None),
        (b"", None),
        (b"\xff\xfe\x00", None),
    ],
)
def test_xmp_date(packet: bytes, date: datetime | None) -> None:
    assert xmp_date(packet) == date


def test_xmp_date_in_utc_is_converted_to_local_time() -> None:
    expected = datetime(2019, 5, 12, 10, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert xmp_date(XMP % b'exif:DateTimeOriginal="2019-05-12T10:00:00Z"') == expected


SECOND = datetime(2019, 5, 12, 10, 11, 12)
DAY = datetime(2019, 5, 12)


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("IMG_20190512_101112.jpg", SECOND),
        ("IMG_20190512_101112_1.jpg", SECOND),
        ("IMG_20190512_101112123_HDR.jpg", SECOND.replace(microsecond=123_000)),
        ("MVIMG_20190512_101112.jpg", SECOND),
        ("20190512_101112.jpg", SECOND),
        ("20190512.jpg", DAY),
        ("IMG-20190512-WA0001.jpg", DAY),
        ("WhatsApp Image 2019-05-12 at 10.11.12.jpeg", SECOND),
        ("Screenshot_20190512-101112.png", SECOND),
        ("Screenshot_2019-05-12-10-11-12-123_com.app.png", SECOND.replace(microsecond=123_000)),
        ("Screenshot 2019-05-12 at 10.11.12.png", SECOND),
        ("Screenshot from 2019-05-12 10-11-12.png", SECOND),
        ("signal-2019-05-12-101112.jpg", SECOND),
        ("signal-2019-05-12-10-11-12-123.jpg", SECOND.replace(microsecond=123_000)),
        ("photo_2019-05-12_10-11-12.jpg", SECOND),
        ("2019-05-12 10.11.12.jpg", SECOND),
        ("DSC20001010.jpg", None),
        ("IMG_20191331.jpg", None),
        ("IMG_20190230.jpg", None),
        ("IMG_1234.jpg", None),
        ("12345678901234.jpg", None),
        ("Order 20190512.jpg", None),
        ("", None),
    ],
)
def test_name_date(name: str, date: datetime | None) -> None:
    assert name_date(name) == date


def test_name_date_pixel_and_facebook_names_are_utc() -> None:
    local = datetime(2021, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC).astimezone().replace(tzinfo=None)
    assert name_date("PXL_20210102_030405678.jpg") == local
    assert name_date("FB_IMG_1557655872000.jpg") == datetime.fromtimestamp(1_557_655_872)


@pytest.mark.parametrize(
    ("photo", "json_name"),
    [
        ("IMG_1.jpg", "IMG_1.jpg.json"),
        ("IMG_1.jpg", "IMG_1.jpg.supplemental-metadata.json"),
        ("IMG_1(1).jpg", "IMG_1.jpg(1).json"),
        ("IMG_1(1).jpg", "IMG_1.jpg.supplemental-metadata(1).json"),
        ("IMG_1(1).jpg", "IMG_1(1).jpg.json"),
        ("IMG_1-edited.jpg", "IMG_1.jpg.json"),
        ("Screenshot_2019-05-12-10-11-12-123.jpg", "Screenshot_2019-05-12-10-11-12-123.jpg.supplem.json"),
        ("a" * 50 + ".jpg", "a" * 46 + ".json"),
    ],
)
def test_takeout_names_include(photo: str, json_name: str) -> None:
    assert json_name in list(takeout_names(photo))


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"photoTakenTime": 5}', '{"photoTakenTime": {"timestamp": "x"}}', "\0"]
)
def test_date_beside_invalid_takeout_file_is_ignored(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.jpg.json").write_text(content)
    assert date_beside(tmp_path / "a.jpg") is None


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes as on POSIX")
def test_date_beside_pipe_with_the_name_of_a_sidecar_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.jpg.xmp")
    assert date_beside(tmp_path / "a.jpg") is None


def test_date_beside_listed_folder_gives_the_same_dates(tmp_path: Path) -> None:
    packet = XMP % b'exif:DateTimeOriginal="2019-05-12T12:00:00"'
    for sidecar in ("a.jpg.xmp", "b.xmp", "C.XMP"):
        (tmp_path / sidecar).write_bytes(packet)
    (tmp_path / "d.jpg.supplemental-metadata.json").write_text('{"photoTakenTime": {"timestamp": "1557655872"}}')
    (tmp_path / "e.jpg.json").mkdir()
    empty = tmp_path / "empty"
    empty.mkdir()
    listing = FolderListing()
    photos = [tmp_path / f"{name}.jpg" for name in "abcdef"]
    photos += [empty / "IMG_20190512_101112.jpg", tmp_path / "missing" / "a.jpg"]

    assert [date_beside(photo, listing) for photo in photos] == [date_beside(photo) for photo in photos]
    assert date_beside(photos[0], listing) == (datetime(2019, 5, 12, 12), DateSource.SIDECAR)
    assert date_beside(photos[3], listing) is not None


def test_folder_listing_folder_is_listed_once(tmp_path: Path) -> None:
    listing = FolderListing()
    assert listing.names(str(tmp_path)) == frozenset()
    (tmp_path / "a.xmp").write_bytes(b"")
    assert listing.names(str(tmp_path)) == frozenset()
    assert FolderListing().names(str(tmp_path)) == frozenset({"a.xmp"})
