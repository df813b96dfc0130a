"""The head: from the backbone's last map to two scores and a heat map for each.

A 1x1 convolution gives, for every place of the map, the evidence for a cat and for a dog; a pooling makes one answer of
all places. Scores and heat maps come from the same convolution, so the heat map shows what the score saw.

A mean over the places cannot say "both", because the cat's half of the photo votes against the dog's. So a second 1x1
convolution gives each animal weights over the places, and the answer is the weighted mean of the evidence (attention,
as in Ilse et al. 2018, "Attention-based deep multiple instance learning", in its linear form).

ImageNet's own classifier judges what the attention found (:class:`Judges`): its log-odds of a pet against everything
else, on the features where each animal was looked for, are added to the score, and up to a limit to the heat map.
Their weight is fixed. A learned weight, or a learned layer on groups of classes, follows the training photos, on which
the head can do without ImageNet; on photos of other sources the fixed weight calls a third as many photos without a pet
one, at the same share of pets found (see the model card).

Wild relatives: the training photos have few leopards, foxes or wolves, but ImageNet had thousands. Where ImageNet takes
the whole photo for one of them rather than for any pet, the evidence is lowered by a fixed rule.
"""

from dataclasses import dataclass
from typing import Any, Final

import keras
import numpy as np
from keras import layers, ops

from catdog_desktop.training.efficientnet_lite import FEATURES
from catdog_desktop.training.opinion import GROUPS, Opinion

OUTPUTS: Final = 2
"""Cat and dog, in this order."""

_PENALTY_SLOPE: Final = 3.0
_MOST_MARGIN: Final = 8.0
_MOST_OF_MAP: Final = 2.0
"""Where the attention looks, the heat map reaches the score, but no larger logit than this. Measured on 90 photos of a
cat and a dog side by side: with 2 most of the cat's map lies on the cat's half in 98 %, of the dog's in 100 %; without
a limit, as 8-bit maps, in 90 and 82 %."""


@dataclass(frozen=True)
class Judges:
    """What judges the places that the attention found."""

    opinion: Opinion
    least_margin: tuple[float, float]
    """For cat and dog: the evidence is lowered where the log-odds of pet against wild relative are below this."""
    trust: float = 1.0
    """Weight of ImageNet's log-odds of a pet against everything else, where each animal was looked for."""


def build_head(height: int, width: int, *, attention: bool = False, judges: Judges | None = None) -> keras.Model:
    """Build the head: last map [N, height, width, 1280] to evidence [N, height, width, 2] and logits [N, 2].

    Without `attention`, and with it before any training, the pooling is the plain mean. `judges` need the attention.
    """
    features = keras.Input((height, width, FEATURES), name="last_map")
    evidence = layers.Conv2D(OUTPUTS, 1, name="evidence")(features)
    if not attention:
        return keras.Model(features, [evidence, ops.mean(evidence, axis=(1, 2))], name="head")
    looks = layers.Conv2D(OUTPUTS, 1, use_bias=False, kernel_initializer="zeros", name="attention")(features)
    weights = ops.softmax(ops.reshape(looks, (-1, height * width, OUTPUTS)), axis=1)
    logits = ops.sum(weights * ops.reshape(evidence, (-1, height * width, OUTPUTS)), axis=1)
    if judges is not None:
        places = ops.reshape(features, (-1, height * width, FEATURES))
        found = ops.matmul(ops.transpose(weights, (0, 2, 1)), places)
        pooled, logits = logits, logits + _judge(found, ops.mean(places, axis=1), judges)
        # With all of the judges' log-odds the map of a sure photo would be white everywhere.
        level = ops.minimum(logits, _MOST_OF_MAP) - pooled
        evidence = evidence + ops.reshape(level, (-1, 1, 1, OUTPUTS))
    return keras.Model(features, [evidence, logits], name="head")


def _judge(found: Any, mean: Any, judges: Judges) -> Any:
    """Return what is added to the evidence, [N, 2].

    `found` [N, 2, 1280]: the features where each animal was looked for; `mean` [N, 1280]: those of the whole photo.
    """
    places = ops.concatenate([found, ops.expand_dims(mean, 1)], axis=1)
    groups = _groups(places, judges.opinion)
    return judges.trust * _pet_margin(groups[:, :OUTPUTS]) - _wild_penalty(groups[:, OUTPUTS], judges)


def _groups(places: Any, opinion: Opinion) -> Any:
    """Return ImageNet's log-sum-exp over the classes of each group, for features [N, K, 1280]: [N, K, 5].

    Its logits stay far below 80, so that their exponentials do not overflow.
    """
    classes = layers.Dense(len(opinion.bias), trainable=False, name="opinion")
    rows = classes(ops.reshape(places, (-1, FEATURES)))
    classes.set_weights([opinion.kernel, opinion.bias])
    groups = ops.log(ops.matmul(ops.exp(rows), opinion.membership))
    return ops.reshape(groups, (-1, places.shape[1], len(GROUPS)))


def _pet_margin(groups: Any) -> Any:
    """Return ImageNet's log-odds of a pet against everything else for groups [N, 2, 5]: [N, 2], cut to -8..8."""
    scores = ops.exp(groups)
    pets, others = ops.sum(scores[..., :2], axis=-1), ops.sum(scores[..., 2:], axis=-1)
    return ops.clip(ops.log(pets) - ops.log(others), -_MOST_MARGIN, _MOST_MARGIN)


def _wild_penalty(groups: Any, judges: Judges) -> Any:
    """Return what to take from the evidence, [N, 2]: near 0 for pets, large for their wild relatives.

    On the whole photo: a single place is no photo to ImageNet (measured: every seventieth pet was taken for wild).
    """
    margin = ops.stack([groups[:, 0] - groups[:, 2], groups[:, 1] - groups[:, 3]], axis=1)
    below = ops.subtract(np.array(judges.least_margin, np.float32), margin)
    return ops.softplus(below * _PENALTY_SLOPE)
