"""What dragged or copied data would do in the window, as file managers, browsers and mail programs write it."""

import base64
import os
import platform
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QMimeData, QUrl

from catdog_desktop.gui.mime_parsing import describe_drop, parse_mime

HOST = platform.node()
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A PNG of one pixel."""
posix_only = pytest.mark.skipif(os.name == "nt", reason="paths of POSIX")


def of(formats: dict[str, bytes]) -> QMimeData:
    mime = QMimeData()
    for name, data in formats.items():
        mime.setData(name, QByteArray(data))
    return mime


@pytest.mark.parametrize(
    ("urls", "text", "accepted", "fragment"),
    [
        (["file:///a/1.jpg", "file:///a/2.HEIC"], "", True, "Drop to add 2 photos"),
        (["file:///a/Holiday"], "", True, "Drop to add 1 folder"),
        (["file:///a/Holiday", "file:///a/1.jpg"], "", True, "Drop to add 2 files and folders"),
        (["file:///a/cats.h5", "file:///a/dogs.keras"], "", True, "Drop to import 2 models"),
        (["file:///a/cats.h5", "file:///a/1.jpg"], "", True, "Drop to import models and add the other files"),
        (["https://example.org/cat.jpg"], "", False, "never goes online"),
        ([], "https://example.org/cat.jpg", False, "never goes online"),
        ([], "my cat", False, "text, not a photo"),
        ([], "and/or", False, "text, not a photo"),
        ([], "Note: my cat\n/tmp/cat.jpg", False, "text, not a photo"),
        ([], "", False, "not a photo"),
    ],
)
def test_drop_is_described_and_accepted_or_refused(urls: list[str], text: str, accepted: bool, fragment: str) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl(url) for url in urls])
    if text:
        mime.setText(text)
    assert describe_drop(mime)[0] is accepted
    assert fragment in describe_drop(mime)[1]
    assert bool(parse_mime(mime).refusal) is not accepted


@posix_only
@pytest.mark.parametrize(
    ("formats", "paths"),
    [
        pytest.param({"text/uri-list": b"file:///tmp/a%20b.jpg\r\n"}, [b"/tmp/a b.jpg"], id="GTK, Qt, XFCE"),
        pytest.param({"text/uri-list": b"file:/tmp/a.jpg\r\n"}, [b"/tmp/a.jpg"], id="Java, one slash"),
        pytest.param({"text/uri-list": b"file://localhost/tmp/a.jpg\n"}, [b"/tmp/a.jpg"], id="localhost"),
        pytest.param({"text/uri-list": f"file://{HOST.upper()}/tmp/a.jpg".encode()}, [b"/tmp/a.jpg"], id="this host"),
        pytest.param({"text/uri-list": b"FILE:///tmp/a.jpg\0"}, [b"/tmp/a.jpg"], id="capitals, zero byte"),
        pytest.param({"text/uri-list": b"file:///tmp/caf%E9.jpg\r\n"}, [b"/tmp/caf\xe9.jpg"], id="Latin-1, encoded"),
        pytest.param(
            {"x-special/gnome-copied-files": b"copy\nfile:///tmp/caf\xe9 1.jpg"},
            [b"/tmp/caf\xe9 1.jpg"],
            id="Latin-1, plain",
        ),
        pytest.param({"text/uri-list": b"file:///tmp/caf\xc3\xa9.jpg"}, ["/tmp/café.jpg".encode()], id="UTF-8, plain"),
        pytest.param({"text/uri-list": b"file:///tmp/100%.jpg"}, [b"/tmp/100%.jpg"], id="percent sign, plain"),
        pytest.param({"text/uri-list": b"file:///tmp/a#1?.jpg"}, [b"/tmp/a#1?.jpg"], id="number sign, plain"),
        pytest.param({"text/uri-list": b"# comment\r\nfile:///tmp/a.jpg\r\n"}, [b"/tmp/a.jpg"], id="comment"),
        pytest.param(
            {"x-special/gnome-copied-files": b"copy\nfile:///tmp/a.jpg\nfile:///tmp/b.jpg"},
            [b"/tmp/a.jpg", b"/tmp/b.jpg"],
            id="GNOME, copied",
        ),
        pytest.param({"x-special/mate-copied-files": b"cut\nfile:///tmp/a.jpg\0"}, [b"/tmp/a.jpg"], id="MATE, cut"),
        pytest.param(
            {"text/plain": b"x-special/nautilus-clipboard\ncopy\nfile:///tmp/a.jpg\n"}, [b"/tmp/a.jpg"], id="Nautilus"
        ),
        pytest.param(
            {"text/uri-list": b"smb://nas/a.jpg", "application/x-kde4-urilist": b"file:///mnt/nas/a.jpg"},
            [b"/mnt/nas/a.jpg"],
            id="KDE, most local address",
        ),
        pytest.param(
            {"text/x-moz-url": "file:///tmp/a.jpg\na.jpg".encode("utf-16-le")}, [b"/tmp/a.jpg"], id="Firefox, UTF-16"
        ),
        pytest.param({"_NETSCAPE_URL": b"file:///tmp/a.jpg\na.jpg"}, [b"/tmp/a.jpg"], id="Netscape"),
        pytest.param({"text/plain": b"/tmp/a b.jpg"}, [b"/tmp/a b.jpg"], id="path as text"),
        pytest.param({"text/plain": b"/tmp/caf\xe9.jpg\n"}, [b"/tmp/caf\xe9.jpg"], id="path as text, Latin-1"),
        pytest.param({"text/plain": b"file:///tmp/a%20b.jpg"}, [b"/tmp/a b.jpg"], id="address as text"),
        pytest.param({"text/plain": b"'/tmp/a b.jpg' '/tmp/c.jpg' "}, [b"/tmp/a b.jpg", b"/tmp/c.jpg"], id="terminal"),
        pytest.param({"text/plain": rb"/tmp/a\ b.jpg"}, [b"/tmp/a b.jpg"], id="shell"),
        pytest.param({"text/plain": b"/tmp/a.jpg\r\n/tmp/b\r\n"}, [b"/tmp/a.jpg", b"/tmp/b"], id="paths in lines"),
        pytest.param({"text/plain": b"~/a.jpg"}, [os.fsencode(Path.home() / "a.jpg")], id="home"),
        pytest.param({"text/plain;charset=utf-8": b"/tmp/a.jpg"}, [b"/tmp/a.jpg"], id="Wayland, text"),
        pytest.param(
            {"application/vnd.portal.filetransfer": b"1234", "text/uri-list": b"file:///tmp/a.jpg"},
            [b"/tmp/a.jpg"],
            id="portal, and paths that a program without a sandbox reaches",
        ),
    ],
)
def test_files_are_found(formats: dict[str, bytes], paths: list[bytes]) -> None:
    mime = of(formats)
    assert [os.fsencode(path) for path in parse_mime(mime).paths] == paths
    accepted, text = describe_drop(mime)
    assert accepted
    assert text.startswith("Drop to add ")


@posix_only
@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("smb://nas/photos/cat.jpg", "smb"),
        ("sftp://host/cat.jpg", "sftp"),
        ("mtp:/Phone/DCIM/cat.jpg", "mtp"),
        ("mtp://Phone/DCIM/cat.jpg", "mtp"),
        ("gphoto2://Canon/DCIM/cat.jpg", "gphoto2"),
        ("trash:///cat.jpg", "trash"),
        ("trash:/0-cat.jpg", "trash"),
        ("recent:///1234", "recent"),
        ("file://other-computer/photos/cat.jpg", "other-computer"),
    ],
)
@pytest.mark.parametrize("name", ["text/uri-list", "text/plain", "x-special/gnome-copied-files"])
def test_file_elsewhere_is_refused_with_advice(address: str, place: str, name: str) -> None:
    mime = of({name: (b"copy\n" if name.startswith("x-special") else b"") + address.encode()})
    sentence = parse_mime(mime).refusal
    assert sentence == (
        f"That file is not in a folder of this computer ({place}). Copy it to this computer first, then drop the copy "
        "here."
    )
    assert describe_drop(mime) == (False, sentence)


@pytest.mark.parametrize(
    "name", ["XdndDirectSave0", "application/x-moz-file-promise", 'x-qt-windows-mime;value="FileGroupDescriptorW"']
)
def test_promised_file_is_refused_with_advice(name: str) -> None:
    mime = of({name: b"attachment.jpg"})
    assert "writes its files only into a folder" in parse_mime(mime).refusal
    assert describe_drop(mime) == (False, parse_mime(mime).refusal)


@pytest.mark.parametrize("name", ["text/uri-list", "text/x-moz-url", "text/plain"])
@pytest.mark.parametrize(
    "address",
    [
        b"data:image/png;base64," + base64.b64encode(PIXEL),
        b"data:image/png;base64," + base64.b64encode(PIXEL).rstrip(b"="),
        b"DATA:image/png;BASE64," + base64.b64encode(PIXEL).replace(b"+", b"%2B").replace(b"/", b"%2F"),
        b"data:image/png;name=a.png;base64," + base64.b64encode(PIXEL),
        b"data:image/png," + b"".join(b"%%%02X" % byte for byte in PIXEL),
    ],
    ids=["usual", "without padding", "escaped", "with a name", "percent-encoded"],
)
def test_data_address_gives_bytes_of_image(address: bytes, name: str) -> None:
    mime = of({name: address})
    image = parse_mime(mime).image
    assert image is not None
    assert (image.data, image.suffix) == (PIXEL, ".png")
    assert describe_drop(mime) == (True, "Drop to add this photo")


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("data:image/png;base64,!!!!", "That image is damaged"),
        ("data:image/png;base64,", "That image is damaged"),
        ("data:text/html,<b>cat</b>", "That is text"),
        ("data:image/svg+xml,<svg/>", "That is text"),
    ],
)
def test_data_address_without_photo_is_refused(address: str, sentence: str) -> None:
    mime = QMimeData()
    mime.setText(address)
    assert parse_mime(mime).refusal.startswith(sentence)


def test_image_bytes_that_qt_does_not_decode_are_taken() -> None:
    mime = of({"image/avif": b"\0\0\0\x1cftypavif"})
    image = parse_mime(mime).image
    assert image is not None
    assert (image.data, image.suffix) == (b"\0\0\0\x1cftypavif", ".avif")


def test_models_and_photos_are_told_apart() -> None:
    content = parse_mime(of({"text/uri-list": b"file:///a/1.jpg\nfile:///a/x.h5\nfile:///a/y.tflite\nfile:///a/b"}))
    assert [path.name for path in content.models] == ["x.h5", "y.tflite"]
    assert [path.name for path in content.paths] == ["1.jpg", "b"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="portals belong to Linux")
@pytest.mark.parametrize("snap", [False, True])
def test_sandboxed_app_prefers_portal(snap: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    mime = of({"application/vnd.portal.filetransfer": b"1234\0", "text/uri-list": b"file:///tmp/a.jpg"})
    monkeypatch.setenv("SNAP", "/snap/catdog" if snap else "")
    content = parse_mime(mime)
    assert (content.portal_key, len(content.paths)) == (("1234", 0) if snap else ("", 1))
    alone = of({"application/vnd.portal.files": b"1234"})
    assert parse_mime(alone).portal_key == "1234"
    assert describe_drop(alone) == (True, "Drop to add these files")
