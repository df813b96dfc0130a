"""The status line alone, without a window."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QProgressBar, QPushButton, QToolTip, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.job_progress import JobProgress
from catdog_desktop.gui.status_line import StatusLine
from catdog_desktop.gui.widgets.labels import LinkLabel
from catdog_desktop.progress import Progress


@pytest.fixture
def line(qtbot: QtBot) -> StatusLine:
    widget = StatusLine()
    qtbot.addWidget(widget)
    widget.resize(700, widget.height())
    widget.show()
    return widget


def progress(added: int, done: int, *, finding: bool = False, busy: bool = True) -> JobProgress:
    return JobProgress(Progress(done, added, 10), finding=finding, busy=busy)


def test_progress_bar_shows_share_done(line: StatusLine) -> None:
    bar = line.findChild(QProgressBar)
    assert not bar.isVisible()
    line.show_progress(progress(200, 50))
    assert bar.isVisible()
    assert bar.value() / bar.maximum() == 0.25
    assert line.job_text.startswith("50 of 200")
    line.show_progress(progress(200, 200, busy=False))
    assert not bar.isVisible()
    assert not line.findChild(QPushButton).isVisible()


def test_progress_bar_unknown_total_is_indeterminate(line: StatusLine) -> None:
    line.show_progress(progress(0, 0, finding=True))
    assert (line.findChild(QProgressBar).minimum(), line.findChild(QProgressBar).maximum()) == (0, 0)


def test_long_message_keeps_height_and_width(line: StatusLine) -> None:
    before = line.height()
    line.show_progress(progress(200, 50))
    line.say("A long sentence. " * 30)
    assert line.height() == before
    assert line.minimumSizeHint().width() < 400, "a long sentence does not widen the window"


def test_message_is_plain_text(line: StatusLine) -> None:
    line.say("<b>a</b> & b", {"x": "Show"})
    label = next(label for label in line.findChildren(QLabel) if "Show" in label.text())
    assert "&lt;b&gt;a&lt;/b&gt; &amp; b" in label.text()
    assert label.accessibleName() == "<b>a</b> & b"


@pytest.mark.parametrize("by", ["mouse", "keyboard"])
def test_link_chosen_emits_target(qtbot: QtBot, by: str) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    before, line = QPushButton("before"), StatusLine()
    layout.addWidget(before)
    layout.addWidget(line)
    line.say("", {"problems": "Show them all"})
    window.show()
    window.activateWindow()
    qtbot.waitActive(window)
    label = next(label for label in line.findChildren(QLabel) if "Show" in label.text())
    with qtbot.waitSignal(line.link_chosen) as chosen:
        if by == "mouse":
            qtbot.mouseClick(label, Qt.MouseButton.LeftButton, pos=QPoint(30, label.height() // 2))
        else:
            before.setFocus()
            qtbot.keyClick(before, Qt.Key.Key_Tab)
            qtbot.waitUntil(label.hasFocus)
            qtbot.keyClick(label, Qt.Key.Key_Tab)  # to the link in it
            qtbot.keyClick(label, Qt.Key.Key_Return)
    assert chosen.args == ["problems"]


def test_message_like_html_is_escaped(line: StatusLine) -> None:
    line.say('Photos are judged by <img src="//host/share/x"> & co.')
    message = line.findChild(LinkLabel)
    point = message.rect().center()
    QApplication.sendEvent(message, QHelpEvent(QEvent.Type.ToolTip, point, message.mapToGlobal(point)))
    assert QToolTip.isVisible()
    for text in (message.text(), QToolTip.text()):
        assert "<img" not in text
        assert "&lt;img" in text
