"""The photos of the benchmarks, made from those that scikit-image and scikit-learn ship.

    python -m benchmarks.photo_sets FOLDER SMALL LARGE

A separate process makes them, since Linux counts the memory of a process also for the processes that it starts.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data
from sklearn.datasets import load_sample_image

SMALL_EDGE = 500
LARGE_SIZE = (4032, 3024)
"""12 megapixels, as phones take them."""
_TILE = 1500
"""Pixels of the longest edge of a tile, so that the large photos have as much detail as real ones: about 3 MB."""


def write_small_photos(folder: Path, count: int) -> list[Path]:
    """Write `count` JPEGs of 500 pixels, all different: crops of the packages' photos."""
    paths = []
    for number in range(count):
        photo = _crop(number)
        scale = SMALL_EDGE / max(photo.size)
        photo = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.LANCZOS)
        paths.append(_save(photo, folder / f"small-{number:04}.jpg"))
    return paths


def write_large_photos(folder: Path, count: int) -> list[Path]:
    """Write `count` JPEGs of 12 megapixels: the packages' photos tiled with their mirror images, with noise."""
    noise = np.random.default_rng(0)
    paths = []
    for number in range(count):
        photo = _crop(number)
        scale = _TILE / max(photo.size)
        photo = photo.resize((round(photo.width * scale), round(photo.height * scale)), Image.Resampling.LANCZOS)
        tile = np.asarray(photo)
        pair = np.concatenate([tile, tile[:, ::-1]], axis=1)
        block = np.concatenate([pair, pair[::-1]], axis=0)
        width, height = LARGE_SIZE
        whole = np.tile(block, (-(-height // block.shape[0]), -(-width // block.shape[1]), 1))[:height, :width]
        grain = noise.normal(0.0, 3.0, (height, width, 1))
        whole = np.clip(whole + grain, 0, 255).astype(np.uint8)
        paths.append(_save(Image.fromarray(whole), folder / f"large-{number:02}.jpg"))
    return paths


def _crop(number: int) -> Image.Image:
    """Return photo `number`: one of six, cropped by a margin that depends on the number."""
    names = ("chelsea", "astronaut", "coffee", "rocket", "china", "flower")
    name = names[number % len(names)]
    pixels = load_sample_image(f"{name}.jpg") if name in ("china", "flower") else getattr(data, name)()
    photo = Image.fromarray(pixels).convert("RGB")
    margin = number // len(names) % 40
    return photo.crop((margin, margin // 2, photo.width - margin // 3, photo.height - margin))


def _save(photo: Image.Image, path: Path) -> Path:
    photo.save(path, "JPEG", quality=90)
    return path


if __name__ == "__main__":
    target, small, large = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    write_small_photos(target, small)
    write_large_photos(target, large)
