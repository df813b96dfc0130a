"""The Keras way, as in the blogs: `load_img`, `img_to_array`, `model.predict`, one photo after the other.

The network is that of the Keras example "Image classification from scratch" (a small Xception, see
`catdog_desktop.training.blog_cnn`), untrained: speed does not depend on the weights. Run as a process of its own, since
importing TensorFlow is part of what is measured:

    python -m benchmarks.keras_way make MODEL.keras
    python -m benchmarks.keras_way first MODEL.keras PHOTO
    python -m benchmarks.keras_way many MODEL.keras PHOTO...
"""

import json
import os
import resource
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
IMAGE_SIZE = (180, 180)
BATCH = 32


def make(target: str) -> None:
    """Build the network and save it to `target`."""
    from catdog_desktop.training.blog_cnn import build_blog_cnn

    build_blog_cnn().save(target)


def first(model_file: str, photo: str) -> dict[str, float]:
    """Load the model and classify one photo, as a fresh process does."""
    import keras

    _predict(keras, keras.models.load_model(model_file), photo)
    return {"rss_mb": _memory_mb()}


def many(model_file: str, photos: list[str]) -> dict[str, float]:
    """Classify `photos` one by one, then in batches of 32 (faster, and not what the blogs show)."""
    import keras
    import numpy as np

    model = keras.models.load_model(model_file)
    for photo in photos[:3]:
        _predict(keras, model, photo)
    start = time.perf_counter()
    for photo in photos:
        _predict(keras, model, photo)
    single = time.perf_counter() - start
    model.predict(np.zeros((BATCH, *IMAGE_SIZE, 3), np.float32), verbose=0)
    start = time.perf_counter()
    for at in range(0, len(photos), BATCH):
        batch = np.stack([_load(keras, photo) for photo in photos[at : at + BATCH]])
        model.predict(batch, verbose=0)
    batched = time.perf_counter() - start
    return {
        "photos_per_s": len(photos) / single,
        "photos_per_s_in_batches": len(photos) / batched,
        "rss_mb": _memory_mb(),
    }


def _load(keras: object, photo: str) -> object:
    return keras.utils.img_to_array(keras.utils.load_img(photo, target_size=IMAGE_SIZE))  # type: ignore[attr-defined]


def _predict(keras: object, model: object, photo: str) -> None:
    model.predict(_load(keras, photo)[None], verbose=0)  # type: ignore[attr-defined, index]


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10


if __name__ == "__main__":
    command, model, *rest = sys.argv[1:]
    if command == "make":
        make(model)
    else:
        print(json.dumps(first(model, rest[0]) if command == "first" else many(model, rest)))
