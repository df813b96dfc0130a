"""Recipe `blog-cnn`: the CNN that tutorials teach, trained from scratch, for comparison.

The small Xception-like network of the Keras example "Image classification from scratch" (F. Chollet, 2020): 180 x 180
pixels, one sigmoid for "dog", trained on cats and dogs alone. It has no answer for a photo of neither.
"""

from collections.abc import Sequence
from typing import Any, Final

import keras
import numpy as np
from keras import layers
from numpy.typing import NDArray

from catdog_desktop.training.photo_folder import Photo, fit_input, load_rgb

EDGE: Final = 180
_BATCH: Final = 64
_RATE: Final = 3e-4


def build_blog_cnn() -> keras.Model:
    """Build the network: photo [N, 180, 180, 3], 0..255, to the logit [N, 1] of "dog"."""
    photo = keras.Input((EDGE, EDGE, 3), name="photo")
    flow = layers.Rescaling(1 / 255)(photo)
    flow = _normalised(layers.Conv2D(128, 3, strides=2, padding="same"), flow)
    shortcut = flow = layers.Activation("relu")(flow)
    for channels in (256, 512, 728):
        for _ in range(2):
            flow = layers.Activation("relu")(flow)
            flow = _normalised(layers.SeparableConv2D(channels, 3, padding="same"), flow)
        flow = layers.MaxPooling2D(3, strides=2, padding="same")(flow)
        shortcut = layers.Conv2D(channels, 1, strides=2, padding="same")(shortcut)
        shortcut = flow = layers.add([flow, shortcut])
    flow = layers.Activation("relu")(_normalised(layers.SeparableConv2D(1024, 3, padding="same"), flow))
    flow = layers.Dropout(0.25)(layers.GlobalAveragePooling2D()(flow))
    return keras.Model(photo, layers.Dense(1)(flow), name="blog_cnn")


def train_blog_cnn(photos: Sequence[Photo], seed: int, epochs: int = 25) -> keras.Model:
    """Train on the cats and dogs of `photos`, with the example's flips and small rotations, as the example does."""
    pets = [photo for photo in photos if photo.label in ("cat", "dog")]
    model = build_blog_cnn()
    model.compile(
        optimizer=keras.optimizers.Adam(_RATE),
        loss=keras.losses.BinaryCrossentropy(from_logits=True),
        metrics=[keras.metrics.BinaryAccuracy(threshold=0.0, name="accuracy")],
    )
    model.fit(_Batches(pets, seed), epochs=epochs, verbose=2)
    return model


def blog_logits(model: keras.Model, photos: Sequence[Photo]) -> NDArray[np.float32]:
    """Return cat and dog logits [N, 2] from the single output: the logit of cat is minus that of dog."""
    rows = []
    for start in range(0, len(photos), _BATCH):
        batch = np.stack([_pixels(photo) for photo in photos[start : start + _BATCH]])
        dog = np.asarray(model(batch.astype(np.float32), training=False))[:, 0]
        rows.append(np.stack([-dog, dog], axis=1))
    return np.concatenate(rows)


class _Batches(keras.utils.PyDataset):
    """Shuffled batches of changed photos, decoded once."""

    def __init__(self, pets: Sequence[Photo], seed: int) -> None:
        super().__init__()
        self._pixels = np.stack([_pixels(photo) for photo in pets])
        self._targets = np.array([photo.label == "dog" for photo in pets], np.float32)
        self._rng = np.random.default_rng(seed)
        self._change = keras.Sequential(
            [layers.RandomFlip("horizontal", seed=seed), layers.RandomRotation(0.1, seed=seed)]
        )
        self._order = self._rng.permutation(len(pets))

    def __len__(self) -> int:
        return -(-len(self._order) // _BATCH)

    def __getitem__(self, index: int) -> tuple[Any, NDArray[np.float32]]:
        rows = self._order[index * _BATCH : (index + 1) * _BATCH]
        return self._change(self._pixels[rows].astype(np.float32), training=True), self._targets[rows]

    def on_epoch_end(self) -> None:
        """Shuffle again."""
        self._order = self._rng.permutation(len(self._order))


def _normalised(layer: layers.Layer, flow: Any) -> Any:
    return layers.BatchNormalization()(layer(flow))


def _pixels(photo: Photo) -> NDArray[np.uint8]:
    return fit_input(load_rgb(photo.path), (EDGE, EDGE))
