"""Measure and fit the second look on made photos: small pets in scenes, small other things, panoramas.

    python -m catdog_desktop.evaluating.second_look_trial LABELLED SCENES --model MODEL [--fit [--write]]

LABELLED holds cat/, dog/ and neither/; SCENES holds photos without pets, to paste into and to measure as they are. Use
photos that the model was not trained on. `--fit` prints the "second_look" of a model's description, fitted to one half
of the photos of each kind; the figures are those of the other half. `--write` puts it into the model's description.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.decoding.decode import decode_parts, decode_photo
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.evaluating.evaluation import Proportion
from catdog_desktop.evaluating.made_photos import write_made_photos
from catdog_desktop.files.atomic_write import write_text_atomically
from catdog_desktop.inference.model_file import DESCRIPTION, ModelFile, load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.inference.second_look import (
    QUARTERS,
    Fusion,
    SecondAnimal,
    SecondLook,
    halves,
    peaks,
    promise,
    strips,
)
from catdog_desktop.verdict import Scores, Thresholds, Verdict

MODES: Final = ("whole photo", "default", "thorough")
PANORAMA: Final = 3.0
CROP: Final = 0.35
"""Edge of a part, as a fraction of the photo's. Parts of 0.35 find more small pets than those of 0.5, and call fewer
other things pets (catdog 3.1, believed from 0.95 on: 78 against 75 %, 8.7 against 12 %)."""
CROPS: Final = 1
"""A second part adds a hundredth to the small pets that are found, and costs half as much again."""
THOROUGH_CROPS: Final = 2
LEAST_BAND: Final = 0.05
"""A photo is looked at closer within this of the threshold, even where a model is never unsure."""
LOOKED_AT: Final = 0.12
"""Share of photos without a pet, of those that were not made, that the default mode looks at closer."""
_WEIGHTS: Final = {
    "small pets": 3.0,
    "small things": 2.0,
    "panoramas with a pet": 2.0,
    "panoramas without": 1.5,
    "pets": 0.5,
    "other photos": 3.0,
}
"""What each kind counts in the fit, in all. Of a folder's photos most are without a pet."""
_RIDGE: Final = 0.02
_STEPS: Final = 60


@dataclass(frozen=True, slots=True)
class Record:
    """What a model answers to a photo and to all parts of it that any mode may look at."""

    kind: str
    truth: str
    size: tuple[int, int]
    whole: Scores
    heat: tuple[float, ...]
    """Of each part around a peak."""
    peaks: tuple[Scores, ...]
    quarters: tuple[Scores, ...]
    strips: tuple[Scores, ...]
    """Empty unless the photo is a panorama."""
    halves: tuple[Scores, ...] = ()

    @property
    def has_pet(self) -> bool:
        """Whether the photo shows a cat or a dog."""
        return self.truth in ("cat", "dog", "both")


def record(kind: str, path: Path, truth: str, model: ModelFile, classifier: Classifier) -> Record:
    """Classify the photo at `path` and its parts. Raises `PhotoError` and `ModelError`."""
    photo = decode_photo(path, model.input_size, model.resampling, thumbnail=False)
    inference = classifier.classify(photo.pixels)
    assert inference.heat_maps is not None, "the model has no heat maps to choose parts by"
    size = (photo.info.width, photo.info.height)

    def scores(parts: Sequence[tuple[float, float, float, float]]) -> tuple[Scores, ...]:
        pixels = decode_parts(path, parts, model.input_size, model.resampling)
        return tuple(classifier.classify(part).scores for part in pixels)

    if max(size) >= PANORAMA * min(size):
        return Record(kind, truth, size, inference.scores, (), (), (), scores(strips(size)))
    found = peaks(inference.heat_maps, CROP, THOROUGH_CROPS)
    seen = scores([*(box for box, _ in found), *QUARTERS, *halves(size)])
    heat = tuple(warmth for _, warmth in found)
    around, quarters = seen[: len(found)], seen[len(found) : -2]
    return Record(kind, truth, size, inference.scores, heat, around, quarters, (), seen[-2:])


def judge(item: Record, look: SecondLook | None, thresholds: Thresholds, mode: str) -> tuple[Verdict, bool]:
    """Return the verdict of a mode, and whether it looked closer."""
    if look is None or mode == MODES[0]:
        return thresholds.judge(item.whole), False
    parts: Sequence[Scores] = item.strips
    fusion: Fusion | SecondAnimal = look.panorama_fusion
    if look.second_animal is not None and item.halves and look.may_show_second_animal(item.whole):
        parts, fusion = item.halves, look.second_animal
    elif not item.strips:
        scores = (item.whole.cat, item.whole.dog)
        unsure = any(look.nothing < score < look.sure for score in scores)
        if not unsure and max(scores) >= look.sure:
            return thresholds.judge(item.whole), False
        if mode == MODES[2]:
            parts, fusion = (*item.quarters, *item.peaks), look.thorough_fusion
        else:
            parts, fusion = _promising(item, look, unsure=unsure), look.fusion
    if not parts:
        return thresholds.judge(item.whole), False
    return thresholds.judge(look.fuse(item.whole, parts, fusion)), True


