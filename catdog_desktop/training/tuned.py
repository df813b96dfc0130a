"""Recipe `catdog`, version 3: tail and head tuned on changed and joined photos, each sample seen once.

The linear head of version 1 is where it starts; then head and tail learn together. The head looks where the animal is
(attention) and knows wild animals.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Final

import keras
import numpy as np

from catdog_desktop.training.efficientnet_lite import Variant, build_tail, classifier, read_weights
from catdog_desktop.training.feature_stream import Batch, stream
from catdog_desktop.training.frozen import fit_linear
from catdog_desktop.training.head import WildCheck, build_head
from catdog_desktop.training.network import Network, build_network, resized
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.samples import Mixture, plan
from catdog_desktop.training.tuning import Rates, Teacher, tune

_LATER: Final = Mixture(versions=2, joined=12_000, scenes=3_000, more_of_single=2, more_of_near_misses=30)
"""For the rounds after the first."""


@dataclass(frozen=True)
class Round:
    """Samples that are made and learnt from once."""

    mixture: Mixture
    rates: Rates


@dataclass(frozen=True)
class TunedSettings:
    """Everything that decides version 3 beside photos and seed."""

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
        Round(_LATER, Rates(head=2e-4, tail=4e-5)),
        Round(_LATER, Rates(head=1e-4, tail=2e-5)),
    )
    """From the second on more photos as they are, and gentler each time."""
    least_margin: tuple[float, float] = (-2.5, -2.3)
    """Found on the samples: of the plain pets one or two in a thousand lie below, of the joined ones three or four."""


def train_tuned(
    photos: Sequence[Photo], seed: int, variant: Variant, settings: TunedSettings, checkpoint: Path | None = None
) -> Network:
    """Train version 3 on photos; an hour on two cores. `checkpoint`: see `tune`."""
    kernel, bias = classifier(read_weights(variant))
    teacher = Teacher(kernel, bias)
    untouched = build_network(variant, settings.size)
    network = build_network(variant, settings.size)
    wild = WildCheck(kernel, bias, settings.least_margin)
    head = _head(network.tail, wild)
    for number, round_ in enumerate(settings.rounds):
        samples = plan(photos, round_.mixture, seed + number)
        np.random.default_rng(seed + number).shuffle(samples)
        batches = stream(untouched, samples, settings.batch)
        if number == 0:
            first = list(islice(batches, settings.start_batches))
            _start_linear(head, first)
            tune(network.tail, head, first, len(first), teacher, settings.start)
            batches = _all(first, batches)
        tune(network.tail, head, batches, len(samples) // settings.batch, teacher, round_.rates, checkpoint)
    final_tail = build_tail(variant, *reversed(settings.final_size))
    return resized(Network(variant, network.trunk, network.tail, head), settings.final_size, _head(final_tail, wild))


def _head(tail: keras.Model, wild: WildCheck) -> keras.Model:
    _, map_height, map_width, _ = tail.output_shape
    return build_head(map_height, map_width, attention=True, wild=wild)


def _all(first: list[Batch], rest: Iterator[Batch]) -> Iterator[Batch]:
    """Give the first batches and let go of them, and the rest."""
    return chain((first.pop() for _ in range(len(first))), rest)


def _start_linear(head: keras.Model, batches: Sequence[Batch]) -> None:
    """Start the head's evidence from a linear head on the mean of the map, as in version 1 but on all samples."""
    pooled, targets = (np.concatenate([getattr(batch, what) for batch in batches]) for what in ("pooled", "targets"))
    kernel, bias = fit_linear(pooled, targets)
    head.get_layer("evidence").set_weights([kernel[None, None], bias])
