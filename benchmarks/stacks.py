"""Measure stacks: how many changed copies and made bursts are found, and how many different photos are stacked.

    python -m benchmarks.stacks DATA.TAR... [--half choose|report]

The parameters were chosen on the sources of the half `choose`; the figures are those of the half `report`. Copies: each
of some photos is changed in 12 ways and three more. Bursts: a part of each photo is the first shot, and further shots
are shifted, zoomed, noisy, brighter, or all of it. The photos, the copies and the shots are stacked as in the window,
from thumbnails and features. Real bursts are not at hand.
"""

import argparse
import io
import math
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance, ImageOps

from catdog_desktop.decoding.pixels import THUMBNAIL_EDGE, THUMBNAIL_QUALITY
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.learning.perceptual_hash import Look, look_of
from catdog_desktop.learning.similarity import pack_rows
from catdog_desktop.learning.stacks import StackPhotos, best_of, find_pairs, make_stacks
from catdog_desktop.paths import default_model
from catdog_desktop.training.photo_folder import Photo, fit_input, load_rgb, open_photos

CHOOSING: Final = frozenset(
    {"c101", "houses", "herene", "bears", "clothing", "yahya", "monkeys", "antsbees", "camvid", "kangaroo"}
)
"""The sources of the half on which the parameters were chosen. The others are in the other half."""
CHANGED: Final = 60
"""Photos of each half that are changed."""
LARGE_KINDS: Final = 6
LARGE: Final = 1_520
SMALL: Final = 1_100
"""Photos of the source with the most photos of one kind, and of the other sources."""
SAVED_QUALITY: Final = 90
SECONDS_APART: Final = 1.0

Change = Callable[[Image.Image], Image.Image]


def cut(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    """Cut shares of the width or the height at the edges."""
    width, height = image.size
    return image.crop(
        (round(width * left), round(height * top), width - round(width * right), height - round(height * bottom))
    )


def _resized(image: Image.Image, share: float) -> Image.Image:
    return image.resize((max(32, round(image.width * share)), max(32, round(image.height * share))))


def _as_jpeg(image: Image.Image, quality: int) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality)
    return Image.open(io.BytesIO(buffer.getvalue())).convert("RGB")


