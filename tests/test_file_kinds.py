"""Kinds of files by name and by first bytes."""

from pathlib import Path

import pytest
from bad_files import DATA, encoded

from catdog_desktop.file_kinds import (
    describe_content,
    has_photo_suffix,
    is_heif,
    is_system_file,
    looks_like_photo,
    suffix_of,
)


@pytest.mark.parametrize("name", ["a.jpg", "A.JPEG", "b.Heic", "c.tar.webp", "d.TIF", "e.avif", "f.hif", "g.mpo"])
def test_has_photo_suffix_names_of_photos(name: str) -> None:
    assert has_photo_suffix(Path(name))


@pytest.mark.parametrize("name", ["a.txt", "jpg", ".jpg", "a.jpg.part", "a.svg", "a.psd", "a.cr2", "a", ""])
def test_has_photo_suffix_other_names(name: str) -> None:
    assert not has_photo_suffix(Path(name))


@pytest.mark.parametrize("name", ["Thumbs.db", "THUMBS.DB", ".DS_Store", "desktop.ini", "._IMG_1.jpg"])
def test_is_system_file_names_of_system_files(name: str) -> None:
    assert is_system_file(name)


@pytest.mark.parametrize("name", ["IMG_1.jpg", "thumbs.jpg", "_IMG.jpg", ".hidden.jpg"])
def test_is_system_file_other_names(name: str) -> None:
    assert not is_system_file(name)


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_looks_like_photo_reads_signature(format_name: str) -> None:
    head = encoded(format_name, (40, 30))[:64]
    assert looks_like_photo(head)
    assert describe_content(head) is None
    assert not is_heif(head)


@pytest.mark.parametrize("name", ["a.JPG", "a.b.Jpeg", ".jpg", "..jpg", "a.", "a", ".", "é.Cr2", "a .jpg", "a.jpg "])
def test_suffix_of_name_equals_suffix_of_path(name: str) -> None:
    assert suffix_of(name) == Path(name).suffix.lower()


def test_is_heif_reads_brands() -> None:
    head = (DATA / "chelsea.heic").read_bytes()[:64]
    assert is_heif(head)
    assert looks_like_photo(head)
    # Major brand mif1, HEIC only among the compatible ones; and an AVIF file with mif1 among them.
    assert is_heif(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic")
    assert not is_heif(b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf")
    assert not is_heif(b"\0\0\0\x18ftypisom\0\0\0\0mp41isom")


@pytest.mark.parametrize("head", [b"", b"\0", b"ftyp", b"\0\0\0\0ftyp", b"\xff\xff\xff\xffftypheic", b"RIFF"])
def test_describe_content_short_heads_raise_nothing(head: bytes) -> None:
    looks_like_photo(head)
    is_heif(head)
    assert describe_content(head) is None or describe_content(head)


def test_describe_content_text_cut_within_character() -> None:
    text = "Grüße".encode()
    assert describe_content(text[:3]) == "it holds text"
    assert describe_content(b"\xef\xbb\xbf" + text) == "it holds text"
    assert describe_content(b"\xff\xd8") == "it holds other data"
    assert describe_content(b"abc\xff") == "it holds other data"
    assert describe_content(b"abc\0def") == "it holds other data"
