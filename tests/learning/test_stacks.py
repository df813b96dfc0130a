"""Stacks: perceptual hashes, which pairs agree, how stacks are made of them, and which photo is the best."""

from collections.abc import Callable
from dataclasses import fields, replace

import numpy as np
import pytest
from conftest import open_package_photo
from PIL import Image, ImageEnhance, ImageOps

from catdog_desktop.cancellation import Cancelled
from catdog_desktop.learning.perceptual_hash import BITS, PARTS, WORDS, differing_bits, look_of, positions_of
from catdog_desktop.learning.similarity import pack_rows
from catdog_desktop.learning.stacks import (
    BURST_SECONDS,
    CUT_BITS,
    SAME_BITS,
    StackPhotos,
    best_of,
    find_pairs,
    make_stacks,
)

NAMES = ("chelsea", "coffee", "astronaut", "rocket", "china", "flower")


def cut(image: Image.Image, left: float, top: float, right: float, bottom: float) -> Image.Image:
    width, height = image.size
    return image.crop((int(width * left), int(height * top), int(width * (1 - right)), int(height * (1 - bottom))))


TURNED: dict[str, Callable[[Image.Image], Image.Image]] = {
    "turned by 90": lambda image: image.rotate(90, expand=True),
    "turned by 180": lambda image: image.rotate(180),
    "turned by 270": lambda image: image.rotate(270, expand=True),
    "mirrored": ImageOps.mirror,
    "upside down": ImageOps.flip,
    "mirrored and turned": lambda image: ImageOps.mirror(image).rotate(90, expand=True),
}
COPIES = TURNED | {
    "half size": lambda image: image.resize((image.width // 2, image.height // 2)),
    "grey": lambda image: ImageOps.grayscale(image),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.7),
}
CUTS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "cut at each edge": lambda image: cut(image, 0.05, 0.05, 0.05, 0.05),
    "cut at one edge": lambda image: cut(image, 0.08, 0, 0, 0),
    "cut at two edges": lambda image: cut(image, 0, 0.08, 0.08, 0),
}


def hashes_of(image: Image.Image) -> np.ndarray:
    return look_of(np.asarray(image.convert("L"))).hashes


def unit(*directions: int) -> np.ndarray:
    """Return features that point into a direction each: equal directions are equal photos."""
    rows = np.zeros((len(directions), 16), np.float32)
    rows[np.arange(len(directions)), directions] = 1
    return rows


def library(images: list[Image.Image], features: np.ndarray, **columns: list[float]) -> StackPhotos:
    looks = [look_of(np.asarray(image.convert("L"))) for image in images]
    count = len(images)
    return StackPhotos(
        packed=pack_rows(features),
        hashes=np.stack([look.hashes for look in looks]),
        seconds=np.array(columns.get("seconds", [np.nan] * count), np.float64),
        sharpness=np.array([look.sharpness for look in looks]),
        pixels=np.array([image.width * image.height for image in images], np.float64),
        file_bytes=np.array(columns.get("file_bytes", [0] * count), np.float64),
        certainty=np.array(columns.get("certainty", [0] * count), np.float64),
    )


def pairs_of(photos: StackPhotos, since: int = 0) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    copies, bursts = find_pairs(photos, since)
    return {(int(a), int(b)) for a, b in copies}, {(int(a), int(b)) for a, b in bursts}


@pytest.mark.parametrize("change", COPIES.values(), ids=COPIES)
@pytest.mark.parametrize("name", NAMES)
def test_hash_of_changed_copy_is_nearly_equal_in_one_position(
    name: str, change: Callable[[Image.Image], Image.Image]
) -> None:
    image = open_package_photo(name)
    positions = positions_of(hashes_of(image)[:1])[0]
    assert differing_bits(positions, hashes_of(change(image))[0]).min() <= SAME_BITS


