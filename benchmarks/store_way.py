"""What it takes to look a known folder up in the store, without a window.

python -m benchmarks.store_way STORE FOLDER
"""

import json
import statistics
import sys
import time
from pathlib import Path

from catdog_desktop.model_file import load_model_file
from catdog_desktop.places import default_model
from catdog_desktop.store import Store

RUNS = 5


def measure(store_file: Path, photos: list[Path]) -> dict[str, float]:
    """Return the median of several runs over all `photos`, in ms; each of them must be known."""
    identity = load_model_file(default_model()).identity
    times = []
    with Store(store_file) as store:
        for _ in range(RUNS):
            start = time.perf_counter()
            known = store.known(photos, identity)
            times.append(time.perf_counter() - start)
            assert len(known) == len(photos)
    return {"ms": statistics.median(times) * 1000}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), sorted(Path(sys.argv[2]).rglob("*.jpg")))))
