"""What the frozen trunk says of every sample, computed once and kept on disk while the tail is trained.

The trunk runs in integers, as it will in the app: so the tail learns from what it will be given.
"""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.training.network import Network
from catdog_desktop.training.quantized import Backbone, example_photos, quantize_backbone
from catdog_desktop.training.samples import Sample, render

_THREADS: Final = 2
_REPORT_EVERY: Final = 1000


@dataclass(frozen=True)
class TrunkCache:
    """Features of N samples, float16, as files that are mapped into memory."""

    trunk: NDArray[np.float16]
    """[N, H/16, W/16, C], the trunk's output."""
    pooled: NDArray[np.float16]
    """[N, 1280], the mean of the untouched backbone's last map: what ImageNet taught, to be kept."""
    targets: NDArray[np.float32]
    """[N, 2], has a cat and has a dog."""

    def __len__(self) -> int:
        return len(self.targets)

    def part(self, start: int, end: int) -> "TrunkCache":
        """Give the samples from `start` to before `end`."""
        return TrunkCache(self.trunk[start:end], self.pooled[start:end], self.targets[start:end])


def fill_cache(network: Network, samples: Sequence[Sample], folder: Path) -> TrunkCache:
    """Run all samples through the backbone; `network.tail` must still be as ImageNet left it.

    The files (48 KB a sample for an input of 224 x 224, 72 KB for 260 x 260) are left in `folder` for the caller to
    remove.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _, *trunk_shape = network.trunk.output_shape
    channels = network.tail.output_shape[-1]
    trunk = np.lib.format.open_memmap(folder / "trunk.npy", "w+", np.float16, (len(samples), *trunk_shape))
    pooled = np.lib.format.open_memmap(folder / "pooled.npy", "w+", np.float16, (len(samples), channels))
    flatbuffer = quantize_backbone(network, example_photos(samples, network.input_size, seed=0))
    local = threading.local()

    def run(number: int) -> None:
        if not hasattr(local, "backbone"):
            local.backbone = Backbone(flatbuffer)
        photo = render(samples[number], network.input_size)
        trunk[number], pooled[number] = local.backbone.features(photo)
        if number % _REPORT_EVERY == 0:
            print(f"trunk: {number} of {len(samples)} samples", flush=True)

    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(run, range(len(samples))):
            pass
    targets = np.array([sample.target for sample in samples], np.float32).reshape(-1, 2)
    return TrunkCache(trunk, pooled, targets)
