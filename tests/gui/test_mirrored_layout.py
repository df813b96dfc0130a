"""The layout from right to left: what is painted is mirrored, and keys and clicks follow."""

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from driving import App, grab
from PySide6.QtCore import QLocale, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTextDocument
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from catdog_desktop.formatting import displayable, format_percent
from catdog_desktop.gui.language import apply_language
from catdog_desktop.gui.learning.threshold_dialog import ThresholdPlot
from catdog_desktop.gui.statistics.charts import Histogram
from catdog_desktop.gui.theme import colours
from catdog_desktop.gui.widgets.mirroring import mirrored, placed_whole
from catdog_desktop.gui.widgets.score_bars import paint_bar
from catdog_desktop.languages.choice import LANGUAGES, use_language
from catdog_desktop.languages.formats import format_share
from catdog_desktop.learning.threshold_curve import PERCENTS, CheckedPhotos, Outcomes
from catdog_desktop.verdict import Thresholds, Verdict
from catdog_desktop.verdict_arrays import CODES

RED, GREY = QColor(255, 0, 0), QColor(128, 128, 128)


@pytest.fixture
def arabic(qapp: QApplication) -> Iterator[None]:
    assert use_language("ar") == "ar"
    apply_language(qapp)
    yield
    use_language("en")
    apply_language(qapp)


def test_mirrored_rectangles_keep_size_and_distance() -> None:
    assert mirrored(QRectF(10, 5, 20, 8), QRectF(0, 0, 100, 50)) == QRectF(70, 5, 20, 8)
    assert mirrored(QRectF(110, 5, 20, 8), QRectF(100, 0, 100, 50)) == QRectF(170, 5, 20, 8)
    inner, outer = QRect(10, 5, 20, 8), QRect(0, 0, 100, 50)
    assert placed_whole(inner, outer, Qt.LayoutDirection.LeftToRight) == inner
    assert placed_whole(inner, outer, Qt.LayoutDirection.RightToLeft) == QRect(70, 5, 20, 8)


@pytest.mark.parametrize(
    ("direction", "is_left"), [(Qt.LayoutDirection.LeftToRight, True), (Qt.LayoutDirection.RightToLeft, False)]
)
def test_bar_grows_from_the_side_where_lines_begin(direction: Qt.LayoutDirection, is_left: bool) -> None:
    image = QImage(100, 10, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setLayoutDirection(direction)
    paint_bar(painter, QRectF(0, 0, 100, 10), 0.3, RED, GREY)
    painter.end()
    assert (image.pixelColor(15, 5) == RED) == is_left
    assert (image.pixelColor(85, 5) == RED) == (not is_left)


def test_gallery_begins_at_the_right(
    arabic: None, open_app: Callable[..., App], folder: Path, make_photos: Callable[..., list[Path]]
) -> None:
    app = open_app()
    app.wait_for(lambda: app.window.session.model is not None)
    photos = make_photos(3)
    app.add(*photos)
    app.wait_done(3)
    gallery, model = app.window.gallery, app.window.session.gallery
    first, second = (gallery.visualRect(model.index(row, 0)) for row in range(2))
    assert first.left() > second.left()
    assert first.right() == gallery.viewport().width() - 1
    assert gallery.indexAt(first.center()).row() == 0
    assert gallery.indexAt(second.center()).row() == 1
    gallery.setFocus()
    gallery.setCurrentIndex(model.index(0, 0))
    app.key(Qt.Key.Key_Left, on=gallery)
    assert gallery.currentIndex().row() == 1
    app.key(Qt.Key.Key_Right, on=gallery)
    assert gallery.currentIndex().row() == 0
    app.select(photos[:2])
    assert {row.path for row in app.window.gallery.target_rows} == set(photos[:2])


@pytest.mark.parametrize("direction", [Qt.LayoutDirection.LeftToRight, Qt.LayoutDirection.RightToLeft])
def test_graphs_begin_on_the_side_where_lines_begin(qtbot: QtBot, direction: Qt.LayoutDirection) -> None:
    """The first column of the histogram, and the low thresholds of the plot."""
    is_left = direction is Qt.LayoutDirection.LeftToRight
    histogram = Histogram("Certainty", [("0–5", 9), ("5–10", 0), ("10–15", 0), ("15–20", 0)])
    codes = np.array([CODES.index(Verdict.CAT)] * 5, np.int8)
    plot = ThresholdPlot(CheckedPhotos(np.array([[0.4, 0.0]] * 5), codes).curve(Thresholds()), Thresholds())
    for widget in (histogram, plot):
        qtbot.addWidget(widget)
        widget.setLayoutDirection(direction)
        widget.resize(400, 200)
    image = grab(histogram)
    filled = [x for x in range(400) if image.pixelColor(x, 120) != image.pixelColor(200, 120)]
    assert filled
    assert all((x < 100) == is_left for x in filled)
    image = grab(plot)  # right below about 40 %, then unsure and wrong
    ours = colours(plot.palette())

    def blue(x: int) -> int:
        return image.pixelColor(x, 150).blue() - image.pixelColor(x, 150).red()

    assert (blue(60) > blue(340)) == is_left, (ours.dog.name(), blue(60), blue(340))


def test_names_of_bands_are_not_on_each_other(qtbot: QtBot) -> None:
    plot = ThresholdPlot([Outcomes(right=96, wrong=2, unsure=2)] * len(PERCENTS), Thresholds())  # two thin bands
    qtbot.addWidget(plot)
    plot.resize(260, 60)
    places: list[QRectF] = []
    plot._paint_name = lambda painter, rect, name: places.append(rect)
    grab(plot)
    assert len(places) == 3
    assert not any(first.intersects(second) for first, second in combinations(places, 2))


@pytest.mark.parametrize("code", LANGUAGES)
def test_fields_have_the_digits_of_the_other_texts(code: str, qapp: QApplication) -> None:
    use_language(code)
    apply_language(qapp)
    assert QLocale().toString(1234567890).translate(dict.fromkeys(map(ord, ",.\xa0\u202f "))) == "1234567890"
    use_language("en")
    apply_language(qapp)


def test_sentence_with_a_name_or_share_first_is_from_right_to_left(arabic: None) -> None:
    for first in (displayable(Path("/home/me")), format_share(0.5), format_percent(0.999)):
        document = QTextDocument()
        document.setPlainText(f"«{first}» مجلد")
        assert document.firstBlock().textDirection() is Qt.LayoutDirection.RightToLeft, first
        assert displayable(document.toPlainText()) == document.toPlainText(), "the signs are not shown"
