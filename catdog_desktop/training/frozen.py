"""Recipe `catdog-frozen`: the ImageNet backbone as it is, and a linear head fitted to plain photos. Minutes.

The head is a logistic regression on the mean of the last map; as a 1x1 convolution before the mean it gives the same
scores, and the heat maps. This was version 1; later versions start from it.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from catdog_desktop.training.efficientnet_lite import Variant
from catdog_desktop.training.network import Network, build_network
from catdog_desktop.training.photo_folder import Photo, fit_input, load_rgb, targets_of

_BATCH: Final = 64
_REGULARISATION: Final = 0.003
"""C of the logistic regression on standardised features, chosen on photos held out."""


def photo_batches(photos: Sequence[Photo], size: tuple[int, int]) -> Iterator[NDArray[np.uint8]]:
    """Decode photos to batches [N, H, W, 3] of the input's size (width, height)."""
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(photos), _BATCH):
            batch = photos[start : start + _BATCH]
            yield np.stack(list(pool.map(lambda photo: fit_input(load_rgb(photo.path), size), batch)))


def pooled_features(network: Network, photos: Sequence[Photo]) -> NDArray[np.float32]:
    """Run photos through trunk and tail and average over the map: [N, 1280]."""
    run_trunk, run_tail = tf.function(network.trunk), tf.function(network.tail)
    rows = []
    for number, batch in enumerate(photo_batches(photos, network.input_size)):
        last_map = run_tail(run_trunk(tf.constant(batch, tf.float32), training=False), training=False)
        rows.append(np.asarray(last_map).mean(axis=(1, 2)))
        if number % 50 == 0:
            print(f"features: {number * _BATCH} of {len(photos)} photos", flush=True)
    return np.concatenate(rows)


def fit_linear(
    features: NDArray[np.float32], targets: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fit one logistic regression for each output: kernel [1280, 2] and bias [2] on features as they are."""
    mean, spread = features.mean(axis=0), features.std(axis=0) + 1e-3
    standard = (features - mean) / spread
    kernel = np.empty((features.shape[1], 2), np.float32)
    bias = np.empty(2, np.float32)
    for output in range(2):
        fit = LogisticRegression(C=_REGULARISATION, max_iter=300).fit(standard, targets[:, output] > 0.5)
        kernel[:, output] = fit.coef_[0] / spread
        bias[output] = fit.intercept_[0] - fit.coef_[0] @ (mean / spread)
    return kernel, bias


def train_frozen(photos: Sequence[Photo], variant: Variant, size: tuple[int, int]) -> Network:
    """Train version 1: backbone frozen, linear head, mean pooling."""
    network = build_network(variant, size)
    kernel, bias = fit_linear(pooled_features(network, photos), targets_of(photos))
    network.head.get_layer("evidence").set_weights([kernel[None, None], bias])
    return network
