"""An imported model gets, bit for bit, the pixels that Keras gives it."""

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import pytest
from conftest import open_package_photo
from PIL import Image

from catdog_desktop.decoding.decode import decode_photo
from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.inference.model_file import RESAMPLINGS, ModelFile
from catdog_desktop.inference.model_input import read_for_model


def save_variants(folder: Path) -> list[Path]:
    """Write photos that the ways of decoding read differently."""
    cat, exif = open_package_photo("chelsea"), Image.Exif()
    exif[0x0112] = 6
    large = cat.resize((1804, 1200), Image.Resampling.BICUBIC)
    alpha = cat.convert("RGBA")
    alpha.putalpha(Image.radial_gradient("L").resize(cat.size))
    cat.save(folder / "plain.jpg", quality=90)
    large.save(folder / "large.jpg", quality=85, subsampling=2)
    large.save(folder / "progressive.jpg", progressive=True)
    cat.save(folder / "turned.jpg", exif=exif)
    cat.convert("L").save(folder / "grey.jpg")
    cat.convert("CMYK").save(folder / "cmyk.jpg")
    cat.save(folder / "plain.png")
    cat.convert("L").save(folder / "grey.png")
    cat.convert("1").save(folder / "two-tone.png")
    alpha.save(folder / "alpha.png")
    alpha.convert("LA").save(folder / "grey-alpha.png")
    cat.quantize(32).save(folder / "palette.png")
    cat.quantize(32).save(folder / "palette-transparent.png", transparency=3)
    cat.quantize(64).save(folder / "palette.gif")
    cat.save(folder / "plain.webp", quality=80)
    alpha.save(folder / "alpha.webp", quality=80)
    cat.save(folder / "plain.bmp")
    cat.save(folder / "turned.tif", exif=exif)
    cat.resize((96, 64)).save(folder / "as-asked.jpg")
    deep = (np.asarray(cat.convert("L")).astype(np.uint16) << 8) + 17
    Image.fromarray(deep).save(folder / "deep.png")
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def variants(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return save_variants(tmp_path_factory.mktemp("variants"))


@pytest.fixture
def foreign(model: ModelFile) -> ModelFile:
    """A model as in Keras's own tutorials."""
    return dataclasses.replace(
        model, decoding="as stored", input_width=96, input_height=64, resampling="nearest", maps_output=None
    )


def test_read_for_model_as_stored_equals_keras(variants: list[Path], foreign: ModelFile) -> None:
    keras = pytest.importorskip("keras")  # with TensorFlow, which not everybody has
    assert len(variants) >= 20
    for path, resampling, colour in itertools.product(variants, RESAMPLINGS, ("rgb", "grey")):
        theirs = keras.utils.img_to_array(
            keras.utils.load_img(
                path,
                target_size=(64, 96),
                interpolation=resampling,
                color_mode="grayscale" if colour == "grey" else "rgb",
            )
        )
        model = dataclasses.replace(foreign, resampling=resampling, colour=colour)
        ours = read_for_model(path, model).pixels.astype(np.float32)
        assert ours.shape == theirs.shape, (path.name, resampling, colour)
        assert (ours == theirs).all(), (path.name, resampling, colour)


def test_read_for_model_upright_turns_the_photo(variants: list[Path], foreign: ModelFile) -> None:
    [turned] = [path for path in variants if path.name == "turned.jpg"]
    stored = read_for_model(turned, foreign)
    photo = read_for_model(turned, dataclasses.replace(foreign, decoding="upright"))
    assert (stored.orientation, photo.orientation) == (6, 1)
    by_hand = Image.open(turned).transpose(Image.Transpose.ROTATE_270).resize((96, 64), Image.Resampling.NEAREST)
    assert (photo.pixels == np.asarray(by_hand)).all()
    assert (stored.info.width, stored.info.height) == (photo.info.width, photo.info.height) == (300, 451), (
        "of the upright photo"
    )
    assert stored.thumbnail == photo.thumbnail, "the eye gets it upright either way"


def test_read_for_model_info_is_that_of_quick_decoding(variants: list[Path], foreign: ModelFile) -> None:
    for path in variants:
        quick = decode_photo(path, foreign.input_size)
        whole = read_for_model(path, foreign)
        assert whole.info == quick.info, path.name
        assert read_for_model(path, foreign, thumbnail=False).thumbnail == b""
        assert whole.thumbnail[:2] == b"\xff\xd8"


def test_read_for_model_quick_equals_decode_photo(variants: list[Path], model: ModelFile) -> None:
    for path in variants[:5]:
        ours = read_for_model(path, model)
        assert (ours.pixels == decode_photo(path, model.input_size, model.resampling).pixels).all()
    grey = read_for_model(variants[0], dataclasses.replace(model, colour="grey"))
    assert grey.pixels.shape == (model.input_height, model.input_width, 1)


def test_read_for_model_truncated_photo_is_damaged(variants: list[Path], foreign: ModelFile, tmp_path: Path) -> None:
    [whole] = [path for path in variants if path.name == "large.jpg"]
    cut = tmp_path / "cut.jpg"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    assert read_for_model(cut, foreign).info.damaged


@pytest.mark.parametrize("content", [b"", b"no photo at all", b"\xff\xd8\xff\xe0" + bytes(99), b"\x89PNG\r\n\x1a\n"])
def test_read_for_model_unreadable_raises(content: bytes, foreign: ModelFile, tmp_path: Path) -> None:
    (tmp_path / "bad.jpg").write_bytes(content)
    with pytest.raises(PhotoError):
        read_for_model(tmp_path / "bad.jpg", foreign)
    with pytest.raises(PhotoError, match="no longer there"):
        read_for_model(tmp_path / "none.jpg", foreign)