def _promising(item: Record, look: SecondLook, *, unsure: bool) -> list[Scores]:
    """Return the scores of the parts that the default mode looks at."""
    chosen = list(zip(item.peaks, item.heat, strict=True))[: look.crops]
    return [part for part, heat in chosen if unsure or promise(item.whole, heat) >= look.peak]


def measure(
    records: Iterable[Record], look: SecondLook | None, thresholds: Thresholds
) -> dict[str, dict[str, dict[str, Proportion]]]:
    """Return kind -> mode -> figure: photos `called a pet`, `unsure`, `right`, and `looked closer`."""
    groups: dict[str, list[Record]] = {}
    for item in records:
        groups.setdefault(item.kind, []).append(item)
    figures: dict[str, dict[str, dict[str, Proportion]]] = {}
    for kind, items in groups.items():
        for mode in MODES if look is not None else MODES[:1]:
            judged = [(item, *judge(item, look, thresholds, mode)) for item in items]
            counts = {
                "called a pet": sum(verdict in (Verdict.CAT, Verdict.DOG, Verdict.BOTH) for _, verdict, _ in judged),
                "unsure": sum(verdict is Verdict.UNSURE for _, verdict, _ in judged),
                "right": sum(verdict == item.truth for item, verdict, _ in judged),
                "looked closer": sum(closer for _, _, closer in judged),
            }
            figures.setdefault(kind, {})[mode] = {name: Proportion(count, len(items)) for name, count in counts.items()}
    return figures


def fit(records: Sequence[Record], thresholds: Thresholds) -> SecondLook:
    """Return the rule that fits `records`: which photos are looked at closer, and how scores are joined."""
    width = max(thresholds.unsure, LEAST_BAND)
    nothing, sure = thresholds.cat - width, thresholds.cat + width
    quiet = [
        promise(item.whole, max(item.heat))
        for item in records
        if not item.has_pet and item.heat and item.kind == "other photos" and _top(item.whole) <= nothing
    ]
    peak = float(np.quantile(quiet, 1 - LOOKED_AT)) if quiet else 0.0
    plain = Fusion(0.0, 1.0, 0.0)
    look = SecondLook(nothing, sure, round(peak, 3), CROPS, THOROUGH_CROPS, CROP, PANORAMA, plain, plain, plain)

    def looked_at(item: Record) -> Sequence[Scores]:
        unsure = any(nothing < score < sure for score in (item.whole.cat, item.whole.dog))
        return _promising(item, look, unsure=unsure)

    unsettled = [item for item in records if not item.strips and _top(item.whole) < sure]
    return replace(
        look,
        fusion=_fusion(unsettled, looked_at),
        panorama_fusion=_fusion([item for item in records if item.strips], lambda item: item.strips),
        thorough_fusion=_fusion(unsettled, lambda item: (*item.quarters, *item.peaks)),
    )


def _top(scores: Scores) -> float:
    return max(scores.cat, scores.dog)


def _fusion(records: Sequence[Record], parts_of: Callable[[Record], Sequence[Scores]]) -> Fusion:
    """Fit the factors by a weighted logistic regression over both animals, with factors that are not negative."""
    rows, targets, weights = [], [], []
    totals: dict[str, int] = {}
    used = [(item, parts) for item in records if (parts := parts_of(item))]
    for item, _ in used:
        totals[item.kind] = totals.get(item.kind, 0) + 1
    for item, parts in used:
        for animal in ("cat", "dog"):
            best = max(getattr(part, animal) for part in parts)
            rows.append((log_odds(getattr(item.whole, animal)), log_odds(best), 1.0))
            targets.append(float(item.truth in (animal, "both")))
            weights.append(_WEIGHTS.get(item.kind, 1.0) / totals[item.kind])
    prior = np.array([0.0, 1.0, 0.0])
    if not rows:
        return Fusion(*prior.tolist())
    return Fusion(
        *(round(float(value), 4) for value in logistic(np.array(rows), np.array(targets), np.array(weights), prior))
    )


