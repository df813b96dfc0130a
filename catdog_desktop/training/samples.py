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
    ("cat", "dog", 0.56),
    ("cat", "cat", 0.1),
    ("dog", "dog", 0.1),
    ("cat", "neither", 0.1),
    ("dog", "neither", 0.1),
    ("neither", "neither", 0.04),
)
"""Labels that are joined, and their share of the joined samples."""

# fmt: off
NEAR_MISSES: Final = frozenset({
    "timber_wolf", "red_wolf", "dingo", "African_hunting_dog", "red_fox", "Arctic_fox", "lynx", "snow_leopard",
    "lion", "cheetah", "meerkat", "mink", "black-footed_ferret", "skunk", "lesser_panda", "Madagascar_cat",
    "American_black_bear", "sloth_bear", "hare", "hamster", "fox_squirrel", "beaver", "koala",
})
# fmt: on
"""Furry animals that are neither, by what stands in the name of their one photo (`inet-n02114367_timber_wolf.jpg`)."""


@dataclass(frozen=True)
class Mixture:
    """How many samples of each kind are planned beside every photo as it is."""

    versions: int = 3
    """Changed versions of every photo."""
    joined: int = 34_000
    scenes: int = 8_000
    more_of_single: int = 4
    """More changed versions of photos that are the only one of their kind (ImageNet's classes)..."""
    more_of_near_misses: int = 40
    """...and of those that are nearly a cat or a dog."""

    def versions_of(self, photo: Photo) -> int:
        """How many changed versions a photo gets."""
        source, _, kind = photo.path.stem.partition("_")
        if not source.startswith("inet-"):
            return self.versions
        return self.versions + (self.more_of_near_misses if kind in NEAR_MISSES else self.more_of_single)


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


def plan(photos: Sequence[Photo], mixture: Mixture, seed: int) -> list[Sample]:
    """Plan the samples: each photo plain and in changed versions, and numbers of joined ones and of scenes."""
    rng = np.random.default_rng(seed)
    of_label = {label: [photo for photo in photos if photo.label == label] for label in ("cat", "dog", "neither")}
    samples = [Sample("plain", (photo,), ()) for photo in photos]
    samples += [
        Sample("changed", (photo,), (seed, number, version))
        for number, photo in enumerate(photos)
        for version in range(mixture.versions_of(photo))
    ]
    chances = [chance for *_, chance in _JOINED_PAIRS]
    for number in range(mixture.joined):
        first, second, _ = _JOINED_PAIRS[rng.choice(len(_JOINED_PAIRS), p=chances)]
        pair = [of_label[label][rng.integers(len(of_label[label]))] for label in (first, second)]
        if rng.random() < 0.5:
            pair.reverse()
        samples.append(Sample("joined", (pair[0], pair[1]), (seed, number, 1000)))
    for number in range(mixture.scenes):
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
