"""The samples that a tuned model is trained on: plain photos, changed ones and composed ones.

A sample is a short description; :func:`render` makes its pixels from it, the same each time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from catdog_desktop.training.augmentation import CHANGES, LIGHT_CHANGES, SMALL_CHANGES, augment
from catdog_desktop.training.composition import JOINS, close_up, in_scene, panorama
from catdog_desktop.training.photo_folder import Photo, fit_input, load_rgb
from catdog_desktop.training.sources import CALTECH, IMAGENET, KAGGLE, ORIGINAL

_JOINED_PAIRS: Final = (
    ("cat", "dog", 0.54),
    ("cat", "cat", 0.09),
    ("dog", "dog", 0.09),
    ("cat", "neither", 0.09),
    ("dog", "neither", 0.09),
    ("neither", "neither", 0.1),
)
"""Labels that are joined, and their share of the joined samples."""

# fmt: off
NEAR_MISSES: Final = frozenset({
    "timber_wolf", "red_wolf", "African_hunting_dog", "red_fox", "Arctic_fox", "lynx", "snow_leopard",
    "lion", "cheetah", "meerkat", "mink", "black-footed_ferret", "skunk", "lesser_panda", "Madagascar_cat",
    "American_black_bear", "sloth_bear", "hare", "hamster", "fox_squirrel", "beaver", "koala",
})
"""Furry animals that are neither, by the class in the name of their one photo (`inet-n02114367_timber_wolf.jpg`)."""

SCENES: Final = frozenset({
    "house", "street", "photo", "food", "clothes", "person", "minaret", "pagoda", "ferry", "schooner", "pyramid",
    "car_side", "lakeside", "valley", "sandbar", "barn", "boathouse", "castle", "church", "monastery", "patio",
    "bakery", "toyshop", "bookcase", "stove", "studio_couch", "park_bench", "viaduct", "steel_arch_bridge",
})
# fmt: on
"""Kinds that show places: the backdrops of pasted subjects."""

_SCENE_AS_BACKDROP: Final = 0.65
"""Share of the backdrops that are places; the others are any photos of neither."""
_PET_SOURCES: Final = {KAGGLE: 0.6, ORIGINAL: 0.24}
"""Share of the pets by source; all other sources have the rest."""
_NEITHER_SOURCES: Final = {CALTECH: 0.22, IMAGENET: 0.2}
_NEAR_MISS_WEIGHT: Final = 6.0
"""A near miss is drawn so many times as often as another photo of ImageNet."""
_MOST_PLAIN: Final = 0.6
"""Chance that a photo's first sample of a round shows it as it is."""


@dataclass(frozen=True)
class Mixture:
    """How many samples of each kind are planned for a round."""

    single: int = 29_000
    """Photos as they are or changed."""
    joined: int = 18_000
    """Two photos in one, both large."""
    scenes: int = 11_500
    """A small subject in a scene: a pet and something else by turns."""
    panoramas: int = 4_000
    """With a pet, with something else, and without a subject by turns."""
    close_ups: int = 3_500
    """Small parts of photos of neither."""
    neither: float = 0.38
    """Share of *neither* among the single photos."""

    @property
    def total(self) -> int:
        """Number of samples."""
        return self.single + self.joined + self.scenes + self.panoramas + self.close_ups


@dataclass(frozen=True, slots=True)
class Sample:
    """How to make one training photo of one or more photos."""

    kind: str
    """`plain`, `changed`, `joined`, `scene`, `panorama` or `close-up`."""
    photos: tuple[Photo, ...]
    seed: tuple[int, ...]

    @property
    def target(self) -> tuple[float, float]:
        """Has a cat, has a dog: whatever any of the photos has."""
        cats, dogs = zip(*(photo.target for photo in self.photos), strict=True)
        return max(cats), max(dogs)


class Deck:
    """Photos that are drawn by weight; the counts stay close to the weights even in few draws."""

    def __init__(self, photos: Sequence[Photo], weights: Sequence[float]) -> None:
        self._photos = photos
        self._edges = np.cumsum(np.asarray(weights, np.float64) / np.sum(weights))

    def draw(self, number: int, rng: np.random.Generator) -> list[Photo]:
        """Draw `number` photos in random order."""
        if not number:
            return []
        # One point in each of `number` equal parts of 0..1: counts differ from their expectation by less than 2.
        points = (np.arange(number) + rng.random()) / number
        chosen = np.minimum(np.searchsorted(self._edges, points, side="right"), len(self._photos) - 1)
        rng.shuffle(chosen)
        return [self._photos[index] for index in chosen]


