"""In integers the backbone says nearly what it says in floating point, here on weights by chance."""

import numpy as np
import pytest

pytest.importorskip("tensorflow")

import keras
from ai_edge_litert.interpreter import Interpreter

from catdog_desktop.training.calibration import Calibration
from catdog_desktop.training.network import assemble, build_network
from catdog_desktop.training.quantized import (
    EXAMPLES,
    Backbone,
    example_photos,
    quantize_backbone,
    to_quantized_flatbuffer,
)
from catdog_desktop.training.samples import Mixture, plan, render

SIZE = (64, 48)
A_FEW_HUNDREDTHS = 0.06
"""That far a score may move. Weights by chance move it by more than trained ones (`export.golden_vectors`: 0.04)."""


@pytest.fixture(scope="module")
def network(tiny):
    keras.utils.set_random_seed(1)  # Weights by chance, but the same in each run: some move a score by more.
    return build_network(tiny, SIZE)


@pytest.fixture(scope="module")
def samples(toy_photos):
    return plan(toy_photos, Mixture(single=150, joined=40, scenes=20, panoramas=8, close_ups=4), seed=1)


@pytest.fixture(scope="module")
def examples(samples):
    return example_photos(samples, SIZE, seed=2)


@pytest.fixture(scope="module")
def unseen(samples):
    """Photos that the scales were not found on, in all likelihood."""
    return np.stack([render(sample, SIZE) for sample in samples[3::25]])


@pytest.fixture(scope="module")
def backbone(network, examples):
    return quantize_backbone(network, examples)


@pytest.fixture(scope="module")
def flatbuffer(network, examples):
    return to_quantized_flatbuffer(assemble(network, Calibration()), examples)


def _tensors(flatbuffer):
    interpreter = Interpreter(model_content=flatbuffer)
    interpreter.allocate_tensors()
    return interpreter.get_tensor_details()


def test_backbone_in_integers_is_close_to_floating_point(network, backbone, unseen):
    loaded = Backbone(backbone)
    exact_trunk = np.asarray(network.trunk(unseen.astype(np.float32)))
    exact_pooled = np.asarray(network.tail(exact_trunk)).mean(axis=(1, 2))
    for photo, trunk, pooled in zip(unseen, exact_trunk, exact_pooled, strict=True):
        integers = loaded.features(photo)
        assert [part.dtype for part in integers] == [np.int8, np.int8]
        features = loaded.real_trunk(integers[0]), loaded.real_pooled(integers[1])
        for found, exact in zip(features, (trunk, pooled), strict=True):
            assert found.shape == exact.shape
            assert found.dtype == np.float32
            assert np.corrcoef(found.ravel(), exact.ravel())[0, 1] > 0.98
            assert 0 < np.abs(found - exact).mean() < 0.1 * exact.std()


def test_quantized_model_moves_scores_by_few_hundredths(network, flatbuffer, unseen):
    interpreter = Interpreter(model_content=flatbuffer)
    interpreter.allocate_tensors()
    run = interpreter.get_signature_runner()
    model = assemble(network, Calibration())
    for photo in unseen:
        batch = photo[None].astype(np.float32)
        exact, found = model(batch), run(photo=batch)
        for name, most in (("scores", A_FEW_HUNDREDTHS), ("maps", 2 * A_FEW_HUNDREDTHS)):
            assert found[name].shape == tuple(exact[name].shape)
            assert np.abs(found[name] - np.asarray(exact[name])).max() < most


def test_quantized_model_has_integers_in_the_backbone_only(network, flatbuffer):
    kinds = {}
    for tensor in _tensors(flatbuffer):
        kinds.setdefault(tuple(tensor["shape"].tolist()), set()).add(tensor["dtype"])
    stem, last = network.trunk.get_layer("stem").get_weights()[0], network.tail.get_layer("head").get_weights()[0]
    assert kinds[(*reversed(stem.shape[2:]), *stem.shape[:2])] == {np.int8}
    assert kinds[(1280, 1, 1, last.shape[2])] == {np.int8}
    # Of the head only the storage is compact; it is widened before use.
    assert kinds[2, 1, 1, 1280] == {np.float16, np.float32}


def test_backbone_has_one_scale_for_each_channel(backbone):
    tensors = _tensors(backbone)
    scales = [len(tensor["quantization_parameters"]["scales"]) for tensor in tensors if tensor["shape"].size == 4]
    assert 1280 in scales


@pytest.mark.parametrize("number", [1, 7, EXAMPLES, EXAMPLES + 25])
def test_example_photos_are_random_and_bounded(samples, number):
    few = samples[:number]
    chosen = example_photos(few, (8, 6), seed=1)
    assert chosen.shape == (min(number, EXAMPLES), 6, 8, 3)
    assert chosen.dtype == np.uint8
    assert (chosen == example_photos(few, (8, 6), seed=1)).all()
    if number <= EXAMPLES:
        everything = sorted(render(sample, (8, 6)).tobytes() for sample in few)
        assert sorted(photo.tobytes() for photo in chosen) == everything


def test_example_photos_depend_on_the_seed(samples):
    one, other = (example_photos(samples, (8, 6), seed) for seed in (1, 2))
    assert (one != other).any()
