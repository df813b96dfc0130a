"""Recipe `catdog`, version 2: tail and head tuned on changed and joined photos; the head knows wild animals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np

from catdog_desktop.training.efficientnet_lite import Variant, classifier, read_weights
from catdog_desktop.training.frozen import fit_linear
from catdog_desktop.training.head import WildCheck, build_head
from catdog_desktop.training.network import Network, build_network
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.samples import plan
from catdog_desktop.training.trunk_cache import TrunkCache, fill_cache
from catdog_desktop.training.tuning import Schedule, Teacher, interpolate, tune


@dataclass(frozen=True)
class TunedSettings:
    """Everything that decides version 2 beside photos and seed."""

    versions: int = 2
    joined: int = 8000
    scenes: int = 3000
    sharpness: float = 0.5
    least_margin: tuple[float, float] = (-2.0, -2.0)
    """Found on training pets: three in a thousand lie below."""
    kept_share: float = 0.5
    """How much of the tail's way is kept (WiSE-FT)."""
    schedule: Schedule = field(default_factory=Schedule)


def train_tuned(
    photos: Sequence[Photo], seed: int, variant: Variant, size: tuple[int, int], settings: TunedSettings
) -> Network:
    """Train version 2 on photos, for an input of `size` (width, height)."""
    network = build_network(variant, size)
    samples = plan(photos, settings.versions, settings.joined, settings.scenes, seed)
    np.random.default_rng(seed).shuffle(samples)
    kernel, bias = classifier(read_weights(variant))
    _, map_height, map_width, _ = network.tail.output_shape
    head = build_head(map_height, map_width, settings.sharpness, WildCheck(kernel, bias, settings.least_margin))
    with TemporaryDirectory(prefix="catdog-features-") as folder:
        cache = fill_cache(network, samples, Path(folder))
        plain = np.array([sample.kind == "plain" for sample in samples])
        _start_linear(head, cache, plain)
        start = network.tail.get_weights()
        tune(network.tail, head, cache, Teacher(kernel, bias), settings.schedule, seed)
    interpolate(network.tail, start, settings.kept_share)
    return Network(variant, network.trunk, network.tail, head)


def _start_linear(head: keras.Model, cache: TrunkCache, plain: np.ndarray) -> None:
    """Start the head's evidence from the linear head of version 1."""
    kernel, bias = fit_linear(cache.pooled[plain].astype(np.float32), cache.targets[plain])
    head.get_layer("evidence").set_weights([kernel[None, None], bias])
