import numpy as np
import pytest

pytest.importorskip("tensorflow")

from catdog_desktop.training.efficientnet_lite import CLASSES, FEATURES
from catdog_desktop.training.head import BIG_CATS, CATS, DOGS, WILD_DOGS, WildCheck, build_head


def _features(photos: int) -> np.ndarray:
    return np.random.default_rng(1).random((photos, 2, 3, FEATURES), dtype=np.float32)


def test_an_untrained_attention_looks_everywhere_alike():
    mean, attention = build_head(2, 3), build_head(2, 3, attention=True)
    attention.get_layer("evidence").set_weights(mean.get_layer("evidence").get_weights())
    features = _features(4)
    evidence, logits = (np.asarray(answer) for answer in attention(features))
    assert logits == pytest.approx(np.asarray(mean(features)[1]), abs=1e-5)
    assert logits == pytest.approx(evidence.mean(axis=(1, 2)), abs=1e-5)


def test_attention_takes_the_answer_from_where_it_looks():
    head = build_head(2, 3, attention=True)
    kernel = np.zeros((1, 1, FEATURES, 2), np.float32)
    kernel[..., 0, 0] = kernel[..., 1, 1] = 100.0  # cats are looked for where feature 0 is, dogs where feature 1 is
    head.get_layer("attention").set_weights([kernel])
    features = _features(1)
    features[..., :2] = 0.0
    features[0, 0, 0, 0] = features[0, 1, 2, 1] = 1.0
    evidence, logits = (np.asarray(answer) for answer in head(features))
    assert logits[0] == pytest.approx([evidence[0, 0, 0, 0], evidence[0, 1, 2, 1]], abs=1e-4)


def test_the_classes_of_imagenet_do_not_overlap():
    classes = [*CATS, *BIG_CATS, *DOGS, *WILD_DOGS]
    assert len(classes) == len(set(classes))
    assert set(DOGS) == set(range(151, 269))


@pytest.mark.parametrize("attention", [False, True])
def test_what_imagenet_takes_for_wild_loses_its_evidence(attention):
    """Feature 0 speaks for a tabby, feature 1 for a leopard, feature 2 for a beagle, feature 3 for a wolf."""
    kernel = np.zeros((FEATURES, CLASSES), np.float32)
    for feature, number in enumerate((CATS[0], BIG_CATS[2], DOGS[3], WILD_DOGS[0])):
        kernel[feature, number] = 4.0
    wild = WildCheck(kernel, np.zeros(CLASSES, np.float32), (-1.0, -1.0))
    plain, checked = (build_head(2, 2, attention=attention, wild=check) for check in (None, wild))
    checked.get_layer("evidence").set_weights(plain.get_layer("evidence").get_weights())
    photos = np.zeros((4, 2, 2, FEATURES), np.float32)
    for photo in range(4):
        photos[photo, ..., photo] = 3.0
    lowered = np.asarray(plain(photos)[1]) - np.asarray(checked(photos)[1])
    cat, leopard, beagle, wolf = lowered
    assert cat[0] < 0.2
    assert leopard[0] > 10
    assert beagle[1] < 0.2
    assert wolf[1] > 10
    assert leopard[1] < 0.2
    trained = {layer.name for layer in checked.layers if layer.trainable_variables}
    assert trained == ({"evidence", "attention"} if attention else {"evidence"})
