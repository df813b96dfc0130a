"""Leave out each source, and each species from all sources, with a head on frozen features: minutes instead of hours.

    python -m catdog_desktop.training.species_folds DATA... --save models/catdog/species_folds.json

The backbone stays as ImageNet left it. A logistic regression on the mean of its last map tells pets from other photos;
the log-odds of a pet by ImageNet's own classifier are added to it, as in the head of the model. Each fold trains
without some photos and counts how many of them reach the score that 97 % of the held-out pets of known sources reach.
So the figures compare kinds of photos, and heads; those of the trained model are better (`leave_sources_out`).
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from catdog_desktop.evaluating.evaluation import Proportion
from catdog_desktop.files.atomic_write import write_text_atomically
from catdog_desktop.training.by_source import LEAST_FOR_MEAN, PASSING, as_json
from catdog_desktop.training.efficientnet_lite import LITE2, Variant, classifier, read_weights
from catdog_desktop.training.feature_stream import TrunkRunner
from catdog_desktop.training.network import build_network
from catdog_desktop.training.opinion import CATS, DOGS
from catdog_desktop.training.photo_folder import Photo, PhotoFolderError, check_parts, open_photos
from catdog_desktop.training.samples import Sample
from catdog_desktop.training.sources import FIRST_SET
from catdog_desktop.training.tuned import TunedSettings

TRUST: Final = 1.0
"""Weight of ImageNet's log-odds."""
_MOST_MARGIN: Final = 8.0
_REGULARISATION: Final = 0.003


@dataclass(frozen=True)
class Frozen:
    """Photos, what the frozen backbone makes of them, and ImageNet's log-odds of a pet."""

    photos: Sequence[Photo]
    features: NDArray[np.float32]
    """[N, 1280], standardised."""
    margin: NDArray[np.float32]
    """[N], cut to -8..8."""

    def scores_without(self, left_out: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Train on the photos for training that are not left out; return the log-odds of a pet, [N]."""
        is_pet = np.array([photo.label != "neither" for photo in self.photos])
        used = np.array([photo.part == "train" for photo in self.photos]) & ~left_out
        fit = LogisticRegression(C=_REGULARISATION, max_iter=200).fit(self.features[used], is_pet[used])
        return np.asarray(fit.decision_function(self.features) + TRUST * self.margin)

    def fold(self, left_out: NDArray[np.bool_]) -> Proportion:
        """Return how many photos without a pet that were left out pass the score of `PASSING` of the known pets."""
        scores = self.scores_without(left_out)
        pets = np.array([photo.label in ("cat", "dog") and photo.part == "held out" for photo in self.photos])
        passing = float(np.quantile(scores[pets & ~left_out], 1 - PASSING))
        counted = left_out & np.array([photo.label == "neither" for photo in self.photos])
        return Proportion(int((scores[counted] >= passing).sum()), int(counted.sum()))


def freeze(photos: Sequence[Photo], variant: Variant, size: tuple[int, int]) -> Frozen:
    """Run all photos through the untouched backbone, in integers."""
    samples = [Sample("plain", (photo,), ()) for photo in photos]
    runner = TrunkRunner(build_network(variant, size), samples)
    with ThreadPoolExecutor(2) as pool:
        pooled = np.stack([integers for _, integers in pool.map(runner.run, samples)])
    real = runner.backbone.real_pooled(pooled)
    logits = real @ classifier(read_weights(variant))[0] + classifier(read_weights(variant))[1]
    pets = np.zeros(logits.shape[1], bool)
    pets[[*CATS, *DOGS]] = True
    margin = np.logaddexp.reduce(logits[:, pets], axis=1) - np.logaddexp.reduce(logits[:, ~pets], axis=1)
    standard = (real - real.mean(axis=0)) / (real.std(axis=0) + 1e-3)
    return Frozen(photos, standard.astype(np.float32), np.clip(margin, -_MOST_MARGIN, _MOST_MARGIN))


def folds_of(photos: Sequence[Photo]) -> dict[str, dict[str, NDArray[np.bool_]]]:
    """Return the photos that each fold leaves out: `sources` and `species`, by name.

    Sources are those of the second set, and species those that it has. A species is left out of all sources, ImageNet's
    own photo included. Those with too few photos without a pet are no folds.
    """
    second = [photo for photo in photos if photo.origin.source not in FIRST_SET]
    species = {photo.origin.species for photo in second if photo.label == "neither"}
    members: dict[str, dict[str, list[int]]] = {"sources": defaultdict(list), "species": defaultdict(list)}
    for number, photo in enumerate(photos):
        if photo.origin.source not in FIRST_SET:
            members["sources"][photo.origin.source].append(number)
        if photo.label == "neither" and photo.origin.species in species:
            members["species"][photo.origin.species].append(number)
    folds: dict[str, dict[str, NDArray[np.bool_]]] = {}
    for way, groups in members.items():
        folds[way] = {}
        for name, numbers in sorted(groups.items()):
            if sum(photos[number].label == "neither" for number in numbers) < LEAST_FOR_MEAN:
                continue
            left_out = np.zeros(len(photos), bool)
            left_out[numbers] = True
            folds[way][name] = left_out
    return folds


def run_all(frozen: Frozen) -> dict[str, Any]:
    """Run all folds; return the figures as JSON: of each fold, pooled, and the mean."""
    figures: dict[str, Any] = {"passing": PASSING, "trust": TRUST}
    for way, folds in folds_of(frozen.photos).items():
        found = {name: frozen.fold(left_out) for name, left_out in folds.items()}
        figures[way] = _summary(found)
        print(way, {name: str(share) for name, share in found.items()}, flush=True)
    return figures


def _summary(found: Mapping[str, Proportion]) -> dict[str, Any]:
    worst_first = sorted(found.items(), key=lambda pair: -pair[1].value)
    pooled = Proportion(sum(share.count for share in found.values()), sum(share.total for share in found.values()))
    return {
        "pooled": as_json(pooled) if found else None,
        "mean": round(float(np.mean([share.value for share in found.values()])), 5) if found else None,
        "folds": {name: as_json(share) for name, share in worst_first},
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m catdog_desktop.training.species_folds", description=__doc__)
    parser.add_argument("data", type=Path, nargs="+", help="folders or tars with cat/, dog/, neither/")
    parser.add_argument("--save", type=Path, required=True, help="the JSON file to write")
    options = parser.parse_args(arguments)
    try:
        with open_photos(*options.data) as photos:
            check_parts(photos)
            figures = run_all(freeze(photos, LITE2, TunedSettings().final_size))
        write_text_atomically(options.save, json.dumps(figures, indent=2) + "\n")
    except (PhotoFolderError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
