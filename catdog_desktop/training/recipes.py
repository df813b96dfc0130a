"""The recipes by which a model for the app can be trained."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from catdog_desktop.training.calibration import Limits
from catdog_desktop.training.efficientnet_lite import LITE2, Variant
from catdog_desktop.training.frozen import train_frozen
from catdog_desktop.training.network import Network
from catdog_desktop.training.photo_folder import Photo
from catdog_desktop.training.tuned import TunedSettings, train_tuned

FROZEN_SIZE: Final = (224, 224)
"""Width and height of the input of the frozen recipe."""


@dataclass(frozen=True)
class Recipe:
    """A way to train, with the version of the resulting model."""

    name: str
    version: str
    variant: Variant
    train: Callable[[Sequence[Photo], int, Path | None], Network]
    """Takes photos, seed, and a file for checkpoints."""
    quantized: bool = False
    """Whether the backbone is written in integers."""
    limits: Limits | None = None
    """Thresholds; None: chosen on the photos set apart."""
    second_look: int = 0
    """Photos of each kind that are composed to fit a second look to, and the figures are those with it; 0: no such."""


def _frozen(photos: Sequence[Photo], _seed: int, _checkpoint: Path | None) -> Network:
    return train_frozen(photos, LITE2, FROZEN_SIZE)


def _tuned(photos: Sequence[Photo], seed: int, checkpoint: Path | None) -> Network:
    return train_tuned(photos, seed, LITE2, TunedSettings(), checkpoint)


LIMITS: Final = Limits(0.45, 0.45, 0.35)
"""Thresholds of version 4: neither up to 0.1, an animal from 0.8 on, unsure in between. The photos set apart would have
0.4 and 0.1: in sources that the model knows few photos score in between. In sources that it does not know more do, pets
as well as other animals (see the model card)."""

RECIPES: Final = {
    "catdog": Recipe("catdog", "4.0.0", LITE2, _tuned, quantized=True, limits=LIMITS, second_look=240),
    "catdog-frozen": Recipe("catdog-frozen", "1.0.0", LITE2, _frozen),
}
