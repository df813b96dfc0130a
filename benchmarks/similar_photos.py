"""Measure how long it takes to compare photos with 100,000 others: `python -m benchmarks.similar_photos`.

Similar photos are compared with one; for stacks all are compared with each other. The photos are made up.
"""

import statistics
import time
from typing import Final

import numpy as np

from catdog_desktop.learning.perceptual_hash import PARTS, WORDS
from catdog_desktop.learning.similarity import FeatureTable, pack_rows
from catdog_desktop.learning.stacks import StackPhotos, find_pairs

PHOTOS: Final = 100_000
ROUNDS: Final = 50
STACKED: Final = (10_000, 100_000)


def main() -> None:
    """Measure and print processor time, so that other programs do not count."""
    features = np.random.default_rng(0).normal(size=(PHOTOS, 128)).astype(np.float32)
    table = FeatureTable.of(pack_rows(features))
    for name, compare in (
        ("similarities", lambda number: table.similarities(features[number])),
        ("nearest 100", lambda number: table.nearest(features[number], 100)),
    ):
        times = []
        for number in range(ROUNDS):
            began = time.process_time()
            compare(number)
            times.append((time.process_time() - began) * 1000)
        print(f"{name} among {PHOTOS:,} photos: {statistics.median(times):.1f} ms, longest {max(times):.1f} ms")
    for count in STACKED:
        photos = _made_up(count)
        began = time.process_time()
        find_pairs(photos)
        print(f"stacks among {count:,} photos: {time.process_time() - began:.1f} s")
        began = time.process_time()
        find_pairs(photos, count - 100)
        print(f"  with 100 new ones: {time.process_time() - began:.2f} s")


def _made_up(count: int) -> StackPhotos:
    """Return photos whose features and hashes are chance, so that none are alike."""
    chance = np.random.default_rng(1)
    hashes = chance.integers(0, 1 << 63, (count, PARTS, WORDS), dtype=np.uint64)
    seconds = chance.uniform(0, 10 * 365 * 86_400, count)
    same = np.ones(count)
    packed = pack_rows(chance.normal(size=(count, 128)).astype(np.float32))
    return StackPhotos(packed, hashes, seconds, same, same, same, same)


if __name__ == "__main__":
    main()
