"""Occlusion heat maps: the peak is on the animal, they become finer, and they can be cancelled."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import open_package_photo
from numpy.typing import NDArray
from PIL import Image

from catdog_desktop.decoding.errors import PhotoError
from catdog_desktop.inference import occlusion
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.inference.occlusion import CELLS, maps_of_pixels, occlusion_maps
from catdog_desktop.inference.runtime import Classifier, Inference
from catdog_desktop.verdict import Scores


@pytest.fixture(scope="module")
def classifier(model: ModelFile) -> Classifier:
    return Classifier(dataclasses.replace(model, maps_output=None))


def last(maps: Iterator[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    *_, complete = maps
    return complete


def test_occlusion_peak_lies_on_the_cat(model: ModelFile, classifier: Classifier) -> None:
    """A small cat in the middle of a grey photo; a cat that fills it stays certain with any part of it covered."""
    photo = Image.new("RGB", model.input_size, (128, 128, 128))
    width, height = model.input_size
    photo.paste(open_package_photo("chelsea").resize((width // 3, height // 3)), (width // 3, height // 3))
    heat = last(maps_of_pixels(np.asarray(photo), classifier))
    assert heat.shape == (CELLS, CELLS, 2)
    assert heat.dtype == np.uint8
    row, column = np.unravel_index(heat[..., 0].argmax(), (CELLS, CELLS))
    assert row > CELLS / 6
    assert CELLS / 6 < column < CELLS * 5 / 6
    cushions = np.concatenate([heat[:, : CELLS // 6, 0], heat[:, -CELLS // 6 :, 0]], axis=1)
    assert cushions.mean() < heat[:, CELLS // 6 : -CELLS // 6, 0].mean() / 4
    assert heat[..., 0].max() > 200
    assert heat[..., 1].max() < 20, "no dog, no hot spot"


@pytest.mark.parametrize(
    "corner", [(0, 0), *(pytest.param(c, marks=pytest.mark.slow) for c in ((1, 0), (0, 1), (1, 1)))]
)
def test_occlusion_finds_a_cat_in_a_corner(corner: tuple[int, int], model: ModelFile, classifier: Classifier) -> None:
    width, height = model.input_size
    scene = open_package_photo("coffee").resize(model.input_size)
    cat = open_package_photo("chelsea").resize((width // 2, height // 2))
    scene.paste(cat, (corner[0] * (width // 2), corner[1] * (height // 2)))
    heat = last(maps_of_pixels(np.asarray(scene), classifier))[..., 0].astype(float)
    half = CELLS // 2
    quarters = {(x, y): heat[y * half :, x * half :][:half, :half].mean() for x in (0, 1) for y in (0, 1)}
    assert max(quarters, key=lambda place: quarters[place]) == corner


class Spot:
    """A fake classifier that finds a cat where one spot is bright, and a dog where another is."""

    def __init__(self, cat: tuple[int, int], dog: tuple[int, int] | None = None, exclusive: bool = False) -> None:
        self.cat, self.dog, self.exclusive = cat, dog, exclusive
        self.asked = 0

    def classify(self, pixels: NDArray[np.uint8]) -> Inference:
        self.asked += 1
        cat = 0.95 if pixels[self.cat].mean() > 200 else 0.05
        dog = 0.9 if self.dog is not None and pixels[self.dog].mean() > 200 else 0.02
        return Inference(Scores(cat, 1 - cat if self.exclusive else dog), None)


def photo(*bright: tuple[int, int], channels: int = 3) -> NDArray[np.uint8]:
    pixels = np.zeros((120, 240, channels), np.uint8)
    for row, column in bright:
        pixels[row - 3 : row + 3, column - 3 : column + 3] = 255
    return pixels


@pytest.mark.parametrize("channels", [1, 3])
def test_occlusion_separates_cat_and_dog(channels: int) -> None:
    spot = Spot(cat=(30, 40), dog=(100, 200))
    heat = last(maps_of_pixels(photo(spot.cat, (100, 200), channels=channels), spot))  # type: ignore[arg-type]
    for channel, (row, column) in enumerate([(30, 40), (100, 200)]):
        hottest = np.argwhere(heat[..., channel] == heat[..., channel].max())
        assert np.abs(hottest.mean(axis=0) - [row / 120 * CELLS, column / 240 * CELLS]).max() < 3
        assert heat[..., channel].max() > 200


def test_occlusion_of_an_exclusive_model() -> None:
    """Covering the cat raises the dog's score; that must not count as a place of the dog."""
    spot = Spot(cat=(60, 120), exclusive=True)
    heat = last(maps_of_pixels(photo(spot.cat), spot))  # type: ignore[arg-type]
    assert heat[..., 0].max() > 200
    assert heat[..., 1].max() == 0


def test_occlusion_covers_every_part_of_the_photo() -> None:
    for height, width in ((24, 24), (25, 31), (7, 300), (180, 180)):
        pixels = np.full((height, width, 3), 255, np.uint8)
        pixels[::2] = 0  # the cover is grey, and no pixel is
        seen = np.zeros((height, width), int)

        class Looking:
            def classify(self, given: NDArray[np.uint8], seen: NDArray[np.int_] = seen) -> Inference:
                seen += (given != pixels).any(axis=-1)  # noqa: B023
                return Inference(Scores(0.5, 0.5), None)

        last(maps_of_pixels(pixels, Looking()))  # type: ignore[arg-type]
        assert seen.min() >= 3, "by patches of each size"


def test_occlusion_yields_finer_maps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(occlusion, "STEP_SECONDS", 0.0)
    spot = Spot(cat=(60, 120))
    maps = list(maps_of_pixels(photo(spot.cat), spot))  # type: ignore[arg-type]
    assert len(maps) > 50
    spread = [int((heat[..., 0] > 128).sum()) for heat in maps]
    assert spread[-1] < spread[0], "the spot is smaller in the end"


def test_occlusion_cancelled_stops() -> None:
    spot = Spot(cat=(60, 120))
    assert list(maps_of_pixels(photo(spot.cat), spot, lambda: spot.asked >= 12)) == []  # type: ignore[arg-type]
    assert spot.asked == 12


def test_occlusion_maps_are_upright(model: ModelFile, tmp_path: Path) -> None:
    """A model that sees photos as stored has its map turned with the photo."""
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise: what is stored on the left lies above
    Image.fromarray(photo((60, 20))).save(tmp_path / "turned.png", exif=exif)
    foreign = dataclasses.replace(model, decoding="as stored", maps_output=None, input_width=240, input_height=120)
    heat = last(occlusion_maps(tmp_path / "turned.png", foreign, Spot(cat=(60, 20))))  # type: ignore[arg-type]
    row, column = np.unravel_index(heat[..., 0].argmax(), (CELLS, CELLS))
    assert row < CELLS / 4
    assert CELLS / 3 < column < CELLS * 2 / 3


def test_occlusion_unreadable_photo_raises(model: ModelFile, classifier: Classifier, tmp_path: Path) -> None:
    with pytest.raises(PhotoError):
        next(occlusion_maps(tmp_path / "none.jpg", model, classifier))