def photo_weights(photos: Sequence[Photo], hardness: Mapping[str, float] | None = None) -> list[float]:
    """Return how often each photo is drawn among those of its label, in relation to the others.

    Sources get fixed shares; in a source the kinds count by the square root of their photos, so that 47 sheep are not
    lost among 600 house fronts. `hardness` (by file name, 1 for a photo like most) multiplies the weight.
    """
    of_kind: dict[tuple[str, str, str], int] = defaultdict(int)
    for photo in photos:
        of_kind[photo.label, photo.origin.source, photo.origin.kind] += 1
    raw = [_weight_in_source(photo, of_kind) for photo in photos]
    of_share: dict[tuple[str, str], float] = defaultdict(float)
    for photo, weight in zip(photos, raw, strict=True):
        of_share[photo.label, _share_name(photo)] += weight
    hard = hardness or {}
    return [
        weight / of_share[photo.label, _share_name(photo)] * _share(photo) * hard.get(photo.name, 1.0)
        for photo, weight in zip(photos, raw, strict=True)
    ]


def _weight_in_source(photo: Photo, of_kind: Mapping[tuple[str, str, str], int]) -> float:
    if photo.origin.source == IMAGENET and photo.origin.kind in NEAR_MISSES:
        return _NEAR_MISS_WEIGHT
    return of_kind[photo.label, photo.origin.source, photo.origin.kind] ** -0.5


def _shares(photo: Photo) -> dict[str, float]:
    return _NEITHER_SOURCES if photo.label == "neither" else _PET_SOURCES


def _share_name(photo: Photo) -> str:
    return photo.origin.source if photo.origin.source in _shares(photo) else ""


def _share(photo: Photo) -> float:
    shares = _shares(photo)
    return shares.get(photo.origin.source, 1.0 - sum(shares.values()))


def plan(
    photos: Sequence[Photo], mixture: Mixture, seed: int, hardness: Mapping[str, float] | None = None
) -> list[Sample]:
    """Plan the samples of a round, in no particular order. `hardness`: see `photo_weights`."""
    rng = np.random.default_rng(seed)
    decks = _decks(photos, hardness)
    return [
        *_single(decks, mixture, seed, rng),
        *_joined(decks, mixture.joined, seed, rng),
        *_scenes(decks, mixture.scenes, seed, rng),
        *_panoramas(decks, mixture.panoramas, seed, rng),
        *(
            Sample("close-up", (photo,), (seed, number, 4000))
            for number, photo in enumerate(decks["neither"].draw(mixture.close_ups, rng))
        ),
    ]


def _decks(photos: Sequence[Photo], hardness: Mapping[str, float] | None) -> dict[str, Deck]:
    """Make decks of each label, and one of the backdrops (`scene`)."""
    weights = photo_weights(photos, hardness)

    def deck(chosen: Iterable[bool]) -> Deck:
        pairs = [pair for pair, wanted in zip(zip(photos, weights, strict=True), chosen, strict=True) if wanted]
        return Deck(*(list(column) for column in zip(*pairs, strict=True)))

    decks = {label: deck(photo.label == label for photo in photos) for label in {photo.label for photo in photos}}
    is_scene = [photo.label == "neither" and photo.origin.kind in SCENES for photo in photos]
    decks["scene"] = deck(is_scene) if any(is_scene) else decks["neither"]
    return decks