@pytest.mark.parametrize("change", CUTS.values(), ids=CUTS)
@pytest.mark.parametrize("name", NAMES)
def test_hash_of_cut_copy_is_like_that_of_a_part(name: str, change: Callable[[Image.Image], Image.Image]) -> None:
    image = open_package_photo(name)
    assert differing_bits(hashes_of(image), hashes_of(change(image))[0]).min() <= CUT_BITS
    assert differing_bits(hashes_of(image)[0], hashes_of(change(image))[0]) > CUT_BITS


def test_hashes_of_different_photos_differ_in_half_of_the_bits() -> None:
    hashes = np.stack([hashes_of(open_package_photo(name))[0] for name in NAMES])
    bits = differing_bits(hashes[:, None], hashes[None])
    assert (np.diag(bits) == 0).all()
    apart = bits[~np.eye(len(NAMES), dtype=bool)]
    assert apart.min() > BITS / 4
    assert BITS * 0.4 < apart.mean() < BITS * 0.6


def test_positions_are_those_of_the_turned_pixels() -> None:
    image = open_package_photo("coffee").resize((256, 256)).convert("L")
    positions = positions_of(hashes_of(image)[:1])[0]
    for change in TURNED.values():
        assert differing_bits(positions, hashes_of(change(image))[0]).min() <= 2
    assert (positions[0] == hashes_of(image)[0]).all(), "the first position is the photo itself"


def test_blank_photo_has_no_hash() -> None:
    assert not look_of(np.full((200, 320), 77, np.uint8)).hashes.any()
    assert look_of(np.full((200, 320), 77, np.uint8)).hashes.shape == (PARTS, WORDS)


@pytest.mark.parametrize("size", [(1, 1), (3, 500), (320, 2)])
def test_tiny_photo_has_a_look(size: tuple[int, int]) -> None:
    grey = np.random.default_rng(0).integers(0, 256, size, np.uint8)
    assert np.isfinite(look_of(grey).sharpness)


def test_pairs_changed_copies_agree_and_different_photos_do_not() -> None:
    images, numbers = [], []
    for number, name in enumerate(NAMES):
        image = open_package_photo(name)
        for change in ({"itself": lambda image: image} | COPIES | CUTS).values():
            images.append(change(image))
            numbers.append(number)
    copies, bursts = pairs_of(library(images, unit(*numbers)))
    assert bursts == set()
    assert all(numbers[a] == numbers[b] for a, b in copies)
    group = 1 + len(COPIES) + len(CUTS)
    for first in range(0, len(images), group):
        assert {b for a, b in copies if a == first} == set(range(first + 1, first + group))


def test_pairs_features_alone_do_not_suffice() -> None:
    images = [open_package_photo(name) for name in NAMES]
    assert pairs_of(library(images, unit(*[3] * len(NAMES)), seconds=[0.0] * len(NAMES))) == (set(), set())


def test_pairs_cut_copies_need_similar_features() -> None:
    image = open_package_photo("chelsea")
    images = [image, CUTS["cut at each edge"](image)]
    assert pairs_of(library(images, unit(1, 1)))[0] == {(0, 1)}
    assert pairs_of(library(images, unit(1, 2)))[0] == set()


def test_pairs_without_features_whole_copies_agree() -> None:
    images = [open_package_photo("coffee"), open_package_photo("coffee").rotate(180)]
    assert pairs_of(library(images, np.zeros((2, 0), np.float32)))[0] == {(0, 1)}


def test_pairs_burst_needs_seconds_and_similar_features() -> None:
    image = open_package_photo("china")
    # Both are cut at opposite edges: neither is a part of the other.
    shots = [cut(image, 0.08, 0.05, 0, 0.03), cut(image, 0, 0.03, 0.08, 0.05)]
    near, far = [100.0, 100 + BURST_SECONDS], [100.0, 101 + BURST_SECONDS]
    assert pairs_of(library(shots, unit(4, 4), seconds=near)) == (set(), {(0, 1)})
    assert pairs_of(library(shots, unit(4, 4), seconds=far)) == (set(), set())
    assert pairs_of(library(shots, unit(4, 4), seconds=[np.nan, np.nan])) == (set(), set())
    assert pairs_of(library(shots, unit(4, 5), seconds=near)) == (set(), set())


