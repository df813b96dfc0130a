"""The score bar widget."""

import pytest
from driving import grab
from PySide6.QtGui import QAccessible, QColor, QFontMetricsF
from pytestqt.qtbot import QtBot

from catdog_desktop.formatting import format_percent
from catdog_desktop.gui.theme import colours, tabular_font
from catdog_desktop.gui.widgets.score_bars import ScoreBar, score_columns
from catdog_desktop.languages import choice
from catdog_desktop.languages.choice import LANGUAGES


@pytest.fixture
def bar(qtbot: QtBot) -> ScoreBar:
    widget = ScoreBar("dog")
    qtbot.addWidget(widget)
    widget.resize(300, 30)
    widget.show()
    return widget


def _filled(bar: ScoreBar) -> int:
    """Return how many pixels of the middle line have the colour of dogs."""
    image, wanted = grab(bar), colours(bar.palette()).dog
    return sum(_close(image.pixelColor(x, image.height() // 2), wanted) for x in range(image.width()))


def _close(first: QColor, second: QColor) -> bool:
    return all(abs(a - b) < 20 for a, b in zip(first.getRgb(), second.getRgb(), strict=True))


def test_bar_without_score_is_empty(bar: ScoreBar) -> None:
    assert (bar.score, bar.text(), bar.value()) == (None, "", 0)
    assert _filled(bar) == 0


def test_bar_with_score_is_filled_in_proportion(bar: ScoreBar) -> None:
    bar.set_score(1.0)
    whole = _filled(bar)
    bar.set_score(0.5)
    assert _filled(bar) == pytest.approx(whole / 2, abs=3)
    assert bar.text() == "50%"


@pytest.mark.parametrize(("score", "text"), [(0.9999, ">99%"), (0.996, ">99%"), (0.003, "<1%"), (0.5, "50%")])
def test_bar_text_is_never_0_or_100_percent(bar: ScoreBar, score: float, text: str) -> None:
    bar.set_score(score)
    assert bar.text() == text
    assert bar.toolTip() == f"Dog: {score:.2%}"


def test_bar_for_screen_readers_is_a_value_in_percent(bar: ScoreBar) -> None:
    bar.set_score(0.9914)
    heard = QAccessible.queryAccessibleInterface(bar)
    assert heard.text(QAccessible.Text.Name) == "Dog score"
    assert heard.text(QAccessible.Text.Description) == "99%", "what is shown"
    value = heard.valueInterface()
    assert (value.currentValue(), value.minimumValue(), value.maximumValue()) == (99, 0, 100)


def test_smallest_score_is_a_visible_dot(bar: ScoreBar) -> None:
    bar.set_score(0.0001)
    assert _filled(bar) >= 3


def test_animation_ends_at_the_score(bar: ScoreBar, qtbot: QtBot) -> None:
    bar.set_score(0.8, animate=True)
    qtbot.waitUntil(lambda: bar.filled == 0.8)
    bar.set_score(None, animate=True)
    assert _filled(bar) == 0


def test_same_score_again_starts_no_animation(bar: ScoreBar, qtbot: QtBot) -> None:
    bar.set_score(0.8, animate=True)
    qtbot.waitUntil(lambda: bar.filled == 0.8)
    bar.set_score(0.8, animate=True)
    assert bar.filled == 0.8


@pytest.mark.parametrize("code", LANGUAGES)
def test_columns_keep_a_space_beside_the_widest_percentage(code: str, bar: ScoreBar) -> None:
    choice.use_language(code)
    try:
        metrics = QFontMetricsF(tabular_font(bar.font()))
        space = metrics.horizontalAdvance(" ")
        widths = [metrics.horizontalAdvance(format_percent(score)) for score in (0.0, 0.5, 1.0)]
        assert score_columns(metrics)[1] >= max(widths) + 0.9 * space
    finally:
        choice.use_language("en")
