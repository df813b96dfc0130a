import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("sklearn")

from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.species_folds import Frozen, folds_of, freeze, main, run_all

NUMBER = 40


def named(pattern: str, label: str, number: int = NUMBER) -> list[Photo]:
    return [Photo(Path(pattern.format(f"{count:08x}", count)), label) for count in range(number)]


@pytest.fixture(scope="module")
def photos() -> list[Photo]:
    return [
        *named("cat.{1}.jpg", "cat", 300),
        *named("c101-chair-image_{1:04}.jpg", "neither", 300),
        *named("hlb-rabbit-{0}.jpg", "neither"),
        *named("hlb-horse-{0}.jpg", "neither"),
        *named("herene-horse-{0}.jpg", "neither"),
        *named("herene-cat-{0}.jpg", "cat"),
        *named("evgen-lion-{0}.jpg", "neither", 5),
        Photo(Path("inet-n02389026_sorrel.jpg"), "neither"),
        Photo(Path("inet-n02326432_hare.jpg"), "neither"),
    ]


def test_folds_of_leave_a_source_out_whole_and_a_species_from_all_sources(photos):
    folds = folds_of(photos)
    assert set(folds["sources"]) == {"hlb", "herene"}
    assert set(folds["species"]) == {"rabbit", "horse"}
    left_out = {photo.name for photo, out in zip(photos, folds["species"]["horse"], strict=True) if out}
    assert "inet-n02389026_sorrel.jpg" in left_out
    assert len(left_out) == 2 * NUMBER + 1
    assert folds["sources"]["herene"].sum() == 2 * NUMBER


def test_run_all_counts_photos_that_look_like_pets(photos):
    """Horses look like pets in the feature that all photos have, and other photos do not."""
    rng = np.random.default_rng(1)
    features = rng.normal(0, 1, (len(photos), 8)).astype(np.float32)
    features[:, 0] += [6.0 if photo.label == "cat" or photo.origin.species == "horse" else -6.0 for photo in photos]
    # What tells horses from cats is learnt only where there are horses to learn from.
    features[:, 1] += [8.0 if photo.origin.species == "horse" else 0.0 for photo in photos]
    figures = run_all(Frozen(photos, features, np.zeros(len(photos), np.float32)))
    assert list(figures["species"]["folds"]) == ["horse", "rabbit"]
    assert figures["species"]["folds"]["horse"]["share"] > 0.5
    assert figures["species"]["folds"]["rabbit"]["share"] < 0.1
    assert figures["sources"]["folds"]["hlb"]["share"] < figures["species"]["folds"]["horse"]["share"]
    json.dumps(figures)


def test_freeze_gives_features_and_margin_of_each_photo(tiny, toy_photos):
    frozen = freeze(toy_photos[::6], tiny, (64, 64))
    assert frozen.features.shape == (len(toy_photos[::6]), 1280)
    assert np.abs(frozen.features.mean(axis=0)).max() < 0.01
    assert frozen.margin.shape == (len(toy_photos[::6]),)
    assert np.abs(frozen.margin).max() <= 8


def test_main_without_photos_reports_it(tmp_path, capsys):
    assert main([str(tmp_path), "--save", str(tmp_path / "folds.json")]) == 2
    assert "cat/, dog/ and neither/" in capsys.readouterr().err
