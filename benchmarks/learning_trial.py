"""Measure learning from corrections on photos that the model has never seen.

    python -m benchmarks.learning_trial TRAIN.TAR TRAIN2.TAR [--model FOLDER] [--out RESULTS.JSON]

Without `--model` it first trains one on TRAIN.TAR alone (see `learning_model`), in about a quarter of an hour. A model
without features, such as version 3.1, gets those of the backbone as ImageNet left it, projected as in the recipe. The
model judges TRAIN2.TAR. For each kind of TRAIN2.TAR on which it makes at least 20 mistakes, one half (by a hash of the
names) is corrected as a user would: the 10, 20 or 40 mistakes that *To check* and the filters show first. Those called
a pet with the largest scores come first, then the unsure ones. The head is learnt from these alone. It is measured on
the other half, and on everything else: all other photos of TRAIN2.TAR, and the photos of TRAIN.TAR that were set apart.
The photos of TRAIN.TAR that were held out are the standard set.
"""

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.learning.head import Examples, Floats, Head, fit_head
from catdog_desktop.learning.similarity import pack_rows, unpack_rows
from catdog_desktop.learning.standard_set import StandardFigures, figures_of
from catdog_desktop.pipeline import Pipeline
from catdog_desktop.training.photo_folder import Photo, open_photos, targets_of
from catdog_desktop.training.sources import FIRST_SET
from catdog_desktop.verdict import Thresholds, Verdict
from catdog_desktop.verdict_arrays import CODES, judge_all

PROJECTED = 3_000
"""Photos of the first set that a projection is fitted to."""
LEAST_MISTAKES = 20
CORRECTIONS = (10, 20, 40)
_NEITHER = CODES.index(Verdict.NEITHER)
_UNSURE = CODES.index(Verdict.UNSURE)


@dataclass(frozen=True)
class JudgedSet:
    """Photos, and what the model says of them."""

    photos: Sequence[Photo]
    scores: Floats
    packed: NDArray[np.int8]
    thresholds: Thresholds

    @property
    def targets(self) -> Floats:
        """[N, 2], 0 or 1: has a cat, has a dog."""
        return targets_of(self.photos).astype(np.float64)

    @property
    def kinds(self) -> NDArray[np.str_]:
        """Source and kind of photos without a pet, empty for pets."""
        names = [f"{p.origin.source}-{p.origin.kind}" if p.label == "neither" else "" for p in self.photos]
        return np.array(names)

    def codes(self, scores: Floats) -> NDArray[np.int8]:
        """Return the verdicts for scores [N, 2] as indexes into `CODES`."""
        return judge_all(self.thresholds, scores[:, 0], scores[:, 1])

    def examples(self, chosen: NDArray[Any]) -> Examples:
        """Return some of the photos as examples."""
        return Examples(self.scores[chosen], unpack_rows(self.packed[chosen]), self.targets[chosen])

    def figures(self, scores: Floats, chosen: NDArray[np.bool_]) -> StandardFigures:
        """Return the figures of some of the photos with scores [N, 2]."""
        return figures_of(scores[chosen], self.targets[chosen], self.thresholds)

    def pets(self, scores: Floats, chosen: NDArray[np.bool_]) -> tuple[int, int, int]:
        """Return how many of some of the photos show one pet, have its score as the larger one, are called neither."""
        pets = chosen & (self.targets.sum(axis=1) == 1)
        right = (scores[:, 0] > scores[:, 1]) == (self.targets[:, 0] > 0.5)
        return int(pets.sum()), int((pets & right).sum()), int((pets & (self.codes(scores) == _NEITHER)).sum())

    def with_head(self, head: Head) -> Floats:
        """Return the scores [N, 2] of all photos with a head."""
        return head.adjusted(self.scores, unpack_rows(self.packed))


