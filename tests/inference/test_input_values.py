"""Scaling equals Keras's `preprocess_input`, and quantisation equals LiteRT's."""

from typing import Any

import numpy as np
import pytest
from conftest import open_package_photo
from numpy.typing import NDArray

from catdog_desktop.inference.input_values import as_tensor, from_tensor, scale

PIXEL = np.array([[[255, 100, 0]]], np.uint8)


@pytest.mark.parametrize(
    ("colour", "scaling", "expected"),
    [
        ("rgb", "in graph", [255, 100, 0]),
        ("bgr", "in graph", [0, 100, 255]),
        ("rgb", "0..1", [1, 100 / 255, 0]),
        ("bgr", "0..1", [0, 100 / 255, 1]),
        ("rgb", "-1..1", [1, 100 / 127.5 - 1, -1]),
        ("rgb", "imagenet-caffe", [0 - 103.939, 100 - 116.779, 255 - 123.68]),
        ("bgr", "imagenet-caffe", [255 - 103.939, 100 - 116.779, 0 - 123.68]),
        ("rgb", "imagenet-torch", [(1 - 0.485) / 0.229, (100 / 255 - 0.456) / 0.224, -0.406 / 0.225]),
    ],
)
def test_scale_known_values(colour: str, scaling: str, expected: list[float]) -> None:
    values = scale(PIXEL, colour, scaling)
    assert values.dtype == np.float32
    assert values[0, 0] == pytest.approx(expected, abs=1e-5)


def test_scale_grey() -> None:
    grey = np.array([[[0], [51], [255]]], np.uint8)
    assert scale(grey, "grey", "0..1")[0, :, 0] == pytest.approx([0, 0.2, 1])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("scaling", "mode"), [("-1..1", "tf"), ("imagenet-caffe", "caffe"), ("imagenet-torch", "torch")]
)
def test_scale_equals_keras_preprocess_input(scaling: str, mode: str) -> None:
    from keras.applications import imagenet_utils

    pixels = np.asarray(open_package_photo("chelsea"))
    theirs = imagenet_utils.preprocess_input(pixels.astype(np.float32), mode=mode)
    assert np.abs(scale(pixels, "rgb", scaling) - theirs).max() < 1e-5


@pytest.mark.parametrize(
    ("values", "kind", "quantization", "expected"),
    [
        ([0.0, 127.4, 255.0], np.float32, (0.0, 0), [0.0, 127.4, 255.0]),
        ([0.0, 1.0], np.float16, (0.0, 0), [0.0, 1.0]),
        ([0.0, 127.4, 255.0], np.uint8, (0.0, 0), [0, 127, 255]),
        ([-1.0, 0.0, 1.0], np.uint8, (1 / 128, 128), [0, 128, 255]),
        ([0.0, 1.0], np.int8, (1 / 255, -128), [-128, 127]),
        ([-9.0, 9.0], np.int8, (1 / 255, -128), [-128, 127]),
    ],
)
def test_as_tensor_quantises(
    values: list[float], kind: Any, quantization: tuple[float, int], expected: list[float]
) -> None:
    details = {"dtype": kind, "quantization": quantization}
    tensor = as_tensor(np.array(values, np.float32), details)
    assert tensor.dtype == kind
    assert tensor.tolist() == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("tensor", "quantization", "expected"),
    [
        (np.array([0.25], np.float32), (0.0, 0), 0.25),
        (np.array([0.25], np.float16), (0.0, 0), 0.25),
        (np.array([128], np.uint8), (1 / 256, 0), 0.5),
        (np.array([0], np.int8), (1 / 256, -128), 0.5),
        (np.array([7], np.int32), (0.0, 0), 7.0),
    ],
)
def test_from_tensor_dequantises(tensor: NDArray[Any], quantization: tuple[float, int], expected: float) -> None:
    answer = from_tensor(tensor, {"dtype": tensor.dtype.type, "quantization": quantization})
    assert answer.dtype == np.float32
    assert float(answer[0]) == expected
