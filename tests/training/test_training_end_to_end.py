"""Both recipes on a folder of toy photos, a step or two each: what they write is a model that the app can load."""

import json

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("skimage")
pytest.importorskip("sklearn")

from PIL import Image

from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.training.__main__ import main, train, train_for_comparison
from catdog_desktop.training.efficientnet_lite import LITE0
from catdog_desktop.training.frozen import train_frozen
from catdog_desktop.training.package_photos import package_photos
from catdog_desktop.training.photo_folder import fit_input, read_folder
from catdog_desktop.training.recipes import Recipe
from catdog_desktop.training.samples import Mixture
from catdog_desktop.training.tuned import Round, TunedSettings, train_tuned
from catdog_desktop.training.tuning import Rates

pytest.importorskip(LITE0.package)
pytestmark = pytest.mark.slow

SIZE = (96, 64)
ROUND = Round(Mixture(versions=0, joined=12, scenes=4), Rates(head=1e-3, tail=1e-4))
TINY = TunedSettings(size=(64, 64), final_size=SIZE, batch=4, start_batches=10, rounds=(ROUND, ROUND))
RECIPES = [
    Recipe("frozen", "0.0.1", LITE0, lambda photos, _seed, _checkpoint: train_frozen(photos, LITE0, SIZE)),
    Recipe(
        "tuned",
        "0.0.2",
        LITE0,
        lambda photos, seed, checkpoint: train_tuned(photos, seed, LITE0, TINY, checkpoint),
        quantized=True,
    ),
]


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("photos")
    rng = np.random.default_rng(1)
    for number, label in enumerate(("cat", "dog", "neither")):
        (folder / label).mkdir()
        for count in range(30):
            pixels = rng.integers(0, 120, (48, 64, 3), dtype=np.uint8)
            pixels[..., number] += 120
            Image.fromarray(pixels).save(folder / label / f"{label}.{count}.png")
    return read_folder(folder)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_a_recipe_writes_a_model_that_the_app_runs_alike(recipe, photos, tmp_path):
    train(photos, recipe, 1, tmp_path / "model")

    model = load_model_file(tmp_path / "model")
    assert model.input_size == SIZE
    assert model.training["recipe"] == recipe.name
    golden = json.loads((tmp_path / "model" / "golden.json").read_text(encoding="utf-8"))
    classifier = Classifier(model)
    for name, image in package_photos().items():
        inference = classifier.classify(fit_input(image, SIZE))
        assert (inference.scores.cat, inference.scores.dog) == pytest.approx(tuple(golden[name]), abs=0.001)
        assert inference.heat_maps.shape == (2, 3, 2)


def test_what_is_no_folder_of_photos_is_told(tmp_path, capsys):
    assert main([str(tmp_path), "--out", str(tmp_path / "model")]) == 2
    assert "cat/, dog/ and neither/" in capsys.readouterr().err


def test_the_blogs_network_is_trained_and_measured(photos, tmp_path):
    few = [photo for photo in photos if int(photo.name.split(".")[1]) < 12]
    train_for_comparison(few, 1, 1, tmp_path / "blog")
    figures = json.loads((tmp_path / "blog" / "figures.json").read_text(encoding="utf-8"))
    assert 0 <= figures["forced_accuracy"] <= 1
    assert (tmp_path / "blog" / "blog_cnn.keras").is_file()
