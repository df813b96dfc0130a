"""Fit the rule that finds a second animal beside a sure one (`SecondAnimal`), to joined photos and photos of one pet.

Joined photos are of a cat and a dog side by side, above each other, or one in a corner of the other
(`trials.joined_photos`).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from catdog_desktop.evaluating.second_look_trial import log_odds, logistic
from catdog_desktop.inference.model_file import ModelFile
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.inference.second_look import Fusion, SecondAnimal, halves
from catdog_desktop.training.photo_folder import Photo, fit_input, load_rgb
from catdog_desktop.training.trials import joined_photos
from catdog_desktop.verdict import Scores

LEAST: Final = 0.015
"""A second animal is looked for from this score on: below it are 15 % of the joined photos that the whole photo does
not settle, and three times as many photos of one pet (catdog 4.0, photos set apart)."""
MOST: Final = 0.9
"""And beside a first animal of at least this score: 85 of the 87 joined photos that were looked at have it, and 102 of
132 photos of one pet; below it the other rules of the second look find which of the two it is."""
WEIGHT_OF_BOTH: Final = 0.28
"""What the joined photos count beside those of one pet, in all: as if two of nine photos with pets showed both."""
SHARPNESS: Final = 2.5
"""By what the fitted factors are multiplied. The fit is led by the few photos of one pet that look most like both, and
gives scores in between to the others. With 2.5, 2.8 instead of 7.2 % of 600 joined photos are unsure, 1.8 instead of
4.5 % of the photos of one pet, and the log-loss falls from 0.0166 to 0.0159 (catdog 4.0, held out; set apart 3.0
instead of 5.8 %, 2.0 instead of 4.8 %, and 0.0254 instead of 0.0252)."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Scores of a photo and of its halves; whether it shows both animals."""

    whole: Scores
    halves: tuple[Scores, ...]
    both: bool


def pairs_of(photos: Sequence[Photo], model: ModelFile, joined: int) -> list[Pair]:
    """Classify the photos of one pet, and `joined` photos made of them; halves of those that need them alone."""
    classifier = Classifier(model)
    sure = model.thresholds.cat + model.thresholds.unsure
    width, height = model.input_size

    def scores(image: Image.Image) -> Scores:
        return classifier.classify(fit_input(image, (width, height))).scores

    def images() -> Iterator[tuple[Image.Image, bool]]:
        for photo in photos:
            if photo.label in ("cat", "dog"):
                yield load_rgb(photo.path), False
        for image in joined_photos(photos, joined):
            yield image, True

    pairs = []
    for image, both in images():
        whole = scores(image)
        parts: tuple[Scores, ...] = ()
        if max(whole.cat, whole.dog) >= MOST and LEAST <= min(whole.cat, whole.dog) < sure:
            parts = tuple(
                scores(
                    image.crop(
                        (
                            round(a * image.width),
                            round(b * image.height),
                            round(c * image.width),
                            round(d * image.height),
                        )
                    )
                )
                for a, b, c, d in halves(image.size)
            )
        pairs.append(Pair(whole, parts, both))
    return pairs


def fit_second_animal(pairs: Iterable[Pair]) -> SecondAnimal | None:
    """Return the rule that fits the pairs; None if there are not photos of both kinds to look at."""
    pairs = list(pairs)
    of_both = sum(pair.both for pair in pairs)
    rows, targets, weights = [], [], []
    for pair in pairs:
        if not pair.halves:
            continue
        cat_first = pair.whole.cat >= pair.whole.dog
        second = pair.whole.dog if cat_first else pair.whole.cat
        part = max(half.dog if cat_first else half.cat for half in pair.halves)
        rows.append((log_odds(second), log_odds(part), 1.0))
        targets.append(float(pair.both))
        weights.append(WEIGHT_OF_BOTH * (len(pairs) - of_both) / of_both if pair.both else 1.0)
    if len(set(targets)) < 2:
        return None
    factors = logistic(np.array(rows), np.array(targets), np.array(weights), np.zeros(3))
    return SecondAnimal(LEAST, MOST, Fusion(*(round(float(SHARPNESS * factor), 4) for factor in factors)))
