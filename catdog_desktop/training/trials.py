"""The photos held out, unchanged and changed as users' photos are: folders to be given to `catdog evaluate`.

    python -m catdog_desktop.training.trials DATA... --out trials/
    for trial in trials/*; do catdog evaluate "$trial" --source-pattern '^[a-z]+[0-9]*(?=[-.])'; done

None of these photos was trained or calibrated on. The changes here are separate code from those of the training.
"""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from catdog_desktop.training.photo_folder import Photo, PhotoFolderError, check_parts, load_rgb, open_photos
from catdog_desktop.training.samples import SCENES
from catdog_desktop.training.sources import FIRST_SET

SOURCE_PATTERN: Final = r"^(?:\d{3}-)?([a-z]+\d*)(?=[-.])"
"""Takes the source from the names of photos and of trials: `hlb` from `hlb-rabbit-1a2b3c4d.jpg`."""

_QUALITY: Final = 92
_ORIENTATION: Final = 0x0112
_SIDEWAYS: Final = 6
"""EXIF orientation: turn by 90 degrees clockwise to show."""
_SEED: Final = 7


def _plain(photo: Image.Image) -> Image.Image:
    return photo


def _small_and_blurred(photo: Image.Image) -> Image.Image:
    small = ImageOps.contain(photo, (200, 200))
    return small.filter(ImageFilter.GaussianBlur(1.5))


