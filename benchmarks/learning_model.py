"""Train a model that has seen the first set of photos alone, for the trial of learning: minutes instead of an hour.

    python -m benchmarks.learning_model TRAIN.TAR --out FOLDER

The recipe is the shipped one with one round of 24,000 samples instead of three rounds of 66,000, and without a second
look.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import keras

from catdog_desktop.training.__main__ import train
from catdog_desktop.training.efficientnet_lite import LITE2
from catdog_desktop.training.leave_sources_out import SHORT
from catdog_desktop.training.network import Network
from catdog_desktop.training.photo_folder import Photo, check_parts, open_photos
from catdog_desktop.training.recipes import LIMITS, Recipe
from catdog_desktop.training.tuned import Round, TunedSettings, train_tuned


def _short(photos: Sequence[Photo], seed: int, checkpoint: Path | None) -> Network:
    settings = TunedSettings()
    return train_tuned(
        photos, seed, LITE2, replace(settings, rounds=(Round(SHORT, settings.rounds[0].rates),)), checkpoint
    )


def train_first_set(photos: Sequence[Photo], out: Path) -> None:
    """Train on `photos` by the short recipe and write the model folder `out`."""
    keras.utils.set_random_seed(1)
    check_parts(photos)
    train(photos, Recipe("catdog-short", "4.0.0", LITE2, _short, quantized=True, limits=LIMITS), 1, out)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning_model", description=__doc__)
    parser.add_argument("data", type=Path, nargs="+", help="folders or tars with cat/, dog/, neither/")
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write")
    options = parser.parse_args(arguments)
    with open_photos(*options.data) as photos:
        train_first_set(photos, options.out)


if __name__ == "__main__":
    main()
