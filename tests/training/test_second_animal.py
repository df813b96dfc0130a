"""Fitting the rule for a second animal: which photos are looked at, and what the fit learns from them."""

from pathlib import Path

import numpy as np
import pytest
from conftest import open_package_photo

from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.training.photo_folder import read_folder
from catdog_desktop.training.second_animal import LEAST, MOST, Pair, fit_second_animal, pairs_of
from catdog_desktop.verdict import Scores


def made_pairs(number: int, *, both: bool, seed: int) -> list[Pair]:
    """Return photos of a sure cat and a possible dog: with a half that shows the dog alone if `both`."""
    chance = np.random.default_rng(seed)
    pairs = []
    for _ in range(number):
        dog = float(chance.uniform(0.8, 1.0) if both else chance.uniform(0.0, 0.3))
        whole = Scores(0.97, float(chance.uniform(0.02, 0.29)))
        pairs.append(Pair(whole, (Scores(0.9, 0.01), Scores(0.05, dog)), both))
    return pairs


def test_fit_finds_second_animals_that_a_half_shows() -> None:
    rule = fit_second_animal([*made_pairs(60, both=True, seed=1), *made_pairs(600, both=False, seed=2)])
    assert rule is not None
    assert rule.least == LEAST
    assert rule.fusion.part > 0.2
    both = [
        rule.fusion.join(pair.whole.dog, [half.dog for half in pair.halves])
        for pair in made_pairs(60, both=True, seed=3)
    ]
    one = [
        rule.fusion.join(pair.whole.dog, [half.dog for half in pair.halves])
        for pair in made_pairs(60, both=False, seed=4)
    ]
    assert np.mean(np.array(both) > 0.3) > 0.8
    assert np.mean(np.array(one) > 0.3) < 0.05


@pytest.mark.parametrize("both", [True, False])
def test_fit_without_photos_of_both_kinds_gives_no_rule(both: bool) -> None:
    assert fit_second_animal(made_pairs(5, both=both, seed=1)) is None
    settled = [Pair(Scores(0.9, 0.9), (), True), Pair(Scores(0.9, 0.001), (), False)]
    assert fit_second_animal(settled) is None


def test_pairs_of_looks_at_the_halves_of_photos_that_may_show_both(tmp_path: Path, model: ModelFile) -> None:
    for label in ("cat", "dog", "neither"):
        (tmp_path / label).mkdir()
    for label in ("cat", "dog"):
        open_package_photo("chelsea").save(tmp_path / label / f"{label}.1.png")
    open_package_photo("coffee").save(tmp_path / "neither" / "coffee.png")
    pairs = pairs_of(read_folder(tmp_path, faults=[]), model, joined=3)
    assert [pair.both for pair in pairs] == [False, False, True, True, True]
    sure = model.thresholds.cat + model.thresholds.unsure
    for pair in pairs:
        least, most = sorted((pair.whole.cat, pair.whole.dog))
        assert len(pair.halves) == (2 if most >= MOST and LEAST <= least < sure else 0)
