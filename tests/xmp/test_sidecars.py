"""Which sidecar belongs to a photo, and which keywords the photo embeds."""

from pathlib import Path

import pytest
from PIL import Image
from xmp_samples import bag, rdf

from catdog_desktop.xmp.sidecars import SidecarNames, Sidecars, belongs_to, embedded_keywords

CASES = [
    # Existing files, photo, expected sidecar.
    ([], "a.jpg", "a.jpg.xmp"),
    (["a.jpg.xmp"], "a.jpg", "a.jpg.xmp"),
    (["a.xmp"], "a.jpg", "a.xmp"),
    (["a.XMP"], "a.JPG", "a.XMP"),
    (["A.jpg.XMP"], "a.jpg", "A.jpg.XMP"),
    (["a.jpg.xmp", "a.xmp"], "a.jpg", "a.jpg.xmp"),
    (["a.xmp", "a.cr2"], "a.jpg", "a.jpg.xmp"),
    (["a.xmp", "A.NEF"], "a.jpg", "a.jpg.xmp"),
    (["a.xmp", "a.png"], "a.jpg", "a.jpg.xmp"),
    (["a.xmp", "a.mov"], "a.heic", "a.heic.xmp"),
    (["a.xmp", "a.txt"], "a.jpg", "a.xmp"),
    (["b.xmp"], "a.jpg", "a.xmp"),
    (["b.jpg.xmp", "c.xmp"], "a.jpg", "a.jpg.xmp"),
    ([], "a", "a.xmp"),
]


@pytest.mark.parametrize(("there", "photo", "sidecar"), CASES)
def test_sidecar_of_photo_existing_or_new(there: list[str], photo: str, sidecar: str, tmp_path: Path) -> None:
    for name in (photo, *there):
        (tmp_path / name).write_bytes(b"")
    found, instead = Sidecars().of(tmp_path / photo)
    assert found == tmp_path / sidecar
    assert instead in (found, tmp_path / f"{photo}.xmp")


@pytest.mark.parametrize(
    ("sidecars", "expected"),
    [
        (["a.jpg.xmp"], {"a.jpg": "a.jpg.xmp", "A.JPG": "A.JPG.xmp"}),
        (["a.xmp"], {"a.jpg": "a.xmp", "A.JPG": "A.JPG.xmp"}),
        (["a.jpg.XMP", "A.JPG.xmp"], {"a.jpg": "a.jpg.XMP", "A.JPG": "A.JPG.xmp"}),
        (["A.xmp"], {"A.jpg": "A.jpg.xmp", "A.JPG": "A.JPG.xmp"}),
        (["A.xmp", "A.jpg.xmp"], {"A.jpg": "A.jpg.xmp", "A.JPG": "A.JPG.xmp"}),
        (["A.xmp"], {"a.jpg": "a.jpg.xmp", "A.JPG": "A.xmp"}),
    ],
)
def test_sidecar_of_names_differing_in_case(sidecars: list[str], expected: dict[str, str], tmp_path: Path) -> None:
    for name in (*expected, *sidecars):
        (tmp_path / name).write_bytes(b"")
    if len(list(tmp_path.iterdir())) < len(expected) + len(sidecars):
        pytest.skip("this file system ignores case")
    assert {name: Sidecars().of(tmp_path / name)[0].name for name in expected} == expected


@pytest.mark.parametrize(
    ("there", "photo", "digikam", "adobe", "as_found"),
    [
        ([], "a.jpg", "a.jpg.xmp", "a.xmp", "a.jpg.xmp"),
        (["a.xmp"], "a.jpg", "a.xmp", "a.xmp", "a.xmp"),
        (["a.jpg.xmp"], "a.jpg", "a.jpg.xmp", "a.jpg.xmp", "a.jpg.xmp"),
        (["b.xmp", "b.jpg"], "a.jpg", "a.jpg.xmp", "a.xmp", "a.xmp"),
        (["b.jpg.xmp", "b.jpg"], "a.jpg", "a.jpg.xmp", "a.xmp", "a.jpg.xmp"),
        (["b.xmp", "c.nef.xmp"], "a.jpg", "a.jpg.xmp", "a.xmp", "a.jpg.xmp"),
        # Two photos of one stem cannot share the sidecar. Of a raw file and a JPEG, it belongs to the raw file.
        (["a.png"], "a.jpg", "a.jpg.xmp", "a.jpg.xmp", "a.jpg.xmp"),
        (["a.nef"], "a.jpg", "a.jpg.xmp", "a.jpg.xmp", "a.jpg.xmp"),
        (["a.jpg"], "a.nef", "a.nef.xmp", "a.xmp", "a.nef.xmp"),
        (["a.jpg", "a.xmp"], "a.nef", "a.xmp", "a.xmp", "a.xmp"),
    ],
)
def test_sidecar_of_photo_by_setting(
    there: list[str], photo: str, digikam: str, adobe: str, as_found: str, tmp_path: Path
) -> None:
    for name in (photo, *there):
        (tmp_path / name).write_bytes(b"")
    expected = {SidecarNames.DIGIKAM: digikam, SidecarNames.ADOBE: adobe, SidecarNames.AS_FOUND: as_found}
    assert {names: Sidecars(names).of(tmp_path / photo)[0].name for names in SidecarNames} == expected


def test_sidecar_of_photo_in_unlistable_folder_is_new(tmp_path: Path) -> None:
    photo = tmp_path / "gone" / "a.jpg"
    assert Sidecars().of(photo) == (photo.with_name("a.jpg.xmp"),) * 2


@pytest.mark.parametrize(
    ("extension", "belongs"), [(None, True), ("JPG", True), (".jpg", True), ("CR2", False), ("", False)]
)
def test_belongs_to_compares_extension(extension: str | None, belongs: bool) -> None:
    assert belongs_to(Path("a.jpg"), extension) is belongs


def test_embedded_keywords_from_xmp(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    Image.new("RGB", (8, 8)).save(photo, xmp=rdf(bag("dc:subject", "Holiday", "猫")))
    assert embedded_keywords(photo) == ["Holiday", "猫"]


def test_embedded_keywords_from_iptc(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    Image.new("RGB", (8, 8)).save(photo)
    records = b"".join(b"\x1c\x02\x19" + len(word).to_bytes(2, "big") + word for word in (b"Zoo", "Gärten".encode()))
    resource = b"8BIM\x04\x04\x00\x00" + len(records).to_bytes(4, "big") + records + b"\0" * (len(records) % 2)
    segment = b"Photoshop 3.0\0" + resource
    raw = photo.read_bytes()
    photo.write_bytes(raw[:2] + b"\xff\xed" + (len(segment) + 2).to_bytes(2, "big") + segment + raw[2:])
    assert embedded_keywords(photo) == ["Zoo", "Gärten"]


@pytest.mark.parametrize("content", [b"", b"no photo", b"\xff\xd8\xff\xe1\x00\x10http://ns.adobe.com/xap/1.0/\0<x"])
def test_embedded_keywords_of_invalid_photo_are_empty(content: bytes, tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(content)
    assert embedded_keywords(photo) == []
    assert embedded_keywords(tmp_path / "gone.jpg") == []


def test_embedded_keywords_of_broken_packet_are_empty(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    Image.new("RGB", (8, 8)).save(photo, xmp=b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>")
    assert embedded_keywords(photo) == []
