"""The head: from the backbone's last map to two scores and a heat map for each.

A 1x1 convolution asks every place of the map "how much cat, how much dog is here?" and a pooling makes one answer of
all places; both outputs come from the same convolution, so the heat map shows what the score saw.

The pooling is a log-mean-exp, ``log(mean(exp(r * x))) / r``: a mean for small sharpness r, a maximum for large. A mean
cannot say "both", because the cat's half of the photo votes against the dog's.

Wild relatives (:class:`WildCheck`): the training data has hardly a leopard, cougar, fox or wolf, but ImageNet had
thousands. So the rows of ImageNet's own classifier for pets and for their wild relatives are kept in the head,
untrained. They say whether this is rather a leopard than any cat; if so, the evidence is lowered everywhere.
"""

from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
from keras import layers, ops
from numpy.typing import NDArray

from catdog_desktop.training.efficientnet_lite import FEATURES

OUTPUTS: Final = 2
"""Cat and dog, in this order."""

# ImageNet's classes, in its usual order.
CATS: Final = tuple(range(281, 286))
BIG_CATS: Final = tuple(range(286, 294))
"""Cougar, lynx, leopard, snow leopard, jaguar, lion, tiger, cheetah."""
WILD_DOGS: Final = tuple(range(269, 281))
"""Wolves, coyote, dingo, dhole, African hunting dog, hyena, foxes."""
# The breeds that matter beside a wolf, and the commonest; all 118 would cost 0.15 MB for nothing
# (chosen by their share of the probability on training dogs whose wild relatives come close).
# fmt: off
DOGS: Final = (
    151, 158, 159, 162, 163, 164, 165, 166, 167, 168, 169, 170, 171, 172, 173, 174, 176, 177, 179, 180, 182, 184, 186,
    188, 193, 203, 205, 207, 208, 209, 210, 211, 212, 222, 223, 225, 227, 230, 231, 232, 234, 235, 236, 237, 242, 243,
    244, 246, 248, 249, 250, 253, 255, 257, 258, 260, 262, 263, 264, 268,
)
# fmt: on

_PENALTY_SLOPE: Final = 3.0


@dataclass(frozen=True)
class WildCheck:
    """ImageNet's opinion on pets and their wild relatives, and how wild a pet may look to it."""

    kernel: NDArray[np.float32]
    """[1280, 1000], ImageNet's classifier."""
    bias: NDArray[np.float32]
    """[1000]."""
    least_margin: tuple[float, float]
    """For cat and dog: the evidence is lowered where log-odds of pet against wild are below this."""


def log_mean_exp(evidence: Any, sharpness: float) -> Any:
    """Pool evidence [N, h, w, C] over its places to [N, C]; a sharpness of 0 is the plain mean."""
    if sharpness == 0:
        return ops.mean(evidence, axis=(1, 2))
    highest = ops.max(evidence, axis=(1, 2), keepdims=True)
    spread = ops.mean(ops.exp((evidence - highest) * sharpness), axis=(1, 2))
    return ops.log(spread) / sharpness + highest[:, 0, 0, :]


def build_head(height: int, width: int, sharpness: float = 0.0, wild: WildCheck | None = None) -> keras.Model:
    """Last map [N, height, width, 1280] to evidence [N, height, width, 2] and pooled logits [N, 2]."""
    features = keras.Input((height, width, FEATURES), name="last_map")
    evidence = layers.Conv2D(OUTPUTS, 1, name="evidence")(features)
    if wild is not None:
        evidence = evidence - _wild_penalty(features, wild)
    return keras.Model(features, [evidence, log_mean_exp(evidence, sharpness)], name="head")


def _wild_penalty(features: Any, wild: WildCheck) -> Any:
    """Give what to take from the evidence, [N, 1, 1, 2]: near 0 for pets, large for their wild relatives."""
    below = ops.subtract(np.array(wild.least_margin, np.float32), wild_margin(features, wild))
    return ops.reshape(ops.softplus(below * _PENALTY_SLOPE), (-1, 1, 1, OUTPUTS))


def wild_margin(features: Any, wild: WildCheck) -> Any:
    """Give ImageNet's log-odds [N, 2] of cat against big cats, and of dog against wild dogs, for the whole photo.

    For the place of the evidence alone it would be sharper, but a single place is no photo to ImageNet: measured, that
    took every seventieth pet for wild.
    """
    classes = [*CATS, *BIG_CATS, *DOGS, *WILD_DOGS]
    opinion_layer = layers.Dense(len(classes), trainable=False, name="opinion")
    opinion = opinion_layer(ops.mean(features, axis=(1, 2)))
    opinion_layer.set_weights([wild.kernel[:, classes], wild.bias[classes]])
    cats, big_cats, dogs = np.cumsum([len(CATS), len(BIG_CATS), len(DOGS)]).tolist()
    cat = _log_sum_exp(opinion[:, :cats]) - _log_sum_exp(opinion[:, cats:big_cats])
    dog = _log_sum_exp(opinion[:, big_cats:dogs]) - _log_sum_exp(opinion[:, dogs:])
    return ops.stack([cat, dog], axis=1)


def _log_sum_exp(logits: Any) -> Any:
    """Give the log of the summed odds of classes [N, K]: [N]. Logits of ImageNet stay far below 80."""
    return ops.log(ops.sum(ops.exp(logits), axis=1))
