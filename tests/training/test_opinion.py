import numpy as np

from catdog_desktop.training.opinion import BIG_CATS, CATS, DINGO, DOGS, GROUPS, OTHERS, WILD_DOGS, Opinion


def test_groups_hold_every_class_once():
    assert sorted(number for group in GROUPS for number in group) == list(range(1000))


def test_groups_come_in_the_order_that_the_head_reads():
    assert GROUPS == (CATS, DOGS, BIG_CATS, WILD_DOGS, OTHERS)
    assert set(DOGS) == {*range(151, 269), DINGO}
    assert set(WILD_DOGS) | {DINGO} == set(range(269, 281))


def test_membership_marks_the_classes_of_each_group():
    table = Opinion(np.zeros((4, 1000), np.float32), np.zeros(1000, np.float32)).membership
    assert table.shape == (1000, len(GROUPS))
    assert (table.sum(axis=1) == 1).all()
    for group, classes in enumerate(GROUPS):
        assert np.flatnonzero(table[:, group]).tolist() == list(classes)
