"""Text in open drop-down lists and menus is readable: grabbed from the screen, in light and dark."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

import pytest
from driving import App
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QImage, QStandardItemModel
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QMenu, QWidget
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.action_table import Menu
from catdog_desktop.gui.theme import apply_theme, is_dark

LEAST = 4.5
"""WCAG 2.2, 1.4.3."""


@pytest.fixture(params=["light", "dark"])
def theme(request: pytest.FixtureRequest, qapp: QApplication) -> Iterator[str]:
    apply_theme(request.param)
    QApplication.processEvents()
    assert is_dark(QApplication.palette()) is (request.param == "dark")
    yield request.param
    apply_theme("system")


def _luminance(colour: QColor) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.getRgbF()[:3]]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _contrast(first: QColor, second: QColor) -> float:
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def text_contrast(image: QImage, area: QRect) -> float:
    """Return the contrast of the text in `area`: its most distinct pixel against the most frequent colour."""
    area = area.intersected(image.rect())
    pixels = Counter(
        image.pixel(x, y)
        for x in range(area.left() + 2, area.right() - 2)
        for y in range(area.top() + 2, area.bottom() - 2)
    )
    background = QColor.fromRgb(pixels.most_common(1)[0][0])
    return max(_contrast(QColor.fromRgb(pixel), background) for pixel in pixels)


def test_text_contrast_of_faint_text_is_low(qtbot: QtBot) -> None:
    label = QWidget()
    qtbot.addWidget(label)
    label.setStyleSheet("background: #5a5f66")
    image = label.grab().toImage()
    image.fill(QColor("#5a5f66"))
    for y in range(8, 20):
        image.setPixelColor(30, y, QColor("black"))
    assert text_contrast(image, QRect(0, 0, 60, 28)) == pytest.approx(3.2, abs=0.3)


def open_list(box: QComboBox, qtbot: QtBot) -> QWidget:
    """Open the drop-down list of `box` and return its window."""
    box.showPopup()
    popup = box.view().window()
    qtbot.waitUntil(popup.isVisible)
    QApplication.processEvents()
    return popup


def check_list(box: QComboBox, popup: QWidget) -> None:
    image, view = popup.grab().toImage(), box.view()
    for number in range(box.count()):
        index = box.model().index(number, 0)
        area = view.visualRect(index)
        area.moveTopLeft(view.viewport().mapTo(popup, area.topLeft()))
        assert text_contrast(image, area) >= LEAST, box.itemText(number)


def test_combo_box_popup_is_readable(theme: str, qtbot: QtBot) -> None:
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems(["All folders", "Holiday 2019", "Cannot be chosen", "Garden"])
    model = box.model()
    assert isinstance(model, QStandardItemModel)
    model.item(2).setEnabled(False)
    box.setCurrentIndex(1)
    box.show()
    popup = open_list(box, qtbot)
    check_list(box, popup)
    QTest.keyClick(box.view(), Qt.Key.Key_Home)  # the highlighted row is another one than the chosen one
    check_list(box, popup)
    box.hidePopup()


def test_folder_filter_popup_is_readable(theme: str, app: App, cat: object, qtbot: QtBot) -> None:
    app.add(cat)
    app.window.filtering.toggle_more()
    box = app.window.filtering.more.folder
    popup = open_list(box, qtbot)
    assert box.count() == 2
    check_list(box, popup)
    box.hidePopup()


@pytest.mark.parametrize("menu", [Menu.FILE, Menu.VIEW, Menu.SORT_BY, Menu.THEME])
def test_menu_is_readable(theme: str, app: App, qtbot: QtBot, menu: Menu) -> None:
    widget = app.window.action_table.menu(menu)
    widget.popup(app.window.mapToGlobal(app.window.rect().topLeft()))
    qtbot.waitUntil(widget.isVisible)
    enabled = {action.isEnabled() for action in widget.actions() if not action.isSeparator()}
    assert enabled == ({True, False} if menu in (Menu.FILE, Menu.VIEW) else {True})
    check_menu(widget)
    chosen = next(action for action in widget.actions() if action.isEnabled() and not action.isSeparator())
    widget.setActiveAction(chosen)
    check_menu(widget)
    widget.close()


def check_menu(widget: QMenu) -> None:
    image = widget.grab().toImage()
    for action in widget.actions():
        if not action.isSeparator():
            assert text_contrast(image, widget.actionGeometry(action)) >= LEAST, action.text()


def test_check_boxes_of_menus_are_visible(theme: str, app: App, qtbot: QtBot) -> None:
    """WCAG 2.2, 1.4.11: 3:1 for the outline of a box that is not checked."""
    widget = app.window.action_table.menu(Menu.SORT_BY)
    widget.popup(app.window.mapToGlobal(app.window.rect().topLeft()))
    qtbot.waitUntil(widget.isVisible)
    image = widget.grab().toImage()
    descending = app.window.action_table["view.sort.descending"]
    assert not descending.isChecked()
    area = widget.actionGeometry(descending)
    row = [image.pixelColor(x, area.center().y()) for x in range(area.left(), area.left() + 24)]
    background = image.pixelColor(area.right() - 4, area.center().y())
    edges = [x for x, (a, b) in enumerate(pairwise(row)) if a != b]
    assert len(edges) >= 2, "a left and a right edge"
    assert max(_contrast(pixel, background) for pixel in row) >= 3
    widget.close()


def test_drop_down_contrast_survives_a_change_of_theme(qapp: QApplication, qtbot: QtBot) -> None:
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItems(["One", "Two"])
    box.show()
    for theme in ("dark", "light", "dark"):
        apply_theme(theme)
        QApplication.processEvents()
        check_list(box, open_list(box, qtbot))
        box.hidePopup()
    apply_theme("system")
