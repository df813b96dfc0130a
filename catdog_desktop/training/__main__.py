"""Train a model: ``python -m catdog_desktop.training DATA... --recipe catdog --seed 1 --out models/catdog``."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import keras
import numpy as np

from catdog_desktop.training.blog_cnn import blog_logits, train_blog_cnn
from catdog_desktop.training.calibration import CalibrationError, Limits, sigmoid
from catdog_desktop.training.figures import measure
from catdog_desktop.training.finishing import finish
from catdog_desktop.training.photo_folder import Photo, PhotoFolderError, check_parts, open_photos, targets_of
from catdog_desktop.training.recipes import RECIPES, Recipe

BLOG_CNN = "blog-cnn"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m catdog_desktop.training", description=__doc__)
    parser.add_argument(
        "data", type=Path, nargs="+", help="folders with cat/, dog/ and neither/, or tars of such folders"
    )
    parser.add_argument("--recipe", choices=[*RECIPES, BLOG_CNN], default="catdog")
    parser.add_argument("--seed", type=_from(0), default=1)
    parser.add_argument("--epochs", type=_from(1), default=25, help="of blog-cnn alone (default 25, as in the blog)")
    checkpoint = "a file (.npz) that the weights are written to now and then; training cannot be resumed from it"
    parser.add_argument("--checkpoint", type=Path, help=checkpoint)
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write")
    options = parser.parse_args(arguments)
    keras.utils.set_random_seed(options.seed)
    try:
        with open_photos(*options.data) as photos:
            # Check first what is needed only at the end, hours later.
            check_parts(photos)
            options.out.mkdir(parents=True, exist_ok=True)
            if options.checkpoint is not None:
                options.checkpoint.parent.mkdir(parents=True, exist_ok=True)
            if options.recipe == BLOG_CNN:
                train_for_comparison(photos, options.seed, options.epochs, options.out)
            else:
                train(photos, RECIPES[options.recipe], options.seed, options.out, options.checkpoint)
    except (PhotoFolderError, CalibrationError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _from(least: int) -> Callable[[str], int]:
    """Return a parser of whole numbers from `least` to 2**32 - 1, which Keras accepts as a seed."""

    def number(text: str) -> int:
        value = int(text)
        if not least <= value < 2**32:
            raise argparse.ArgumentTypeError(f"{text} does not lie between {least} and {2**32 - 1}")
        return value

    return number


def train(photos: Sequence[Photo], recipe: Recipe, seed: int, out: Path, checkpoint: Path | None = None) -> None:
    """Train by a recipe on the photos for it, and write the model folder."""
    network = recipe.train([photo for photo in photos if photo.part == "train"], seed, checkpoint)
    finish(network, photos, recipe, seed, out)


def train_for_comparison(photos: Sequence[Photo], seed: int, epochs: int, out: Path) -> None:
    """Train the blog's CNN and write it with its figures; the app cannot use a network with one answer."""
    model = train_blog_cnn([photo for photo in photos if photo.part == "train"], seed, epochs)
    held_out = [photo for photo in photos if photo.part == "held out"]
    scores = sigmoid(blog_logits(model, held_out).astype(np.float64))
    figures = measure(scores, targets_of(held_out), Limits(0.5, 0.5, 0.0))
    print(figures)
    out.mkdir(parents=True, exist_ok=True)
    model.save(out / "blog_cnn.keras")
    (out / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
