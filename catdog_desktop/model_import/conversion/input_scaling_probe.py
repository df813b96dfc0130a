"""Tells under which scaling the numbers inside a model are like those that it was trained on.

Batch normalization keeps the mean and the spread of what it saw in training. The first such layer is close to the
photo: give the model photos, scaled in one way or another, and only the right scaling gives that layer numbers of the
kind it knows.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

WIDEST: Final = 30.0


def misfits(model: Any, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, float]:
    """Return by scaling how far the first batch normalization is from training; nothing where there is none.

    `model` is one of Keras 3 or tf_keras; `inputs` hold the same few photos each, (photos, height, width, channels),
    since the light of a single one would tell too little. 0 is as in training; 1 is a spread of 2.7 times, or a mean
    one deviation away.
    """
    layer = next(_normalizations(model), None)
    if layer is None:
        return {}
    mean, variance = (np.asarray(value, np.float64) for value in (layer.moving_mean, layer.moving_variance))
    if not mean.any() or (variance == 1).all():  # never trained
        return {}
    seen: list[Any] = []
    usual = layer.call

    def watch(values: Any, *rest: Any, **more: Any) -> Any:
        seen.append(np.asarray(values, np.float64).reshape(-1, mean.size))
        return usual(values, *rest, **more)

    layer.call = watch
    try:
        result = {}
        for name, values in inputs.items():
            seen.clear()
            model(values, training=False)
            if not seen:
                return {}
            result[name] = _misfit(seen[0], mean, variance)
        return result
    except Exception:  # noqa: BLE001  A hint is not worth an import.
        return {}
    finally:
        layer.call = usual


def _misfit(values: NDArray[np.float64], mean: NDArray[np.float64], variance: NDArray[np.float64]) -> float:
    spread = np.maximum(variance, 1e-9)
    shift = np.abs(values.mean(axis=0) - mean) / np.sqrt(spread)
    stretch = np.abs(np.log(np.maximum(values.var(axis=0), 1e-9) / spread)) / 2
    return round(float(min(WIDEST, np.median(shift + stretch))), 4)


def _normalizations(model: Any) -> Iterator[Any]:
    """Give the batch normalizations of a model and of the models in it, in order, if they are on the last axis."""
    for layer in getattr(model, "layers", ()):
        if hasattr(layer, "layers"):
            yield from _normalizations(layer)
        elif type(layer).__name__ == "BatchNormalization":
            yield layer
