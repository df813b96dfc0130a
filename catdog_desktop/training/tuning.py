"""Trains head and tail gently on the features of the trunk, so that they do not forget what ImageNet taught.

Plain fine-tuning made the model worse wherever photos differ from the training set (Kumar et al. 2022, "Fine-tuning
can distort pretrained features and underperform out-of-distribution"). The cures used here:

* the head first, the tail only then and at a rate several times lower;
* a second loss that keeps the backbone's opinion on ImageNet's 1,000 classes (Li and Hoiem 2016, "Learning without
  Forgetting");
* the average of the weights over the last steps. (The mean of new and old weights, Wortsman et al. 2022, "Robust
  fine-tuning of zero-shot models", was tried: at these small rates the new weights alone were better.)
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
) -> NDArray[np.float32]:
    """Train head and tail on `steps` batches; both end as the average of their last steps.

    That average is also written to `checkpoint` (.npz) now and then: head first, then tail. Returns the loss of every
    sample, in order, when it was learnt from.
    """
    training = _Training(tail, head, teacher, rates, steps)
    losses = []
    running = [0.0, 0.0]
    for number, batch in enumerate(batches):
        of_samples, drift = training.step(batch, number)
        losses.append(of_samples)
        latest = (float(of_samples.mean()), drift)
        running = [0.98 * old + 0.02 * new if number else new for old, new in zip(running, latest, strict=True)]
        if number % 50 == 49:
            print(f"step {number + 1} of {steps}: loss {running[0]:.4f}, drift {running[1]:.4f}", flush=True)
        if checkpoint is not None and number % _CHECKPOINT_EVERY == _CHECKPOINT_EVERY - 1:
            # By an open file: numpy would add .npz to a name. The old checkpoint stays until the new one is whole.
            with atomic_write(checkpoint) as file:
                np.savez(file, *training.averages())
    training.finish()
    return np.concatenate(losses) if losses else np.zeros(0, np.float32)


class _Training:
    """The state of one `tune`: optimizers and averages of the weights."""

    def __init__(self, tail: keras.Model, head: keras.Model, teacher: Teacher, rates: Rates, steps: int) -> None:
        self._tail, self._head, self._rates = tail, head, rates
        self._groups = [(_optimizer(rates.head, steps), head.trainable_variables)]
        if rates.tail:
            self._groups.append((_optimizer(rates.tail, steps), tail.trainable_variables))
        self._variables = [variable for _, owned in self._groups for variable in owned]
        self._averages = [tf.Variable(variable.numpy(), trainable=False) for variable in self._variables]
        self._kernel, self._bias = tf.constant(teacher.kernel), tf.constant(teacher.bias)
        self._compiled = tf.function(self._step)

    def step(self, batch: Batch, number: int) -> tuple[NDArray[np.float32], float]:
        """Learn from a batch; return the loss of each sample and the drift of ImageNet's opinion."""
        decay = tf.constant(min(self._rates.average, (1 + number) / (10 + number)), tf.float32)
        tensors = [tf.constant(array) for array in (batch.trunk, batch.pooled, batch.targets)]
        losses, drift = self._compiled(*tensors, decay)
        return np.asarray(losses), float(drift)

    def averages(self) -> list[NDArray[np.float32]]:
        """Return the averaged weights, head first."""
        return [average.numpy() for average in self._averages]

    def finish(self) -> None:
        """Put the averages into the models."""
        for average, variable in zip(self.averages(), self._variables, strict=True):
            variable.assign(average)

    def _step(self, trunk: Any, pooled: Any, targets: Any, decay: Any) -> tuple[Any, Any]:
        with tf.GradientTape() as tape:
            last_map = self._tail(trunk, training=True)
            _, logits = self._head(last_map, training=True)
            losses = ops.mean(tf.nn.sigmoid_cross_entropy_with_logits(targets, logits), axis=-1)
            kept = self._kept(last_map, pooled) if self._rates.tail else 0.0
            total = ops.mean(losses) + self._rates.keep_weight * kept
        gradients = tape.gradient(total, self._variables)
        for optimizer, owned in self._groups:
            mine, gradients = gradients[: len(owned)], gradients[len(owned) :]
            optimizer.apply(mine, owned)
        for average, variable in zip(self._averages, self._variables, strict=True):
            average.assign(average * decay + (1 - decay) * tf.convert_to_tensor(variable))
        return losses, kept

    def _kept(self, last_map: Any, before: Any) -> Any:
        return _opinion_loss(ops.mean(last_map, axis=(1, 2)), before, self._kernel, self._bias)


def _optimizer(rate: float, steps: int) -> keras.optimizers.Optimizer:
    warm_up = min(100, steps // 5)
    decay = keras.optimizers.schedules.CosineDecay(
        rate / 20, steps - warm_up, alpha=0.02, warmup_target=rate, warmup_steps=warm_up
    )
    return keras.optimizers.AdamW(decay, weight_decay=1e-4, clipnorm=1.0)


def _opinion_loss(pooled: Any, before: Any, kernel: Any, bias: Any, temperature: float = 2.0) -> Any:
    """Return how far ImageNet's opinion has moved: the mean Kullback-Leibler divergence of a sample."""
    was = ops.softmax((ops.matmul(before, kernel) + bias) / temperature)
    now = ops.log_softmax((ops.matmul(pooled, kernel) + bias) / temperature)
    return ops.mean(ops.sum(was * (ops.log(was + math.exp(-20)) - now), axis=1)) * temperature**2
