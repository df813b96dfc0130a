"""Estimate whether a series of measurements grows: the slope, with an interval that says how sure it is.

The slope is the Theil-Sen estimator, the median of the slopes of all pairs of points (Sen 1968), which a few outliers
do not change. The interval comes from a moving-block bootstrap of the residuals (Kuensch 1989): measurements of the
memory of a process depend on those before them, so blocks are drawn and not single points.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from statistics import median
from typing import Final

_DRAWS: Final = 300
_CONFIDENCE: Final = 0.95
Point = tuple[float, float]
"""Time in seconds, and what was measured."""


@dataclass(frozen=True, slots=True)
class Slope:
    """A slope per hour, with its 95 % interval."""

    per_hour: float
    low: float
    high: float
    points: int

    def __str__(self) -> str:
        return f"{self.per_hour:+.2f} an hour (95 %: {self.low:+.2f} to {self.high:+.2f}; {self.points} points)"


def estimate_slope(points: Sequence[Point], seed: int = 1) -> Slope:
    """Return the slope of at least three points in the order of time. Raises `ValueError` for fewer."""
    if len(points) < 3:
        raise ValueError(f"{len(points)} points are too few")
    slope = _theil_sen(points)
    offset = median(value - slope * time for time, value in points)
    residuals = [value - slope * time - offset for time, value in points]
    chance = random.Random(seed)
    size = max(1, round(len(points) ** (1 / 3)))
    drawn = []
    for _ in range(_DRAWS):
        noise: list[float] = []
        while len(noise) < len(points):
            start = chance.randrange(len(points) - size + 1)
            noise += residuals[start : start + size]
        again = [(time, slope * time + offset + extra) for (time, _), extra in zip(points, noise, strict=False)]
        drawn.append(_theil_sen(again))
    drawn.sort()
    tail = (1 - _CONFIDENCE) / 2
    low, high = drawn[int(tail * _DRAWS)], drawn[int((1 - tail) * _DRAWS) - 1]
    return Slope(slope * 3600, low * 3600, high * 3600, len(points))


def lower_quartile_of_each(points: Sequence[Point], seconds: float) -> list[Point]:
    """Return the lower quartile of each interval: what a process holds without what it uses for a while.

    It does not depend on the lowest value either, which may be that of a moment without a model.
    """
    values: dict[int, list[float]] = {}
    for time, value in points:
        values.setdefault(int(time // seconds), []).append(value)
    return [
        ((interval + 0.5) * seconds, sorted(found)[(len(found) - 1) // 4]) for interval, found in sorted(values.items())
    ]


def _theil_sen(points: Sequence[Point]) -> float:
    return median((b[1] - a[1]) / (b[0] - a[0]) for a, b in combinations(points, 2) if b[0] != a[0])
