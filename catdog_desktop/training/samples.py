"""What a tuned model is trained on: plain photos, changed ones and joined ones, decided before any is made.

A sample is a short description; :func:`render` makes its pixels from it, the same each time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.training.augmentation import CHANGES, LIGHT_CHANGES, augment
from catdog_desktop.training.composition import JOINS, small_in_scene
from catdog_desktop.training.photo_folder import Photo, fit_input, load_rgb

_JOINED_PAIRS: Final = (
    ("cat", "dog", 0.5),
    ("cat", "cat", 0.1),
    ("dog", "dog", 0.1),
    ("cat", "neither", 0.1),
    ("dog", "neither", 0.1),
    ("neither", "neither", 0.1),
)
"""Labels that are joined, and their share of the joined samples."""


@dataclass(frozen=True, slots=True)
class Sample:
    """How to make one training photo of one or two photos."""

    kind: str
    """`plain`, `changed`, `joined` or `scene` (a small pet in a photo of neither)."""
    photos: tuple[Photo, ...]
    seed: tuple[int, ...]

    @property
    def target(self) -> tuple[float, float]:
        """Has a cat, has a dog: whatever either photo has."""
        cats, dogs = zip(*(photo.target for photo in self.photos), strict=True)
        return max(cats), max(dogs)


def plan(photos: Sequence[Photo], versions: int, joined: int, scenes: int, seed: int) -> list[Sample]:
    """Plan the samples: each photo plain and in `versions` changed ones, and numbers of joined and of scenes."""
    rng = np.random.default_rng(seed)
    of_label = {label: [photo for photo in photos if photo.label == label] for label in ("cat", "dog", "neither")}
    samples = [Sample("plain", (photo,), ()) for photo in photos]
    samples += [
        Sample("changed", (photo,), (seed, number, version))
        for version in range(versions)
        for number, photo in enumerate(photos)
    ]
    chances = [chance for *_, chance in _JOINED_PAIRS]
    for number in range(joined):
        first, second, _ = _JOINED_PAIRS[rng.choice(len(_JOINED_PAIRS), p=chances)]
        pair = [of_label[label][rng.integers(len(of_label[label]))] for label in (first, second)]
        if rng.random() < 0.5:
            pair.reverse()
        samples.append(Sample("joined", (pair[0], pair[1]), (seed, number, 1000)))
    for number in range(scenes):
        pets = of_label[("cat", "dog")[number % 2]]
        pet, scene = pets[rng.integers(len(pets))], of_label["neither"][rng.integers(len(of_label["neither"]))]
        samples.append(Sample("scene", (pet, scene), (seed, number, 2000)))
    return samples


def render(sample: Sample, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Make the pixels of a sample: uint8 [height, width, 3] for a `size` of (width, height)."""
    images = [load_rgb(photo.path) for photo in sample.photos]
    rng = np.random.default_rng(sample.seed)
    if sample.kind == "changed":
        images[0] = augment(images[0], rng, CHANGES)
    elif sample.kind == "joined":
        images[0] = augment(JOINS[rng.integers(len(JOINS))](images[0], images[1], rng), rng, LIGHT_CHANGES)
    elif sample.kind == "scene":
        images[0] = augment(small_in_scene(images[0], images[1], rng), rng, LIGHT_CHANGES)
    return fit_input(images[0], size)
