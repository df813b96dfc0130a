"""The recipes by which a model for the app can be trained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from catdog_desktop.training.efficientnet_lite import LITE2, Variant
from catdog_desktop.training.frozen import train_frozen
from catdog_desktop.training.network import Network
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.tuned import TunedSettings, train_tuned

SIZE: Final = (224, 224)
"""Width and height of the input: more costs time by the square, and most pets here have 200 pixels anyway."""


@dataclass(frozen=True)
class Recipe:
    """A way to train, with the version of the model that comes out."""

    name: str
    version: str
    variant: Variant
    train: Callable[[Sequence[Photo], int], Network]


def _frozen(photos: Sequence[Photo], _seed: int) -> Network:
    return train_frozen(photos, LITE2, SIZE)


def _tuned(photos: Sequence[Photo], seed: int) -> Network:
    return train_tuned(photos, seed, LITE2, SIZE, TunedSettings())


RECIPES: Final = {
    "catdog": Recipe("catdog", "2.0.0", LITE2, _tuned),
    "catdog-frozen": Recipe("catdog-frozen", "1.0.0", LITE2, _frozen),
}
