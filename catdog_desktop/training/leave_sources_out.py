"""Measure the recipe on sources that it never saw: four folds, each without some sources.

    python -m catdog_desktop.training.leave_sources_out DATA... --model models/catdog

The figures are written to `leave_sources_out.json` in the model's folder, and their means over the sources to its
description, for About and `doctor`. With `--work FOLDER` features and the scores of finished folds stay in that folder,
so that an interrupted run goes on where it stopped; remove the folder after a change of the code.

Each source of the second set is left out once; the first set (Kaggle, Caltech-101, ImageNet) is in every fold. A fold
trains head and tail as the recipe does, in as many rounds, but learns from the same samples in each, and these are
fewer. It is converted, calibrated and given a second look as `make train` does, from the other sources alone, and
judges photos as the app does. What the shorter training costs is measured too: the photos of the first set that are
held out are judged by every fold, to be compared with the shipped model (`first_set_held_out`).

The trunk's features of the samples are computed once, in integers, and shared by the folds; a sample that is composed
with a photo of a source is left out with it.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import keras
import numpy as np
from numpy.typing import NDArray

from catdog_desktop.evaluating.evaluation import EvaluationError
from catdog_desktop.files.atomic_write import atomic_write, write_text_atomically
from catdog_desktop.inference.model_figures import UNSEEN_SOURCES
from catdog_desktop.inference.model_file import DESCRIPTION, ModelError, ModelFile, load_model_file
from catdog_desktop.paths import default_model
from catdog_desktop.training.by_source import Judged, as_json, at_passing_score, group_of, summary
from catdog_desktop.training.calibration import CalibrationError, Limits
from catdog_desktop.training.efficientnet_lite import LITE2, Variant, classifier, read_weights
from catdog_desktop.training.feature_stream import Batch, TrunkRunner
from catdog_desktop.training.finishing import finish
from catdog_desktop.training.held_out_evaluation import app_scores
from catdog_desktop.training.network import Network, build_network
from catdog_desktop.training.opinion import Opinion
from catdog_desktop.training.photo_folder import Photo, PhotoFolderError, check_parts, open_photos
from catdog_desktop.training.quantized import Integers
from catdog_desktop.training.recipes import RECIPES, Recipe
from catdog_desktop.training.samples import Mixture, Sample, plan
from catdog_desktop.training.sources import FIRST_SET
from catdog_desktop.training.tuned import TunedSettings, final_network, start_head, training_parts
from catdog_desktop.training.tuning import Teacher, tune

FOLDS: Final = (
    frozenset({"hlb", "grocery", "camvid"}),
    frozenset({"pacs", "clothing", "bears"}),
    frozenset({"herene", "houses", "alpaca", "antsbees", "cartucho"}),
    frozenset({"evgen", "yahya", "monkeys", "raccoon", "kangaroo"}),
)
"""Sources left out together. Each fold has pets, other animals and, but for the last, scenes."""
SHORT: Final = Mixture(single=12_500, joined=5_500, scenes=3_800, panoramas=1_200, close_ups=1_000)
RESULT: Final = "leave_sources_out.json"


@dataclass(frozen=True)
class Features:
    """The trunk's features of samples, in integers."""

    trunk: Integers
    """[N, h, w, C]."""
    pooled: Integers
    """[N, 1280]."""


def compute_features(runner: TrunkRunner, samples: Sequence[Sample], folder: Path, name: str) -> Features:
    """Run all samples through the trunk; the features lie in files of `folder`, which may be larger than the memory."""
    done = [folder / f"{name}-{dimensions}.npy" for dimensions in (3, 1)]
    if all(path.exists() for path in done):
        return Features(*(np.load(path, mmap_mode="r") for path in done))
    arrays: list[Any] = []
    with ThreadPoolExecutor(2) as pool:
        for number, (trunk, pooled) in enumerate(pool.map(runner.run, samples)):
            if not arrays:
                arrays = [
                    _new_file(path.with_suffix(".part"), len(samples), part)
                    for path, part in zip(done, (trunk, pooled), strict=True)
                ]
            arrays[0][number], arrays[1][number] = trunk, pooled
            if number % 2000 == 0:
                print(f"{name}: {number} of {len(samples)}", flush=True)
    for path in done:
        path.with_suffix(".part").replace(path)
    return Features(*arrays)


def _new_file(path: Path, number: int, like: Integers) -> Any:
    return np.lib.format.open_memmap(path, "w+", like.dtype, (number, *like.shape))