def logistic(
    rows: NDArray[np.float64], targets: NDArray[np.float64], weights: NDArray[np.float64], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the factors of `rows`' columns, of a ridge logistic regression towards `prior`, by Newton's method.

    The last column is the constant, whose ridge is a tenth of the others'; the other factors are not negative.
    """
    factors = np.append(np.maximum(prior[:-1], 0.5), -1.0)
    weights = weights * len(weights) / weights.sum()
    ridge = np.diag(np.append(np.full(len(prior) - 1, _RIDGE), _RIDGE / 10)) * len(weights)

    def loss(tried: NDArray[np.float64]) -> float:
        odds = rows @ tried
        away = tried - prior
        return float(weights @ (np.logaddexp(0.0, odds) - targets * odds) + away @ ridge @ away / 2)

    for _ in range(_STEPS):
        shares = 1 / (1 + np.exp(-np.clip(rows @ factors, -30, 30)))
        gradient = rows.T @ (weights * (shares - targets)) + ridge @ (factors - prior)
        curvature = (rows * (weights * shares * (1 - shares))[:, None]).T @ rows + ridge
        step = np.linalg.solve(curvature, gradient)
        for halving in range(20):  # a whole step may overshoot where the photos are nearly separable
            tried = factors - step * 0.5**halving
            tried[:-1] = np.maximum(tried[:-1], 0.0)
            if loss(tried) < loss(factors):
                factors = tried
                break
    return factors


def log_odds(score: float) -> float:
    """Return the log-odds of a score, between -7 and 7."""
    clipped = min(max(score, 1e-9), 1 - 1e-9)
    return float(np.clip(np.log(clipped / (1 - clipped)), -7.0, 7.0))


def collect(
    model: ModelFile,
    pets: Sequence[tuple[Path, str]],
    things: Sequence[Path],
    scenes: Sequence[Path],
    folder: Path,
    *,
    count: int,
    on_photo: Callable[[int], None] = lambda done: None,
) -> list[Record]:
    """Make `count` photos of each kind in `folder`, and record them with the photos that they are made of."""
    photos = [
        (kind, path, truth)
        for kind, made in write_made_photos(folder, pets, things, scenes, count=count).items()
        for path, truth in made
    ]
    photos += [("pets", path, truth) for path, truth in pets[:count]]
    others = dict.fromkeys((*things[:count], *scenes[:count]))
    photos += [("other photos", path, "neither") for path in others]
    classifier = Classifier(model)
    records = []
    for number, (kind, path, truth) in enumerate(photos, 1):
        records.append(record(kind, path, truth, model, classifier))
        on_photo(number)
    return records


def write_rule(folder: Path, look: SecondLook) -> None:
    """Put `look` into the description of the model in `folder`. Raises `OSError`."""
    path = folder / DESCRIPTION
    description = json.loads(path.read_text(encoding="utf-8"))
    write_text_atomically(
        path, json.dumps({**description, "second_look": asdict(look)}, indent=2, ensure_ascii=False) + "\n"
    )


def describe(figures: Mapping[str, Mapping[str, Mapping[str, Proportion]]]) -> Iterable[str]:
    """Yield the figures of `measure` as lines of a table."""
    yield f"{'':<24}{'':<14}{'called a pet':>14}{'unsure':>9}{'right':>9}{'looked closer':>15}{'photos':>8}"
    for kind, modes in figures.items():
        for mode, shares in modes.items():
            cells = [f"{shares[name].value:.1%}" for name in ("called a pet", "unsure", "right", "looked closer")]
            total = shares["right"].total
            yield f"{kind:<24}{mode:<14}{cells[0]:>14}{cells[1]:>9}{cells[2]:>9}{cells[3]:>15}{total:>8,}"


def main(argv: Sequence[str] | None = None) -> int:
    """Measure a model, and fit its second look if asked; return the exit status."""
    parser = argparse.ArgumentParser(description="Measure and fit the second look of a model on made photos.")
    parser.add_argument("labelled", type=Path, help="folder with cat/, dog/ and neither/")
    parser.add_argument("scenes", type=Path, help="folder with photos without pets")
    parser.add_argument("--model", type=Path, required=True, help="folder of the model")
    parser.add_argument("--count", type=int, default=300, help="photos of each kind (default: 300)")
    parser.add_argument("--fit", action="store_true", help='print a fitted "second_look"')
    parser.add_argument("--write", action="store_true", help="with --fit: put it into the model's description")
    arguments = parser.parse_args(argv)
    model = load_model_file(arguments.model)
    rng = np.random.default_rng(1)

    def shuffled(folder: Path) -> list[Path]:
        paths = [path for path in find_photos([folder]) if isinstance(path, Path)]
        return [paths[index] for index in rng.permutation(len(paths))]

    pets = [(path, truth) for truth in ("cat", "dog") for path in shuffled(arguments.labelled / truth)]
    pets = [pets[index] for index in rng.permutation(len(pets))]
    things, scenes = shuffled(arguments.labelled / "neither"), shuffled(arguments.scenes)
    with tempfile.TemporaryDirectory(prefix="catdog-made-") as folder:
        records = collect(model, pets, things, scenes, Path(folder), count=arguments.count)
    look = model.second_look
    if arguments.fit:
        look = replace(fit(records[::2], model.thresholds), second_animal=look.second_animal if look else None)
        records = records[1::2]
        sys.stdout.write(json.dumps({"second_look": asdict(look)}, indent=2) + "\n")
        if arguments.write:
            write_rule(arguments.model, look)
    sys.stdout.write("\n".join(describe(measure(records, look, model.thresholds))) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
