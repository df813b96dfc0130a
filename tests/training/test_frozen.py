import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("sklearn")

from catdog_desktop.training.frozen import fit_linear, photo_batches, pooled_features, train_frozen
from catdog_desktop.training.network import build_network
from catdog_desktop.training.photo_folder import Photo, PhotoFolderError, fit_input, load_rgb, targets_of

SIZE = (64, 48)


@pytest.fixture
def few(toy_photos):
    return toy_photos[::9]


@pytest.mark.parametrize(("number", "batches"), [(0, []), (1, [1]), (64, [64]), (65, [64, 1]), (90, [64, 26])])
def test_photo_batches_keep_the_order(toy_photos, number, batches):
    photos = toy_photos[:number]
    made = list(photo_batches(photos, (16, 12)))
    assert [batch.shape for batch in made] == [(size, 12, 16, 3) for size in batches]
    assert all(batch.dtype == np.uint8 for batch in made)
    if made:
        together = np.concatenate(made)
        for place in range(0, number, 13):
            assert (together[place] == fit_input(load_rgb(photos[place].path), (16, 12))).all()


def test_photo_batches_name_an_unreadable_photo(toy_photos, tmp_path):
    broken = tmp_path / "cat.99.png"
    broken.write_bytes(toy_photos[0].path.read_bytes()[:200])
    with pytest.raises(PhotoFolderError, match=r"cat\.99\.png cannot be read"):
        list(photo_batches([*toy_photos[:3], Photo(broken, "cat")], SIZE))


def test_pooled_features_are_the_mean_of_the_last_map(tiny, few):
    network = build_network(tiny, SIZE)
    features = pooled_features(network, few)
    assert features.shape == (len(few), 1280)
    pixels = np.stack([fit_input(load_rgb(photo.path), SIZE) for photo in few]).astype(np.float32)
    last_map = np.asarray(network.tail(network.trunk(pixels)))
    assert features == pytest.approx(last_map.mean(axis=(1, 2)), abs=1e-4)


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (1000.0, 0.0), (0.01, 5.0)])
def test_fit_linear_separates_unscaled_features(scale, offset):
    """Feature 0 speaks for cats and feature 1 for dogs; feature 2 is always the same, the rest is noise."""
    rng = np.random.default_rng(1)
    targets = rng.integers(0, 2, (400, 2)).astype(np.float32)
    features = rng.normal(size=(400, 20))
    features[:, :2] = 4 * targets + rng.normal(0, 0.5, (400, 2))
    features[:, 2] = 1.0
    features = (features * scale + offset).astype(np.float32)
    kernel, bias = fit_linear(features, targets)
    assert (kernel.shape, bias.shape) == ((20, 2), (2,))
    assert np.isfinite(kernel).all()
    assert (((features @ kernel + bias) > 0) == (targets > 0.5)).mean() > 0.98
    assert np.abs(kernel).argmax(axis=0).tolist() == [0, 1]


def test_train_frozen_learns_colours_and_keeps_the_backbone(tiny, toy_photos):
    seen, unseen = toy_photos[::2], toy_photos[1::2]
    network = train_frozen(seen, tiny, SIZE)
    untouched = build_network(tiny, SIZE)
    for now, before in ((network.trunk, untouched.trunk), (network.tail, untouched.tail)):
        assert all((one == other).all() for one, other in zip(now.get_weights(), before.get_weights(), strict=True))
    logits = network.logits(photo_batches(unseen, SIZE))
    assert ((logits > 0) == (targets_of(unseen) > 0.5)).mean() > 0.9
