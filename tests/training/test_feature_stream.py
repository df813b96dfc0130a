import numpy as np
import pytest

pytest.importorskip("tensorflow")

from PIL import Image

from catdog_desktop.training.efficientnet_lite import LITE0
from catdog_desktop.training.feature_stream import stream
from catdog_desktop.training.network import build_network
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.samples import Mixture, plan, render

pytest.importorskip(LITE0.package)
pytestmark = pytest.mark.slow

SIZE = (64, 64)


def test_stream_gives_features_of_the_backbone_in_order(tmp_path):
    photos = []
    for number, label in enumerate(("cat", "dog", "neither") * 4):
        path = tmp_path / f"{label}.{number}.png"
        Image.effect_noise((80, 60), 30 + 10 * number).convert("RGB").save(path)
        photos.append(Photo(path, label))
    samples = plan(photos, Mixture(single=22, joined=8, scenes=4, panoramas=2, close_ups=2), seed=1)
    network = build_network(LITE0, SIZE)

    batches = list(stream(network, samples, 8))

    assert len(batches) == len(samples) // 8
    used = samples[: 8 * len(batches)]
    assert np.concatenate([batch.targets for batch in batches]).tolist() == [list(sample.target) for sample in used]
    pixels = np.stack([render(sample, SIZE) for sample in used]).astype(np.float32)
    exact = np.asarray(network.trunk(pixels))
    trunk = np.concatenate([batch.trunk for batch in batches])
    assert trunk.shape == exact.shape
    # In integers, so not the same, but of the same photo.
    for photo in range(len(used)):
        likeness = [np.corrcoef(trunk[photo].ravel(), other.ravel())[0, 1] for other in exact]
        assert likeness[photo] > 0.9
        assert int(np.argmax(likeness)) == photo
