"""The time to look up a known folder in the store, without a window.

python -m benchmarks.store_way STORE FOLDER
"""

import contextlib
import json
import sqlite3
import statistics
import sys
import time
from pathlib import Path

from catdog_desktop.store.store import Store

RUNS = 5


def measure(store_file: Path, photos: list[Path]) -> dict[str, float]:
    """Return the median of several runs over all `photos`, in ms; each of them must be in the store."""
    identity = _model_of(store_file)
    times = []
    with Store(store_file) as store:
        for _ in range(RUNS):
            start = time.perf_counter()
            known = store.known(photos, identity)
            times.append(time.perf_counter() - start)
            assert len(known) == len(photos)
    return {"ms": statistics.median(times) * 1000}


def _model_of(store_file: Path) -> str:
    """Return the model whose results are in the store. The frozen app may have another one than the source."""
    with contextlib.closing(sqlite3.connect(store_file)) as connection:
        ((identity,),) = connection.execute("SELECT sha256 FROM model").fetchall()
    return str(identity)


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), sorted(Path(sys.argv[2]).rglob("*.jpg")))))
