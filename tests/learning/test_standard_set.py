"""The shipped standard set: of this model, small, without pixels; damaged ones are not used."""

from pathlib import Path

import numpy as np
import pytest

from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.learning.head import Head
from catdog_desktop.learning.standard_set import (
    FILE_NAME,
    MAX_BYTES,
    StandardFigures,
    StandardSet,
    figures_of,
    load_standard_set,
)


@pytest.fixture
def shipped(model: ModelFile) -> StandardSet:
    found = load_standard_set(model.folder, model.sha256)
    assert found is not None, "make it anew: python -m catdog_desktop.training.standard_set PHOTOS"
    return found


def test_shipped_set_belongs_to_shipped_model(shipped: StandardSet, model: ModelFile) -> None:
    assert len(shipped.packed) >= 2_000
    assert (model.folder / FILE_NAME).stat().st_size <= MAX_BYTES
    figures = shipped.figures(model.thresholds, None)
    assert figures.pets_right / figures.pets > 0.99
    assert figures.called_pet / figures.others < 0.02


def test_head_that_turns_cats_into_dogs_makes_the_set_worse(shipped: StandardSet, model: ModelFile) -> None:
    mean = shipped.examples.features[shipped.targets[:, 0] == 1].mean(axis=0)
    turned = Head(np.stack([-200 * mean, 200 * mean], axis=1).astype(np.float32))
    before, after = (shipped.figures(model.thresholds, head) for head in (None, turned))
    assert after.is_worse_than(before)
    assert not before.is_worse_than(before)


def test_pets_called_neither_make_the_set_worse(shipped: StandardSet, model: ModelFile) -> None:
    has_pet = shipped.targets.any(axis=1)
    scores = np.where(has_pet[:, None], 0.01 * shipped.targets, shipped.examples.scores)
    before, after = (
        figures_of(found, shipped.targets, model.thresholds) for found in (shipped.examples.scores, scores)
    )
    assert after.called_pet == before.called_pet
    assert after.pets_right == 0
    assert after.is_worse_than(before)


@pytest.mark.parametrize(
    ("after", "worse"),
    [
        (StandardFigures(1000, 999, 1000, 2), False),
        (StandardFigures(1000, 998, 1000, 2), True),
        (StandardFigures(1000, 1000, 1000, 3), False),
        (StandardFigures(1000, 1000, 1000, 4), True),
    ],
)
def test_tenth_of_a_point_is_the_limit(after: StandardFigures, worse: bool) -> None:
    assert after.is_worse_than(StandardFigures(1000, 1000, 1000, 2)) is worse


def test_set_of_another_model_is_not_used(shipped: StandardSet, model: ModelFile) -> None:
    assert load_standard_set(model.folder, "0" * 64) is None


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no file of numbers", b"0" * (MAX_BYTES + 1)])
def test_damaged_set_is_not_used(tmp_path: Path, model: ModelFile, content: bytes) -> None:
    (tmp_path / FILE_NAME).write_bytes(content)
    assert load_standard_set(tmp_path, model.sha256) is None


def test_written_set_is_read_again(shipped: StandardSet, model: ModelFile, tmp_path: Path) -> None:
    shipped.write(tmp_path / FILE_NAME)
    again = load_standard_set(tmp_path, model.sha256)
    assert again is not None
    assert again.packed.tobytes() == shipped.packed.tobytes()
    assert again.logits.tobytes() == shipped.logits.tobytes()