def test_pairs_since_only_new_photos_are_compared() -> None:
    image = open_package_photo("flower")
    images = [image, ImageOps.mirror(image), image.rotate(180), CUTS["cut at one edge"](image)]
    photos = library(images, unit(7, 7, 7, 7))
    everything = pairs_of(photos)[0]
    assert pairs_of(photos, 2)[0] == {pair for pair in everything if pair[1] >= 2}
    before = StackPhotos(*(getattr(photos, column.name)[:2] for column in fields(photos)))
    assert pairs_of(before)[0] | pairs_of(photos, 2)[0] == everything


def test_pairs_equal_photos_are_joined_to_the_first() -> None:
    photos = library([open_package_photo("rocket")] * 400, unit(*[2] * 400))
    assert pairs_of(photos)[0] == {(0, number) for number in range(1, 400)}


def test_pairs_new_photo_equal_to_an_old_one_is_joined_to_it() -> None:
    images = [open_package_photo("rocket"), open_package_photo("coffee"), open_package_photo("rocket")]
    assert pairs_of(library(images, unit(1, 2, 1)), 2)[0] == {(0, 2)}


def test_pairs_of_nothing_are_none() -> None:
    photos = library([open_package_photo("rocket")], unit(2))
    nothing = StackPhotos(*(getattr(photos, column.name)[:0] for column in fields(photos)))
    assert pairs_of(nothing) == (set(), set())


def test_pairs_stop_when_asked() -> None:
    def stop(_share: float) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        find_pairs(library([open_package_photo("rocket")] * 2, unit(1, 1)), 0, stop)


def made(copies: list[tuple[int, int]], bursts: list[tuple[int, int]], count: int = 8) -> list[set[int]]:
    photos = replace(
        library([open_package_photo("rocket").resize((32, 32))] * count, unit(*[0] * count)),
        sharpness=np.zeros(count),
    )
    pairs = [np.array(found, np.intp).reshape(-1, 2) for found in (copies, bursts)]
    return [set(stack) for stack in make_stacks(photos, *pairs)]


def test_stacks_neighbours_in_a_burst_are_all_in_one() -> None:
    assert made([], [(0, 1), (1, 2), (2, 3), (5, 6)]) == [{0, 1, 2, 3}, {5, 6}]


def test_stacks_copies_join_the_photo_with_most_copies_and_no_chain() -> None:
    # 3 is like 0, 1 and 2; 4 is like 2 alone.
    assert made([(0, 3), (1, 3), (2, 3), (2, 4)], []) == [{0, 1, 2, 3}]


def test_stacks_copy_of_a_shot_joins_its_burst() -> None:
    assert made([(1, 4)], [(0, 1), (1, 2)]) == [{0, 1, 2, 4}]


def test_stacks_without_pairs_are_none() -> None:
    assert made([], []) == []


def test_best_is_sharpest_then_largest_then_most_certain() -> None:
    image = open_package_photo("astronaut")
    small = image.resize((image.width // 4, image.height // 4))
    images = [small.resize(image.size), image.resize((480, 480)), image, image, image]
    photos = library(images, unit(*[0] * 5), file_bytes=[90, 90, 50, 60, 60], certainty=[0.5, 0.5, 0.4, 0.1, 0.2])
    assert best_of(photos, [0, 1]) == 1, "0 is blurred"
    assert best_of(photos, [0, 1, 2]) == 2, "2 has more pixels than 1"
    assert best_of(photos, [0, 1, 2, 3]) == 3, "3 has more bytes than 2"
    assert best_of(photos, [0, 1, 2, 3, 4]) == 4, "4 is more certain than 3"
