"""The backbone in 8-bit integers: half the time and a third of the memory of float32.

EfficientNet-Lite was designed for it (ReLU6, no squeeze-and-excite). The scales are found on a few hundred samples,
one scale for each channel of a convolution's weights (Jacob et al. 2018, "Quantization and Training of Neural Networks
for Efficient Integer-Arithmetic-Only Inference"). The head stays in floating point: its sums of exponentials need more
than 8 bits.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from ai_edge_litert.interpreter import Interpreter
from keras import layers, ops
from numpy.typing import NDArray

from catdog_desktop.training.compact_weights import compact_float_weights
from catdog_desktop.training.network import Network
from catdog_desktop.training.samples import Sample, render

EXAMPLES: Final = 160
"""Samples that the scales are found on; 320 gave the same."""

Photos = NDArray[np.uint8]
"""[N, H, W, 3], 0..255."""
Integers = NDArray[np.int8]
"""Numbers as the runtime holds them: real = (integer - zero) * scale."""


def quantize_backbone(network: Network, photos: Photos) -> bytes:
    """Make a flatbuffer of trunk and tail: `photo` [1, H, W, 3] to `trunk` [1, h, w, C] and `pooled` [1, 1280].

    Input and outputs are integers. The tail must still be as ImageNet left it: `pooled` holds the opinion that training
    is to keep.
    """
    photo = keras.Input(network.trunk.input_shape[1:], batch_size=1, name="photo")
    features = network.trunk(photo)
    outputs = {
        "trunk": layers.Identity(name="trunk_features")(features),
        "pooled": layers.Identity(name="pooled_features")(ops.mean(network.tail(features), axis=(1, 2))),
    }
    converter = _converter(keras.Model(photo, outputs), photos)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.uint8
    converter.inference_output_type = tf.int8
    return bytes(converter.convert())


class Backbone:
    """A flatbuffer of `quantize_backbone`, loaded. One for each thread."""

    def __init__(self, flatbuffer: bytes) -> None:
        interpreter = Interpreter(model_content=flatbuffer, num_threads=1)
        interpreter.allocate_tensors()
        self._run = interpreter.get_signature_runner()
        details = self._run.get_output_details()
        self._trunk, self._pooled = (details[name]["quantization"] for name in ("trunk", "pooled"))

    def features(self, photo: Photos) -> tuple[Integers, Integers]:
        """Run one photo [H, W, 3]: the trunk's features [h, w, C] and the pooled ones [1280]."""
        answer: dict[str, Any] = self._run(photo=photo[np.newaxis])
        return answer["trunk"][0], answer["pooled"][0]

    def real_trunk(self, trunk: Integers) -> NDArray[np.float32]:
        """Return what the trunk's integers stand for."""
        return _real(trunk, self._trunk)

    def real_pooled(self, pooled: Integers) -> NDArray[np.float32]:
        """Return what the integers of the pooled features stand for."""
        return _real(pooled, self._pooled)


def _real(integers: Integers, quantization: tuple[float, int]) -> NDArray[np.float32]:
    scale, zero = quantization
    return (integers.astype(np.float32) - np.float32(zero)) * np.float32(scale)


def to_quantized_flatbuffer(model: keras.Model, photos: Photos) -> bytes:
    """Convert an assembled model, backbone in integers, head in floating point.

    The converter takes the names of operators that stay in floating point, and these are known only after it has run
    once. So its debugger is used, which keeps the scales and converts a second time.
    """
    options = tf.lite.experimental.QuantizationDebugOptions
    debugger = tf.lite.experimental.QuantizationDebugger(
        converter=_converter(model, photos), debug_dataset=lambda: _batches(photos[:1]), debug_options=options()
    )
    debugger.run()
    names = [statistics["tensor_name"] for statistics in _layer_statistics(debugger)]
    debugger.options = options(denylisted_nodes=[name for name in names if not _in_backbone(name)])
    return compact_float_weights(bytes(debugger.get_nondebug_quantized_model()))


def _in_backbone(name: str) -> bool:
    """Return whether an operator belongs to trunk or tail, by its name (`catdog_1/tail_1/...;...`)."""
    first = name.split(";")[0]
    return "/trunk" in first or "/tail" in first


def _layer_statistics(debugger: Any) -> list[dict[str, str]]:
    text = io.StringIO()
    debugger.layer_statistics_dump(text)
    return list(csv.DictReader(io.StringIO(text.getvalue())))


def _converter(model: keras.Model, photos: Photos) -> Any:
    converter = tf.lite.TFLiteConverter.from_keras_model(model)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: _batches(photos)
    return converter


def _batches(photos: Photos) -> Iterator[list[NDArray[np.float32]]]:
    for photo in photos:
        yield [photo[np.newaxis].astype(np.float32)]


def example_photos(samples: Sequence[Sample], size: tuple[int, int], seed: int) -> Photos:
    """Render randomly chosen samples, for the scales."""
    chosen = np.random.default_rng(seed).permutation(len(samples))[:EXAMPLES]
    return np.stack([render(samples[number], size) for number in chosen])
