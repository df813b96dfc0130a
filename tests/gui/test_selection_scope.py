"""Which photos something may be done with, and which of them have a result that holds."""

from pathlib import Path

import pytest
from driving import scored
from pytestqt.qtbot import QtBot

from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.selection_scope import Scope, ScopeBox, not_classified, results_of
from catdog_desktop.verdict import Result, Thresholds


@pytest.fixture
def rows() -> list[Row]:
    """One that is done, one that waits, one that could not be read, and one that is classified again."""
    made = [Row(Path(f"{number}.jpg"), number) for number in range(4)]
    made[0].apply_result(scored(made[0].path, 0.97, 0.02), Thresholds(), 1.0)
    made[2].apply_result(Result(made[2].path, error="is empty"), Thresholds(), 1.0)
    made[3].apply_result(scored(made[3].path, 0.01, 0.99), Thresholds(), 1.0)
    made[3].state = State.WAITING
    return made


def test_each_photo_has_a_result_or_is_not_classified(rows: list[Row]) -> None:
    assert [result.path.name for result in results_of(rows)] == ["0.jpg", "2.jpg"]
    assert [row.path.name for row in not_classified(rows)] == ["1.jpg", "3.jpg"]
    assert (results_of([]), not_classified([])) == ([], [])


def test_the_likeliest_is_chosen_until_the_user_chooses(qtbot: QtBot, rows: list[Row]) -> None:
    box = ScopeBox([Scope("The 2 photos that are selected", rows[:2]), Scope("All 4 photos", rows)])
    qtbot.addWidget(box)
    assert (box.currentText(), box.rows) == ("The 2 photos that are selected", rows[:2])
    box.setCurrentIndex(1)
    assert (box.currentText(), box.rows) == ("All 4 photos", rows)
    box.setCurrentIndex(-1)
    assert box.rows == rows[:2], "never none"
