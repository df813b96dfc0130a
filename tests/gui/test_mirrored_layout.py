"""The layout from right to left: what is painted is mirrored, and keys and clicks follow."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from driving import App
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.language import apply_language
from catdog_desktop.gui.widgets.mirroring import mirrored, placed_whole
from catdog_desktop.gui.widgets.score_bars import paint_bar
from catdog_desktop.languages.choice import use_language

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
