"""The estimator of the soak finds growth that is there, and none that is not."""

import random

import pytest
from slope import estimate_slope, lower_quartile_of_each


def series(growth_per_hour: float, noise: float, points: int = 50) -> list[tuple[float, float]]:
    chance = random.Random(5)
    return [(t * 30.0, 200 + growth_per_hour * t * 30 / 3600 + chance.gauss(0, noise)) for t in range(points)]


@pytest.mark.parametrize("growth", [0.0, 5.0, -3.0])
def test_estimate_slope_finds_growth_in_noise(growth: float) -> None:
    slope = estimate_slope(series(growth, 0.1))
    assert slope.per_hour == pytest.approx(growth, abs=0.5)
    assert slope.low <= slope.per_hour <= slope.high


def test_estimate_slope_is_less_sure_with_more_noise() -> None:
    quiet, noisy = estimate_slope(series(2, 0.05)), estimate_slope(series(2, 2))
    assert quiet.high - quiet.low < noisy.high - noisy.low
    assert quiet.low > 1, "growth of 2 MB an hour is surely more than 1 MB"


def test_estimate_slope_outliers_do_not_count() -> None:
    points = series(0, 0.1)
    points[40] = (points[40][0], 900.0)
    assert abs(estimate_slope(points).per_hour) < 0.5


def test_estimate_slope_needs_three_points() -> None:
    with pytest.raises(ValueError, match="too few"):
        estimate_slope([(0, 1), (1, 2)])


def test_lower_quartile_of_each_interval() -> None:
    points = [(0.0, 5.0), (1, 3), (3, 4), (8, 9), (9, 1), (10, 8), (31, 2), (32, 7)]
    assert lower_quartile_of_each(points, 10) == [(5, 3), (15, 8), (35, 2)]


def test_estimate_slope_of_quartiles_ignores_larger_model_and_moments_without_one() -> None:
    chance = random.Random(4)
    points = []
    for second in range(1800):
        without, copied = second % 30 == 0, second // 30 % 2
        points.append((float(second), (160 if without else 180 + 7 * copied) + second / 3600 + chance.gauss(0, 0.5)))
    assert estimate_slope(lower_quartile_of_each(points, 60)).per_hour == pytest.approx(1, abs=0.5)
