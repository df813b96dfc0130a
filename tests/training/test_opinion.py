import numpy as np
import pytest

pytest.importorskip("sklearn")

from catdog_desktop.training.opinion import ANIMALS, BIG_CATS, CATS, DOGS, WILD_DOGS, group_classes


@pytest.fixture(scope="module")
def opinion():
    kernel = np.random.default_rng(1).normal(size=(16, 1000)).astype(np.float32)
    return group_classes(kernel, np.zeros(1000, np.float32))


def test_groups_hold_every_class_once(opinion):
    classes = sorted(number for group in opinion.groups.values() for number in group)
    assert classes == list(range(1000))


def test_groups_begin_with_pets_and_their_wild_relatives(opinion):
    """The head reads the groups in this order."""
    assert list(opinion.groups.values())[:4] == [CATS, DOGS, BIG_CATS, WILD_DOGS]
    assert set(DOGS) == set(range(151, 269))


def test_membership_marks_the_classes_of_each_group(opinion):
    table = opinion.membership
    assert table.shape == (1000, len(opinion.groups))
    assert (table.sum(axis=1) == 1).all()
    cattle = list(opinion.groups).index("cattle")
    assert np.flatnonzero(table[:, cattle]).tolist() == list(ANIMALS["cattle"])


def test_things_with_like_rows_share_a_group():
    """The classes 500 and 501 point where no other class does."""
    kernel = np.random.default_rng(2).normal(size=(16, 1000)).astype(np.float32)
    kernel[:, 398:] = np.abs(kernel[:, 398:])
    kernel[:, 500:502] = -100.0
    groups = group_classes(kernel, np.zeros(1000, np.float32)).groups
    assert any(set(group) == {500, 501} for group in groups.values())
