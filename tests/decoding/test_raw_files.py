"""Raw files are judged by their largest preview, with the size, date and orientation of the raw file."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from conftest import open_package_photo
from PIL import Image
from raw_files import PHOTO, RAW_MAKERS, SENSOR, dng, nef

from catdog_desktop.decoding.decode import decode_for_view, decode_photo
from catdog_desktop.decoding.errors import PhotoError, Unreadable
from catdog_desktop.decoding.photo_info import DateSource

UPRIGHT = {1: None, 3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_270, 8: Image.Transpose.ROTATE_90}


@pytest.fixture
def photo() -> Image.Image:
    return open_package_photo("chelsea").resize((900, 600))


def written(folder: Path, ending: str, content: bytes) -> Path:
    path = folder / f"IMG_0001.{ending}"
    path.write_bytes(content)
    return path


def difference(pixels: np.ndarray, image: Image.Image) -> float:
    meant = np.asarray(image.resize(pixels.shape[1::-1], Image.Resampling.BILINEAR), np.int16)
    return float(np.abs(pixels.astype(np.int16) - meant).mean())


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("ending", RAW_MAKERS)
def test_raw_file_is_read_by_its_largest_preview(
    ending: str, orientation: int, photo: Image.Image, tmp_path: Path
) -> None:
    path = written(tmp_path, ending, RAW_MAKERS[ending](photo, orientation))
    found = decode_photo(path, (224, 224))
    turn = UPRIGHT[orientation]
    upright = photo if turn is None else photo.transpose(turn)
    assert difference(found.pixels, upright) < 3, "not the photo, or only its thumbnail"
    assert difference(decode_for_view(path, 900), upright) < 4
    expected = SENSOR if ending in ("NEF", "NRW", "SRW", "PEF") else PHOTO
    assert (found.info.width, found.info.height) == (expected if orientation in (1, 3) else expected[::-1])
    assert found.info.date == datetime(2019, 5, 12, 10, 11, 12, 250_000)
    assert found.info.date_source is DateSource.TAKEN
    assert not found.info.damaged


def test_preview_that_is_upright_already_is_not_turned_again(photo: Image.Image, tmp_path: Path) -> None:
    tall = photo.transpose(Image.Transpose.ROTATE_270)
    found = decode_photo(written(tmp_path, "dng", dng(tall, 6)), (224, 224))
    assert difference(found.pixels, tall) < 3
    assert (found.info.width, found.info.height) == PHOTO[::-1]


def test_preview_that_no_directory_names_is_found(photo: Image.Image, tmp_path: Path) -> None:
    content = bytearray(nef(photo, 1))
    tag = content.index(b"\x02\x01\x00\x04") - 12  # 0x0201 of the sub-directory, big-endian
    assert content[tag : tag + 2] == b"\x01\x03"
    start = content.index(b"\x02\x01\x00\x04")
    content[start : start + 2] = b"\x02\x7f"
    found = decode_photo(written(tmp_path, "nef", bytes(content)), (224, 224))
    assert difference(found.pixels, photo) < 3


def test_raw_file_without_preview_reports_it(photo: Image.Image, tmp_path: Path) -> None:
    path = written(tmp_path, "dng", dng(photo, 1, with_preview=False))
    with pytest.raises(PhotoError) as caught:
        decode_photo(path, (224, 224))
    assert caught.value.reason is Unreadable.NOT_A_PHOTO
    assert str(caught.value) == "is a camera's raw file without an embedded preview; save it as JPEG first"


def outcome(path: Path) -> Unreadable | tuple[int, ...]:
    try:
        return decode_photo(path, (32, 32)).pixels.shape
    except PhotoError as error:
        return error.reason


@pytest.mark.parametrize("ending", RAW_MAKERS)
def test_raw_file_cut_anywhere_is_read_or_refused(ending: str, photo: Image.Image, tmp_path: Path) -> None:
    whole = RAW_MAKERS[ending](photo.resize((60, 40)), 1)
    for end in range(4, len(whole), len(whole) // 25):
        path = written(tmp_path, ending, whole[:end])
        assert outcome(path) in (Unreadable.NOT_A_PHOTO, Unreadable.DAMAGED, (32, 32, 3))


def test_raw_file_with_another_name_is_a_raw_file(photo: Image.Image, tmp_path: Path) -> None:
    found = decode_photo(written(tmp_path, "tif", nef(photo, 1)), (224, 224))
    assert (found.info.width, found.info.height) == SENSOR


def test_raw_file_in_a_folder_is_marked_as_judged_by_its_preview(
    photo: Image.Image, tmp_path: Path, model_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from catdog_desktop.cli import main

    written(tmp_path, "CR3", RAW_MAKERS["CR3"](photo, 1))
    arguments = ["classify", "--model", str(model_folder), str(tmp_path)]
    assert main(arguments) == 0
    assert "IMG_0001.CR3  (raw, judged by its preview)" in capsys.readouterr().out
    assert main([*arguments, "--format", "jsonl"]) == 0
    assert '"judged_by_preview": true' in capsys.readouterr().out
