"""Write the standard set of a model: features, logits and labels of the photos held out, without pixels.

    python -m catdog_desktop.training.standard_set DATA... --model models/catdog

The model judges the photos as the app does. See `catdog_desktop.learning.standard_set`.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from catdog_desktop.inference.model_file import ModelError, ModelFile, load_model_file
from catdog_desktop.learning.head import logits
from catdog_desktop.learning.similarity import pack_rows
from catdog_desktop.learning.standard_set import FILE_NAME, StandardSet
from catdog_desktop.paths import default_model
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.training.photo_folder import Photo, PhotoFolderError, check_parts, open_photos, targets_of
from catdog_desktop.verdict import Result


def make_standard_set(photos: Sequence[Photo], model: ModelFile) -> StandardSet:
    """Judge `photos`, of known labels, and return their standard set. Raises `ModelError`.

    Photos that cannot be read are left out.
    """
    found: dict[Path, Result] = {}
    with Pipeline(model, thumbnails=False) as pipeline:
        pipeline.add([photo.path for photo in photos])
        while not pipeline.idle:
            results = pipeline.take_results(timeout=0.1)
            found.update((result.path, result) for result in results if result.features is not None)
    members = [photo for photo in photos if photo.path in found]
    scores, features = [], []
    for photo in members:
        result = found[photo.path]
        if result.scores is None or result.features is None:
            raise ModelError("gives no features.", model.folder)
        scores.append((result.scores.cat, result.scores.dog))
        features.append(result.features)
    if not members:
        raise ModelError("gives no features.", model.folder)
    return StandardSet(
        model.sha256,
        pack_rows(np.stack(features)),
        logits(np.array(scores, np.float64)).astype(np.float16),
        targets_of(members).astype(np.int8),
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m catdog_desktop.training.standard_set", description=__doc__)
    parser.add_argument("data", type=Path, nargs="+", help="folders or tars with cat/, dog/, neither/")
    parser.add_argument(
        "--model", type=Path, default=default_model(), help="the model folder (default: the shipped one)"
    )
    options = parser.parse_args(arguments)
    try:
        model = load_model_file(options.model)
        with open_photos(*options.data) as photos:
            check_parts(photos, ("held out",))
            made = make_standard_set([photo for photo in photos if photo.part == "held out"], model)
        made.write(options.model / FILE_NAME)
    except (PhotoFolderError, ModelError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{len(made.packed):,} photos, {(options.model / FILE_NAME).stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