def run_trial(judged: JudgedSet) -> list[dict[str, Any]]:
    """Return the figures of each kind and number of corrections."""
    second = np.array([photo.origin.source not in FIRST_SET for photo in judged.photos])
    parts = np.array([photo.part for photo in judged.photos])
    standard = judged.examples(np.flatnonzero(~second & (parts == "held out")))
    codes = judged.codes(judged.scores)
    mistakes = Counter(judged.kinds[second & (codes != _NEITHER)].tolist())
    first_half = np.array([_half(photo.name) for photo in judged.photos])
    rows = []
    for kind, count in sorted(mistakes.items(), key=lambda item: -item[1]):
        if not kind or count < LEAST_MISTAKES:
            continue
        of_kind = second & (judged.kinds == kind)
        wrong = np.flatnonzero(of_kind & first_half & (codes != _NEITHER))
        # Pets before unsure photos, then by the larger score.
        order = wrong[np.lexsort((-judged.scores[wrong].max(axis=1), codes[wrong] == _UNSURE))]
        elsewhere = (second & ~of_kind) | (~second & (parts == "set apart"))
        for number in CORRECTIONS:
            fit = fit_head(judged.examples(order[:number]), standard)
            new = judged.with_head(fit.head)
            rows.append(_row(judged, kind, len(order[:number]), number, new, of_kind & ~first_half, elsewhere))
    return rows


