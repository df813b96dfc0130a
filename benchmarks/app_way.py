"""The app without a window: the rate of `pipeline`, and the time of its parts alone.

python -m benchmarks.app_way PHOTO...
"""

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from catdog_desktop.inference.classify import classify_photo
from catdog_desktop.inference.model_file import ModelFile, load_model_file
from catdog_desktop.inference.model_input import read_for_model
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.paths import default_model
from catdog_desktop.pipeline import Pipeline, default_jobs
from catdog_desktop.store.store import Store

AT_LEAST_SECONDS = 3.0
"""How long a rate is measured. At the end one thread waits for the others, so a short run would be too slow."""
_PARTS = 24
"""The number of photos that are decoded and classified alone."""


def measure(photos: list[Path], folder: Path) -> dict[str, float]:
    """Return the rates with and without thumbnails and with a store, and the bounds given by the parts alone.

    `folder` is on the same file system as the photos, and empty.
    """
    model = load_model_file(default_model())
    parts = _parts(model, photos[:_PARTS])
    cores = default_jobs()
    count = round(AT_LEAST_SECONDS * cores / (parts["decode_ms"] + parts["infer_ms"]) * 1000)
    many = _under_more_names(photos, folder, max(count, len(photos)))
    rate = photos_per_second(model, many, thumbnails=True)
    bare = photos_per_second(model, many, thumbnails=False)
    with Store(folder / "store.sqlite") as store:
        kept = photos_per_second(model, many, thumbnails=True, store=store)
    bound = cores / (parts["decode_ms"] + parts["infer_ms"]) * 1000
    bare_bound = cores / (parts["decode_ms_without_thumbnail"] + parts["infer_ms"]) * 1000
    return parts | {
        "photos_per_s": rate,
        "photos_per_s_without_thumbnails": bare,
        "photos_per_s_with_store": kept,
        "bound_per_s": bound,
        "bound_per_s_without_thumbnails": bare_bound,
        "share_of_bound": rate / bound,
        "share_of_bound_without_thumbnails": bare / bare_bound,
        "cores": cores,
    }


def _parts(model: ModelFile, photos: list[Path]) -> dict[str, float]:
    """Return the times of decoding and inference, each alone on one thread, in ms."""
    classifier = Classifier(model)
    pixels = read_for_model(photos[0], model).pixels
    return {
        "decode_ms": _each(photos, lambda photo: read_for_model(photo, model)),
        "decode_ms_without_thumbnail": _each(photos, lambda photo: read_for_model(photo, model, thumbnail=False)),
        "infer_ms": _each(photos, lambda _: classifier.classify(pixels)),
        "one_photo_ms": _each(photos, lambda photo: classify_photo(photo, classifier, model)),
    }


def photos_per_second(model: ModelFile, photos: list[Path], *, thumbnails: bool, store: Store | None = None) -> float:
    """Return the rate over all `photos`, from the first to the last result, threads and model ready."""
    with Pipeline(model, thumbnails=thumbnails, store=store, rescan=True) as pipeline:
        # A warm-up: every thread creates its interpreter and fills its caches.
        _drain(pipeline, photos[: 4 * default_jobs()])
        start = time.perf_counter()
        _drain(pipeline, photos)
        return len(photos) / (time.perf_counter() - start)


def _under_more_names(photos: list[Path], folder: Path, count: int) -> list[Path]:
    """Return `count` paths, which are links to `photos` in turn, since the pipeline takes each path once."""
    paths = [folder / f"{number}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        os.link(photos[number % len(photos)], path)
    return paths


def _drain(pipeline: Pipeline, photos: list[Path]) -> None:
    pipeline.add(photos)
    while not pipeline.idle:
        for result in pipeline.take_results(timeout=0.05):
            assert result.error is None, result.error
        time.sleep(0.01)  # as the window does: a list of results costs less than each alone


def _each(photos: list[Path], work: Callable[[Path], object]) -> float:
    """Return the mean over `photos` of the median of three runs on each, in ms: one thread, nothing else."""
    work(photos[0])
    medians = []
    for photo in photos:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            work(photo)
            times.append(time.perf_counter() - start)
        medians.append(statistics.median(times))
    return statistics.fmean(medians) * 1000


if __name__ == "__main__":
    given = [Path(name) for name in sys.argv[1:]]
    with tempfile.TemporaryDirectory(dir=given[0].parent) as empty:
        print(json.dumps(measure(given, Path(empty))))
