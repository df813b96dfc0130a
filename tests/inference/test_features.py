"""Feature vectors: length one, one byte a number, similarity kept."""

import numpy as np
import pytest

from catdog_desktop.inference.features import MAX_FEATURES, normalised, pack_features, unpack_all, unpack_features


@pytest.mark.parametrize("count", [1, 128, MAX_FEATURES])
def test_packed_features_keep_direction(count: int) -> None:
    features = normalised(np.random.default_rng(count).normal(size=count))
    packed = pack_features(features)
    assert len(packed) == count
    assert unpack_features(packed) @ features == pytest.approx(1.0, abs=1e-3)


def test_packed_features_keep_similarity_of_pairs() -> None:
    chance = np.random.default_rng(7)
    shared = chance.normal(size=128)
    pairs = [normalised(shared + spread * chance.normal(size=128)) for spread in (0.0, 0.5, 1.0, 2.0)]
    exact = [float(pairs[0] @ other) for other in pairs]
    kept = [float(unpack_features(pack_features(pairs[0])) @ unpack_features(pack_features(other))) for other in pairs]
    assert kept == pytest.approx(exact, abs=0.005)


def test_features_of_zeros_stay_zeros() -> None:
    nothing = normalised(np.zeros(4))
    assert not nothing.any()
    assert not unpack_features(pack_features(nothing)).any()


def test_unpack_all_of_vectors_of_different_lengths_is_unpack_features_of_each() -> None:
    random = np.random.default_rng(5)
    packed = [pack_features(normalised(random.normal(size=size))) for size in (128, 3, 128, 256)] + [bytes(128)]
    for together, alone in zip(unpack_all(packed), [unpack_features(data) for data in packed], strict=True):
        np.testing.assert_array_equal(together, alone)
        assert together.dtype == np.float32
        assert np.linalg.norm(together) == pytest.approx(1.0 if together.any() else 0.0, abs=1e-5)
    assert unpack_all([]) == []
