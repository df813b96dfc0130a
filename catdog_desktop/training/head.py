"""The head: from the backbone's last map to two scores and a heat map for each.

A 1x1 convolution asks every place of the map "how much cat, how much dog is here?" and a pooling makes one answer of
all places; both outputs come from the same convolution, so the heat map shows what the score saw.

A mean over the places cannot say "both", because the cat's half of the photo votes against the dog's. So a second 1x1
convolution says for each animal where to look, and the answer is the mean of the evidence weighted by it (attention, as
in Ilse et al. 2018, "Attention-based deep multiple instance learning", in its linear form).

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
DOGS: Final = tuple(range(151, 269))

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


def build_head(height: int, width: int, *, attention: bool = False, wild: WildCheck | None = None) -> keras.Model:
    """Last map [N, height, width, 1280] to evidence [N, height, width, 2] and pooled logits [N, 2].

    Without `attention`, and with it before any training, the pooling is the plain mean.
    """
    features = keras.Input((height, width, FEATURES), name="last_map")
    evidence = layers.Conv2D(OUTPUTS, 1, name="evidence")(features)
    if attention:
        looks = layers.Conv2D(OUTPUTS, 1, use_bias=False, kernel_initializer="zeros", name="attention")(features)
        weights = ops.softmax(ops.reshape(looks, (-1, height * width, OUTPUTS)), axis=1)
        logits = ops.sum(weights * ops.reshape(evidence, (-1, height * width, OUTPUTS)), axis=1)
    else:
        logits = ops.mean(evidence, axis=(1, 2))
    if wild is not None:
        penalty = _wild_penalty(features, wild)
        evidence, logits = evidence - ops.reshape(penalty, (-1, 1, 1, OUTPUTS)), logits - penalty
    return keras.Model(features, [evidence, logits], name="head")


def _wild_penalty(features: Any, wild: WildCheck) -> Any:
    """Give what to take from the evidence, [N, 2]: near 0 for pets, large for their wild relatives."""
    below = ops.subtract(np.array(wild.least_margin, np.float32), wild_margin(features, wild))
    return ops.softplus(below * _PENALTY_SLOPE)


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
