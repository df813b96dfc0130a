"""Stacks: photos that are nearly the same, such as bursts and changed copies, with the best of each proposed.

Two photos agree only if a perceptual hash says so. Features alone never suffice: two photos of one dog have similar
features. Three rules, each measured by `python -m benchmarks.stacks`:

- the hashes of both whole photos are nearly equal, in any of the eight positions (turned, mirrored);
- or the hash of one whole photo is like that of a part of the other, and the features are similar (cut copies);
- or the photos were taken within seconds, the hashes of parts of both are roughly alike, and the features are similar.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.learning.perceptual_hash import WORDS, Hashes, differing_bits, positions_of
from catdog_desktop.learning.similarity import unpack_rows

SAME_BITS: Final = 24
"""Most bits, of 255, in which the hashes of two whole photos differ, whatever their features."""
CUT_BITS: Final = 40
CUT_SIMILARITY: Final = 0.85
BURST_SECONDS: Final = 5.0
BURST_BITS: Final = 56
BURST_SIMILARITY: Final = 0.75
_COARSE_BITS: Final = 14
"""Most bits, of the first 63, in which photos differ that are compared bit by bit: only for speed."""
_SHARPNESS_STEP: Final = 0.15
"""Photos are equally sharp if their sharpness differs by less than this share."""
_BLOCK: Final = 256
_CHUNK: Final = 8192
"""Rows compared at once: 8 MB of similarities."""
_BANDS: Final = 4
"""Of hashes that differ in less than so many of the first 64 bits, one of so many parts is equal."""
_BAND_BITS: Final = 16
_MOST_CANDIDATES: Final = 200_000
"""Pairs compared at once."""

Pairs = NDArray[np.intp]
"""[N, 2], numbers of photos, the smaller one first."""


@dataclass(frozen=True, slots=True)
class StackPhotos:
    """What stacking needs to know of photos."""

    packed: NDArray[np.int8]
    """[N, D], features; zeros for photos without."""
    hashes: NDArray[np.uint64]
    """[N, PARTS, WORDS], perceptual hashes; zeros for photos without, which are in no stack."""
    seconds: NDArray[np.float64]
    """[N], when they were taken; NaN if unknown."""
    sharpness: NDArray[np.float64]
    """[N], see `perceptual_hash.sharpness`."""
    pixels: NDArray[np.float64]
    """[N], width times height."""
    file_bytes: NDArray[np.float64]
    """[N], 0 if unknown."""
    certainty: NDArray[np.float64]
    """[N], the distance of the scores to another verdict; NaN without scores."""


def find_pairs(
    photos: StackPhotos, since: int = 0, keep_on: Callable[[float], None] = lambda _share: None
) -> tuple[Pairs, Pairs]:
    """Return the pairs of photos that agree: copies of each other, and neighbours in a burst.

    Only pairs with a photo from number `since` on are compared. Of photos with equal hashes the first stands for all.
    `keep_on` takes the share done and may raise to stop.
    """
    hashed = np.flatnonzero(photos.hashes.any(axis=(1, 2)))
    if not len(hashed):
        return _NO_PAIRS, _NO_PAIRS
    flat = photos.hashes[hashed].reshape(len(hashed), -1)
    _, firsts, inverse = np.unique(flat, axis=0, return_index=True, return_inverse=True)
    same = np.stack([hashed[firsts[inverse.ravel()]], hashed], axis=1)
    same = same[(same[:, 0] < same[:, 1]) & (same[:, 1] >= since)]
    numbers = hashed[np.sort(firsts)]
    copies = [same, *_cut_copies(photos, numbers, since, keep_on), *_nearly_equal(photos, numbers, since)]
    return np.unique(np.concatenate(copies), axis=0), _burst_neighbours(photos, hashed, since)


def make_stacks(photos: StackPhotos, copies: Pairs, bursts: Pairs) -> list[list[int]]:
    """Return the stacks of two or more photos, the best photo of each first, then by number.

    Neighbours in a burst are all in one stack. A copy joins the photo that most others are copies of: a photo that is
    like both of two different photos does not join these.
    """
    burst_of = _components(len(photos.packed), bursts).tolist()
    neighbours: dict[int, set[int]] = defaultdict(set)
    for one, other in np.array(burst_of, np.intp)[copies].tolist():
        if one != other:
            neighbours[one].add(other)
            neighbours[other].add(one)
    centre_of: dict[int, int] = {}
    for centre in sorted(neighbours, key=lambda number: (-len(neighbours[number]), number)):
        if centre not in centre_of:
            centre_of[centre] = centre
            for other in neighbours[centre]:
                centre_of.setdefault(other, centre)
    stacks: dict[int, list[int]] = defaultdict(list)
    for number in np.unique(np.concatenate([copies.ravel(), bursts.ravel()])).tolist():
        burst = burst_of[number]
        stacks[centre_of.get(burst, burst)].append(number)
    return [_best_first(photos, members) for members in stacks.values() if len(members) > 1]


def best_of(photos: StackPhotos, members: Sequence[int]) -> int:
    """Return the photo to keep: the sharpest, then the largest (pixels, then bytes), then the most certain."""
    sharpest = float(photos.sharpness[list(members)].max())
    sharp = [n for n in members if photos.sharpness[n] >= sharpest * (1 - _SHARPNESS_STEP)]
    certainty = np.nan_to_num(photos.certainty)
    return max(sharp, key=lambda n: (photos.pixels[n], photos.file_bytes[n], certainty[n], -n))


def _best_first(photos: StackPhotos, members: Sequence[int]) -> list[int]:
    best = best_of(photos, members)
    return [best, *(number for number in members if number != best)]


def _cut_copies(
    photos: StackPhotos, numbers: NDArray[np.intp], since: int, keep_on: Callable[[float], None]
) -> Iterator[Pairs]:
    """Yield the pairs with similar features in which one photo is like a part of the other, or like the whole."""
    rows = unpack_rows(photos.packed[numbers])
    hashes = photos.hashes[numbers]
    begin = int(np.searchsorted(numbers, since))
    for start in range(begin, len(rows), _BLOCK):
        keep_on((start - begin) / (len(rows) - begin))
        block = rows[start : start + _BLOCK]
        for first in range(0, start + len(block), _CHUNK):
            chunk = rows[first : min(first + _CHUNK, start + len(block))]
            later, earlier = np.nonzero(block @ chunk.T >= CUT_SIMILARITY)
            pairs = np.stack([earlier + first, later + start], axis=1)
            pairs = pairs[pairs[:, 0] < pairs[:, 1]]
            for words, most in ((1, _COARSE_BITS), (WORDS, CUT_BITS)):
                pairs = pairs[_bits_of_parts(hashes[:, :, :words], pairs) <= most]
            yield numbers[pairs]


def _bits_of_parts(hashes: Hashes, pairs: Pairs) -> NDArray[np.uint16]:
    """Return in how many bits the whole of one photo of each pair differs from the nearest part of the other."""
    bits = np.empty(len(pairs), np.uint16)
    for start in range(0, len(pairs), _MOST_CANDIDATES):
        some = slice(start, start + _MOST_CANDIDATES)
        one, other = hashes[pairs[some, 0]], hashes[pairs[some, 1]]
        nearest = differing_bits(one[:, :1], other).min(axis=1)
        bits[some] = np.minimum(nearest, differing_bits(one, other[:, :1]).min(axis=1))
    return bits


def _nearly_equal(photos: StackPhotos, numbers: NDArray[np.intp], since: int) -> Iterator[Pairs]:
    """Yield the pairs of photos whose hashes differ in at most `SAME_BITS` bits, in any position.

    Only pairs with a common band are compared: all that differ in less than `_BANDS` of the first 64 bits, and most
    that differ in a few more.
    """
    hashes = photos.hashes[numbers, 0]
    asked = np.flatnonzero(numbers >= since)
    turned = positions_of(hashes[asked])
    for band in range(_BANDS):
        keys, asked_keys = _band(hashes[:, 0], band), _band(turned[:, :, 0], band)
        order = np.argsort(keys, kind="stable")
        starts = np.searchsorted(keys[order], asked_keys, "left")
        counts = np.searchsorted(keys[order], asked_keys, "right") - starts
        for one, position, near in _candidates(order, starts, counts):
            bits = differing_bits(turned[one, position], hashes[near])
            near, one = near[bits <= SAME_BITS], asked[one[bits <= SAME_BITS]]
            pairs = np.sort(np.stack([numbers[one], numbers[near]], axis=1), axis=1)
            yield pairs[pairs[:, 0] < pairs[:, 1]]


def _band(words: NDArray[np.uint64], band: int) -> NDArray[np.uint64]:
    return np.asarray((words >> np.uint64(band * _BAND_BITS)) & np.uint64((1 << _BAND_BITS) - 1))


def _candidates(
    order: NDArray[np.intp], starts: NDArray[np.intp], counts: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]]:
    """Yield asked photo, position and number of the candidates: `counts` [N, 8] of `order` from `starts` [N, 8] on."""
    ends = np.cumsum(counts.ravel())
    first = 0
    while first < len(ends):
        done = int(ends[first - 1]) if first else 0
        last = max(first + 1, int(np.searchsorted(ends, done + _MOST_CANDIDATES, "right")))
        some = counts.ravel()[first:last]
        asked = np.repeat(np.arange(first, last), some)
        offsets = np.arange(len(asked)) - np.repeat(np.cumsum(some) - some, some)
        near = order[starts.ravel()[asked] + offsets]
        yield asked // counts.shape[1], asked % counts.shape[1], near
        first = last


def _burst_neighbours(photos: StackPhotos, numbers: NDArray[np.intp], since: int) -> Pairs:
    """Return the pairs of photos of one scene, taken within `BURST_SECONDS`."""
    timed = numbers[np.isfinite(photos.seconds[numbers])]
    timed = timed[np.argsort(photos.seconds[timed], kind="stable")]
    seconds = photos.seconds[timed]
    ends = np.searchsorted(seconds, seconds + BURST_SECONDS, "right")
    found = []
    for place, end in enumerate(ends.tolist()):
        one, near = timed[place], timed[place + 1 : end]
        near = near[np.maximum(near, one) >= since]
        if not len(near):
            continue
        rows = unpack_rows(photos.packed[near]) @ unpack_rows(photos.packed[[one]])[0]
        near = near[rows >= BURST_SIMILARITY]
        bits = differing_bits(photos.hashes[one][None, :, None], photos.hashes[near][:, None])
        near = near[bits.min(axis=(1, 2)) <= BURST_BITS] if len(near) else near
        found += [sorted((int(one), other)) for other in near.tolist()]
    return np.array(found, np.intp).reshape(-1, 2)


def _components(count: int, pairs: Pairs) -> NDArray[np.intp]:
    """Return for each of `count` photos the smallest number among those that pairs connect it with."""
    roots = list(range(count))

    def root_of(number: int) -> int:
        while roots[number] != number:
            roots[number] = roots[roots[number]]
            number = roots[number]
        return number

    for one, other in pairs.tolist():
        first, second = sorted((root_of(one), root_of(other)))
        roots[second] = first
    return np.array([root_of(number) for number in range(count)], np.intp)


_NO_PAIRS: Final = np.zeros((0, 2), np.intp)
