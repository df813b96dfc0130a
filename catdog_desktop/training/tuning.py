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
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from numpy.typing import NDArray

from catdog_desktop.training.trunk_cache import TrunkCache


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train."""

    head_steps: int = 60
    tail_steps: int = 700
    batch: int = 64
    head_rate: float = 1e-3
    tail_rate: float = 5e-5
    keep_weight: float = 0.5
    """Weight of the loss that keeps ImageNet's opinion."""
    average: float = 0.995
    """Decay of the running average of the weights."""


@dataclass(frozen=True)
class Teacher:
    """ImageNet's classifier, whose opinion on every sample is to be kept: kernel [1280, 1000], bias [1000]."""

    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]


def batches(cache: TrunkCache, size: int, rng: np.random.Generator) -> Iterator[tuple[Any, Any, Any]]:
    """Give batches of trunk features, pooled features of the untouched backbone, and targets, without end."""
    while True:
        order = rng.permutation(len(cache))
        for start in range(0, len(order) - size + 1, size):
            rows = np.sort(order[start : start + size])
            yield (
                tf.constant(cache.trunk[rows].astype(np.float32)),
                tf.constant(cache.pooled[rows].astype(np.float32)),
                tf.constant(cache.targets[rows]),
            )


def tune(
    tail: keras.Model, head: keras.Model, cache: TrunkCache, teacher: Teacher, schedule: Schedule, seed: int
) -> None:
    """Train head, then head and tail; both end as the average of their last steps."""
    source = batches(cache, schedule.batch, np.random.default_rng(seed))
    if schedule.head_steps:
        _run(tail, head, source, teacher, schedule, schedule.head_steps, tail_moves=False)
    if schedule.tail_steps:
        _run(tail, head, source, teacher, schedule, schedule.tail_steps, tail_moves=True)


def _run(
    tail: keras.Model,
    head: keras.Model,
    source: Iterator[tuple[Any, Any, Any]],
    teacher: Teacher,
    schedule: Schedule,
    steps: int,
    *,
    tail_moves: bool,
) -> None:
    tail_variables = tail.trainable_variables if tail_moves else []
    variables = [*head.trainable_variables, *tail_variables]
    rate_of_head = schedule.head_rate / 3 if tail_moves else schedule.head_rate
    optimizers = [(_optimizer(rate_of_head, steps), head.trainable_variables)]
    if tail_moves:
        optimizers.append((_optimizer(schedule.tail_rate, steps), tail_variables))
    kernel, bias = tf.constant(teacher.kernel), tf.constant(teacher.bias)

    def step(trunk: Any, pooled: Any, targets: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            last_map = tail(trunk, training=True)
            _, logits = head(last_map, training=True)
            loss = ops.mean(ops.binary_crossentropy(targets, logits, from_logits=True))
            kept = _opinion_loss(ops.mean(last_map, axis=(1, 2)), pooled, kernel, bias) if tail_moves else 0.0
            total = loss + schedule.keep_weight * kept
        gradients = tape.gradient(total, variables)
        for optimizer, owned in optimizers:
            mine, gradients = gradients[: len(owned)], gradients[len(owned) :]
            optimizer.apply(mine, owned)
        return loss, kept

    compiled = tf.function(step)
    averages = [variable.numpy().copy() for variable in variables]
    running = [0.0, 0.0]
    for number in range(steps):
        losses = compiled(*next(source))
        running = [0.98 * old + 0.02 * float(new) for old, new in zip(running, losses, strict=True)]
        decay = min(schedule.average, (1 + number) / (10 + number))
        for average, variable in zip(averages, variables, strict=True):
            average *= decay
            average += (1 - decay) * np.asarray(variable)
        if number % 100 == 99:
            print(f"step {number + 1} of {steps}: loss {running[0]:.4f}, drift {running[1]:.4f}", flush=True)
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
