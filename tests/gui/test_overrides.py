"""Exceptions in overrides of Qt's methods: reported, and the program goes on."""

import importlib
import pkgutil
import sys
from collections.abc import Callable
from types import FunctionType

import pytest
from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtWidgets import QApplication, QLabel, QLayout, QLayoutItem, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

import catdog_desktop.gui
from catdog_desktop.gui.overrides import is_override, safe_overrides

MODULES = [module.name for module in pkgutil.walk_packages(catdog_desktop.gui.__path__, "catdog_desktop.gui.")]


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the list of what is reported, as text."""
    errors: list[str] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, _trace: errors.append(f"{kind.__name__}: {error}"))
    return errors


@pytest.mark.parametrize("name", MODULES)
def test_all_overrides_of_the_app_are_safe(name: str) -> None:
    classes = [each for each in vars(importlib.import_module(name)).values() if isinstance(each, type)]
    overrides = {
        f"{each.__name__}.{method}": function
        for each in classes
        if issubclass(each, Shiboken.Object) and each.__module__ == name
        for method, function in vars(each).items()
        if isinstance(function, FunctionType) and is_override(each, method)
    }
    assert not [override for override, function in overrides.items() if not hasattr(function, "__wrapped__")]


def test_many_overrides_are_found() -> None:
    from catdog_desktop.gui.gallery.gallery_model import GalleryModel
    from catdog_desktop.gui.main_window import MainWindow

    assert is_override(GalleryModel, "data")
    assert is_override(MainWindow, "closeEvent")
    assert not is_override(MainWindow, "show_problem")


@pytest.mark.parametrize("fails", [lambda: [][0], lambda: 1 / 0, lambda: int("x"), lambda: QSize("a", "b")])
def test_failing_size_hint_is_reported_and_qt_answers(
    qtbot: QtBot, reported: list[str], fails: Callable[[], object]
) -> None:
    """Without the guard, each of these ended the program on Python 3.11."""

    @safe_overrides
    class Label(QLabel):
        is_failing = False

        def sizeHint(self) -> QSize:
            if self.is_failing:
                fails()
            return QSize(500, 500)

    window = QWidget()
    qtbot.addWidget(window)
    layout = QVBoxLayout(window)
    label = Label("text")
    layout.addWidget(label)
    window.show()
    assert label.sizeHint() == QSize(500, 500)
    label.is_failing = True
    for _ in range(20):
        label.updateGeometry()
        layout.invalidate()
        layout.activate()
        window.adjustSize()
    assert label.sizeHint() == QLabel("text").sizeHint()
    assert len(reported) > 20


def test_failing_event_is_not_handled_twice(qtbot: QtBot, reported: list[str]) -> None:
    class Base(QWidget):
        def __init__(self) -> None:
            super().__init__()
            self.handled = 0

        def event(self, event: QEvent) -> bool:
            self.handled += event.type() is QEvent.Type.User
            return True

    @safe_overrides
    class Widget(Base):
        def event(self, event: QEvent) -> bool:
            super().event(event)
            raise LookupError("raised in an event")

    widget = Widget()
    qtbot.addWidget(widget)
    assert QApplication.sendEvent(widget, QEvent(QEvent.Type.User)) is False
    assert widget.handled == 1
    assert set(reported) == {"LookupError: raised in an event"}


def test_failing_command_is_not_carried_out_by_qt(qtbot: QtBot, reported: list[str]) -> None:
    class Base(QWidget):
        shown = 0

        def setVisible(self, visible: bool) -> None:  # noqa: N802
            Base.shown += 1

    @safe_overrides
    class Widget(Base):
        def setVisible(self, visible: bool) -> None:  # noqa: N802
            raise LookupError("raised in a command")

    widget = Widget()
    qtbot.addWidget(widget)
    widget.show()
    assert reported == ["LookupError: raised in a command"]
    assert Base.shown == 0
    assert not widget.isVisible()


def test_failing_filter_lets_events_pass(reported: list[str]) -> None:
    @safe_overrides
    class Filter(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            raise LookupError("raised in a filter")

    watched, events = QObject(), Filter()
    watched.installEventFilter(events)
    QApplication.sendEvent(watched, QEvent(QEvent.Type.User))
    assert reported == ["LookupError: raised in a filter"]


def test_failing_layout_without_an_answer_of_qt_is_empty(qtbot: QtBot, reported: list[str]) -> None:
    @safe_overrides
    class Layout(QLayout):
        def addItem(self, item: QLayoutItem) -> None:
            pass

        def count(self) -> int:
            return 0

        def sizeHint(self) -> QSize:
            raise LookupError("raised in a layout")

        def itemAt(self, index: int) -> QLayoutItem | None:
            return None

    window = QWidget()
    qtbot.addWidget(window)
    layout = Layout(window)
    assert layout.sizeHint() is None
    assert reported == ["LookupError: raised in a layout"]


def test_passing_overrides_are_as_before(reported: list[str]) -> None:
    @safe_overrides
    class Label(QLabel):
        def sizeHint(self) -> QSize:
            """Return a size."""
            return QSize(3, 4)

        def own(self) -> int:
            return 1

    assert Label().sizeHint() == QSize(3, 4)
    assert Label.sizeHint.__doc__ == "Return a size."
    assert not hasattr(Label.own, "__wrapped__")
    assert not reported
