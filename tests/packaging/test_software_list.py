"""The list of software: complete, valid, and NOTICE is made of it."""

import json
from pathlib import Path

import pytest
import software_list
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from third_party import COMPONENTS, owner_of


def test_notice_is_up_to_date() -> None:
    assert software_list.NOTICE.read_text(encoding="utf-8") == software_list.notice(), "run `make notice`"


def test_each_part_names_an_existing_component() -> None:
    names = {component.name for component in COMPONENTS}
    assert len(names) == len(COMPONENTS)
    assert {component.part_of for component in COMPONENTS} - {""} <= names


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("numpy.libs/libscipy_openblas64_-32a4b2a6.so", "OpenBLAS"),
        ("numpy/_core/_multiarray_umath.cpython-311-x86_64-linux-gnu.so", "NumPy"),
        ("pillow.libs/libjpeg-6dc8d115.so.62.4.0", "libjpeg-turbo"),
        ("pillow.libs/liblzma-de26b416.so.5.8.4", "liblzma of Pillow"),
        ("liblzma.so.5", "liblzma"),
        ("pillow.libs/libxcb-9065bb12.so.1.1.0", "libXau and libxcb of Pillow"),
        ("libxcb-cursor.so.0", "X libraries (libxcb and libxkbcommon)"),
        ("PySide6/Qt/lib/libicudata.so.73", "ICU"),
        ("PySide6/Qt/lib/libQt6Core.so.6", "Qt"),
        ("PySide6/QtCore.abi3.so", "PySide6 and Shiboken6"),
        ("pi_heif.libs/libheif-7a3e919c.so.1.23.0", "libheif"),
    ],
)
def test_library_belongs_to_component(file: str, name: str) -> None:
    owner = owner_of(file)
    assert owner is not None
    assert owner.name == name


def test_library_without_entry_is_refused(tmp_path: Path) -> None:
    (tmp_path / "_internal").mkdir()
    (tmp_path / "_internal" / "libmystery.so.1").write_bytes(b"\x7fELF")
    with pytest.raises(ValueError, match=r"libmystery"):
        software_list.libraries_of(tmp_path)


@pytest.mark.parametrize("name", ["Qt", "ICU", "libjpeg-turbo", "libheif", "OpenBLAS", "libxml2", "NumPy", "LiteRT"])
def test_version_of_library_is_known(name: str) -> None:
    (component,) = (component for component in COMPONENTS if component.name == name)
    assert component.version()[:1].isdigit()


def test_list_is_valid_cyclonedx(tmp_path: Path) -> None:
    for place in ("numpy.libs/libscipy_openblas64_.so", "PySide6/Qt/lib/libicudata.so.73"):
        (tmp_path / "_internal" / place).parent.mkdir(parents=True)
        (tmp_path / "_internal" / place).write_bytes(b"\x7fELF")
    document = software_list.software_list(tmp_path)
    parts = {entry["name"]: entry for entry in document["components"]}
    assert "libheif" not in parts, "this bundle does not contain it"
    file = parts["OpenBLAS"]["properties"][0]["value"]
    assert file.startswith("_internal/numpy.libs/libscipy_openblas64_.so sha256:")
    assert software_list.software_list(tmp_path) == document
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(json.dumps(document)) is None