def _row(
    judged: JudgedSet,
    kind: str,
    corrected: int,
    number: int,
    new: Floats,
    rest: NDArray[np.bool_],
    elsewhere: NDArray[np.bool_],
) -> dict[str, Any]:
    before, after = (judged.figures(scores, rest) for scores in (judged.scores, new))
    far_before, far_after = (judged.figures(scores, elsewhere) for scores in (judged.scores, new))
    (pets, right_before, missed_before), (_, right_after, missed_after) = (
        judged.pets(scores, elsewhere) for scores in (judged.scores, new)
    )
    unsure = [int((judged.codes(scores)[rest] == _UNSURE).sum()) for scores in (judged.scores, new)]
    return {
        "kind": kind,
        "asked": number,
        "corrected": corrected,
        "rest": int(rest.sum()),
        "called_pet": [before.called_pet, after.called_pet],
        "unsure": unsure,
        "pets_elsewhere": pets,
        "right_elsewhere": [right_before, right_after],
        "missed_elsewhere": [missed_before, missed_after],
        "others_elsewhere": far_before.others,
        "called_pet_elsewhere": [far_before.called_pet, far_after.called_pet],
    }


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Return the figures as a table in Markdown, a line for each kind, and a last line with the sums.

    "2 (18)" are two photos after 18 corrections, where there were no more mistakes to correct.
    """
    asked = list(dict.fromkeys(row["asked"] for row in rows))
    heads = ["kind", "other half", "called a pet", *(f"after {number}" for number in asked)]
    heads += ["unsure: before, after 20", "pets elsewhere: right", "called neither", "others elsewhere: called a pet"]
    lines = ["| " + " | ".join(heads) + " |", "|---" + "|---:" * (len(asked) + 2) + "|---" * 4 + "|"]
    kinds = dict.fromkeys(row["kind"] for row in rows)
    lines += [_line(kind, [row for row in rows if row["kind"] == kind]) for kind in kinds]
    sums = [sum(row["called_pet"][1] for row in rows if row["asked"] == number) for number in asked]
    firsts = [row for row in rows if row["asked"] == asked[0]]
    before = sum(row["called_pet"][0] for row in firsts)
    cells = ["all", f"{sum(row['rest'] for row in firsts):,}", str(before)]
    cells += [f"{count} ({1 - count / max(1, before):.0%} gone)" for count in sums]
    return "\n".join([*lines, "| " + " | ".join([*cells, "", "", "", ""]) + " |"])


def _line(kind: str, rows: Sequence[dict[str, Any]]) -> str:
    middle = next((row for row in rows if row["asked"] == 20), rows[-1])
    pets, others = middle["pets_elsewhere"], middle["others_elsewhere"]
    right, missed, called = (middle[f"{name}_elsewhere"] for name in ("right", "missed", "called_pet"))
    cells = [kind, str(middle["rest"]), str(middle["called_pet"][0])]
    cells += [f"{row['called_pet'][1]} ({row['corrected']})" for row in rows]
    cells += [
        f"{middle['unsure'][0]}, {middle['unsure'][1]}",
        f"{right[0] / pets:.2%}, {right[1] / pets:.2%} of {pets:,}",
        f"{missed[0] / pets:.2%}, {missed[1] / pets:.2%}",
        f"{called[0] / others:.2%}, {called[1] / others:.2%} of {others:,}",
    ]
    return "| " + " | ".join(cells) + " |"


def judge(photos: Sequence[Photo], model_folder: Path, first_set: Sequence[Photo]) -> JudgedSet:
    """Judge photos with a model, as the app does. Photos that cannot be read are left out.

    `first_set` are photos to fit a projection to, for a model without features.
    """
    model = load_model_file(model_folder)
    found = {}
    with Pipeline(model, thumbnails=False) as pipeline:
        pipeline.add([photo.path for photo in photos])
        while not pipeline.idle:
            found.update((r.path, r) for r in pipeline.take_results(timeout=0.1) if r.scores is not None)
            print(f"judged {len(found):,} of {len(photos):,}", end="\r", file=sys.stderr, flush=True)
    members = [photo for photo in photos if photo.path in found]
    scores = [found[photo.path].scores for photo in members]
    if model.features_output is None:
        features = _backbone_features(members, first_set)
    else:
        features = np.stack([found[photo.path].features for photo in members])
    pairs = np.array([(score.cat, score.dog) for score in scores if score is not None], np.float64)
    return JudgedSet(members, pairs, pack_rows(features), model.thresholds)


def _backbone_features(photos: Sequence[Photo], first_set: Sequence[Photo]) -> NDArray[np.float32]:
    """Return the features [N, 128] of the untouched backbone in integers, at 288 x 288 pixels."""
    from catdog_desktop.training.efficientnet_lite import LITE2
    from catdog_desktop.training.feature_stream import TrunkRunner
    from catdog_desktop.training.network import build_network
    from catdog_desktop.training.projection import fit_projection
    from catdog_desktop.training.samples import Sample

    chance = np.random.default_rng(0)
    chosen = [first_set[n] for n in chance.choice(len(first_set), min(PROJECTED, len(first_set)), replace=False)]
    plain = [Sample("plain", (photo,), ()) for photo in [*chosen, *photos]]
    runner = TrunkRunner(build_network(LITE2, (288, 288)), plain[: len(chosen)])
    with ThreadPoolExecutor(2) as pool:
        pooled = np.stack([row for _, row in pool.map(runner.run, plain)]).astype(np.float32)
    return fit_projection(pooled[: len(chosen)]).apply(pooled[len(chosen) :])


def _half(name: str) -> bool:
    return hashlib.sha256(f"half {name}".encode()).digest()[0] % 2 == 0


@contextmanager
def _model(folder: Path | None, first: Path) -> Iterator[Path]:
    """Yield `folder`, or that of a model trained on the first set alone, which is removed afterwards."""
    if folder is not None:
        yield folder
        return
    from benchmarks.learning_model import train_first_set

    with TemporaryDirectory(prefix="catdog-learning-") as trained, open_photos(first) as photos:
        train_first_set(photos, Path(trained))
        yield Path(trained)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.learning_trial", description=__doc__)
    parser.add_argument("first", type=Path, help="folder or tar of the first set")
    parser.add_argument("second", type=Path, help="folder or tar of the second set")
    parser.add_argument("--model", type=Path, help="a model that learning_model has trained on the first set")
    parser.add_argument("--out", type=Path, help="a file for the figures as JSON")
    options = parser.parse_args(arguments)
    with _model(options.model, options.first) as folder, open_photos(options.first, options.second) as photos:
        wanted = [photo for photo in photos if photo.origin.source not in FIRST_SET or photo.part != "train"]
        first = [photo for photo in photos if photo.origin.source in FIRST_SET and photo.part == "train"]
        rows = run_trial(judge(wanted, folder, first))
    print(table(rows))
    if options.out is not None:
        options.out.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
