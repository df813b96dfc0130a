import keras
import numpy as np
import pytest

pytest.importorskip("tensorflow")

from catdog_desktop.training.efficientnet_lite import CLASSES, FEATURES
from catdog_desktop.training.feature_stream import Batch
from catdog_desktop.training.network_head import build_head
from catdog_desktop.training.tuning import Rates, Teacher, tune

CHANNELS = 6


def _tail() -> keras.Model:
    return keras.Sequential([keras.Input((2, 2, CHANNELS)), keras.layers.Conv2D(FEATURES, 1, activation="relu")])


def _batches(count: int) -> list[Batch]:
    """Samples whose first channel tells cats, whose second tells dogs."""
    rng = np.random.default_rng(1)
    batches = []
    for _ in range(count):
        targets = rng.integers(0, 2, (16, 2)).astype(np.float32)
        trunk = rng.random((16, 2, 2, CHANNELS), dtype=np.float32)
        trunk[..., :2] += targets[:, None, None]
        batches.append(Batch(trunk, np.zeros((16, FEATURES), np.float32), targets))
    return batches


def _teacher() -> Teacher:
    rng = np.random.default_rng(2)
    return Teacher(rng.normal(0, 0.01, (FEATURES, CLASSES)).astype(np.float32), np.zeros(CLASSES, np.float32))


def _right(tail: keras.Model, head: keras.Model, batch: Batch) -> float:
    logits = np.asarray(head(tail(batch.trunk))[1])
    return float(((logits > 0) == (batch.targets > 0.5)).mean())


def test_tune_teaches_head_and_tail():
    keras.utils.set_random_seed(1)
    tail, head = _tail(), build_head(2, 2, attention=True)
    *batches, unseen = _batches(61)
    tune(tail, head, batches, len(batches), _teacher(), Rates(head=3e-2, tail=3e-3, average=0.9))
    assert _right(tail, head, unseen) > 0.95


def test_tune_with_a_tail_rate_of_0_keeps_the_tail():
    tail, head = _tail(), build_head(2, 2)
    before = [np.copy(weights) for weights in tail.get_weights()]
    evidence = np.copy(head.get_layer("evidence").get_weights()[0])
    tune(tail, head, _batches(5), 5, _teacher(), Rates(head=1e-2, tail=0.0))
    assert all((now == then).all() for now, then in zip(tail.get_weights(), before, strict=True))
    assert (head.get_layer("evidence").get_weights()[0] != evidence).any()


def test_tune_checkpoint_has_all_weights(tmp_path):
    tail, head = _tail(), build_head(2, 2)
    tune(tail, head, _batches(1) * 250, 250, _teacher(), Rates(head=1e-3, tail=1e-4), tmp_path / "as it was named")
    assert [path.name for path in tmp_path.iterdir()] == ["as it was named"]
    with np.load(tmp_path / "as it was named") as saved:
        shapes = [saved[name].shape for name in saved.files]
    assert shapes == [weights.shape for weights in [*head.get_weights(), *tail.get_weights()]]


def test_tune_returns_the_loss_of_each_sample_in_order():
    tail, head = _tail(), build_head(2, 2)
    batch = _batches(1)[0]
    logits = np.asarray(head(tail(batch.trunk))[1])
    exact = np.log1p(np.exp(np.where(batch.targets > 0.5, -logits, logits))).mean(axis=1)
    losses = tune(tail, head, [batch, batch], 2, _teacher(), Rates(head=1e-4, tail=0.0))
    assert losses.shape == (32,)
    assert losses[:16] == pytest.approx(exact, abs=1e-4)
