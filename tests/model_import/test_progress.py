"""The steps of an import follow each other to its end."""

import pytest

from catdog_desktop.model_import.conversion.progress import STEPS, Progress


def test_each_step_says_what_happens_and_is_farther_than_the_one_before() -> None:
    steps = [Progress.at(step) for step in STEPS]
    parts = [progress.part for progress in steps]
    assert parts == sorted(set(parts))
    assert parts[0] == 0.0
    assert parts[-1] < 1.0
    assert len({progress.words for progress in steps}) == len(steps)


def test_what_is_no_step() -> None:
    with pytest.raises(KeyError):
        Progress.at("resting")
