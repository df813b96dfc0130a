"""The whole network: trunk, tail and head, and the model that is exported of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from numpy.typing import NDArray

from catdog_desktop.training.calibration import Calibration
from catdog_desktop.training.efficientnet_lite import Variant, build_tail, build_trunk, load_imagenet, read_weights
from catdog_desktop.training.network_head import build_head
from catdog_desktop.training.projection import Projection


@dataclass(frozen=True)
class Network:
    """The three parts of a network, each a Keras model that can be run or trained by itself."""

    variant: Variant
    trunk: keras.Model
    tail: keras.Model
    head: keras.Model

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of the input in pixels."""
        _, height, width, _ = self.trunk.input_shape
        return width, height

    def logits(self, batches: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Run batches of photos [N, H, W, 3], 0..255, to the uncalibrated logits [N, 2] of cat and dog."""
        run = tf.function(lambda photos: self.head(self.tail(self.trunk(photos)))[1])
        return np.concatenate([np.asarray(run(tf.constant(batch, tf.float32))) for batch in batches])

    def pooled(self, batches: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Run batches of photos [N, H, W, 3], 0..255, to the mean of the last map [N, 1280]."""
        run = tf.function(lambda photos: ops.mean(self.tail(self.trunk(photos)), axis=(1, 2)))
        return np.concatenate([np.asarray(run(tf.constant(batch, tf.float32))) for batch in batches])


def build_network(variant: Variant, size: tuple[int, int]) -> Network:
    """Build a network for an input of `size` (width, height) with the ImageNet backbone and a new linear head."""
    width, height = size
    trunk, tail = build_trunk(variant, height, width), build_tail(variant, height, width)
    weights = read_weights(variant)
    load_imagenet(trunk, weights)
    load_imagenet(tail, weights)
    _, map_height, map_width, _ = tail.output_shape
    return Network(variant, trunk, tail, build_head(map_height, map_width))


def resized(network: Network, size: tuple[int, int], head: keras.Model) -> Network:
    """Build the same network for an input of another `size` (width, height), with a new `head` for its other map.

    The weights of trunk, tail and head stay: convolutions do not depend on the size.
    """
    width, height = size
    trunk, tail = build_trunk(network.variant, height, width), build_tail(network.variant, height, width)
    for new, old in ((trunk, network.trunk), (tail, network.tail), (head, network.head)):
        new.set_weights(old.get_weights())
    return Network(network.variant, trunk, tail, head)


def assemble(network: Network, calibration: Calibration, projection: Projection | None = None) -> keras.Model:
    """Make the exported model: photo [1, H, W, 3] to `scores` [1, 2] and `maps` [1, h, w, 2], all 0..1.

    Scores and maps get the same calibration, so a place of the map means what a score means. With a `projection` there
    is a third output, `features` [1, D] of length one.
    """
    photo = keras.Input(network.trunk.input_shape[1:], batch_size=1, name="photo")
    last_map = network.tail(network.trunk(photo))
    evidence, logits = network.head(last_map)
    calibrate = layers.Rescaling(calibration.slope, offset=calibration.offset, name="calibration")
    outputs = {
        "scores": layers.Activation("sigmoid", name="scores")(calibrate(logits)),
        "maps": layers.Activation("sigmoid", name="maps")(calibrate(evidence)),
    }
    if projection is not None:
        outputs["features"] = _project(last_map, projection)
    return keras.Model(photo, outputs, name="catdog")


def _project(last_map: Any, projection: Projection) -> Any:
    size = len(projection.bias)
    project = layers.Dense(size, name="projection")
    vector = project(ops.mean(last_map, axis=(1, 2)))
    project.set_weights([projection.kernel, projection.bias])
    length = ops.sqrt(ops.sum(vector * vector, axis=1, keepdims=True) + 1e-12)
    return layers.Identity(name="features")(vector / length)
