import re

import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("sklearn")

from catdog_desktop.training import recipes
from catdog_desktop.training.efficientnet_lite import VARIANTS
from catdog_desktop.training.network import build_network
from catdog_desktop.training.recipes import FROZEN_SIZE, RECIPES
from catdog_desktop.training.tuned import TunedSettings

each_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.name)


@each_recipe
def test_recipe_is_found_by_name_and_has_a_version(recipe):
    assert RECIPES[recipe.name] is recipe
    assert re.fullmatch(r"\d+\.\d+\.\d+", recipe.version)
    assert recipe.variant in VARIANTS.values()


def test_recipe_versions_differ():
    assert len({recipe.version for recipe in RECIPES.values()}) == len(RECIPES)


def test_shipped_model_has_a_recipe(model):
    recipe = RECIPES[model.training["recipe"]]
    assert model.training["backbone"].startswith(f"{recipe.variant.name} ")
    assert model.input_size == TunedSettings().final_size
    if recipe.version == model.version and recipe.limits:
        limits = recipe.limits
        assert (model.thresholds.cat, model.thresholds.dog, model.thresholds.unsure) == (
            limits.cat,
            limits.dog,
            limits.unsure,
        )
    assert int(model.version.split(".")[0]) <= int(recipe.version.split(".")[0])


@pytest.mark.parametrize("checkpoint", [None, "checkpoint.npz"])
def test_recipe_passes_its_arguments_to_the_training(monkeypatch, tmp_path, toy_photos, checkpoint):
    """The trainings themselves take hours: here it is only noted what they are called with."""
    calls = []
    monkeypatch.setattr(recipes, "train_tuned", lambda *given: calls.append(given))
    monkeypatch.setattr(recipes, "train_frozen", lambda *given: calls.append(given))
    path = checkpoint and tmp_path / checkpoint
    RECIPES["catdog"].train(toy_photos, 7, path)
    RECIPES["catdog-frozen"].train(toy_photos, 7, path)
    tuned, frozen = calls
    assert tuned == (toy_photos, 7, RECIPES["catdog"].variant, TunedSettings(), path)
    assert frozen == (toy_photos, RECIPES["catdog-frozen"].variant, FROZEN_SIZE)


@each_recipe
def test_recipe_backbone_accepts_the_sizes(recipe):
    pytest.importorskip(recipe.variant.package)
    network = build_network(recipe.variant, FROZEN_SIZE)
    assert network.input_size == FROZEN_SIZE
    for edge in (*TunedSettings().size, *TunedSettings().final_size, *FROZEN_SIZE):
        assert edge % 16 == 0  # the trunk halves four times; the map of a broken edge would be shifted
