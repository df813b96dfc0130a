"""Each recipe from a folder of toy photos to a model that the app runs, as `make train` does it, a few steps each."""

import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("skimage")
pytest.importorskip("sklearn")

from catdog_desktop.evaluating.saved_evaluation import load_evaluation
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.training.__main__ import main
from catdog_desktop.training.efficientnet_lite import LITE0, Variant
from catdog_desktop.training.frozen import train_frozen
from catdog_desktop.training.network import Network
from catdog_desktop.training.package_photos import package_photos
from catdog_desktop.training.photo_folder import Photo, fit_input
from catdog_desktop.training.recipes import RECIPES, Recipe
from catdog_desktop.training.samples import Mixture
from catdog_desktop.training.tuned import Round, TunedSettings, train_tuned
from catdog_desktop.training.tuning import Rates

pytestmark = pytest.mark.slow

SIZE = (96, 64)
RATES = Rates(head=1e-3, tail=1e-4)
SHORT = Round(Mixture(single=72, joined=12, scenes=4, panoramas=3, close_ups=2), RATES)
LONG = Round(Mixture(single=90, joined=180, scenes=10, panoramas=3, close_ups=2), RATES)
"""More than the 250 steps after which a checkpoint is written, one sample each."""


def frozen(variant: Variant) -> Recipe:
    return Recipe("catdog", "0.0.1", variant, lambda photos, _seed, _checkpoint: train_frozen(photos, variant, SIZE))


def tuned(variant: Variant, batch: int, *rounds: Round) -> Recipe:
    start = 40 // batch
    settings = TunedSettings(size=(64, 64), final_size=SIZE, batch=batch, start_batches=start, rounds=rounds)

    def train(photos: list[Photo], seed: int, checkpoint: Path | None) -> Network:
        return train_tuned(photos, seed, variant, settings, checkpoint)

    return Recipe("catdog", "0.0.2", variant, train, quantized=True, second_look=4)


@pytest.fixture
def make_train(toy_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Recipe], Path]:
    """What `make train PHOTOS=photos.tar` does, with another recipe: returns the folder of the model."""
    tar = tmp_path / "photos.tar"
    with tarfile.open(tar, "w") as archive:
        archive.add(toy_folder, ".")

    def run(recipe: Recipe) -> Path:
        monkeypatch.setitem(RECIPES, "catdog", recipe)
        model, checkpoint = tmp_path / "models" / "catdog", tmp_path / "build" / "checkpoint.npz"
        assert main([str(tar), "--out", str(model), "--checkpoint", str(checkpoint)]) == 0
        return model

    return run


@pytest.mark.parametrize("recipe", [frozen(LITE0), tuned(LITE0, 4, SHORT, SHORT)], ids=["frozen", "tuned"])
def test_recipe_writes_a_model_that_the_app_runs_alike(recipe, make_train):
    pytest.importorskip(recipe.variant.package)
    folder = make_train(recipe)

    model = load_model_file(folder)
    assert model.input_size == SIZE
    assert model.version == recipe.version
    assert model.training["recipe"] == recipe.name
    assert model.figures["photos"] > 0
    assert (model.second_look is not None) == bool(recipe.second_look)
    if recipe.second_look:
        saved = load_evaluation(folder / "evaluation.json")
        evaluation = saved.evaluation
        assert evaluation.model_sha256 == model.sha256
        assert model.figures["photos"] == len(evaluation.photos) > 0
        # Of the exact scores. Those in the file are rounded to 0.0001, and this model may be as sure of a wrong answer.
        assert model.figures["log_loss"] == pytest.approx(saved.figures["log_loss"], abs=1e-5)
    golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    classifier = Classifier(model)
    for name, image in package_photos().items():
        inference = classifier.classify(fit_input(image, SIZE))
        assert (inference.scores.cat, inference.scores.dog) == pytest.approx(tuple(golden[name]), abs=0.001)
        assert inference.heat_maps.shape == (2, 3, 2)


def test_checkpoint_is_close_to_the_final_weights(make_train, tiny):
    networks = []
    recipe = tuned(tiny, 1, SHORT, LONG)

    def train(photos, seed, checkpoint):
        networks.append(recipe.train(photos, seed, checkpoint))
        return networks[0]

    folder = make_train(Recipe("catdog", "0.0.3", tiny, train))
    with np.load(folder.parents[1] / "build" / "checkpoint.npz") as saved:
        arrays = [saved[name] for name in saved.files]
    network = networks[0]
    # Depthwise convolutions of 5 x 5 stay as they are: their gradients are slow.
    tuned_layers = [layer for layer in network.tail.layers if getattr(layer, "kernel_size", None) != (5, 5)]
    tail = [variable for layer in tuned_layers for variable in layer.trainable_variables]
    final = [*network.head.trainable_variables, *tail]
    assert len(arrays) == len(final)
    for array, variable in zip(arrays, final, strict=True):
        assert array.shape == variable.shape
        # A few steps of a fading rate lie between the two.
        assert np.abs(array - variable.numpy()).mean() < 0.06 * np.abs(variable.numpy()).mean() + 1e-4


def test_blog_cnn_is_trained_and_measured(toy_folder, tmp_path):
    assert main([str(toy_folder), "--recipe", "blog-cnn", "--epochs", "1", "--out", str(tmp_path / "blog")]) == 0
    figures = json.loads((tmp_path / "blog" / "figures.json").read_text(encoding="utf-8"))
    assert 0 <= figures["forced_accuracy"] <= 1
    assert (tmp_path / "blog" / "blog_cnn.keras").is_file()
