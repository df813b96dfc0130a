"""Recipe `catdog`, version 4: tail and head tuned on changed and composed photos, each sample seen once.

It starts from the linear head of version 1; then head and tail learn together. After each round the photos that the
model found hard are drawn more often.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice
from pathlib import Path
from typing import Final

import keras
import numpy as np
from numpy.typing import NDArray

from catdog_desktop.training.efficientnet_lite import Variant, build_tail, classifier, read_weights
from catdog_desktop.training.feature_stream import Batch, stream
from catdog_desktop.training.frozen import fit_linear
from catdog_desktop.training.network import Network, build_network, resized
from catdog_desktop.training.network_head import Judges, build_head
from catdog_desktop.training.opinion import Opinion
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.samples import Mixture, Sample, plan
from catdog_desktop.training.tuning import Rates, Teacher, tune

_MOST_HARD: Final = 4.0
"""A hard photo is drawn at most so many times as often as an easy one."""


@dataclass(frozen=True)
class Round:
    """Samples that are made and learnt from once."""

    mixture: Mixture
    rates: Rates


@dataclass(frozen=True)
class TunedSettings:
    """Everything that decides version 4 beside photos and seed."""

    size: tuple[int, int] = (240, 240)
    """Width and height of the samples, in pixels."""
    final_size: tuple[int, int] = (288, 288)
    """What the app gives: animals are a little larger in it than in the samples, which are cut out of photos, so that
    it is right more often than at the size of the samples (Touvron et al. 2019, "Fixing the train-test resolution
    discrepancy"; measured here too)."""
    batch: int = 64
    start_batches: int = 125
    """The linear head is fitted to these, and the new parts of the head are trained on them, before the tail moves."""
    start: Rates = field(default_factory=lambda: Rates(head=1e-3, tail=0.0))
    rounds: tuple[Round, ...] = (
        Round(Mixture(), Rates(head=4e-4, tail=8e-5)),
        Round(Mixture(), Rates(head=2e-4, tail=4e-5)),
        Round(Mixture(), Rates(head=1e-4, tail=2e-5)),
    )
    """Gentler each time; from the second on hard photos are drawn more often."""
    least_margin: tuple[float, float] = (-2.5, -2.3)
    """Found on the samples: of the plain pets one or two in a thousand lie below, of the joined ones three or four."""
    trust: float = 1.0
    final_trust: float = 2.0
    """Weight of ImageNet's own opinion in training, and in what comes out. On photos like those of the training the
    head can do without it and learns to; on photos of other sources more of it is better, as the folds that leave
    sources out show."""

    def judges(self, opinion: Opinion) -> tuple[Judges, Judges]:
        """Return the judges of training, and those of what comes out."""
        training = Judges(opinion, self.least_margin, self.trust)
        return training, replace(training, trust=self.final_trust)


def train_tuned(
    photos: Sequence[Photo], seed: int, variant: Variant, settings: TunedSettings, checkpoint: Path | None = None
) -> Network:
    """Train version 4 on photos; an hour on two cores. `checkpoint`: see `tune`."""
    kernel, bias = classifier(read_weights(variant))
    teacher = Teacher(kernel, bias)
    judges, final_judges = settings.judges(Opinion(kernel, bias))
    untouched = build_network(variant, settings.size)
    tail, head = training_parts(untouched, judges)
    hardness: dict[str, float] = {}
    for number, round_ in enumerate(settings.rounds):
        samples = plan(photos, round_.mixture, seed + number, hardness)
        np.random.default_rng(seed + number).shuffle(samples)
        batches = stream(untouched, samples, settings.batch)
        if number == 0:
            first = list(islice(batches, settings.start_batches))
            start_head(head, first)
            tune(tail, head, first, len(first), teacher, settings.start)
            batches = _all(first, batches)
        losses = tune(tail, head, batches, len(samples) // settings.batch, teacher, round_.rates, checkpoint)
        hardness = find_hard(samples[: len(losses)], losses)
    return final_network(Network(variant, untouched.trunk, tail, head), settings, final_judges)


def final_network(trained: Network, settings: TunedSettings, judges: Judges) -> Network:
    """Return a trained network with the input and the judges that the app gets."""
    tail = build_tail(trained.variant, *reversed(settings.final_size))
    return resized(trained, settings.final_size, _head(tail, judges))


def training_parts(untouched: Network, judges: Judges) -> tuple[keras.Model, keras.Model]:
    """Build a tail that trains quickly, with the weights of the untouched one, and a new head for it."""
    _, height, width, _ = untouched.trunk.input_shape
    tail = build_tail(untouched.variant, height, width, for_training=True)
    tail.set_weights(untouched.tail.get_weights())
    return tail, _head(tail, judges)


def start_head(head: keras.Model, batches: Sequence[Batch]) -> None:
    """Start the head's evidence from a linear head on the mean of the map, as in version 1 but on all samples."""
    pooled, targets = (np.concatenate([getattr(batch, what) for batch in batches]) for what in ("pooled", "targets"))
    kernel, bias = fit_linear(pooled, targets)
    head.get_layer("evidence").set_weights([kernel[None, None], bias])


def find_hard(samples: Sequence[Sample], losses: NDArray[np.float32]) -> dict[str, float]:
    """Return by file name how much more often a photo is to be drawn: 1 for easy ones to 4 for the hardest.

    `losses` are those of the samples. Only samples of one photo count: of a composed one it is unknown which of its
    photos was hard.
    """
    of_photo: dict[str, list[float]] = defaultdict(list)
    for sample, loss in zip(samples, losses, strict=True):
        if len(sample.photos) == 1:
            of_photo[sample.photos[0].name].append(float(loss))
    if not of_photo:
        return {}
    typical = max(float(np.mean([np.mean(values) for values in of_photo.values()])), 1e-6)
    return {name: 1.0 + min(float(np.mean(values)) / typical, _MOST_HARD - 1) for name, values in of_photo.items()}


def _head(tail: keras.Model, judges: Judges) -> keras.Model:
    _, map_height, map_width, _ = tail.output_shape
    return build_head(map_height, map_width, attention=True, judges=judges)


def _all(first: list[Batch], rest: Iterator[Batch]) -> Iterator[Batch]:
    """Yield the first batches in their order, releasing each, and then the rest."""
    first.reverse()
    return chain((first.pop() for _ in range(len(first))), rest)
