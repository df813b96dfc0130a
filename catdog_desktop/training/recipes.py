"""The recipes by which a model can be trained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from catdog_desktop.training.efficientnet_lite import LITE2, Variant
from catdog_desktop.training.frozen import train_frozen
from catdog_desktop.training.network import Network
from catdog_desktop.training.photo_folder import Photo


@dataclass(frozen=True)
class Recipe:
    """A way to train, with the version of the model that comes out."""

    name: str
    version: str
    variant: Variant
    train: Callable[[Sequence[Photo], int], Network]


RECIPES: Final = {
    "catdog-frozen": Recipe(
        "catdog-frozen", "1.0.0", LITE2, lambda photos, _seed: train_frozen(photos, LITE2, (224, 224))
    ),
}
