"""Find the input scaling under which the values inside a model are like those of its training.

Batch normalization keeps the mean and the variance of its inputs in training. The first such layer is close to the
photo: with photos scaled in the right way it gets values with that mean and variance, and with others it does not.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

LARGEST_MISFIT: Final = 30.0


def misfits(model: Any, inputs: Mapping[str, NDArray[np.float32]]) -> dict[str, float]:
    """Return by scaling how far the inputs of the first batch normalization are from training; empty without one.

    `model` is a model of Keras 3 or tf_keras. `inputs` hold by scaling the same few photos, (photos, height, width,
    channels); one photo would not do, since its brightness is its own. 0 is as in training; 1 is a spread of 2.7 times
    that of training, or a mean that is one standard deviation away.
    """
    layer = next(_normalizations(model), None)
    if layer is None:
        return {}
    mean, variance = (np.asarray(value, np.float64) for value in (layer.moving_mean, layer.moving_variance))
    if not mean.any() or (variance == 1).all():  # never trained
        return {}
    seen: list[Any] = []
    original_call = layer.call

    def recording_call(values: Any, *rest: Any, **more: Any) -> Any:
        seen.append(np.asarray(values, np.float64).reshape(-1, mean.size))
        return original_call(values, *rest, **more)

    layer.call = recording_call
    try:
        result = {}
        for name, values in inputs.items():
            seen.clear()
            model(values, training=False)
            if not seen:
                return {}
            result[name] = _misfit(seen[0], mean, variance)
        return result
    except Exception:  # noqa: BLE001  Without the hint, the import goes on.
        return {}
    finally:
        layer.call = original_call


def _misfit(values: NDArray[np.float64], mean: NDArray[np.float64], variance: NDArray[np.float64]) -> float:
    expected = np.maximum(variance, 1e-9)
    shift = np.abs(values.mean(axis=0) - mean) / np.sqrt(expected)
    stretch = np.abs(np.log(np.maximum(values.var(axis=0), 1e-9) / expected)) / 2
    return round(float(min(LARGEST_MISFIT, np.median(shift + stretch))), 4)


def _normalizations(model: Any) -> Iterator[Any]:
    """Yield the batch normalizations of a model and of the models nested in it, in order."""
    for layer in getattr(model, "layers", ()):
        if hasattr(layer, "layers"):
            yield from _normalizations(layer)
        elif type(layer).__name__ == "BatchNormalization":
            yield layer
