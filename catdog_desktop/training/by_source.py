"""Figures by source: how a model does on photos of each source, pooled, on average and at worst."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from catdog_desktop.evaluating.evaluation import Proportion
from catdog_desktop.training.calibration import Array, Limits, is_unsure
from catdog_desktop.training.photo_folder import Photo, targets_of

LEAST_PHOTOS: Final = 90
"""A source with fewer photos is not named as the worst: chance would choose it."""
LEAST_FOR_MEAN: Final = 25
"""A source with fewer photos does not count in the mean over sources: one photo would move it by several points."""
PASSING: Final = 0.97
"""Share of the pets that pass the score at which photos without a pet are counted."""

# fmt: off
EVERYDAY: Final = frozenset({("camvid", "street"), ("cartucho", "photo"), ("pacs", "person")})
ROOMS: Final = frozenset({
    ("houses", "house"), ("pacs", "house"), ("clothing", "clothes"), ("grocery", "food"), ("pacs", "guitar"),
    ("yahya", "bikes"), ("yahya", "cars"), ("yahya", "motorcycles"),
})
# fmt: on
"""Source and kind of photos of everyday life, and of rooms, clothes, food and things. All others show animals."""


@dataclass(frozen=True)
class Judged:
    """Photos and what a model made of them."""

    photos: Sequence[Photo]
    scores: Array
    """[N, 2], calibrated scores of cat and dog."""
    limits: Limits

    def figures(self, chosen: NDArray[np.bool_] | None = None) -> dict[str, Proportion]:
        """Return the shares of photos without a pet that are called one, of pets that are right, and so on.

        `chosen` [N] restricts them to some photos; a figure without photos is left out.
        """
        some = np.ones(len(self.photos), bool) if chosen is None else chosen
        wanted = targets_of(self.photos) > 0.5
        found, unsure = self.scores >= (self.limits.cat, self.limits.dog), is_unsure(self.scores, self.limits)
        pets, right = wanted.any(axis=1), (found == wanted).all(axis=1)
        forced = (self.scores[:, 0] > self.scores[:, 1]) == wanted[:, 0]
        parts = {
            "called_pet": (~pets, ~unsure & found.any(axis=1)),
            "unsure_of_neither": (~pets, unsure),
            "pets_right": (pets, ~unsure & right),
            "pets_missed": (pets, ~unsure & ~found.any(axis=1)),
            "pets_wrong": (pets, ~unsure & found.any(axis=1) & ~right),
            "unsure_of_pets": (pets, unsure),
            "forced": (pets & ~wanted.all(axis=1), forced),
        }
        return {
            name: Proportion(int((hit & group & some).sum()), int((group & some).sum()))
            for name, (group, hit) in parts.items()
            if (group & some).any()
        }

    def by(self, names: Sequence[str]) -> dict[str, dict[str, Proportion]]:
        """Return the figures of each group of photos; `names` gives the group of each photo."""
        table = np.array(names)
        return {name: self.figures(table == name) for name in sorted(set(names))}


def group_of(photo: Photo) -> str:
    """Return what a photo stands for: pets, everyday, rooms or animals."""
    if photo.label != "neither":
        return "pets"
    place = photo.origin.source, photo.origin.kind
    return "everyday" if place in EVERYDAY else "rooms" if place in ROOMS else "animals"


def at_passing_score(judged: Judged) -> tuple[float, dict[str, Proportion]]:
    """Return the score that 97 % of the pets pass, and for each group the photos without a pet that pass it, too.

    The larger of both scores counts. Raises `ValueError` without pets.
    """
    groups = np.array([group_of(photo) for photo in judged.photos])
    best = judged.scores.max(axis=1)
    if not (groups == "pets").any():
        raise ValueError("there are no pets")
    score = float(np.quantile(best[groups == "pets"], 1 - PASSING))
    passing = {
        name: Proportion(int((best[groups == name] >= score).sum()), int((groups == name).sum()))
        for name in ("everyday", "rooms", "animals")
        if (groups == name).any()
    }
    return score, passing


def summary(of_sources: Mapping[str, Mapping[str, Proportion]], figure: str) -> dict[str, Any]:
    """Return a figure pooled over sources with its interval, the mean over sources, and the worst source."""
    parts = {source: figures[figure] for source, figures in of_sources.items() if figure in figures}
    if not parts:
        return {}
    pooled = Proportion(sum(part.count for part in parts.values()), sum(part.total for part in parts.values()))
    large = {source: part for source, part in parts.items() if part.total >= LEAST_PHOTOS}
    counted = [part.value for part in parts.values() if part.total >= LEAST_FOR_MEAN]
    result: dict[str, Any] = {"pooled": as_json(pooled), "sources": len(counted)}
    if counted:
        result["mean_of_sources"] = round(float(np.mean(counted)), 5)
    if large:
        high_is_bad = figure not in ("pets_right", "forced")
        worst = max(large, key=lambda source: large[source].value * (1 if high_is_bad else -1))
        result["worst"] = {"source": worst, **as_json(large[worst])}
    return result


def as_json(share: Proportion) -> dict[str, Any]:
    """Return count, total, share and the limits of its 95 % interval (Wilson)."""
    low, high = share.interval
    return {
        "count": share.count,
        "of": share.total,
        "share": round(share.value, 5),
        "interval": [round(low, 5), round(high, 5)],
    }
