"""Measure the recipe on sources that it never saw: four folds, each without some sources.

    python -m catdog_desktop.training.leave_sources_out DATA... --model models/catdog

The figures are written to `leave_sources_out.json` in the model's folder, and their means over the sources to its
description, for About and `doctor`. With `--work FOLDER` features and the scores of finished folds stay in that folder,
so that an interrupted run goes on where it stopped; remove the folder after a change of the code.

Each source of the second set is left out once; the first set (Kaggle, Caltech-101, ImageNet) is in every fold. A fold
trains head and tail as the recipe does, with fewer samples. What that costs is measured too: the photos of the first
set that are held out are judged by every fold, to be compared with the shipped model (`first_set_held_out`).

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
import tensorflow as tf
from numpy.typing import NDArray

from catdog_desktop.files.atomic_write import atomic_write, write_text_atomically
from catdog_desktop.inference.model_figures import UNSEEN_SOURCES
from catdog_desktop.inference.model_file import DESCRIPTION, ModelError, check_description
from catdog_desktop.paths import default_model
from catdog_desktop.training.by_source import Judged, as_json, at_passing_score, group_of, summary
from catdog_desktop.training.calibration import Limits, calibrate
from catdog_desktop.training.efficientnet_lite import LITE2, Variant, build_tail, classifier, read_weights
from catdog_desktop.training.feature_stream import Batch, TrunkRunner
from catdog_desktop.training.network import build_network
from catdog_desktop.training.network_head import Judges, build_head
from catdog_desktop.training.opinion import Opinion
from catdog_desktop.training.photo_folder import Photo, PhotoFolderError, check_parts, open_photos, targets_of
from catdog_desktop.training.quantized import Integers
from catdog_desktop.training.samples import Mixture, Sample, plan
from catdog_desktop.training.sources import FIRST_SET
from catdog_desktop.training.tuned import TunedSettings, start_head, training_parts
from catdog_desktop.training.tuning import Rates, Teacher, tune

FOLDS: Final = (
    frozenset({"hlb", "grocery", "camvid"}),
    frozenset({"pacs", "clothing", "bears"}),
    frozenset({"herene", "houses", "alpaca", "antsbees", "cartucho"}),
    frozenset({"evgen", "yahya", "monkeys", "raccoon", "kangaroo"}),
)
"""Sources left out together. Each fold has pets, other animals and, but for the last, scenes."""
SHORT: Final = Mixture(single=12_500, joined=5_500, scenes=3_800, panoramas=1_200, close_ups=1_000)
RESULT: Final = "leave_sources_out.json"
RATES: Final = Rates(head=4e-4, tail=8e-5)
_EVALUATION_BATCH: Final = 128


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
    """What the folds share: networks, samples and photos with their features."""

    variant: Variant
    settings: TunedSettings
    samples: Sequence[Sample]
    sample_features: Features
    sample_runner: TrunkRunner
    photos: Sequence[Photo]
    photo_features: Features
    photo_runner: TrunkRunner

    def judge(self, left_out: frozenset[str], limits: Limits) -> Judged:
        """Train without some sources and judge all photos. Photos set apart, of the other sources, calibrate."""
        kernel, bias = classifier(read_weights(self.variant))
        opinion = Opinion(kernel, bias)
        judges = Judges(opinion, self.settings.least_margin, self.settings.trust)
        tail, head = training_parts(build_network(self.variant, self.settings.size), judges)
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
        tune(tail, head, self._batches(chosen), len(chosen) // batch, teacher, RATES)
        logits = self._logits(tail, head, replace(judges, trust=self.settings.final_trust))
        apart = np.array([p.part == "set apart" and p.origin.source not in left_out for p in self.photos])
        members = [photo for photo, wanted in zip(self.photos, apart, strict=True) if wanted]
        calibration = calibrate(logits[apart], targets_of(members))
        return Judged(self.photos, calibration.scores(logits), limits)

    def _batches(self, chosen: NDArray[np.integer]) -> Iterator[Batch]:
        size = self.settings.batch
        for start in range(0, len(chosen) - size + 1, size):
            rows = chosen[start : start + size]
            trunk, pooled = self.sample_features.trunk[rows], self.sample_features.pooled[rows]
            yield self.sample_runner.batch(trunk, pooled, [self.samples[row] for row in rows])

    def _logits(self, tail: keras.Model, head: keras.Model, judges: Judges) -> NDArray[np.float32]:
        width, height = self.settings.final_size
        final_tail = build_tail(self.variant, height, width)
        final_tail.set_weights(tail.get_weights())
        _, map_height, map_width, _ = final_tail.output_shape
        final_head = build_head(map_height, map_width, attention=True, judges=judges)
        final_head.set_weights(head.get_weights())
        run = tf.function(lambda trunk: final_head(final_tail(trunk))[1])
        real = self.photo_runner.backbone.real_trunk
        trunk = self.photo_features.trunk
        parts = [
            np.asarray(run(tf.constant(real(np.asarray(trunk[start : start + _EVALUATION_BATCH])))))
            for start in range(0, len(trunk), _EVALUATION_BATCH)
        ]
        return np.concatenate(parts)


def prepare(
    photos: Sequence[Photo], variant: Variant, settings: TunedSettings, mixture: Mixture, folder: Path
) -> Study:
    """Plan samples of the photos for training, and compute the features of these and of the photos to be judged."""
    samples = plan([photo for photo in photos if photo.part == "train"], mixture, seed=1)
    np.random.default_rng(1).shuffle(samples)
    left_out = frozenset().union(*FOLDS)
    judged = [photo for photo in photos if photo.part != "train" or photo.origin.source in left_out]
    plain = [Sample("plain", (photo,), ()) for photo in judged]
    runners = [TrunkRunner(build_network(variant, size), samples) for size in (settings.size, settings.final_size)]
    return Study(
        variant,
        settings,
        samples,
        compute_features(runners[0], samples, folder, "samples"),
        runners[0],
        judged,
        compute_features(runners[1], plain, folder, "photos"),
        runners[1],
    )


def judge_fold(study: Study, number: int, limits: Limits, folder: Path) -> Judged:
    """Train without the sources of a fold and judge all photos, or take the scores of an earlier run from `folder`."""
    path = folder / f"scores-{number}.npy"
    if path.exists():
        return Judged(study.photos, np.load(path), limits)
    judged = study.judge(FOLDS[number], limits)
    with atomic_write(path) as file:
        np.save(file, judged.scores)
    unseen = np.array([photo.origin.source in FOLDS[number] for photo in study.photos])
    print(sorted(FOLDS[number]), {name: str(figure) for name, figure in judged.figures(unseen).items()}, flush=True)
    return judged


def run_folds(study: Study, limits: Limits, folder: Path) -> dict[str, Any]:
    """Train and judge all folds whose scores are not in `folder` yet; return the figures as JSON."""
    photos: list[Photo] = []
    scores: list[NDArray[np.float64]] = []
    known: list[NDArray[np.float64]] = []
    held_out = np.array([photo.part == "held out" and photo.origin.source in FIRST_SET for photo in study.photos])
    for number, fold in enumerate(FOLDS):
        judged = judge_fold(study, number, limits, folder)
        unseen = np.array([photo.origin.source in fold for photo in study.photos])
        photos += _chosen(study.photos, unseen)
        scores.append(judged.scores[unseen])
        known.append(judged.scores[held_out])
    short = Judged(_chosen(study.photos, held_out) * len(FOLDS), np.concatenate(known), limits)
    return {
        **unseen_figures(Judged(photos, np.concatenate(scores), limits)),
        "first_set_held_out": _all_json(short.figures()),
    }


def _chosen(photos: Sequence[Photo], chosen: NDArray[np.bool_]) -> list[Photo]:
    return [photo for photo, wanted in zip(photos, chosen, strict=True) if wanted]


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
        thresholds = check_description(options.model).thresholds
        limits = Limits(thresholds.cat, thresholds.dog, thresholds.unsure)
        with open_photos(*options.data) as photos, TemporaryDirectory(prefix="catdog-folds-") as temporary:
            check_parts(photos)
            folder = options.work or Path(temporary)
            study = prepare(photos, LITE2, TunedSettings(), SHORT, folder)
            if options.fold:
                judge_fold(study, options.fold - 1, limits, folder)
                return 0
            figures = run_folds(study, limits, folder)
    except (PhotoFolderError, ModelError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    content = {"folds": [sorted(fold) for fold in FOLDS], "samples": SHORT.total, **figures}
    write_text_atomically(options.model / RESULT, json.dumps(content, indent=2) + "\n")
    describe_unseen(options.model, figures["summary"])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
