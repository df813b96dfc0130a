"""The app, through its own decoding and runtime, says the same of photos that packages ship as training did."""

import json
from pathlib import Path

import pytest

pytest.importorskip("ai_edge_litert")
pytest.importorskip("skimage")
pytest.importorskip("sklearn")

from catdog_desktop.decoding.decode import decode_photo
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.training.package_photos import package_photos

FOLDER = Path(__file__).parents[2] / "models" / "catdog"
GOLDEN = json.loads((FOLDER / "golden.json").read_text(encoding="utf-8"))
TOLERANCE = 0.01


@pytest.fixture(scope="module")
def model():
    return load_model_file(FOLDER)


@pytest.fixture(scope="module")
def app_scores(model, tmp_path_factory):
    classifier = Classifier(model)
    folder = tmp_path_factory.mktemp("photos")
    scores = {}
    for name, image in package_photos().items():
        path = folder / f"{name}.png"
        image.save(path)
        decoded = decode_photo(path, input_size=model.input_size, resampling=model.resampling)
        scores[name] = classifier.classify(decoded.pixels).scores
    return scores


def test_golden_scores_cover_every_package_photo(app_scores):
    assert set(GOLDEN) == set(app_scores)


@pytest.mark.parametrize("name", GOLDEN)
def test_golden_scores_equal_those_of_the_app(name, app_scores):
    assert (app_scores[name].cat, app_scores[name].dog) == pytest.approx(tuple(GOLDEN[name]), abs=TOLERANCE)


def test_golden_scores_find_the_cat_alone(app_scores, model):
    for name in ("chelsea", "coffee", "rocket", "astronaut", "china"):
        scores = app_scores[f"{name}, plain"]
        assert (scores.cat >= model.thresholds.cat, scores.dog >= model.thresholds.dog) == (name == "chelsea", False)
