"""The bar of a score as a widget of its own."""

import pytest
from driving import grab
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.theme import colours
from catdog_desktop.gui.widgets.score_bars import ScoreBar


@pytest.fixture
def bar(qtbot: QtBot) -> ScoreBar:
    widget = ScoreBar("Dog")
    qtbot.addWidget(widget)
    widget.resize(300, 30)
    widget.show()
    return widget


def _filled(bar: ScoreBar) -> int:
    """Return how many pixels of the middle line have the dog's colour."""
    image, wanted = grab(bar), colours(bar.palette()).dog
    return sum(_close(image.pixelColor(x, image.height() // 2), wanted) for x in range(image.width()))


def _close(first: QColor, second: QColor) -> bool:
    return all(abs(a - b) < 20 for a, b in zip(first.getRgb(), second.getRgb(), strict=True))


def test_without_a_score_it_is_empty(bar: ScoreBar) -> None:
    assert (bar.score, bar.text(), bar.accessibleDescription()) == (None, "", "")
    assert _filled(bar) == 0


def test_it_is_filled_by_its_score(bar: ScoreBar) -> None:
    bar.set_score(1.0)
    whole = _filled(bar)
    bar.set_score(0.5)
    assert _filled(bar) == pytest.approx(whole / 2, abs=3)
    assert bar.text() == "50%"


@pytest.mark.parametrize(("score", "text"), [(0.9999, ">99%"), (0.996, ">99%"), (0.003, "<1%"), (0.5, "50%")])
def test_it_never_claims_all_or_nothing(bar: ScoreBar, score: float, text: str) -> None:
    bar.set_score(score)
    assert bar.text() == text
    assert bar.accessibleName() == "Dog score"
    assert bar.accessibleDescription() == text
    assert bar.toolTip() == f"Dog: {score:.2%}"


def test_growing_ends_at_the_score(bar: ScoreBar, qtbot: QtBot) -> None:
    bar.set_score(0.8, grow=True)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() * 8 // 10)
    bar.set_score(None, grow=True)
    qtbot.waitUntil(lambda: bar.value() == 0)
    assert _filled(bar) == 0


def test_what_is_shown_already_does_not_grow_again(bar: ScoreBar, qtbot: QtBot) -> None:
    bar.set_score(0.8, grow=True)
    qtbot.waitUntil(lambda: bar.value() == bar.maximum() * 8 // 10)
    bar.set_score(0.8, grow=True)
    assert bar.value() == bar.maximum() * 8 // 10
