"""What the tests of training share: a backbone of seconds, and toy photos whose colour is what they show."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from catdog_desktop.training.photo_folder import Photo, read_folder

if TYPE_CHECKING:
    from catdog_desktop.training.efficientnet_lite import Variant


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Variant"]:
    """A variant of the backbone whose package is written for the tests."""
    pytest.importorskip("tensorflow")
    from tiny_backbone import TINY, write_tiny_package

    folder = tmp_path_factory.mktemp("packages")
    write_tiny_package(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield TINY


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Noisy photos, 30 of each label: red ones show a cat, green ones a dog, blue ones neither."""
    folder = tmp_path_factory.mktemp("toys")
    rng = np.random.default_rng(1)
    for channel, label in enumerate(("cat", "dog", "neither")):
        (folder / label).mkdir()
        for number in range(30):
            pixels = rng.integers(0, 120, (48, 64, 3), dtype=np.uint8)
            pixels[..., channel] += 120
            Image.fromarray(pixels).save(folder / label / f"{label}.{number}.png")
    return folder


@pytest.fixture(scope="session")
def toy_photos(toy_folder: Path) -> list[Photo]:
    return read_folder(toy_folder)
