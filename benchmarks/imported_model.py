"""An imported Keras model in the app, compared with the same model in Keras: time, memory, and scores.

The model is the blog's (see `keras_way`), imported by `catdog import-model` with its child process. Both sides read
photos the same way (`load_img`, nearest), one by one. The app uses one thread, TensorFlow as many as it starts.
Programs:

    python -m benchmarks.imported_model app MODEL_FOLDER PHOTO...
    python -m benchmarks.imported_model keras MODEL.keras PHOTO...
"""

import json
import math
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
WARM_UP = 3


def import_it(keras_model: str, home: Path) -> tuple[float, Path]:
    """Import the model into the data folder of `home`; return the seconds it took and the folder of the model."""
    from benchmarks import processes

    start = time.perf_counter()
    name = processes.run_at_home(home, "import-model", keras_model)
    return time.perf_counter() - start, home / "data" / "models" / name.strip()


def measure(keras_model: str, photos: Sequence[Path], home: Path, rounds: int) -> dict[str, Any]:
    """Import, then let the app and Keras take turns. Figures are medians of rounds."""
    from benchmarks import processes

    seconds, folder = import_it(keras_model, home)
    sides: dict[str, list[dict[str, Any]]] = {"app": [], "keras": []}
    for _ in range(rounds):
        for side, model in (("app", folder), ("keras", keras_model)):
            sides[side].append(processes.run_module("benchmarks.imported_model", side, model, *photos))
    pairs = zip(sides["app"][0].pop("dog"), sides["keras"][0].pop("dog"), strict=True)
    apart = max(abs(ours - theirs) for ours, theirs in pairs)
    figures = ("photo_ms", "inference_ms", "rss_mb")
    medians = {
        side: {key: round(statistics.median(one[key] for one in runs), 3) for key in figures}
        for side, runs in sides.items()
    }
    return {**medians, "import_s": round(seconds, 1), "apart": apart, "photos": len(photos)}


def app(folder: Path, photos: Sequence[Path]) -> dict[str, Any]:
    """Classify photos with the imported model, on one thread."""
    from catdog_desktop.inference.classify import classify_photo
    from catdog_desktop.inference.model_file import load_model_file
    from catdog_desktop.inference.model_input import read_for_model
    from catdog_desktop.inference.runtime import Classifier

    model = load_model_file(folder)
    classifier = Classifier(model)

    def whole(photo: Path) -> float:
        result = classify_photo(photo, classifier, model, thumbnail=False)
        assert result.scores is not None, result.error
        return result.scores.dog

    pixels = [read_for_model(photo, model, thumbnail=False).pixels for photo in photos]
    return _measured(photos, whole, pixels, classifier.classify)


def keras(model_file: str, photos: Sequence[Path]) -> dict[str, Any]:
    """Classify photos as the blog does."""
    import keras as library

    model = library.models.load_model(model_file)
    size = model.input_shape[1:3]

    def read(photo: Path) -> Any:
        return library.utils.img_to_array(library.utils.load_img(photo, target_size=size))[None]

    def whole(photo: Path) -> float:
        logit = float(model.predict(read(photo), verbose=0)[0, 0])  # the blog's last layer has no activation
        return 1 / (1 + math.exp(-logit))

    return _measured(photos, whole, [read(photo) for photo in photos], lambda batch: model.predict(batch, verbose=0))


def _measured(
    photos: Sequence[Path], whole: Callable[[Path], float], inputs: Sequence[Any], infer: Callable[[Any], object]
) -> dict[str, Any]:
    for photo in photos[:WARM_UP]:
        whole(photo)
    dogs, photo_ms = _timed(whole, photos)
    _, inference_ms = _timed(infer, inputs)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    return {"photo_ms": photo_ms, "inference_ms": inference_ms, "rss_mb": memory, "dog": dogs}


def _timed(function: Callable[[Any], Any], values: Sequence[Any]) -> tuple[list[Any], float]:
    """Return the results of the function, and its median time in ms."""
    results, times = [], []
    for value in values:
        start = time.perf_counter()
        results.append(function(value))
        times.append(1000 * (time.perf_counter() - start))
    return results, statistics.median(times)


if __name__ == "__main__":
    side, named, *rest = sys.argv[1:]
    files = [Path(name) for name in rest]
    print(json.dumps(app(Path(named), files) if side == "app" else keras(named, files)))
