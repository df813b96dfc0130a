"""App and training give the same scores within 0.01: the app's path and Keras's path for the same photos."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import PACKAGE_PHOTOS, open_package_photo
from PIL import Image, ImageOps

from catdog_desktop.inference.classify import classify_photo
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.inference.runtime import Classifier

# What training does to the photos before it scores them, by the names in golden.json.
CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "plain": lambda photo: photo,
    "left half": lambda photo: photo.crop((0, 0, photo.width // 2, photo.height)),
    "grey": lambda photo: photo.convert("L").convert("RGB"),
    "mirrored": ImageOps.mirror,
    "rotated by 90": lambda photo: photo.transpose(Image.Transpose.ROTATE_90),
    "quarter size": lambda photo: photo.resize((photo.width // 4, photo.height // 4), Image.Resampling.BILINEAR),
}


@pytest.fixture(scope="module")
def golden(model_folder: Path) -> dict[str, list[float]]:
    content: dict[str, list[float]] = json.loads((model_folder / "golden.json").read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="module")
def classifier(model: ModelFile) -> Classifier:
    return Classifier(model)


def test_golden_file_has_every_photo(golden: dict[str, list[float]]) -> None:
    assert set(golden) == {f"{name}, {change}" for name in PACKAGE_PHOTOS for change in CHANGES}
    assert max(cat for cat, _ in golden.values()) > 0.9
    assert min(cat for cat, _ in golden.values()) < 0.1


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", PACKAGE_PHOTOS)
def test_app_gives_the_scores_of_training(
    name: str,
    change: str,
    golden: dict[str, list[float]],
    model: ModelFile,
    classifier: Classifier,
    tmp_path: Path,
) -> None:
    path = tmp_path / "photo.png"  # nothing is lost on the way to the file
    CHANGES[change](open_package_photo(name)).save(path, compress_level=1)
    first_look = dataclasses.replace(model, second_look=None)
    result = classify_photo(path, classifier, first_look, thumbnail=False)
    assert result.scores is not None
    assert [result.scores.cat, result.scores.dog] == pytest.approx(golden[f"{name}, {change}"], abs=0.01)
