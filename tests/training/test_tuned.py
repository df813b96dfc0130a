from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np
import pytest

pytest.importorskip("tensorflow")
pytest.importorskip("sklearn")

from catdog_desktop.training import tuned
from catdog_desktop.training.feature_stream import Batch
from catdog_desktop.training.frozen import photo_batches
from catdog_desktop.training.network import build_network
from catdog_desktop.training.photo_folder import Photo, targets_of
from catdog_desktop.training.samples import Mixture, Sample, plan
from catdog_desktop.training.tuned import Round, TunedSettings, find_hard, train_tuned
from catdog_desktop.training.tuning import Rates

FINAL = (96, 64)
FIRST = Round(
    Mixture(single=90, joined=60, scenes=20, panoramas=6, close_ups=4), Rates(head=1e-3, tail=1e-4, average=0.9)
)
SECOND = Round(
    Mixture(single=120, joined=40, scenes=4, panoramas=2, close_ups=2), Rates(head=5e-4, tail=3e-5, average=0.9)
)
TINY = TunedSettings(size=(64, 64), final_size=FINAL, batch=8, start_batches=12, rounds=(FIRST, SECOND))


@dataclass
class Tuning:
    steps: int
    batches: list
    rates: Rates
    checkpoint: Path | None
    evidence: np.ndarray
    bias: np.ndarray


class Course:
    """What happened in which order: streams and tunings."""

    def __init__(self):
        self.streams = []
        self.tunings = []

    def stream(self, network, samples, size):
        self.streams.append(list(samples))
        rng = np.random.default_rng(len(self.streams))
        _, *trunk_shape = network.trunk.output_shape
        for start in range(0, len(samples) - size + 1, size):
            targets = np.array([sample.target for sample in samples[start : start + size]], np.float32)
            trunk = rng.random((size, *trunk_shape), dtype=np.float32)
            pooled = rng.random((size, 1280), dtype=np.float32)
            pooled[:, :2] += 9 * targets
            yield Batch(trunk, pooled, targets)

    def tune(self, tail, head, batches, steps, teacher, rates, checkpoint=None):
        evidence, bias = head.get_layer("evidence").get_weights()
        learnt = list(batches)
        self.tunings.append(Tuning(steps, learnt, rates, checkpoint, evidence, bias))
        losses = np.concatenate([batch.targets[:, 0] for batch in learnt])  # cats are hard in this course
        return losses.astype(np.float32)


@pytest.fixture
def course(monkeypatch, tiny, toy_photos, tmp_path):
    course = Course()
    monkeypatch.setattr(tuned, "stream", course.stream)
    monkeypatch.setattr(tuned, "tune", course.tune)
    course.network = train_tuned(toy_photos, 3, tiny, TINY, tmp_path / "c.npz")
    return course


