"""Recipe `catdog`, version 3: tail and head tuned on changed and joined photos, first small, then at full size.

What is learnt first is learnt on 224 x 224 pixels, where a step takes half the time; then the network grows to
260 x 260 (Touvron et al. 2019, "Fixing the train-test resolution discrepancy"): small animals, and the halves of joined
photos, have a third more pixels. The head knows wild animals.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np

from catdog_desktop.training.efficientnet_lite import Variant, classifier, read_weights
from catdog_desktop.training.frozen import fit_linear
from catdog_desktop.training.head import WildCheck, build_head
from catdog_desktop.training.network import Network, build_network, resized
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.samples import Sample, plan
from catdog_desktop.training.trunk_cache import TrunkCache, fill_cache
from catdog_desktop.training.tuning import Schedule, Teacher, tune


@dataclass(frozen=True)
class Mixture:
    """How many samples of each kind are planned beside every photo as it is, and how many of all are used."""

    versions: int
    """Changed versions of every photo."""
    joined: int
    scenes: int
    used: int
    """After shuffling, so many."""


@dataclass(frozen=True)
class TunedSettings:
    """Everything that decides version 3 beside photos and seed."""

    small_size: tuple[int, int] = (224, 224)
    small: Mixture = field(default_factory=lambda: Mixture(2, 8_000, 3_000, 37_440))
    first_samples: int = 22_400
    """Of the small samples so many are gone through about twice, and then the others once: a second pass over the
    same was learnt by heart (loss 0.02, new ones 0.10)."""
    first: Schedule = field(default_factory=Schedule)
    fresh: Schedule = field(
        default_factory=lambda: Schedule(head_steps=0, tail_steps=235, head_rate=1.4e-3, tail_rate=6e-5, average=0.98)
    )
    full_size: tuple[int, int] = (260, 260)
    full: Mixture = field(default_factory=lambda: Mixture(2, 19_000, 4_000, 62_976))
    full_schedule: Schedule = field(
        default_factory=lambda: Schedule(head_steps=0, tail_steps=984, head_rate=1.44e-3, tail_rate=6e-5, average=0.99)
    )
    """Once through the samples of full size."""
    sharpness: float = 0.3
    least_margin: tuple[float, float] = (-2.5, -2.3)
    """Found on the samples: of the plain pets one or two in a thousand lie below, of the joined ones three or four."""


def train_tuned(photos: Sequence[Photo], seed: int, variant: Variant, settings: TunedSettings) -> Network:
    """Train version 3 on photos."""
    kernel, bias = classifier(read_weights(variant))
    teacher = Teacher(kernel, bias)
    wild = WildCheck(kernel, bias, settings.least_margin)

    network = build_network(variant, settings.small_size)
    head = _head(network.tail, settings.sharpness, wild)
    samples = _samples(photos, settings.small, seed)
    with TemporaryDirectory(prefix="catdog-features-") as folder:
        cache = fill_cache(network, samples, Path(folder))
        _start_linear(head, cache)
        tune(network.tail, head, cache.part(0, settings.first_samples), teacher, settings.first, seed)
        if len(cache) > settings.first_samples:
            fresh = cache.part(settings.first_samples, len(cache))
            tune(network.tail, head, fresh, teacher, settings.fresh, seed)
    small = Network(variant, network.trunk, network.tail, head)

    network = build_network(variant, settings.full_size)
    samples = _samples(photos, settings.full, seed + 10)
    full = resized(small, settings.full_size, _head(network.tail, settings.sharpness, wild))
    with TemporaryDirectory(prefix="catdog-features-") as folder:
        cache = fill_cache(network, samples, Path(folder))
        tune(full.tail, full.head, cache, teacher, settings.full_schedule, seed)
    return full


def _samples(photos: Sequence[Photo], mixture: Mixture, seed: int) -> list[Sample]:
    samples = plan(photos, mixture.versions, mixture.joined, mixture.scenes, seed)
    np.random.default_rng(seed).shuffle(samples)
    return samples[: mixture.used]


def _head(tail: keras.Model, sharpness: float, wild: WildCheck) -> keras.Model:
    _, map_height, map_width, _ = tail.output_shape
    return build_head(map_height, map_width, sharpness, wild)


def _start_linear(head: keras.Model, cache: TrunkCache) -> None:
    """Start the head's evidence from a linear head on the mean of the map, as in version 1 but on all samples."""
    kernel, bias = fit_linear(cache.pooled.astype(np.float32), cache.targets)
    head.get_layer("evidence").set_weights([kernel[None, None], bias])