def _dark(photo: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(photo).enhance(0.3)


def _grey(photo: Image.Image) -> Image.Image:
    return ImageOps.grayscale(photo).convert("RGB")


def _sharp_and_large(photo: Image.Image) -> Image.Image:
    """12 megapixels, sharpened as phones do."""
    edge = round((12e6 / (photo.width * photo.height)) ** 0.5 * max(photo.size))
    large = photo.resize(
        (round(photo.width * edge / max(photo.size)), round(photo.height * edge / max(photo.size))),
        Image.Resampling.LANCZOS,
    )
    return large.filter(ImageFilter.UnsharpMask(radius=edge / 250, percent=150, threshold=0))


def _lying(photo: Image.Image) -> Image.Image:
    """Turn the pixels by 90 degrees, as a phone stores them; EXIF gives the orientation."""
    return photo.transpose(Image.Transpose.ROTATE_90)


@dataclass(frozen=True)
class Trial:
    """A way to change photos."""

    change: Callable[[Image.Image], Image.Image]
    every: int = 1
    """Take every n-th photo of each label."""
    quality: int = _QUALITY
    """Of the JPEG."""
    exif: dict[int, int] | None = None


TRIALS: Final = {
    "plain": Trial(_plain),
    "small-and-blurred": Trial(_small_and_blurred),
    "dark": Trial(_dark),
    "grey": Trial(_grey),
    "compressed": Trial(_plain, quality=12),
    "turned-by-exif": Trial(_lying, exif={_ORIENTATION: _SIDEWAYS}),
    "sharp-12-megapixels": Trial(_sharp_and_large, every=12),
}
JOINED: Final = 600
"""Photos with a cat and a dog."""
SMALL: Final = 400
"""Photos with a small subject."""
PANORAMAS: Final = 400
"""Long photos, half of them without a subject."""


def write_trials(
    photos: Sequence[Photo], out: Path, *, joined: int = JOINED, small: int = SMALL, long: int = PANORAMAS
) -> None:
    """Write every trial of the held-out ones among `photos` below `out`, with numbers of composed photos."""
    held_out = [photo for photo in photos if photo.part == "held out"]
    for name, trial in TRIALS.items():
        for label in ("cat", "dog", "neither"):
            of_label = [photo for photo in held_out if photo.label == label]
            for photo in of_label[:: trial.every]:
                _save(trial.change(load_rgb(photo.path)), out / name / label / photo.path.stem, trial)
        print(name, flush=True)
    for number, pair in enumerate(joined_photos(held_out, joined)):
        _save(pair, out / "joined" / "both" / f"{number:03}", Trial(_plain))
    pets, others, scenes = subjects_and_scenes(held_out)
    for name, subjects in (("small-pets", pets), ("small-things", others)):
        for number, (scene, subject) in enumerate(small_in_scenes(subjects, scenes, small)):
            _save(scene, out / name / subject.label / f"{number:03}-{subject.path.stem}", Trial(_plain))
    for number, (panorama, pet) in enumerate(panoramas(pets, scenes, long)):
        name = f"{number:03}-{pet.path.stem}" if pet else f"{number:03}"
        _save(panorama, out / "panoramas" / (pet.label if pet else "neither") / name, Trial(_plain))
    print("composed photos", flush=True)


def subjects_and_scenes(photos: Sequence[Photo]) -> tuple[list[Photo], list[Photo], list[Photo]]:
    """Return photos of one pet, photos of other things, and photos of places, for composed trials.

    Without photos of places those of other things take their part.
    """
    pets = [photo for photo in photos if photo.label in ("cat", "dog")]
    others = [photo for photo in photos if photo.label == "neither"]
    places = [photo for photo in others if photo.origin.kind in SCENES and photo.origin.source not in FIRST_SET]
    return pets, others, places or others


def joined_photos(photos: Sequence[Photo], number: int = JOINED) -> Iterator[Image.Image]:
    """Yield photos of a cat and a dog: by turns side by side, above each other, and one pasted into the other."""
    rng = np.random.default_rng(_SEED)
    cats, dogs = ([photo for photo in photos if photo.label == label] for label in ("cat", "dog"))
    for count in range(number):
        first, second = (load_rgb(members[rng.integers(len(members))].path) for members in (cats, dogs))
        if rng.random() < 0.5:
            first, second = second, first
        yield _JOINS[count % len(_JOINS)](first, second, rng)


def small_in_scenes(
    subjects: Sequence[Photo], scenes: Sequence[Photo], number: int = SMALL
) -> Iterator[tuple[Image.Image, Photo]]:
    """Yield scenes into which a subject is pasted with a soft edge at 4 to 10 % of the area, and the subject."""
    rng = np.random.default_rng(_SEED)
    for _ in range(number):
        subject, scene = (members[int(rng.integers(len(members)))] for members in (subjects, scenes))
        yield _softly_pasted(load_rgb(subject.path), _scene(load_rgb(scene.path)), rng.uniform(0.04, 0.1), rng), subject


def panoramas(
    subjects: Sequence[Photo], scenes: Sequence[Photo], number: int = PANORAMAS
) -> Iterator[tuple[Image.Image, Photo | None]]:
    """Yield photos of 3:1 to 5:1 made of two scenes each: by turns with a subject, and without one (None)."""
    rng = np.random.default_rng(_SEED)
    for count in range(number):
        height = 200
        width = round(height * rng.uniform(3.0, 5.0))
        left, right = (_scene(load_rgb(scenes[int(rng.integers(len(scenes)))].path)) for _ in range(2))
        strip = Image.new("RGB", (width, height))
        strip.paste(right.resize((width // 2 + 40, height)), (width - width // 2 - 40, 0))
        fade = Image.linear_gradient("L").rotate(-90).resize((80, height))
        mask = Image.new("L", (width // 2 + 40, height), 255)
        mask.paste(fade, (width // 2 - 40, 0))
        strip.paste(left.resize((width // 2 + 40, height)), (0, 0), mask)
        if count % 2:
            yield strip, None
            continue
        subject = subjects[int(rng.integers(len(subjects)))]
        photo = load_rgb(subject.path)
        share = (height * rng.uniform(0.6, 0.9)) ** 2 * photo.width / photo.height / (width * height)
        yield _softly_pasted(photo, strip, share, rng), subject


def _scene(photo: Image.Image) -> Image.Image:
    return photo.resize((400, max(150, round(400 * photo.height / photo.width))), Image.Resampling.BICUBIC)


def _softly_pasted(subject: Image.Image, scene: Image.Image, share: float, rng: np.random.Generator) -> Image.Image:
    """Paste a subject at `share` of the scene's area; a blurred ellipse is its mask."""
    scale = (share * scene.width * scene.height / (subject.width * subject.height)) ** 0.5
    width, height = (
        min(free - 2, max(8, round(edge * scale))) for edge, free in zip(subject.size, scene.size, strict=True)
    )
    mask = Image.new("L", (width, height), 0)
    border = max(2, min(width, height) // 10)
    ImageDraw.Draw(mask).ellipse((border // 2, border // 2, width - border // 2, height - border // 2), fill=255)
    joined = scene.copy()
    place = int(rng.integers(scene.width - width)), int(rng.integers(scene.height - height))
    joined.paste(
        subject.resize((width, height), Image.Resampling.LANCZOS),
        place,
        mask.filter(ImageFilter.GaussianBlur(border / 2)),
    )
    return joined


def beside(first: Image.Image, second: Image.Image, _rng: np.random.Generator) -> Image.Image:
    """Join side by side, half and half."""
    height = 300
    parts = [photo.resize((240, height)) for photo in (first, second)]
    joined = Image.new("RGB", (480, height))
    joined.paste(parts[0], (0, 0))
    joined.paste(parts[1], (240, 0))
    return joined


def above(first: Image.Image, second: Image.Image, _rng: np.random.Generator) -> Image.Image:
    """Join one above the other, half and half."""
    joined = Image.new("RGB", (300, 480))
    joined.paste(first.resize((300, 240)), (0, 0))
    joined.paste(second.resize((300, 240)), (0, 240))
    return joined


def pasted(first: Image.Image, second: Image.Image, rng: np.random.Generator) -> Image.Image:
    """Paste the first into a corner of the second, at 45 % of its edges."""
    joined = second.resize((400, 300))
    small = first.resize((180, 135))
    joined.paste(small, (int(rng.integers(2)) * 220, int(rng.integers(2)) * 165))
    return joined


_JOINS: Final[tuple[Callable[[Image.Image, Image.Image, np.random.Generator], Image.Image], ...]] = (
    beside,
    above,
    pasted,
)


def _save(photo: Image.Image, stem: Path, trial: Trial) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    exif = Image.Exif()
    for tag, value in (trial.exif or {}).items():
        exif[tag] = value
    photo.save(stem.with_name(f"{stem.name}.jpg"), "JPEG", quality=trial.quality, exif=exif)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m catdog_desktop.training.trials", description=__doc__)
    parser.add_argument("data", type=Path, nargs="+", help="folders or tars with cat/, dog/, neither/")
    parser.add_argument("--out", type=Path, required=True, help="where the folders of the trials are made")
    options = parser.parse_args(arguments)
    try:
        with open_photos(*options.data) as photos:
            check_parts(photos, ["held out"])
            write_trials(photos, options.out)
    except (PhotoFolderError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