def test_train_tuned_plans_each_round_anew_in_random_order(course):
    first, second = course.streams
    assert (len(first), len(second)) == (FIRST.mixture.total, SECOND.mixture.total)
    for samples in (first, second):
        kinds = [sample.kind for sample in samples]
        single = [kind in ("plain", "changed") for kind in kinds]
        assert 0.3 < sum(single[: len(single) // 2]) / sum(single) < 0.7
    joined = [{sample for sample in samples if sample.kind == "joined"} for samples in (first, second)]
    assert not joined[0] & joined[1]


def test_train_tuned_draws_hard_photos_more_often_in_the_next_round(tiny, toy_photos, monkeypatch):
    given = []

    def planned(photos, mixture, seed, hardness):
        given.append(dict(hardness))
        return plan(photos, mixture, seed, hardness)

    course = Course()
    monkeypatch.setattr(tuned, "stream", course.stream)
    monkeypatch.setattr(tuned, "tune", course.tune)
    monkeypatch.setattr(tuned, "plan", planned)
    train_tuned(toy_photos, 3, tiny, TINY)
    first, second = given
    assert first == {}
    cats = {value for name, value in second.items() if name.startswith("cat")}
    others = {value for name, value in second.items() if not name.startswith("cat")}
    assert min(cats) > max(others)


def test_find_hard_counts_single_photos_only():
    cat, dog = Photo(Path("cat.1.jpg"), "cat"), Photo(Path("dog.1.jpg"), "dog")
    samples = [
        Sample("plain", (cat,), ()),
        Sample("changed", (cat,), (1,)),
        Sample("plain", (dog,), ()),
        Sample("joined", (cat, dog), (2,)),
    ]
    hardness = find_hard(samples, np.array([0.2, 0.4, 0.1, 99.0], np.float32))
    assert hardness == pytest.approx({"cat.1.jpg": 1 + 0.3 / 0.2, "dog.1.jpg": 1 + 0.1 / 0.2})


def test_find_hard_is_bounded():
    photos = [Photo(Path(f"cat.{number}.jpg"), "cat") for number in range(100)]
    losses = np.zeros(100, np.float32)
    losses[0] = 50.0
    hardness = find_hard([Sample("plain", (photo,), ()) for photo in photos], losses)
    assert (hardness["cat.0.jpg"], hardness["cat.1.jpg"]) == (4.0, 1.0)


def test_train_tuned_gives_a_network_for_the_photos_of_the_app(course):
    assert course.network.input_size == FINAL
    assert course.network.head.output_shape == [(None, 2, 3, 2), (None, 2)]
    assert course.network.head.get_layer("attention") is not None
    assert course.network.head.get_layer("opinion") is not None  # ImageNet's classifier


def test_train_tuned_starts_with_the_head_and_learns_from_each_sample_once(course, tmp_path):
    start, *rounds = course.tunings
    assert (start.rates, start.checkpoint) == (TINY.start, None)
    assert start.rates.tail == 0
    assert start.steps == len(start.batches) == TINY.start_batches
    assert [tuning.rates for tuning in rounds] == [FIRST.rates, SECOND.rates]
    assert all(tuning.checkpoint == tmp_path / "c.npz" for tuning in rounds)
    for tuning, samples in zip(rounds, course.streams, strict=True):
        assert tuning.steps == len(tuning.batches) == len(samples) // TINY.batch
        learnt = Counter(tuple(target) for batch in tuning.batches for target in batch.targets.tolist())
        assert learnt == Counter(sample.target for sample in samples[: tuning.steps * TINY.batch])
    assert {id(batch) for batch in start.batches} < {id(batch) for batch in rounds[0].batches}


def test_train_tuned_starts_from_a_linear_head(course):
    start = course.tunings[0]
    pooled, targets = (np.concatenate([getattr(b, what) for b in start.batches]) for what in ("pooled", "targets"))
    logits = pooled @ start.evidence[0, 0] + start.bias
    assert ((logits > 0) == (targets > 0.5)).mean() > 0.95


def test_settings_of_the_recipe_grow_gentler_each_round():
    settings = TunedSettings()
    assert settings.start.tail == 0
    assert len(settings.rounds) >= 2
    for earlier, later in zip(settings.rounds, settings.rounds[1:], strict=False):
        assert later.rates.head < earlier.rates.head
        assert later.rates.tail < earlier.rates.tail
    assert all(round_.rates.tail < round_.rates.head for round_ in settings.rounds)
    assert min(settings.final_size) > max(settings.size)
    assert settings.final_trust > settings.trust


@pytest.mark.slow
def test_train_tuned_learns_colours_and_keeps_the_trunk(tiny, toy_photos):
    keras.utils.set_random_seed(1)
    seen, unseen = toy_photos[::2], toy_photos[1::2]
    network = train_tuned(seen, 1, tiny, replace(TINY, final_size=TINY.size))
    untouched = build_network(tiny, TINY.size)
    pairs = zip(network.trunk.get_weights(), untouched.trunk.get_weights(), strict=True)
    assert all((now == before).all() for now, before in pairs)
    tails = zip(network.tail.get_weights(), untouched.tail.get_weights(), strict=True)
    moved = np.concatenate([np.abs(now - before).ravel() for now, before in tails])
    assert 0 < moved.mean() < 0.01
    assert network.head.get_layer("attention").get_weights()[0].any()
    logits, wanted = network.logits(photo_batches(unseen, TINY.size)), targets_of(unseen) > 0.5
    for output in range(2):
        # By chance a photo with the animal would be above one without it in half of the pairs.
        pets, others = logits[wanted[:, output], output], logits[~wanted[:, output], output]
        assert (pets[:, None] > others).mean() > 0.85
