import numpy as np
import pytest

pytest.importorskip("tensorflow")

from tiny_backbone import tiny_weights

from catdog_desktop.training.calibration import Calibration, sigmoid
from catdog_desktop.training.network import Network, assemble, build_network, resized
from catdog_desktop.training.network_head import build_head
from catdog_desktop.training.projection import fit_projection

SIZE = (96, 64)


def photos(number, size=SIZE, seed=1):
    width, height = size
    return np.random.default_rng(seed).integers(0, 256, (number, height, width, 3), dtype=np.uint8)


@pytest.fixture(scope="module")
def network(tiny):
    return build_network(tiny, SIZE)


def test_build_network_parts_fit_one_another(network):
    assert network.input_size == SIZE
    assert network.trunk.input_shape == (None, 64, 96, 3)
    assert network.trunk.output_shape == network.tail.input_shape == (None, 4, 6, network.trunk.output_shape[-1])
    assert network.tail.output_shape == network.head.input_shape == (None, 2, 3, 1280)
    evidence, logits = network.head.output_shape
    assert (evidence, logits) == ((None, 2, 3, 2), (None, 2))


def test_build_network_folds_the_batch_norms_of_the_package(network):
    """The stem's convolution and its batch norm, one after the other, say what the folded layer says."""
    weights = tiny_weights()
    kernel, bias = network.trunk.get_layer("stem").get_weights()
    patch = np.random.default_rng(2).normal(size=(3, 3, 3))  # rows, columns, colours
    raw = np.einsum("hwc,ochw->o", patch, weights["_conv_stem.weight"])
    spread = np.sqrt(weights["_bn0.running_var"] + 1e-3)
    normed = (raw - weights["_bn0.running_mean"]) / spread * weights["_bn0.weight"] + weights["_bn0.bias"]
    assert np.einsum("hwc,hwco->o", patch, kernel) + bias == pytest.approx(normed, abs=1e-4)


def test_logits_keep_the_order_of_photos(network):
    some = photos(5)
    together = network.logits([some])
    assert together.shape == (5, 2)
    assert network.logits([some[:2], some[2:]]) == pytest.approx(together, abs=1e-4)
    assert network.logits([some[::-1]]) == pytest.approx(together[::-1], abs=1e-4)
    assert np.ptp(together, axis=0).min() > 1e-3  # the photos do differ to it


@pytest.mark.parametrize("attention", [False, True])
def test_resized_keeps_all_weights(network, attention):
    old = Network(network.variant, network.trunk, network.tail, build_head(2, 3, attention=attention))
    larger = resized(old, (160, 128), build_head(4, 5, attention=attention))
    assert larger.input_size == (160, 128)
    assert larger.logits([photos(2, (160, 128))]).shape == (2, 2)
    for now, before in zip((larger.trunk, larger.tail, larger.head), (old.trunk, old.tail, old.head), strict=True):
        assert all((one == other).all() for one, other in zip(now.get_weights(), before.get_weights(), strict=True))
    same = resized(old, SIZE, build_head(2, 3, attention=attention))
    assert same.logits([photos(3)]) == pytest.approx(old.logits([photos(3)]), abs=1e-5)


def test_resized_network_shares_no_weights(network):
    other = resized(network, SIZE, build_head(2, 3))
    before = network.logits([photos(2)])
    other.head.set_weights([np.zeros_like(weights) for weights in other.head.get_weights()])
    assert (other.logits([photos(2)]) == 0).all()
    assert network.logits([photos(2)]) == pytest.approx(before)


def test_resized_with_a_foreign_head_is_an_error(network):
    with pytest.raises(ValueError, match="weight"):
        resized(network, SIZE, build_head(2, 3, attention=True))


def test_assembled_model_with_projection_gives_features_of_length_one(network):
    some = photos(40)
    pooled = network.pooled([some[:25], some[25:]])
    projection = fit_projection(pooled, 8)
    answer = assemble(network, Calibration(), projection)(some[:1].astype(np.float32))
    assert set(answer) == {"scores", "maps", "features"}
    assert np.asarray(answer["features"]) == pytest.approx(projection.apply(pooled[:1]), abs=1e-3)
    assert np.linalg.norm(answer["features"]) == pytest.approx(1.0, abs=1e-5)


def test_pooled_features_are_the_mean_of_the_last_map(network):
    some = photos(3)
    exact = np.asarray(network.tail(network.trunk(some.astype(np.float32)))).mean(axis=(1, 2))
    assert network.pooled([some]) == pytest.approx(exact, abs=1e-4)


@pytest.mark.parametrize("calibration", [Calibration(), Calibration((0.5, 2.0), (1.0, -0.25))])
def test_assembled_model_calibrates_scores_and_maps_alike(network, calibration):
    model = assemble(network, calibration)
    photo = photos(1)
    answer = {name: np.asarray(values) for name, values in model(photo.astype(np.float32)).items()}
    assert set(answer) == {"scores", "maps"}
    assert answer["scores"] == pytest.approx(calibration.scores(network.logits([photo])), abs=1e-5)
    evidence = np.asarray(network.head(network.tail(network.trunk(photo.astype(np.float32))))[0])
    slope, offset = np.array(calibration.slope), np.array(calibration.offset)
    assert answer["maps"] == pytest.approx(sigmoid(evidence.astype(float) * slope + offset), abs=1e-5)
    assert model.input_shape == (1, 64, 96, 3)