def _single(decks: Mapping[str, Deck], mixture: Mixture, seed: int, rng: np.random.Generator) -> list[Sample]:
    others = round(mixture.single * mixture.neither)
    both = min(40, mixture.single // 1000) if "both" in decks else 0
    cats = (mixture.single - others - both) // 2
    numbers = {"neither": others, "both": both, "cat": cats, "dog": mixture.single - others - both - cats}
    samples: list[Sample] = []
    seen: set[str] = set()
    for label, count in numbers.items():
        for photo in decks[label].draw(count, rng) if count else []:
            plain = photo.name not in seen and rng.random() < _MOST_PLAIN
            seen.add(photo.name)
            samples.append(Sample("plain", (photo,), ()) if plain else _changed(photo, seed, len(samples)))
    return samples


def _changed(photo: Photo, seed: int, number: int) -> Sample:
    return Sample("changed", (photo,), (seed, number, 0))


def _joined(decks: Mapping[str, Deck], number: int, seed: int, rng: np.random.Generator) -> list[Sample]:
    samples: list[Sample] = []
    counts = [round(number * share) for *_, share in _JOINED_PAIRS]
    counts[0] += number - sum(counts)  # what rounding left over
    for (first, second, _), count in zip(_JOINED_PAIRS, counts, strict=True):
        pairs = zip(decks[first].draw(count, rng), decks[second].draw(count, rng), strict=True)
        for one, other in pairs:
            photos = (one, other) if rng.random() < 0.5 else (other, one)
            samples.append(Sample("joined", photos, (seed, len(samples), 1000)))
    return samples


def _scenes(decks: Mapping[str, Deck], number: int, seed: int, rng: np.random.Generator) -> list[Sample]:
    backdrops = _backdrops(decks, number, rng)
    subjects = _subjects(decks, number, rng)
    return [
        Sample("scene", (subject, backdrop), (seed, count, 2000))
        for count, (subject, backdrop) in enumerate(zip(subjects, backdrops, strict=True))
    ]


def _panoramas(decks: Mapping[str, Deck], number: int, seed: int, rng: np.random.Generator) -> list[Sample]:
    """Plan panoramas of one scene, or of two to four in a row; two of three have a subject, which comes first."""
    samples = []
    subjects = _subjects(decks, number, rng)
    for count, subject in enumerate(subjects):
        scenes = _backdrops(decks, 1 if rng.random() < 0.6 else int(rng.integers(2, 5)), rng)
        lonely = subject.label == "neither" and rng.random() < 0.5
        kind = "panorama-empty" if lonely else "panorama"
        samples.append(Sample(kind, tuple(scenes) if lonely else (subject, *scenes), (seed, count, 3000)))
    return samples


def _subjects(decks: Mapping[str, Deck], number: int, rng: np.random.Generator) -> list[Photo]:
    """Draw subjects to be pasted: as many pets as other things."""
    pets = [*decks["cat"].draw(number // 4, rng), *decks["dog"].draw(number // 4, rng)]
    subjects = [*pets, *decks["neither"].draw(number - len(pets), rng)]
    return [subjects[index] for index in rng.permutation(len(subjects))]


def _backdrops(decks: Mapping[str, Deck], number: int, rng: np.random.Generator) -> list[Photo]:
    places = int(rng.binomial(number, _SCENE_AS_BACKDROP))
    drawn = [*decks["scene"].draw(places, rng), *decks["neither"].draw(number - places, rng)]
    return [drawn[index] for index in rng.permutation(number)]


def render(sample: Sample, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Make the pixels of a sample: uint8 [height, width, 3] for a `size` of (width, height)."""
    return fit_input(_compose(sample, [load_rgb(photo.path) for photo in sample.photos]), size)


def _compose(sample: Sample, images: list[Image.Image]) -> Image.Image:
    rng = np.random.default_rng(sample.seed)
    match sample.kind:
        case "plain":
            return images[0]
        case "changed":
            return augment(images[0], rng, CHANGES)
        case "joined":
            return augment(JOINS[rng.integers(len(JOINS))](images[0], images[1], rng), rng, LIGHT_CHANGES)
        case "scene":
            return augment(in_scene(images[0], images[1], rng), rng, SMALL_CHANGES)
        case "panorama":
            return augment(panorama(tuple(images[1:]), images[0], rng), rng, SMALL_CHANGES)
        case "panorama-empty":
            return augment(panorama(tuple(images), None, rng), rng, SMALL_CHANGES)
        case "close-up":
            return augment(close_up(images[0], rng), rng, LIGHT_CHANGES)
        case _:
            raise ValueError(f"unknown kind of sample {sample.kind!r}")
