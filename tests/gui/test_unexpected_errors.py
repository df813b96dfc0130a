"""Unexpected errors: each is logged, one dialog at a time, the same error not again and again."""

import logging
import threading
from collections.abc import Callable

import pytest
from driving import WAIT_MS
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from catdog_desktop.gui import unexpected_errors
from catdog_desktop.gui.dialogs import CrashDialog
from catdog_desktop.gui.unexpected_errors import UnexpectedErrors


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """Return an empty window."""
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


def _raised(text: str) -> Exception:
    """Return an error from a line of its own for "one" and another for other texts."""
    try:
        if text == "one":
            raise LookupError(text)
        raise LookupError(text)
    except LookupError as error:
        return error


def _visible(window: QWidget) -> list[CrashDialog]:
    return [dialog for dialog in window.findChildren(CrashDialog) if dialog.isVisible()]


def _logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [str(record.exc_info[1]) for record in caplog.records if record.exc_info]


@pytest.fixture
def close_dialog(qtbot: QtBot, window: QWidget) -> Callable[[], str]:
    """Return a function that waits for the dialog, closes it and returns its report."""

    def close() -> str:
        qtbot.waitUntil(lambda: len(_visible(window)) == 1, timeout=WAIT_MS)
        (dialog,) = _visible(window)
        dialog.close()
        return dialog.report

    return close


def test_each_error_is_logged_and_the_first_is_shown(
    window: QWidget, close_dialog: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    errors = UnexpectedErrors(window)
    with caplog.at_level(logging.ERROR, "catdog_desktop"):
        errors.report(_raised("one"))
        errors.report(_raised("two"))
    assert _logged(caplog) == ["one", "two"]
    assert "LookupError: one" in close_dialog()
    assert not _visible(window)


def test_same_error_is_shown_and_logged_once(
    window: QWidget, close_dialog: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    errors = UnexpectedErrors(window)
    with caplog.at_level(logging.ERROR, "catdog_desktop"):
        errors.report(_raised("one"))
        close_dialog()
        errors.report(_raised("one"))
        errors.report(_raised("two"))
    assert _logged(caplog) == ["one", "two"]
    assert "LookupError: two" in close_dialog()


def test_same_error_is_shown_again_later(
    window: QWidget, close_dialog: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    errors = UnexpectedErrors(window)
    errors.report(_raised("one"))
    close_dialog()
    now = unexpected_errors.time.monotonic()
    monkeypatch.setattr(unexpected_errors.time, "monotonic", lambda: now + 61)
    errors.report(_raised("one"))
    monkeypatch.undo()
    assert "LookupError: one" in close_dialog()


def test_error_of_another_thread_is_shown(window: QWidget, close_dialog: Callable[[], str]) -> None:
    errors = UnexpectedErrors(window)
    thread = threading.Thread(target=lambda: errors.report(_raised("elsewhere")))
    thread.start()
    thread.join()
    assert "LookupError: elsewhere" in close_dialog()


def test_same_line_counts_whatever_the_text(window: QWidget, caplog: pytest.LogCaptureFixture) -> None:
    errors = UnexpectedErrors(window)
    with caplog.at_level(logging.ERROR, "catdog_desktop"):
        for number in range(300):
            errors.report(_raised(f"number {number}"))
    assert _logged(caplog) == ["number 0"]
