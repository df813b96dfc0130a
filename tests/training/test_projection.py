import numpy as np
import pytest

from catdog_desktop.training.projection import fit_projection


@pytest.fixture
def pooled():
    """Features that differ mostly along two directions."""
    rng = np.random.default_rng(1)
    directions = rng.normal(size=(2, 40))
    return 3.0 + rng.normal(size=(200, 2)) * (5.0, 2.0) @ directions + 0.01 * rng.normal(size=(200, 40))


def test_projection_gives_unit_vectors_of_its_size(pooled):
    vectors = fit_projection(pooled, 8).apply(pooled)
    assert vectors.shape == (200, 8)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(200), abs=1e-5)


def test_projection_keeps_distances_without_whitening(pooled):
    projection = fit_projection(pooled, 2, whitening=0.0)
    plane = pooled @ projection.kernel + projection.bias
    assert plane.mean(axis=0) == pytest.approx(np.zeros(2), abs=1e-3)
    exact = np.linalg.norm(pooled[1:] - pooled[:-1], axis=1)
    assert np.linalg.norm(plane[1:] - plane[:-1], axis=1) == pytest.approx(exact, rel=0.02)


def test_projection_with_full_whitening_gives_equal_spreads(pooled):
    projection = fit_projection(pooled, 2, whitening=1.0)
    spreads = (pooled @ projection.kernel).std(axis=0)
    assert spreads == pytest.approx(np.ones(2), rel=0.02)


def test_projection_of_the_mean_stays_finite(pooled):
    vector = fit_projection(pooled, 4).apply(pooled.mean(axis=0, keepdims=True))
    assert np.isfinite(vector).all()
