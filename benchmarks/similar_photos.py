"""Measure how long it takes to compare a photo with 100,000 others: `python -m benchmarks.similar_photos`."""

import statistics
import time

import numpy as np

from catdog_desktop.learning.similarity import FeatureTable, pack_rows

PHOTOS = 100_000
ROUNDS = 50


def main() -> None:
    """Measure and print, in milliseconds of processor time, so that other programs do not count."""
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


if __name__ == "__main__":
    main()
