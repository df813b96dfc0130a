"""Trains head and tail gently on what the trunk said: right on our photos without forgetting the world's.

Plain fine-tuning made the model worse wherever photos differ from the training set (Kumar et al. 2022, "Fine-tuning
can distort pretrained features and underperform out-of-distribution"). The cures used here:

* the head first, the tail only then and at a rate several times lower;
* a second loss that keeps the backbone's opinion on ImageNet's 1,000 classes (Li and Hoiem 2016, "Learning without
  Forgetting");
* the average of the weights over the last steps. (Half way back to where they came from, Wortsman et al. 2022, "Robust
  fine-tuning of zero-shot models", was tried: at these small rates all of the way was better.)
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from catdog_desktop.files.atomic_write import atomic_write
from catdog_desktop.training.feature_stream import Batch

_CHECKPOINT_EVERY: Final = 250


@dataclass(frozen=True)
class Rates:
    """How fast to learn."""

    head: float
    tail: float
    """0: the tail stays as it is."""
    keep_weight: float = 0.5
    """Weight of the loss that keeps ImageNet's opinion."""
    average: float = 0.995
    """Decay of the running average of the weights."""


@dataclass(frozen=True)
class Teacher:
    """ImageNet's classifier, whose opinion on every sample is to be kept: kernel [1280, 1000], bias [1000]."""

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]


def tune(
    tail: keras.Model,
    head: keras.Model,
    batches: Iterable[Batch],
    steps: int,
    teacher: Teacher,
    rates: Rates,
    checkpoint: Path | None = None,
) -> None:
    """Train head and tail on `steps` batches; both end as the average of their last steps.

    That average is also written to `checkpoint` (.npz) now and then: head first, then tail.
    """
    tail_variables = tail.trainable_variables if rates.tail else []
    variables = [*head.trainable_variables, *tail_variables]
    optimizers = [(_optimizer(rates.head, steps), head.trainable_variables)]
    if tail_variables:
        optimizers.append((_optimizer(rates.tail, steps), tail_variables))
    kernel, bias = tf.constant(teacher.kernel), tf.constant(teacher.bias)

    def step(trunk: Any, pooled: Any, targets: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            last_map = tail(trunk, training=True)
            _, logits = head(last_map, training=True)
            loss = ops.mean(ops.binary_crossentropy(targets, logits, from_logits=True))
            kept = _opinion_loss(ops.mean(last_map, axis=(1, 2)), pooled, kernel, bias) if tail_variables else 0.0
            total = loss + rates.keep_weight * kept
        gradients = tape.gradient(total, variables)
        for optimizer, owned in optimizers:
            mine, gradients = gradients[: len(owned)], gradients[len(owned) :]
            optimizer.apply(mine, owned)
        return loss, kept

    compiled = tf.function(step)
    averages = [variable.numpy().copy() for variable in variables]
    running = [0.0, 0.0]
    for number, batch in enumerate(batches):
        losses = compiled(tf.constant(batch.trunk), tf.constant(batch.pooled), tf.constant(batch.targets))
        running = [0.98 * old + 0.02 * float(new) for old, new in zip(running, losses, strict=True)]
        decay = min(rates.average, (1 + number) / (10 + number))
        for average, variable in zip(averages, variables, strict=True):
            average *= decay
            average += (1 - decay) * np.asarray(variable)
        if number % 50 == 49:
            print(f"step {number + 1} of {steps}: loss {running[0]:.4f}, drift {running[1]:.4f}", flush=True)
        if checkpoint is not None and number % _CHECKPOINT_EVERY == _CHECKPOINT_EVERY - 1:
            # By an open file: to a name numpy would add .npz. And whole: a training that is killed has the one before.
            with atomic_write(checkpoint) as file:
                np.savez(file, *averages)
    for average, variable in zip(averages, variables, strict=True):
        variable.assign(average)


def _optimizer(rate: float, steps: int) -> keras.optimizers.Optimizer:
    warm_up = min(100, steps // 5)
    decay = keras.optimizers.schedules.CosineDecay(
        rate / 20, steps - warm_up, alpha=0.02, warmup_target=rate, warmup_steps=warm_up
    )
    return keras.optimizers.AdamW(decay, weight_decay=1e-4, clipnorm=1.0)


def _opinion_loss(pooled: Any, before: Any, kernel: Any, bias: Any, temperature: float = 2.0) -> Any:
    """Give the divergence of ImageNet's opinion now from what it was, per sample."""
    was = ops.softmax((ops.matmul(before, kernel) + bias) / temperature)
    now = ops.log_softmax((ops.matmul(pooled, kernel) + bias) / temperature)
    return ops.mean(ops.sum(was * (ops.log(was + math.exp(-20)) - now), axis=1)) * temperature**2
