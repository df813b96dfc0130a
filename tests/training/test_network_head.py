import numpy as np
import pytest

pytest.importorskip("tensorflow")

from catdog_desktop.training.efficientnet_lite import CLASSES, FEATURES
from catdog_desktop.training.network_head import Judges, build_head
from catdog_desktop.training.opinion import BIG_CATS, CATS, DINGO, DOGS, WILD_DOGS, Opinion

OX, LEOPARD, WOLF, TABBY, BEAGLE = 345, BIG_CATS[2], WILD_DOGS[0], CATS[0], DOGS[3]


@pytest.fixture(scope="module")
def opinion():
    """Features 0 to 4 speak for a tabby, a beagle, a leopard, a wolf and an ox."""
    kernel = np.random.default_rng(5).normal(0, 1e-3, (FEATURES, CLASSES)).astype(np.float32)
    for feature, number in enumerate((TABBY, BEAGLE, LEOPARD, WOLF, OX)):
        kernel[feature, number] = 4.0
    return Opinion(kernel, np.zeros(CLASSES, np.float32))


def _photos_of_features(*features: int) -> np.ndarray:
    photos = np.zeros((len(features), 2, 2, FEATURES), np.float32)
    for photo, feature in enumerate(features):
        photos[photo, ..., feature] = 3.0
    return photos


def _features(photos: int) -> np.ndarray:
    return np.random.default_rng(1).random((photos, 2, 3, FEATURES), dtype=np.float32)


def test_attention_untrained_weighs_all_places_alike():
    mean, attention = build_head(2, 3), build_head(2, 3, attention=True)
    attention.get_layer("evidence").set_weights(mean.get_layer("evidence").get_weights())
    features = _features(4)
    evidence, logits = (np.asarray(answer) for answer in attention(features))
    assert logits == pytest.approx(np.asarray(mean(features)[1]), abs=1e-5)
    assert logits == pytest.approx(evidence.mean(axis=(1, 2)), abs=1e-5)


def test_attention_trained_answers_from_where_it_looks():
    head = build_head(2, 3, attention=True)
    kernel = np.zeros((1, 1, FEATURES, 2), np.float32)
    kernel[..., 0, 0] = kernel[..., 1, 1] = 100.0  # cats are looked for where feature 0 is, dogs where feature 1 is
    head.get_layer("attention").set_weights([kernel])
    features = _features(1)
    features[..., :2] = 0.0
    features[0, 0, 0, 0] = features[0, 1, 2, 1] = 1.0
    evidence, logits = (np.asarray(answer) for answer in head(features))
    assert logits[0] == pytest.approx([evidence[0, 0, 0, 0], evidence[0, 1, 2, 1]], abs=1e-4)


def _change_by(judges: Judges, photos: np.ndarray) -> np.ndarray:
    """What the judges add to the logits of each photo."""
    plain, judged = build_head(2, 2, attention=True), build_head(2, 2, attention=True, judges=judges)
    judged.get_layer("evidence").set_weights(plain.get_layer("evidence").get_weights())
    (_, before), (_, after) = plain(photos), judged(photos)
    return np.asarray(after) - np.asarray(before)


def test_judges_without_trust_lower_only_wild_relatives(opinion):
    change = _change_by(Judges(opinion, (-1.0, -1.0), trust=0.0), _photos_of_features(0, 1, 2, 3))
    tabby, beagle, leopard, wolf = -change
    assert tabby[0] < 0.2
    assert beagle[1] < 0.2
    assert leopard[0] > 10
    assert wolf[1] > 10
    assert leopard[1] < 0.2


def test_judges_take_a_dingo_for_a_dog():
    kernel = np.zeros((FEATURES, CLASSES), np.float32)
    kernel[0, DINGO] = 4.0
    judges = Judges(Opinion(kernel, np.zeros(CLASSES, np.float32)), (-1.0, -1.0), trust=1.0)
    (change,) = _change_by(judges, _photos_of_features(0))
    assert change[1] > 4


@pytest.mark.parametrize("trust", [0.5, 2.0])
def test_judges_trust_weighs_imagenets_odds_of_a_pet(opinion, trust):
    photos = _photos_of_features(0, 1, 4)
    tabby, beagle, cow = _change_by(Judges(opinion, (-50.0, -50.0), trust), photos)
    # 12 against 999 other classes at about 0: log-odds of 12 - log(999), and the cow's are cut at -8.
    assert tabby == pytest.approx([trust * (12 - np.log(876))] * 2, rel=0.05)
    assert beagle == pytest.approx([trust * (12 - np.log(876))] * 2, rel=0.05)
    assert cow == pytest.approx([trust * np.log(124 / np.exp(12))] * 2, rel=0.05)


def test_judges_cut_the_odds_at_8(opinion):
    photos = 3 * _photos_of_features(0, 4)
    tabby, cow = _change_by(Judges(opinion, (-50.0, -50.0), trust=1.0), photos)
    assert tabby == pytest.approx([8.0, 8.0], abs=1e-3)
    assert cow == pytest.approx([-8.0, -8.0], abs=1e-3)


def test_judges_look_where_the_attention_looks(opinion):
    """A tabby at one place of a photo of cattle: the odds are its own where the cat is looked for."""
    head = build_head(2, 2, attention=True, judges=Judges(opinion, (-50.0, -50.0), trust=1.0))
    kernel = np.zeros((1, 1, FEATURES, 2), np.float32)
    kernel[..., 0, 0] = 100.0  # cats are looked for where feature 0 is, dogs everywhere
    head.get_layer("attention").set_weights([kernel])
    head.get_layer("evidence").set_weights([np.zeros((1, 1, FEATURES, 2), np.float32), np.zeros(2, np.float32)])
    photo = _photos_of_features(4)
    photo[0, 0, 0] = _photos_of_features(0)[0, 0, 0]
    _, logits = head(photo)
    assert np.asarray(logits)[0, 0] > 4
    assert np.asarray(logits)[0, 1] < -4


def test_judges_lower_evidence_and_logits_alike(opinion):
    head = build_head(2, 2, attention=True, judges=Judges(opinion, (-1.0, -1.0)))
    evidence, logits = (np.asarray(answer) for answer in head(_photos_of_features(4, 3)))
    assert (logits < -2).all()
    assert evidence.mean(axis=(1, 2)) == pytest.approx(logits, abs=1e-4)


def test_judges_raise_the_evidence_of_sure_photos_to_a_limit(opinion):
    head = build_head(2, 2, attention=True, judges=Judges(opinion, (-50.0, -50.0), trust=2.0))
    head.get_layer("evidence").set_weights([np.zeros((1, 1, FEATURES, 2), np.float32), np.zeros(2, np.float32)])
    evidence, logits = (np.asarray(answer) for answer in head(_photos_of_features(0)))
    assert (logits > 8).all()
    assert evidence == pytest.approx(np.full((1, 2, 2, 2), 2.0), abs=1e-4)


def test_judges_leave_imagenets_classifier_untrained(opinion):
    head = build_head(2, 2, attention=True, judges=Judges(opinion, (-1.0, -1.0)))
    assert {layer.name for layer in head.layers if layer.trainable_variables} == {"evidence", "attention"}
    assert np.asarray(head.get_layer("opinion").get_weights()[0]) == pytest.approx(opinion.kernel)
