"""What the frozen trunk says of every sample, computed once and kept on disk while the tail is trained."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from catdog_desktop.training.network import Network
from catdog_desktop.training.samples import Sample, render

_BATCH: Final = 64


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

    The files (48 KB a sample for an input of 224 x 224) are left in `folder` for the caller to remove.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _, *trunk_shape = network.trunk.output_shape
    channels = network.tail.output_shape[-1]
    trunk = np.lib.format.open_memmap(folder / "trunk.npy", "w+", np.float16, (len(samples), *trunk_shape))
    pooled = np.lib.format.open_memmap(folder / "pooled.npy", "w+", np.float16, (len(samples), channels))
    run_trunk, run_tail = tf.function(network.trunk), tf.function(network.tail)
    start = 0
    for batch in _rendered(samples, network.input_size):
        features = run_trunk(tf.constant(batch, tf.float32), training=False)
        end = start + len(batch)
        trunk[start:end] = np.asarray(features)
        pooled[start:end] = np.asarray(run_tail(features, training=False)).mean(axis=(1, 2))
        if start // _BATCH % 25 == 0:
            print(f"trunk: {end} of {len(samples)} samples", flush=True)
        start = end
    targets = np.array([sample.target for sample in samples], np.float32).reshape(-1, 2)
    return TrunkCache(trunk, pooled, targets)


def _rendered(samples: Sequence[Sample], size: tuple[int, int]) -> Iterator[NDArray[np.uint8]]:
    """Render batch after batch, the next one while this one is used."""
    chunks = [samples[start : start + _BATCH] for start in range(0, len(samples), _BATCH)]

    def batch(chunk: Sequence[Sample]) -> NDArray[np.uint8]:
        return np.stack([render(sample, size) for sample in chunk])

    with ThreadPoolExecutor(2) as pool:
        waiting = [pool.submit(batch, chunk) for chunk in chunks[:3]]
        for number in range(len(chunks)):
            yield waiting.pop(0).result()
            if number + 3 < len(chunks):
                waiting.append(pool.submit(batch, chunks[number + 3]))
