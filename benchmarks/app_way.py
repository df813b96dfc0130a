"""The app's way, without a window: what `pipeline` does with many photos, and what its parts take alone.

python -m benchmarks.app_way PHOTO...
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from catdog_desktop.decoding import decode_photo
from catdog_desktop.model_file import ModelFile, load_model_file
from catdog_desktop.pipeline import Pipeline, classify_photo, default_jobs
from catdog_desktop.places import default_model
from catdog_desktop.runtime import Classifier


def photos_per_second(model: ModelFile, photos: list[Path], *, thumbnails: bool) -> float:
    """Return the rate over all `photos`, from the first to the last result, threads and model ready."""
    with Pipeline(model, thumbnails=thumbnails) as pipeline:
        # Every thread has its interpreter and its caches filled.
        _drain(pipeline, photos[: 4 * default_jobs()])
        start = time.perf_counter()
        _drain(pipeline, photos)
        return len(photos) / (time.perf_counter() - start)


def measure(photos: list[Path]) -> dict[str, float]:
    """Return the rates with and without thumbnails, and the bound that decoding and inference alone set."""
    model = load_model_file(default_model())
    classifier = Classifier(model)
    some = photos[:24]
    pixels = decode_photo(some[0], model.input_size, model.resampling).pixels
    decode = _each(some, lambda photo: decode_photo(photo, model.input_size, model.resampling))
    bare = _each(some, lambda photo: decode_photo(photo, model.input_size, model.resampling, thumbnail=False))
    infer = _each(some, lambda _: classifier.classify(pixels))
    one = _each(some, lambda photo: classify_photo(photo, classifier, model))
    cores = default_jobs()
    return {
        "photos_per_s": photos_per_second(model, photos, thumbnails=True),
        "photos_per_s_without_thumbnails": photos_per_second(model, photos, thumbnails=False),
        "bound_per_s": cores / (decode + infer),
        "bound_per_s_without_thumbnails": cores / (bare + infer),
        "decode_ms": decode * 1000,
        "decode_ms_without_thumbnail": bare * 1000,
        "infer_ms": infer * 1000,
        "one_photo_ms": one * 1000,
        "cores": cores,
    }


def _drain(pipeline: Pipeline, photos: list[Path]) -> None:
    pipeline.add(photos)
    while not pipeline.idle:
        for result in pipeline.take_results(timeout=0.05):
            assert result.error is None, result.error


def _each(photos: list[Path], work: Callable[[Path], object]) -> float:
    """Return the mean over `photos` of the median of three runs on each, in seconds: one thread, nothing else."""
    work(photos[0])
    medians = []
    for photo in photos:
        times = []
        for _ in range(3):
            start = time.perf_counter()
            work(photo)
            times.append(time.perf_counter() - start)
        medians.append(statistics.median(times))
    return statistics.fmean(medians)


if __name__ == "__main__":
    print(json.dumps(measure([Path(name) for name in sys.argv[1:]])))
