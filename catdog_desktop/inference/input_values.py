"""Prepare pixels for a model: order of the colours, scale, and the type of the input tensor."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_CAFFE_MEANS: Final = np.array([103.939, 116.779, 123.68], dtype=np.float32)
"""Blue, green, red; from `keras.applications.imagenet_utils.preprocess_input(mode="caffe")`."""
_TORCH_MEANS: Final = np.array([0.485, 0.456, 0.406], dtype=np.float32)
_TORCH_DEVIATIONS: Final = np.array([0.229, 0.224, 0.225], dtype=np.float32)
"""Red, green, blue, for values 0..1; the same function with `mode="torch"`."""

_NORMALIZED: Final = "normalized"

INPUT_TYPES: Final = (np.float32, np.float16, np.uint8, np.int8)


def normalized(mean: Sequence[float], deviation: Sequence[float]) -> str:
    """Return the name of the scaling that subtracts `mean` from 0..255 and divides by `deviation`, to nine digits.

    Each has one number, or one for each channel in the order of the model's input.
    """
    texts = (",".join(f"{number:.9g}" for number in numbers) for numbers in (mean, deviation))
    return " ".join((_NORMALIZED, *texts))


def normalization(scaling: str) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
    """Return mean and deviation of a scaling that `normalized` has named; None for any other scaling.

    Raises `ValueError` unless both have one finite number or three, and deviations are positive.
    """
    name, _space, numbers = scaling.partition(" ")
    if name != _NORMALIZED:
        return None
    mean, _space, deviation = numbers.partition(" ")
    found = tuple(float(number) for number in mean.split(",")), tuple(float(number) for number in deviation.split(","))
    is_finite = all(math.isfinite(number) for part in found for number in part)
    if len(found[0]) not in (1, 3) or len(found[0]) != len(found[1]) or not is_finite or min(found[1]) <= 0:
        raise ValueError(f"{scaling!r} is no mean and deviation")
    return found


def scale(pixels: NDArray[Any], colour: str, scaling: str) -> NDArray[np.float32]:
    """Return RGB or grey `pixels`, 0..255, (height, width, channels), as float32 on the scale that `scaling` names.

    `colour` and `scaling` are those of a model's description. "bgr" reverses the colours first, and "imagenet-caffe"
    reverses them again, as Keras does with photos that OpenCV has read.
    """
    values = pixels.astype(np.float32)
    if colour == "bgr":
        values = values[..., ::-1]
    match scaling:
        case "0..1":
            values = values / np.float32(255)
        case "-1..1":
            values = values / np.float32(127.5) - np.float32(1)
        case "imagenet-caffe":
            values = values[..., ::-1] - _CAFFE_MEANS
        case "imagenet-torch":
            values = (values / np.float32(255) - _TORCH_MEANS) / _TORCH_DEVIATIONS
        case _ if stated := normalization(scaling):
            mean, deviation = (np.array(numbers, dtype=np.float32) for numbers in stated)
            values = (values - mean) / deviation
    return np.ascontiguousarray(values)


def as_tensor(values: NDArray[np.float32], details: Mapping[str, Any]) -> NDArray[Any]:
    """Return `values` in the type of an input tensor, quantised if the tensor is."""
    kind = details["dtype"]
    if not np.issubdtype(kind, np.integer):
        return values.astype(kind)
    step, zero = details["quantization"]
    limits = np.iinfo(kind)
    integers = np.rint(values / np.float32(step) + zero) if step else np.rint(values)
    return np.clip(integers, limits.min, limits.max).astype(kind)


def from_tensor(values: NDArray[Any], details: Mapping[str, Any]) -> NDArray[np.float32]:
    """Return the real values of an output tensor, dequantised if the tensor is."""
    if not np.issubdtype(values.dtype, np.integer):
        return values.astype(np.float32)
    step, zero = details["quantization"]
    real = values.astype(np.float32)
    return (real - np.float32(zero)) * np.float32(step) if step else real
