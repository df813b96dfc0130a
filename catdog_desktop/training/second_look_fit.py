"""Fit the second look of a model to photos set apart, and measure it on photos held out.

    python -m catdog_desktop.training.second_look_fit DATA... --model models/catdog

`make train` does the first itself; this command repeats it for a model that is there, and prints the figures. Small
pets, small things and panoramas are composed of the photos of one part; the backdrops are its photos of places.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from catdog_desktop.evaluating.second_look_trial import Record, collect, describe, fit, measure, write_rule
from catdog_desktop.inference.model_file import ModelError, ModelFile, load_model_file
from catdog_desktop.inference.second_look import SecondLook
from catdog_desktop.paths import default_model
from catdog_desktop.training.photo_folder import Photo, PhotoFolderError, check_parts, open_photos
from catdog_desktop.training.second_animal import fit_second_animal, pairs_of
from catdog_desktop.training.trials import subjects_and_scenes

FITTED_TO: Final = "set apart"
MEASURED_ON: Final = "held out"
COUNT: Final = 240
"""Photos of each kind that are composed, by default."""
_SEED: Final = 1


def records_of(photos: Sequence[Photo], part: str, model: ModelFile, count: int) -> list[Record]:
    """Compose photos of those of a part, and record what the model answers to them and to the part's own photos."""
    rng = np.random.default_rng(_SEED)
    chosen = [photo for photo in photos if photo.part == part]
    chosen = [chosen[index] for index in rng.permutation(len(chosen))]
    pets, things, scenes = subjects_and_scenes(chosen)
    with TemporaryDirectory(prefix="catdog-second-look-") as name:
        return collect(
            model,
            [(photo.path, photo.label) for photo in pets],
            [photo.path for photo in things],
            [photo.path for photo in scenes],
            Path(name),
            count=count,
        )


def fit_second_look(photos: Sequence[Photo], folder: Path, count: int) -> SecondLook:
    """Fit the second look of the model in `folder` to the photos set apart, and write it to the model's description."""
    model = load_model_file(folder)
    look = fit(records_of(photos, FITTED_TO, model, count), model.thresholds)
    apart = [photo for photo in photos if photo.part == FITTED_TO]
    # Few photos need this part of the rule, so all pets set apart are used.
    look = replace(look, second_animal=fit_second_animal(pairs_of(apart, model, joined=2 * count)))
    write_rule(folder, look)
    return look


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m catdog_desktop.training.second_look_fit", description=__doc__)
    parser.add_argument("data", type=Path, nargs="+", help="folders or tars with cat/, dog/, neither/")
    parser.add_argument("--model", type=Path, default=default_model(), help="a model folder (the shipped one)")
    parser.add_argument("--count", type=int, default=COUNT, help=f"photos of each kind (default: {COUNT})")
    parser.add_argument("--no-fit", action="store_true", help="only measure the rule that the model has")
    options = parser.parse_args(arguments)
    try:
        model = load_model_file(options.model)
        with open_photos(*options.data) as photos:
            check_parts(photos, [FITTED_TO, MEASURED_ON])
            look = model.second_look if options.no_fit else fit_second_look(photos, options.model, options.count)
            records = records_of(photos, MEASURED_ON, model, options.count)
    except (PhotoFolderError, ModelError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    if look is not None:
        print(json.dumps({"second_look": asdict(look)}, indent=2))
    print("\n".join(describe(measure(records, look, model.thresholds))))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