def _warmer(image: Image.Image) -> Image.Image:
    pixels = np.asarray(image, np.float32) * np.array([1.15, 1.0, 0.8], np.float32)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _brighter(image: Image.Image, share: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(share)


def _tilted(image: Image.Image, degrees: float) -> Image.Image:
    """Turn by a small angle, and cut the empty corners."""
    turned = image.rotate(degrees, Image.Resampling.BICUBIC)
    sine = math.sin(math.radians(abs(degrees))) / 2
    across, down = sine * image.height / image.width + 0.004, sine * image.width / image.height + 0.004
    return cut(turned, across, down, across, down)


def _noisy(image: Image.Image, deviation: float) -> Image.Image:
    noise = np.random.default_rng(image.width).normal(0, deviation, (image.height, image.width, 3))
    return Image.fromarray(np.clip(np.asarray(image, np.float32) + noise, 0, 255).astype(np.uint8))


COPIES: Final[dict[str, Change]] = {
    "half size": lambda image: _resized(image, 0.5),
    "quarter size": lambda image: _resized(image, 0.25),
    "JPEG of quality 30": lambda image: _as_jpeg(image, 30),
    "JPEG of quality 10": lambda image: _as_jpeg(image, 10),
    "cut by 5 % at each edge": lambda image: cut(image, 0.05, 0.05, 0.05, 0.05),
    "cut by 10 % at one edge": lambda image: cut(image, 0.1, 0, 0, 0),
    "cut by 8 % at two edges": lambda image: cut(image, 0, 0.08, 0.08, 0),
    "turned by 90 degrees": lambda image: image.rotate(90, expand=True),
    "turned by 180 degrees": lambda image: image.rotate(180),
    "grey": lambda image: ImageOps.grayscale(image).convert("RGB"),
    "warmer colours": _warmer,
    "brighter, more contrast": lambda image: ImageEnhance.Contrast(_brighter(image, 1.3)).enhance(1.2),
}
MORE_COPIES: Final[dict[str, Change]] = {
    "mirrored": ImageOps.mirror,
    "turned by 2 degrees and cut": lambda image: _tilted(image, 2),
    "cut by 10 % at each edge": lambda image: cut(image, 0.1, 0.1, 0.1, 0.1),
}
FIRST_SHOT: Final[Change] = lambda image: cut(image, 0.05, 0.05, 0.05, 0.05)  # noqa: E731  Beside its like.
SHOTS: Final[dict[str, Change]] = {
    "shifted by 3 %": lambda image: cut(image, 0.08, 0.05, 0.02, 0.05),
    "shifted by 5 and 3 %": lambda image: cut(image, 0.1, 0.08, 0, 0.02),
    "zoomed by 7 %": lambda image: cut(image, 0.08, 0.08, 0.08, 0.08),
    "noise of 12 levels": lambda image: _noisy(FIRST_SHOT(image), 12),
    "brighter by 35 %": lambda image: _brighter(FIRST_SHOT(image), 1.35),
    "all of these, each less": lambda image: _noisy(_brighter(cut(image, 0.07, 0.03, 0.05, 0.09), 0.8), 6),
}


class Looks:
    """Collects what stacking needs to know of photos, as the window does."""

    def __init__(self) -> None:
        self._classifier = Classifier(load_model_file(default_model()))
        self._looks: list[Look] = []
        self._features: list[NDArray[np.float32]] = []
        self._rest: list[tuple[float, float, float, float]] = []

    def add(self, image: Image.Image, second: float = math.nan) -> int:
        """Add a photo that was taken at `second`; return its number."""
        model = self._classifier.model
        result = self._classifier.classify(fit_input(image, (model.input_width, model.input_height)))
        assert result.features is not None  # The app's own model has them.
        thumbnail = image.copy()
        thumbnail.thumbnail((THUMBNAIL_EDGE, THUMBNAIL_EDGE))
        grey = _as_jpeg(thumbnail, THUMBNAIL_QUALITY).convert("L")
        self._looks.append(look_of(np.asarray(grey)))
        self._features.append(result.features)
        certainty = min(abs(result.scores.cat - 0.5), abs(result.scores.dog - 0.5))
        # As if every photo were saved with the same quality.
        kept = io.BytesIO()
        image.save(kept, "JPEG", quality=SAVED_QUALITY)
        self._rest.append((second, image.width * image.height, len(kept.getvalue()), certainty))
        return len(self._looks) - 1

    def photos(self) -> StackPhotos:
        """Return all of them."""
        seconds, pixels, file_bytes, certainty = np.array(self._rest, np.float64).T
        return StackPhotos(
            pack_rows(np.stack(self._features)),
            np.stack([look.hashes for look in self._looks]),
            seconds,
            np.array([look.sharpness for look in self._looks]),
            pixels,
            file_bytes,
            certainty,
        )


def sample(photos: Sequence[Photo], half: str) -> list[Photo]:
    """Return photos of the sources of a half: many of the largest kinds of one source, and some of the others."""
    chance = np.random.default_rng(5)
    mine = [photo for photo in photos if (photo.origin.source in CHOOSING) == (half == "choose")]
    largest = Counter(photo.origin.source for photo in mine).most_common(1)[0][0]
    of_largest = [photo for photo in mine if photo.origin.source == largest]
    kinds = {kind for kind, _ in Counter(map(group_of, of_largest)).most_common(LARGE_KINDS)}
    large = [photo for photo in of_largest if group_of(photo) in kinds]
    others = [photo for photo in mine if photo.origin.source != largest]
    return [*_some(large, LARGE, chance), *_some(others, SMALL, chance)]


def group_of(photo: Photo) -> str:
    """Return source and species."""
    return f"{photo.origin.source}-{photo.label if photo.label != 'neither' else photo.origin.species}"


def _some(photos: Sequence[Photo], count: int, chance: np.random.Generator) -> list[Photo]:
    return [photos[n] for n in chance.permutation(len(photos))[:count]]


def stack_of(photos: StackPhotos) -> tuple[dict[int, int], list[list[int]]]:
    """Return the number of the stack of each photo that is in one, and the stacks."""
    stacks = make_stacks(photos, *find_pairs(photos))
    return {member: number for number, stack in enumerate(stacks) for member in stack}, stacks


def measure_copies(photos: Sequence[Photo]) -> None:
    """Print the share of copies that are in the stack of their original, and of originals that are proposed."""
    print("| copies | in the stack of the original | original proposed, of the two |\n|---|---:|---:|")
    kinds = COPIES | MORE_COPIES
    looks, numbers = Looks(), defaultdict(list)
    for photo in photos:
        image = load_rgb(photo.path)
        numbers["original"].append(looks.add(image))
        for kind, change in kinds.items():
            numbers[kind].append(looks.add(change(image)))
    every = looks.photos()
    stacks, _members = stack_of(every)
    found: dict[str, list[bool]] = {}
    for kind in kinds:
        pairs = list(zip(numbers["original"], numbers[kind], strict=True))
        found[kind] = [one in stacks and stacks[one] == stacks.get(other) for one, other in pairs]
        kept = np.mean([best_of(every, pair) == pair[0] for pair in pairs])
        print(f"| {kind} | {np.mean(found[kind]):.0%} | {kept:.0%} |")
    print(
        f"| **the 12 kinds** | {np.mean([found[kind] for kind in COPIES]):.1%} of {len(photos) * len(COPIES):,} | |\n"
    )


def measure_bursts(photos: Sequence[Photo]) -> None:
    """Print the share of shots that are in the stack of the first shot."""
    print("| shots, a second apart | in the stack of the first |\n|---|---:|")
    looks, firsts, numbers = Looks(), [], defaultdict(list)
    for place, photo in enumerate(photos):
        image, second = load_rgb(photo.path), place * 3600.0
        firsts.append(looks.add(FIRST_SHOT(image), second))
        for kind, change in SHOTS.items():
            second += SECONDS_APART / 2
            numbers[kind].append(looks.add(change(image), second))
    stacks, _members = stack_of(looks.photos())
    every = []
    for kind, shots in numbers.items():
        found = [one in stacks and stacks[one] == stacks.get(other) for one, other in zip(firsts, shots, strict=True)]
        every += found
        print(f"| {kind} | {np.mean(found):.0%} |")
    print(f"| **all** | {np.mean(every):.1%} of {len(every):,} |\n")


def measure_different(photos: Sequence[Photo]) -> None:
    """Print how many pairs of different photos are stacked, within one source and species and across."""
    groups = np.array([group_of(photo) for photo in photos])
    counts = np.array(list(Counter(groups.tolist()).values()))
    within = int((counts * (counts - 1) // 2).sum())
    across = len(photos) * (len(photos) - 1) // 2 - within
    looks = Looks()
    for photo in photos:
        looks.add(load_rgb(photo.path))
    timeless = looks.photos()
    began = time.process_time()
    _stacks, members = stack_of(timeless)
    seconds = time.process_time() - began
    at_once = replace(timeless, seconds=np.zeros(len(photos)))
    print("| pairs of different photos | within one source and species | across | half of each |\n|---|---:|---:|---:|")
    print(f"| compared | {within:,} | {across:,} | |")
    stacked = [(a, b) for stack in members for n, a in enumerate(stack) for b in stack[n + 1 :]]
    for words, pairs in (("stacked", stacked), ("stacked if all were taken at once", _burst_pairs(at_once))):
        same = sum(groups[a] == groups[b] for a, b in pairs)
        share = (same / within + (len(pairs) - same) / across) / 2
        print(f"| {words} | {same:,} | {len(pairs) - same:,} | {share * 10_000:.2f} in 10,000 |")
    print(f"\n{len(photos):,} photos took {seconds:.2f} s of one core.")
    for a, b in stacked[:40]:
        print(f"  {photos[a].name} and {photos[b].name}")


def _burst_pairs(photos: StackPhotos) -> list[tuple[int, int]]:
    """Return the pairs that are neighbours in a burst or copies."""
    return sorted({(int(a), int(b)) for pairs in find_pairs(photos) for a, b in pairs})


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stacks", description=__doc__)
    parser.add_argument("data", type=Path, nargs="+", help="folders or tars with cat/, dog/, neither/")
    parser.add_argument("--half", choices=("choose", "report"), default="report")
    options = parser.parse_args(arguments)
    with open_photos(*options.data) as photos:
        chosen = sample(photos, options.half)
        changed = _some(chosen, CHANGED, np.random.default_rng(6))
        measure_copies(changed)
        measure_bursts(changed)
        measure_different(chosen)


if __name__ == "__main__":
    main()
