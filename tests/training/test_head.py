import numpy as np
import pytest

pytest.importorskip("tensorflow")

from catdog_desktop.training.efficientnet_lite import CLASSES, FEATURES
from catdog_desktop.training.head import BIG_CATS, CATS, DOGS, WILD_DOGS, WildCheck, build_head, log_mean_exp


def test_the_pooling_lies_between_mean_and_maximum():
    evidence = np.array([[1.0, 9.0], [3.0, 5.0]], np.float32).reshape(1, 2, 2, 1)
    assert float(log_mean_exp(evidence, 0)[0, 0]) == pytest.approx(4.5)
    pooled = [float(log_mean_exp(evidence, sharpness)[0, 0]) for sharpness in (0.01, 0.3, 1.0, 5.0, 1000.0)]
    assert pooled == sorted(pooled)
    assert pooled[0] == pytest.approx(4.5, abs=0.1)
    assert pooled[-1] == pytest.approx(9.0, abs=0.1)


def test_the_classes_of_imagenet_do_not_overlap():
    classes = [*CATS, *BIG_CATS, *DOGS, *WILD_DOGS]
    assert len(classes) == len(set(classes))
    assert set(DOGS) <= set(range(151, 269))


def test_what_imagenet_takes_for_wild_loses_its_evidence():
    """Feature 0 speaks for a tabby, feature 1 for a leopard, feature 2 for a beagle, feature 3 for a wolf."""
    kernel = np.zeros((FEATURES, CLASSES), np.float32)
    for feature, number in enumerate((CATS[0], BIG_CATS[2], DOGS[3], WILD_DOGS[0])):
        kernel[feature, number] = 4.0
    wild = WildCheck(kernel, np.zeros(CLASSES, np.float32), (-1.0, -1.0))
    plain, checked = build_head(2, 2, 0.3), build_head(2, 2, 0.3, wild)
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
    assert [layer.name for layer in checked.layers if layer.trainable_variables] == ["evidence"]
