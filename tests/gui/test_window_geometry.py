"""Size and position of windows: saved, restored and kept on the screen."""

from collections.abc import Callable

import pytest
from driving import App
from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QDialog, QMainWindow, QSplitter
from pytestqt.qtbot import QtBot

from catdog_desktop.gui import main_window
from catdog_desktop.gui.window_geometry import resize_within_screen, restore_geometry, saved_geometry


@pytest.mark.parametrize("saved", ["", "x", "a b", "%% %%", "QUJD QUJD", "one two three"])
def test_restore_invalid_text_changes_nothing(qtbot: QtBot, saved: str) -> None:
    window, columns = QMainWindow(), QSplitter()
    qtbot.addWidget(window)
    qtbot.addWidget(columns)
    window.resize(500, 400)
    assert not restore_geometry(saved, window, columns)
    assert (window.width(), window.height()) == (500, 400)


def test_restore_saved_geometry_gives_same_size(qtbot: QtBot) -> None:
    window, columns = QMainWindow(), QSplitter()
    qtbot.addWidget(window)
    qtbot.addWidget(columns)
    window.setGeometry(30, 40, 510, 420)
    saved = saved_geometry(window, columns)
    other = QMainWindow()
    qtbot.addWidget(other)
    assert restore_geometry(saved, other, columns)
    assert (other.width(), other.height()) == (510, 420)


@pytest.mark.parametrize(("wanted", "place"), [((600, 500), (300, 400)), ((9000, 9000), (50, 60)), ((200, 90), (5, 7))])
def test_resize_within_screen_keeps_dialog_visible(
    qtbot: QtBot, wanted: tuple[int, int], place: tuple[int, int]
) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    dialog.resize(200, 80)
    dialog.show()
    screen = dialog.screen().availableGeometry()
    dialog.move(*place)
    resize_within_screen(dialog, QSize(*wanted))
    qtbot.waitUntil(lambda: screen.contains(dialog.frameGeometry()))
    if wanted[0] < screen.width():
        assert (dialog.width(), dialog.height()) == wanted


def test_resize_within_screen_keeps_centre(qtbot: QtBot) -> None:
    dialog = QDialog()
    qtbot.addWidget(dialog)
    dialog.setGeometry(400, 300, 200, 80)
    dialog.show()
    centre = dialog.geometry().center()
    resize_within_screen(dialog, QSize(600, 480))
    qtbot.waitUntil(lambda: dialog.geometry().center() == centre)
    resize_within_screen(dialog, QSize(600, 480))
    assert dialog.geometry().center() == centre, "the same size does not move the dialog"


@pytest.mark.parametrize("screen", [(1366, 768), (1024, 600), (960, 540)])
def test_first_window_fits_screen(
    open_app: Callable[..., App], monkeypatch: pytest.MonkeyPatch, screen: tuple[int, int]
) -> None:
    """960 x 540 are the points of a screen of 1920 x 1080 pixels at 200 %."""

    class SmallScreen:
        def availableGeometry(self) -> QRect:  # noqa: N802
            return QRect(0, 0, *screen)

    monkeypatch.setattr(main_window.MainWindow, "screen", lambda self: SmallScreen())
    app = open_app()
    app.qtbot.waitUntil(lambda: QRect(0, 0, *screen).contains(app.window.frameGeometry()))
    assert app.window.height() > 0.85 * screen[1] or app.window.height() == 760


def test_second_window_has_size_of_first(open_app: Callable[..., App]) -> None:
    first = open_app()
    first.window.resize(700, 640)
    first.window.close()
    second = open_app(settings=first.window.settings)
    assert (second.window.width(), second.window.height()) == (700, 640)
