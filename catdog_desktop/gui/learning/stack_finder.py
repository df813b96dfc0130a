"""Find stacks of photos that are alike, beside the GUI thread: looks from the store, pairs that agree, stacks."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.cancellation import CancelToken
from catdog_desktop.decoding.photo_info import DateSource, PhotoInfo
from catdog_desktop.gallery.photo_row import Row
from catdog_desktop.gui.jobs import OnProgress
from catdog_desktop.learning.perceptual_hash import PARTS, WORDS, Look
from catdog_desktop.learning.stacks import Pairs, StackPhotos, find_pairs, make_stacks
from catdog_desktop.progress import Progress

_LOOKED_AT_ONCE: Final = 100
_SECONDS: Final = (DateSource.TAKEN, DateSource.DIGITIZED)
"""Sources of dates that have seconds. Others may be a day, or when a folder was copied."""
_EPOCH: Final = datetime(1970, 1, 1)
"""Only differences matter, in the local time of the camera."""

FindLooks = Callable[[Mapping[str, Path]], dict[str, Look]]
"""Returns the looks of photos, path by fingerprint, as far as they can be computed. Called in the thread of the job."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The photos of the gallery, by number."""

    rows: Sequence[Row]
    packed: NDArray[np.int8]
    """[N, D], features; zeros for photos without."""
    margins: NDArray[np.float64]
    """[N], the distance of the scores to another verdict; NaN without scores."""


@dataclass(frozen=True, slots=True)
class Found:
    """What is known after a search. The next one compares only photos that are new or have changed."""

    stacks: list[list[int]] = field(default_factory=list)
    """Numbers of rows, the best of each stack first."""
    compared: dict[int, str] = field(default_factory=dict)
    """The fingerprint of each compared row, by number."""
    hashes: NDArray[np.uint64] = field(default_factory=lambda: np.zeros((0, PARTS, WORDS), np.uint64))
    sharpness: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    copies: Pairs = field(default_factory=lambda: np.zeros((0, 2), np.intp))
    bursts: Pairs = field(default_factory=lambda: np.zeros((0, 2), np.intp))


def search(
    snapshot: Snapshot, before: Found, find_looks: FindLooks, on_progress: OnProgress, cancel: CancelToken
) -> Found:
    """Return the stacks of all photos. Reports `Progress`. Raises `Cancelled`."""
    contents, infos = {}, {}
    for row in snapshot.rows:
        result = row.result  # Read once: the GUI thread may replace it.
        if result is not None and result.scores is not None and result.fingerprint:
            contents[row.number], infos[row.number] = result.fingerprint, result.info
    kept = {number: content for number, content in before.compared.items() if contents.get(number) == content}
    hashes, sharpness = _grown(before, len(snapshot.rows))
    fresh = {}
    for looks, wanted in _look(snapshot, {n: c for n, c in contents.items() if n not in kept}, find_looks):
        cancel.raise_if_cancelled()
        for number, content in wanted.items():
            if (look := looks.get(content)) is not None:
                hashes[number], sharpness[number], fresh[number] = look.hashes, look.sharpness, content
        on_progress(Progress(len(kept) + len(fresh), len(contents)))
    photos = _photos(snapshot, infos, hashes, sharpness)
    numbers = np.array([*kept, *fresh], np.intp)
    new = find_pairs(_chosen(photos, numbers), len(kept), lambda _share: cancel.raise_if_cancelled())
    is_kept = np.zeros(len(snapshot.rows), bool)
    is_kept[list(kept)] = True
    copies, bursts = (
        np.concatenate([known[is_kept[known].all(axis=1)], np.sort(numbers[found], axis=1)])
        for known, found in zip((before.copies, before.bursts), new, strict=True)
    )
    return Found(make_stacks(photos, copies, bursts), kept | fresh, hashes, sharpness, copies, bursts)


def _grown(before: Found, count: int) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    """Return copies of hashes and sharpness with places for `count` rows."""
    hashes, sharpness = np.zeros((count, PARTS, WORDS), np.uint64), np.zeros(count)
    hashes[: len(before.hashes)], sharpness[: len(before.sharpness)] = before.hashes, before.sharpness
    return hashes, sharpness


def _look(
    snapshot: Snapshot, wanted: Mapping[int, str], find_looks: FindLooks
) -> Iterator[tuple[dict[str, Look], dict[int, str]]]:
    """Yield the looks of some rows at a time by fingerprint, and the fingerprints of these rows by number."""
    numbers = list(wanted)
    for start in range(0, len(numbers), _LOOKED_AT_ONCE):
        some = {number: wanted[number] for number in numbers[start : start + _LOOKED_AT_ONCE]}
        yield find_looks({content: snapshot.rows[number].path for number, content in some.items()}), some


def _photos(
    snapshot: Snapshot, infos: Mapping[int, PhotoInfo], hashes: NDArray[np.uint64], sharpness: NDArray[np.float64]
) -> StackPhotos:
    count = len(snapshot.rows)
    seconds, pixels, file_bytes = np.full(count, np.nan), np.zeros(count), np.zeros(count)
    for number, info in infos.items():
        pixels[number], file_bytes[number] = info.width * info.height, info.file_bytes
        if info.date is not None and info.date_source in _SECONDS:
            seconds[number] = (info.date.replace(tzinfo=None) - _EPOCH).total_seconds()
    return StackPhotos(snapshot.packed, hashes, seconds, sharpness, pixels, file_bytes, snapshot.margins)


def _chosen(photos: StackPhotos, numbers: NDArray[np.intp]) -> StackPhotos:
    return StackPhotos(*(getattr(photos, column.name)[numbers] for column in fields(photos)))
