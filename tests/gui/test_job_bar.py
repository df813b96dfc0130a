"""The bar of a job: results go away by themselves, questions stay, Stop and Undo are in different places."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.widgets import job_bar
from catdog_desktop.gui.widgets.job_bar import JobBar


@pytest.fixture
def make_bar(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Callable[[int], JobBar]:
    """Return a function that makes a bar of a width, in an active window. Results leave after 50 ms."""
    monkeypatch.setattr(job_bar, "RESULT_MS", 50)
    windows = []

    def make(width: int) -> JobBar:
        window = QWidget()
        qtbot.addWidget(window)
        windows.append(window)
        layout = QVBoxLayout(window)
        bar = JobBar("Sorting")
        field = QLineEdit()
        layout.addWidget(field)
        layout.addWidget(bar)
        window.resize(width, 200)
        window.show()
        window.activateWindow()
        qtbot.waitActive(window)
        field.setFocus()
        return bar

    return make


def place_of(bar: JobBar, text: str) -> QRect:
    QApplication.processEvents()
    button = bar.button(text)
    assert button.isVisible()
    return QRect(button.mapTo(bar, button.rect().topLeft()), button.size())


@pytest.mark.parametrize("width", [480, 800, 1366])
def test_stop_and_result_buttons_are_in_different_places(make_bar: Callable[[int], JobBar], width: int) -> None:
    bar = make_bar(width)
    bar.begin("Copying…", ("Stop", lambda: None))
    bar.advance(3, 10, "Copying: 3 of 10 · 58 photos/s · 31 s left")
    stop = place_of(bar, "Stop")
    for choices in (["Undo"], ["Undo", "Show folder"], ["Undo", "Resume", "Details", "Show folder"]):
        bar.say("6 photos copied.", [(text, lambda: None) for text in choices])
        assert not [text for text in choices[:2] if place_of(bar, text).intersects(stop)]


def test_result_goes_away_by_itself(make_bar: Callable[[int], JobBar], qtbot: QtBot) -> None:
    bar = make_bar(800)
    bar.say("6 photos copied.", [("Undo", lambda: None)])
    assert bar.isVisible()
    qtbot.mouseMove(bar.window(), QPoint(1, 1))  # an earlier test may have left the pointer where the bar is
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_question_stays(make_bar: Callable[[int], JobBar], qtbot: QtBot) -> None:
    bar = make_bar(800)
    bar.say("6 photos copied.")
    bar.say("The last sort was interrupted.", [("Finish", lambda: None)], stays=True)
    assert not bar._leave.isActive()


def test_running_job_stays(make_bar: Callable[[int], JobBar]) -> None:
    bar = make_bar(800)
    bar.say("6 photos copied.")
    bar.begin("Copying…", ("Stop", lambda: None))
    assert not bar._leave.isActive()


def test_result_stays_while_its_button_has_the_focus(make_bar: Callable[[int], JobBar], qtbot: QtBot) -> None:
    bar = make_bar(800)
    bar.say("6 photos copied.", [("Undo", lambda: None)])
    bar.button("Undo").setFocus()
    with qtbot.waitSignal(bar._leave.timeout):
        pass
    assert bar.isVisible()
    assert bar._leave.isActive(), "it asks again later"
