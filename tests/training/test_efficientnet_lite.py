import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("skimage")

from PIL import Image
from skimage import data

from catdog_desktop.training.efficientnet_lite import (
    LITE0,
    LITE2,
    blocks,
    build_tail,
    build_trunk,
    classifier,
    load_imagenet,
    read_weights,
)
from catdog_desktop.training.opinion import CATS, DOGS
from catdog_desktop.training.photo_folder import fit_input

COFFEE_MUG, ESPRESSO = 504, 967


@pytest.mark.parametrize(("variant", "count", "last"), [(LITE0, 16, 320), (LITE2, 21, 352)])
def test_blocks_are_those_of_the_paper(variant, count, last):
    trunk, tail = blocks(variant)
    assert len(trunk) + len(tail) == count
    assert tail[-1].channels_out == last
    assert [block.index for block in (*trunk, *tail)] == list(range(count))


@pytest.fixture(scope="module")
def logits_of():
    pytest.importorskip(LITE0.package)
    weights = read_weights(LITE0)
    trunk, tail = build_trunk(LITE0, 224, 224), build_tail(LITE0, 224, 224)
    load_imagenet(trunk, weights)
    load_imagenet(tail, weights)
    kernel, bias = classifier(weights)

    def logits(name):
        photo = fit_input(Image.fromarray(getattr(data, name)()), (224, 224))[None].astype(np.float32)
        return np.asarray(tail(trunk(photo))).mean(axis=(1, 2))[0] @ kernel + bias

    return logits


def test_classifier_names_photos_of_packages(logits_of):
    """With a wrong normalisation, padding or order of channels it would not, or far less surely."""
    cat = logits_of("chelsea")
    assert int(cat.argmax()) in CATS
    assert cat[list(CATS)].max() - cat[list(DOGS)].max() > 5
    assert int(logits_of("coffee").argmax()) in (COFFEE_MUG, ESPRESSO)
