"""Made photos of small pets in scenes and of panoramas, to measure the second look on.

Few labelled photos show a pet that covers 4 to 10 % of the area, so subjects are cut out with soft edges and pasted
into scenes. The same is done with things that are no pets: only a difference between the two counts.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SHARES: Final = (0.04, 0.10)
"""Least and largest part of the scene's area that the rectangle of a pasted subject covers; its soft ellipse covers
54 % of that."""
LENGTHS: Final = (3.0, 5.0)
"""Least and largest width of a panorama divided by its height."""
_EDGE: Final = 640
"""Longer edge of a made scene in pixels, as in COCO."""
_PANORAMA_HEIGHT: Final = 320
_FEATHER: Final = 0.35
"""Part of the ellipse's radius over which a pasted subject fades out."""


def small_in_scene(subject: Image.Image, scene: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Paste `subject` at a random place of `scene` so that it covers a share of the area within `SHARES`."""
    scale = _EDGE / max(scene.size)
    ground = scene.resize((round(scene.width * scale), round(scene.height * scale)), Image.Resampling.BICUBIC)
    area = ground.width * ground.height * rng.uniform(*SHARES)
    return _pasted(_subject(subject), ground, area, rng)


def panorama(scenes: Sequence[Image.Image], subject: Image.Image | None, rng: np.random.Generator) -> Image.Image:
    """Join `scenes` side by side with soft seams to a photo of `LENGTHS`; paste `subject` into it, if there is one."""
    width = round(_PANORAMA_HEIGHT * rng.uniform(*LENGTHS))
    ground = _row(scenes, width, rng)
    if subject is None:
        return ground
    tall = _PANORAMA_HEIGHT * rng.uniform(0.5, 0.95)
    cut = _subject(subject)
    return _pasted(cut, ground, tall * tall * cut.width / cut.height, rng)


def write_made_photos(
    folder: Path,
    pets: Sequence[tuple[Path, str]],
    things: Sequence[Path],
    scenes: Sequence[Path],
    *,
    count: int,
    seed: int = 1,
) -> dict[str, list[tuple[Path, str]]]:
    """Write `count` photos of each kind to `folder` as JPEG; return kind -> (path, truth).

    Kinds: `small pets`, `small things`, `panoramas with a pet`, `panoramas without`. `pets` are paths with their truth
    (cat or dog). The photos depend on the arguments only.
    """
    made: dict[str, list[tuple[Path, str]]] = {}
    for kind, photos in (
        ("small pets", _small(pets, scenes, count, seed)),
        ("small things", _small([(path, "neither") for path in things], scenes, count, seed + 1)),
        ("panoramas with a pet", _panoramas(pets, scenes, count, seed + 2)),
        ("panoramas without", _panoramas((), scenes, count, seed + 3)),
    ):
        target = folder / kind.replace(" ", "-")
        target.mkdir(parents=True, exist_ok=True)
        made[kind] = []
        for number, (image, truth) in enumerate(photos):
            path = target / f"{truth}-{number:04}.jpg"
            image.save(path, quality=90)
            made[kind].append((path, truth))
    return made


def _small(
    subjects: Sequence[tuple[Path, str]], scenes: Sequence[Path], count: int, seed: int
) -> Iterator[tuple[Image.Image, str]]:
    rng = np.random.default_rng(seed)
    for number in range(count):
        path, truth = subjects[_nth(number, len(subjects), seed)]
        yield small_in_scene(_open(path), _open(scenes[int(rng.integers(len(scenes)))]), rng), truth


def _panoramas(
    pets: Sequence[tuple[Path, str]], scenes: Sequence[Path], count: int, seed: int
) -> Iterator[tuple[Image.Image, str]]:
    rng = np.random.default_rng(seed)
    for number in range(count):
        chosen = [_open(scenes[int(index)]) for index in rng.integers(len(scenes), size=int(rng.integers(2, 5)))]
        if pets:
            path, truth = pets[_nth(number, len(pets), seed)]
            yield panorama(chosen, _open(path), rng), truth
        else:
            yield panorama(chosen, None, rng), "neither"


def _nth(number: int, total: int, seed: int) -> int:
    """Return an index below `total`; every index once before any comes again, in an order that depends on `seed`."""
    order = np.random.default_rng((seed, number // total)).permutation(total)
    return int(order[number % total])


def _open(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


def _subject(photo: Image.Image) -> Image.Image:
    """Return the middle of a photo, 90 % of each edge: subjects rarely touch the frame on all sides."""
    across, down = photo.width * 0.05, photo.height * 0.05
    return photo.crop((round(across), round(down), round(photo.width - across), round(photo.height - down)))


def _pasted(subject: Image.Image, ground: Image.Image, area: float, rng: np.random.Generator) -> Image.Image:
    """Paste `subject` with a soft elliptic edge in a rectangle of `area` pixels, at a random place."""
    scale = math.sqrt(area / (subject.width * subject.height))
    scale = min(scale, ground.width / subject.width, ground.height / subject.height)
    size = max(8, round(subject.width * scale)), max(8, round(subject.height * scale))
    small = subject.resize(size, Image.Resampling.LANCZOS)
    left = int(rng.integers(max(1, ground.width - size[0] + 1)))
    top = int(rng.integers(max(1, ground.height - size[1] + 1)))
    made = ground.copy()
    made.paste(small, (left, top), Image.fromarray(_soft_ellipse(size)))
    return made


def _soft_ellipse(size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return the mask (height, width) of an ellipse that fades out towards its edge, 0..255."""
    across, down = np.linspace(-1, 1, size[0])[None, :], np.linspace(-1, 1, size[1])[:, None]
    opacity = np.clip((1 - np.hypot(across, down)) / _FEATHER, 0.0, 1.0)
    return np.rint(opacity * 255).astype(np.uint8)


def _row(scenes: Sequence[Image.Image], width: int, rng: np.random.Generator) -> Image.Image:
    """Put scenes side by side; neighbours overlap softly in a tenth to a third of a scene's width."""
    step = width / len(scenes)
    overlap = round(step * rng.uniform(0.1, 0.33))
    row = Image.new("RGB", (width, _PANORAMA_HEIGHT))
    for number, scene in enumerate(scenes):
        left = round(number * step) - (overlap if number else 0)
        part = _filled(scene, round((number + 1) * step) - left)
        mask = np.full((_PANORAMA_HEIGHT, part.width), 255, np.uint8)
        if number:
            mask[:, :overlap] = np.linspace(0, 255, overlap).astype(np.uint8)
        row.paste(part, (left, 0), Image.fromarray(mask))
    return row


def _filled(scene: Image.Image, width: int) -> Image.Image:
    """Return the middle of a scene, cut to `width` x the panorama's height."""
    scale = max(width / scene.width, _PANORAMA_HEIGHT / scene.height)
    cut_width, cut_height = min(scene.width, width / scale), min(scene.height, _PANORAMA_HEIGHT / scale)
    left, top = (scene.width - cut_width) / 2, (scene.height - cut_height) / 2
    box = (left, top, left + cut_width, top + cut_height)
    return scene.resize((width, _PANORAMA_HEIGHT), Image.Resampling.BICUBIC, box=box)
