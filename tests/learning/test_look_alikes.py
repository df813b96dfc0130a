"""Look-alikes and suspicious verdicts, on features of made-up kinds."""

import numpy as np
from photo_kinds import Kind

from catdog_desktop.learning.look_alikes import disagreement, look_alikes
from catdog_desktop.learning.similarity import FeatureTable
from catdog_desktop.verdict import Verdict
from catdog_desktop.verdict_arrays import CODES, NO_VERDICT

CAT, DOG, NEITHER = (CODES.index(verdict) for verdict in (Verdict.CAT, Verdict.DOG, Verdict.NEITHER))


def sheep_and_dogs() -> FeatureTable:
    """Return a table of 40 sheep (0 to 39) and 40 dogs (40 to 79)."""
    table = FeatureTable()
    for first, kind in ((0, Kind(1, 0.01, 0.8)), (40, Kind(2, 0.01, 0.9))):
        table.put(list(range(first, first + 40)), np.stack([kind.features() for _ in range(40)]))
    return table


def test_look_alikes_are_of_the_same_kind() -> None:
    found = look_alikes(sheep_and_dogs(), 3, 80)
    assert sorted(found) == [number for number in range(40) if number != 3]
    assert len(look_alikes(FeatureTable(), 3, 80)) == 0


def test_dog_among_sheep_corrected_to_neither_is_suspicious() -> None:
    verdicts = np.full(80, DOG, np.int8)
    checked = np.zeros(80, bool)
    verdicts[:39], checked[:39] = NEITHER, True
    found = disagreement(sheep_and_dogs(), verdicts, checked)
    assert found[39] > 0.6
    assert not found[:39].any(), "checked photos are right"
    assert not found[40:].any(), "dogs are like no checked photo"


def test_photo_with_the_verdict_of_its_look_alikes_is_less_suspicious() -> None:
    verdicts = np.full(80, NEITHER, np.int8)
    checked = np.zeros(80, bool)
    checked[0] = True
    assert (disagreement(sheep_and_dogs(), verdicts, checked)[1:40] < 0).all()


def test_photos_without_verdict_are_not_suspicious() -> None:
    verdicts = np.full(80, NO_VERDICT, np.int8)
    checked = np.zeros(80, bool)
    verdicts[0], checked[0] = CAT, True
    assert not disagreement(sheep_and_dogs(), verdicts, checked).any()
