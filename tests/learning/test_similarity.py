"""Similarity on signed bytes: exact against float64, missing features, growth."""

import numpy as np
import pytest

from catdog_desktop.learning.similarity import FeatureTable, pack_rows, unpack_rows


def random_features(count: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).normal(size=(count, 128)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_similarities_are_those_of_float64() -> None:
    packed = pack_rows(random_features(10_000))
    exact = packed.astype(np.float64)
    exact /= np.linalg.norm(exact, axis=1, keepdims=True)
    direction = exact[17]
    found = FeatureTable.of(packed).similarities(direction.astype(np.float32))
    assert found == pytest.approx(exact @ direction, abs=1e-5)
    assert found[17] == pytest.approx(1.0, abs=1e-6)


def test_nearest_orders_photos_by_similarity() -> None:
    packed = pack_rows(random_features(3_000))
    table = FeatureTable.of(packed)
    numbers, similarity = table.nearest(unpack_rows(packed)[5], 20)
    assert numbers[0] == 5
    assert list(similarity) == sorted(similarity, reverse=True)
    everything = table.similarities(unpack_rows(packed)[5])
    assert set(numbers) == set(np.argsort(-everything)[:20])


def test_nearest_returns_all_photos_if_there_are_fewer() -> None:
    numbers, _ = FeatureTable.of(pack_rows(random_features(4))).nearest(random_features(1)[0], 50)
    assert sorted(numbers) == [0, 1, 2, 3]


def test_photos_without_features_have_no_similarity() -> None:
    table = FeatureTable()
    features = random_features(2)
    table.put([3, 5_000], features)
    found = table.similarities(features[1], 6_000)
    assert found[5_000] == pytest.approx(1.0, abs=1e-3)
    assert np.isnan(np.delete(found, [3, 5_000])).all()
    assert (table.has(3), table.has(4), table.has(99_999)) == (True, False, False)


def test_mean_of_photos_lies_between_them() -> None:
    table = FeatureTable()
    features = random_features(2)
    table.put([0, 1], features)
    mean = table.mean_of([0, 1, 7])
    assert mean is not None
    assert mean @ features[0] == pytest.approx(mean @ features[1], abs=0.01)
    assert table.mean_of([7]) is None


def test_features_of_another_model_replace_the_former() -> None:
    table = FeatureTable()
    table.put([0, 1], random_features(2))
    table.put([1], np.ones((1, 8), np.float32))
    assert table.size == 8
    assert (table.has(0), table.has(1)) == (False, True)


def test_forget_photo_leaves_the_others() -> None:
    table = FeatureTable()
    table.put([0, 1], random_features(2))
    table.forget(0)
    table.forget(7)
    assert not table.has(0)
    assert table.has(1)
    assert np.isnan(table.similarities(random_features(2)[1], 2)[0])
