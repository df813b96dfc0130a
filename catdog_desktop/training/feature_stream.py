"""The frozen trunk's features of samples, computed just ahead of the training that uses them.

Every sample is seen once, so nothing need be kept: a second pass over the same samples is learnt by heart (measured:
loss 0.02 there, 0.10 on new ones). The trunk runs in integers, as it will in the app, so the tail learns from what it
will be given.
"""

import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.training.network import Network
from catdog_desktop.training.quantized import Backbone, Integers, example_photos, quantize_backbone
from catdog_desktop.training.samples import Sample, render

_THREADS: Final = 2
_AHEAD: Final = 3
"""Batches that are made while one is learnt from."""


@dataclass(frozen=True)
class Batch:
    """Features of B samples."""

    trunk: NDArray[np.float32]
    """[B, H/16, W/16, C], the trunk's output."""
    pooled: NDArray[np.float32]
    """[B, 1280], the mean of the untouched backbone's last map: what ImageNet taught, to be kept."""
    targets: NDArray[np.float32]
    """[B, 2], has a cat and has a dog."""


class TrunkRunner:
    """Runs the untouched backbone, in integers, on samples; usable from several threads."""

    def __init__(self, network: Network, samples: Sequence[Sample]) -> None:
        """Quantize the backbone of `network` by some of the samples. Its tail must be as ImageNet left it."""
        self._size = network.input_size
        self._flatbuffer = quantize_backbone(network, example_photos(samples, self._size, seed=0))
        self._local = threading.local()

    def run(self, sample: Sample) -> tuple[Integers, Integers]:
        """Render a sample and return the trunk's features [h, w, C] and the pooled ones [1280], in integers."""
        return self.backbone.features(render(sample, self._size))

    @property
    def backbone(self) -> Backbone:
        """The backbone of this thread."""
        if not hasattr(self._local, "backbone"):
            self._local.backbone = Backbone(self._flatbuffer)
        backbone: Backbone = self._local.backbone
        return backbone

    def batch(self, trunk: Integers, pooled: Integers, samples: Sequence[Sample]) -> Batch:
        """Turn features in integers, [B, h, w, C] and [B, 1280], into a batch."""
        targets = np.array([sample.target for sample in samples], np.float32)
        return Batch(self.backbone.real_trunk(trunk), self.backbone.real_pooled(pooled), targets)


def stream(network: Network, samples: Sequence[Sample], size: int) -> Iterator[Batch]:
    """Run samples through the backbone, in their order, in batches of `size`; an incomplete last one is left out.

    `network.tail` must still be as ImageNet left it when the first batch is asked for.
    """
    runner = TrunkRunner(network, samples)
    groups = [samples[start : start + size] for start in range(0, len(samples) - size + 1, size)]
    with ThreadPoolExecutor(_THREADS) as pool:
        under_way = deque([pool.submit(runner.run, sample) for sample in group] for group in groups[:_AHEAD])
        for number, group in enumerate(groups):
            if number + _AHEAD < len(groups):
                under_way.append([pool.submit(runner.run, sample) for sample in groups[number + _AHEAD]])
            trunk, pooled = zip(*(future.result() for future in under_way.popleft()), strict=True)
            yield runner.batch(np.stack(trunk), np.stack(pooled), group)