@dataclass
class Study:
    """What the folds share: photos, and samples of them with their features."""

    variant: Variant
    settings: TunedSettings
    photos: Sequence[Photo]
    samples: Sequence[Sample]
    features: Features
    runner: TrunkRunner
    untouched: Network

    def train(self, left_out: frozenset[str]) -> Network:
        """Train on the samples without some sources, as :func:`train_tuned` does on more of them."""
        kernel, bias = classifier(read_weights(self.variant))
        judges, final_judges = self.settings.judges(Opinion(kernel, bias))
        tail, head = training_parts(self.untouched, judges)
        chosen = np.array(
            [
                number
                for number, sample in enumerate(self.samples)
                if not any(photo.origin.source in left_out for photo in sample.photos)
            ]
        )
        teacher, batch = Teacher(kernel, bias), self.settings.batch
        first = list(self._batches(chosen[: self.settings.start_batches * batch]))
        start_head(head, first)
        tune(tail, head, first, len(first), teacher, self.settings.start)
        for number, round_ in enumerate(self.settings.rounds):
            order = np.random.default_rng(number).permutation(chosen) if number else chosen
            tune(tail, head, self._batches(order), len(order) // batch, teacher, round_.rates)
        return final_network(Network(self.variant, self.untouched.trunk, tail, head), self.settings, final_judges)

    def _batches(self, chosen: NDArray[np.integer]) -> Iterator[Batch]:
        size = self.settings.batch
        for start in range(0, len(chosen) - size + 1, size):
            rows = chosen[start : start + size]
            trunk, pooled = self.features.trunk[rows], self.features.pooled[rows]
            yield self.runner.batch(trunk, pooled, [self.samples[row] for row in rows])


def prepare(
    photos: Sequence[Photo], variant: Variant, settings: TunedSettings, mixture: Mixture, folder: Path
) -> Study:
    """Plan samples of the photos for training and compute their features, or take these from `folder`."""
    samples = plan([photo for photo in photos if photo.part == "train"], mixture, seed=1)
    np.random.default_rng(1).shuffle(samples)
    untouched = build_network(variant, settings.size)
    runner = TrunkRunner(untouched, samples)
    features = compute_features(runner, samples, folder, "samples")
    return Study(variant, settings, photos, samples, features, runner, untouched)


@dataclass(frozen=True)
class Fold:
    """The scores, [N, 2], that a model without some sources gives their photos, and those held out of the first set."""

    unseen: NDArray[np.float64]
    known: NDArray[np.float64]
    first_look: NDArray[np.float64]
    """Of the unseen photos, without a second look."""


def judge_fold(study: Study, number: int, recipe: Recipe, folder: Path) -> Fold:
    """Train without the sources of a fold and judge their photos, or take the scores of an earlier run from `folder`.

    The model stays in `folder`, too.
    """
    path = folder / f"scores-{number}.npz"
    if not path.exists():
        model_folder = folder / f"model-{number}"
        if not model_folder.exists():
            network = study.train(FOLDS[number])
            others = [photo for photo in study.photos if photo.origin.source not in FOLDS[number]]
            unfinished = folder / f"model-{number}.part"
            finish(network, others, recipe, seed=1, out=unfinished)
            unfinished.rename(model_folder)
        model = load_model_file(model_folder)
        unseen = unseen_photos(study.photos, number)
        fold = Fold(
            app_scores(unseen, model),
            app_scores(known_photos(study.photos), model),
            app_scores(unseen, replace(model, second_look=None)),
        )
        with atomic_write(path) as file:
            np.savez(file, **vars(fold))
        figures = Judged(unseen, fold.unseen, limits_of(model)).figures()
        print(sorted(FOLDS[number]), {name: str(figure) for name, figure in figures.items()}, flush=True)
    with np.load(path) as stored:
        return Fold(**stored)


def unseen_photos(photos: Sequence[Photo], number: int) -> list[Photo]:
    """Return the photos of the sources that a fold leaves out."""
    return [photo for photo in photos if photo.origin.source in FOLDS[number]]


def known_photos(photos: Sequence[Photo]) -> list[Photo]:
    """Return the photos held out of the first set, which every fold knows as a source."""
    return [photo for photo in photos if photo.part == "held out" and photo.origin.source in FIRST_SET]


def limits_of(model: ModelFile) -> Limits:
    """Return the thresholds of a model as training names them."""
    return Limits(model.thresholds.cat, model.thresholds.dog, model.thresholds.unsure)


def run_folds(study: Study, limits: Limits, recipe: Recipe, folder: Path) -> dict[str, Any]:
    """Train and judge all folds whose scores are not in `folder` yet; return the figures as JSON."""
    folds = [judge_fold(study, number, recipe, folder) for number in range(len(FOLDS))]
    photos = [photo for number in range(len(FOLDS)) for photo in unseen_photos(study.photos, number)]
    unseen, first_look, known = (
        np.concatenate([getattr(fold, scores) for fold in folds]) for scores in ("unseen", "first_look", "known")
    )
    at_first_look = unseen_figures(Judged(photos, first_look, limits))
    return {
        **unseen_figures(Judged(photos, unseen, limits)),
        "first_look": {name: at_first_look[name] for name in ("summary", "passing_score", "groups")},
        "first_set_held_out": _all_json(Judged(known_photos(study.photos) * len(FOLDS), known, limits).figures()),
    }


def unseen_figures(judged: Judged) -> dict[str, Any]:
    """Return the figures of photos of sources left out: by source, by kind, by group, and at the passing score."""
    sources = [photo.origin.source for photo in judged.photos]
    groups = [group_of(photo) for photo in judged.photos]
    kinds = [f"{photo.origin.source}-{photo.origin.kind}" for photo in judged.photos]
    by_source = judged.by(sources)
    score, passing = at_passing_score(judged)
    return {
        "summary": {
            figure: summary(by_source, figure)
            for figure in (
                "called_pet",
                "unsure_of_neither",
                "pets_right",
                "pets_missed",
                "pets_wrong",
                "unsure_of_pets",
            )
        },
        "passing_score": {"pets": 0.97, "score": round(score, 5), **{name: as_json(p) for name, p in passing.items()}},
        "groups": {name: _all_json(figures) for name, figures in judged.by(groups).items()},
        "sources": {name: _all_json(figures) for name, figures in by_source.items()},
        "kinds": {name: _all_json(figures) for name, figures in judged.by(kinds).items()},
    }


def describe_unseen(model: Path, summaries: Mapping[str, Any]) -> None:
    """Write the means over sources to the description of a model folder: `figures.unseen_sources`. Raises `OSError`."""
    description = json.loads((model / DESCRIPTION).read_text(encoding="utf-8"))
    means = {figure: found["mean_of_sources"] for figure, found in summaries.items() if "mean_of_sources" in found}
    description["figures"][UNSEEN_SOURCES] = means
    write_text_atomically(model / DESCRIPTION, json.dumps(description, indent=2, ensure_ascii=False) + "\n")


def _all_json(figures: dict[str, Any]) -> dict[str, Any]:
    return {name: as_json(figure) for name, figure in figures.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m catdog_desktop.training.leave_sources_out", description=__doc__)
    parser.add_argument("data", type=Path, nargs="+", help="folders or tars with cat/, dog/, neither/")
    parser.add_argument(
        "--model", type=Path, default=default_model(), help="the model folder (default: the shipped one)"
    )
    parser.add_argument("--work", type=Path, help="a folder for features and scores (default: a temporary one)")
    numbers = range(1, len(FOLDS) + 1)
    parser.add_argument("--fold", type=int, choices=numbers, help="run this fold alone, and write no figures yet")
    options = parser.parse_args(arguments)
    if options.fold and options.work is None:
        parser.error("--fold needs --work, where its scores stay")
    keras.utils.set_random_seed(1)
    try:
        if options.work is not None:
            options.work.mkdir(parents=True, exist_ok=True)
        recipe = RECIPES["catdog"]
        limits = limits_of(load_model_file(options.model))
        with open_photos(*options.data) as photos, TemporaryDirectory(prefix="catdog-folds-") as temporary:
            check_parts(photos)
            folder = options.work or Path(temporary)
            study = prepare(photos, LITE2, TunedSettings(), SHORT, folder)
            if options.fold:
                judge_fold(study, options.fold - 1, recipe, folder)
                return 0
            figures = run_folds(study, limits, recipe, folder)
    except (PhotoFolderError, CalibrationError, EvaluationError, ModelError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    content = {"folds": [sorted(fold) for fold in FOLDS], "samples": SHORT.total, **figures}
    write_text_atomically(options.model / RESULT, json.dumps(content, indent=2) + "\n")
    describe_unseen(options.model, figures["summary"])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
