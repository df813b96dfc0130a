"""What training writes, the app opens, and both say the same of a photo."""

import hashlib
import json

import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("skimage")
pytest.importorskip("sklearn")

from catdog_desktop.decoding.decode import decode_photo
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.training.calibration import Calibration, Limits
from catdog_desktop.training.export import golden_vectors, to_half_flatbuffer, write_model
from catdog_desktop.training.network import assemble, build_network
from catdog_desktop.training.package_photos import package_photos

SIZE = (96, 64)
LIMITS = Limits(0.45, 0.45, 0.1)
HALF = 0.005
"""How far a score may move by weights of 16 bits."""


@pytest.fixture(scope="module")
def keras_model(tiny):
    return assemble(build_network(tiny, SIZE), Calibration((0.7, 0.8), (-0.5, 0.2)))


@pytest.fixture(scope="module")
def flatbuffer(keras_model):
    return to_half_flatbuffer(keras_model)


@pytest.fixture(scope="module")
def folder(keras_model, flatbuffer, tmp_path_factory):
    folder = tmp_path_factory.mktemp("models") / "not there yet" / "tiny"
    write(folder, keras_model, flatbuffer)
    return folder


def write(folder, keras_model, flatbuffer, limits=LIMITS):
    write_model(
        folder,
        keras_model,
        flatbuffer,
        limits,
        version="1.2.3",
        training={"recipe": "tiny", "seed": 7},
        figures={"forced_accuracy": 0.5},
    )


def test_write_model_is_loaded_by_the_app(folder, flatbuffer):
    model = load_model_file(folder)
    assert model.flatbuffer == flatbuffer
    assert (model.name, model.version, model.labels) == ("catdog", "1.2.3", ("cat", "dog"))
    assert model.input_size == SIZE
    assert (model.thresholds.cat, model.thresholds.dog, model.thresholds.unsure) == (0.45, 0.45, 0.1)
    assert not model.exclusive
    assert model.training == {"recipe": "tiny", "seed": 7}
    assert model.figures == {"forced_accuracy": 0.5}
    assert model.licence == "Apache-2.0"


def test_write_model_gives_the_scores_of_keras(folder, keras_model):
    classifier = Classifier(load_model_file(folder))
    rng = np.random.default_rng(1)
    for _ in range(4):
        # Large fields of colour, for noise alone looks the same to any network.
        pixels = np.kron(rng.integers(0, 256, (2, 3, 3)), np.ones((32, 32, 1))).astype(np.uint8)
        answer = {name: np.asarray(values)[0] for name, values in keras_model(pixels[None].astype(np.float32)).items()}
        inference = classifier.classify(pixels)
        assert (inference.scores.cat, inference.scores.dog) == pytest.approx(tuple(answer["scores"]), abs=HALF)
        assert inference.heat_maps.shape == (2, 3, 2)
        assert inference.heat_maps / 255 == pytest.approx(answer["maps"], abs=2 * HALF)


def test_golden_vectors_equal_scores_of_the_app_from_files(folder, tmp_path):
    golden = json.loads((folder / "golden.json").read_text(encoding="utf-8"))
    model = load_model_file(folder)
    classifier = Classifier(model)
    photos = package_photos()
    assert set(golden) == set(photos)
    for name in ("chelsea, plain", "china, left half", "coffee, rotated by 90", "rocket, grey"):
        photos[name].save(tmp_path / "photo.png")
        decoded = decode_photo(tmp_path / "photo.png", input_size=model.input_size, resampling=model.resampling)
        scores = classifier.classify(decoded.pixels).scores
        assert (scores.cat, scores.dog) == pytest.approx(tuple(golden[name]), abs=0.01)


def test_golden_vectors_differ_between_photos(flatbuffer):
    vectors = golden_vectors(flatbuffer, SIZE)
    assert len({tuple(scores) for scores in vectors.values()}) > len(vectors) / 2
    assert all(0 <= score <= 1 for scores in vectors.values() for score in scores)


def test_to_half_flatbuffer_stores_16_bits(keras_model, flatbuffer):
    assert len(flatbuffer) < 2.7 * keras_model.count_params()


def test_write_model_replaces_an_older_one(keras_model, flatbuffer, tmp_path):
    write(tmp_path, keras_model, flatbuffer)
    write(tmp_path, keras_model, flatbuffer, Limits(0.3, 0.35, 0.05))
    thresholds = load_model_file(tmp_path).thresholds
    assert (thresholds.cat, thresholds.dog, thresholds.unsure) == (0.3, 0.35, 0.05)
    description = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    assert description["sha256"] == hashlib.sha256((tmp_path / "model.tflite").read_bytes()).hexdigest()
    assert {path.name for path in tmp_path.iterdir()} == {"model.tflite", "model.json", "golden.json"}


def test_write_model_interrupted_leaves_no_model(keras_model, flatbuffer, tmp_path):
    (tmp_path / "golden.json").mkdir()
    with pytest.raises(OSError, match=r"golden\.json"):
        write(tmp_path, keras_model, flatbuffer)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["golden.json", "model.tflite"]
