"""Fixtures of all window tests: an offscreen screen, photos, a window. tests/conftest.py provides the home folder."""

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

if os.environ.get("QT_QPA_PLATFORM", "offscreen") == "offscreen":
    # Qt's own offscreen screen has 800 x 800 points, less than the first window.
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={Path(__file__).with_name('screen.json')}"

import pytest
from driving import WAIT_MS, App, app_threads
from PIL import Image
from PySide6.QtCore import QEvent, QEventLoop
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from catdog_desktop.gui.main_window import MainWindow
from catdog_desktop.paths import settings_file
from catdog_desktop.settings import Settings


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:
    """pytest-qt's own, which waits two minutes instead of five seconds: busy cores may need them."""
    bot = QtBot(request)
    for name in ("waitSignal", "waitSignals", "waitUntil", "waitExposed", "waitActive"):
        setattr(bot, name, partial(getattr(bot, name), timeout=WAIT_MS))
    return bot


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a warning of Qt fail the test that caused it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.qt_log_level_fail("WARNING"))
            # Warnings of the offscreen platform itself.
            item.add_marker(pytest.mark.qt_log_ignore("This plugin does not support", extend=True))


@pytest.fixture(scope="session")
def jpegs(encoded_photos: Path) -> dict[str, bytes]:
    """Return three small sample photos of scikit-image as JPEG: a cat, a cup of coffee, a rocket."""
    small = {}
    for name in ("chelsea", "coffee", "rocket"):
        with Image.open(encoded_photos / f"{name}.jpg") as image:
            image.thumbnail((320, 320))
            buffer = io.BytesIO()
            image.save(buffer, "JPEG", quality=90)
        small[name] = buffer.getvalue()
    return small


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder whose name contains spaces, markup and Chinese characters."""
    place = tmp_path / "Ferien & Tiere <2024> 猫"
    place.mkdir()
    return place


@pytest.fixture
def make_photos(folder: Path, jpegs: dict[str, bytes]) -> Callable[..., list[Path]]:
    """Return a function that writes photos with different contents: IMG_1.jpg, IMG_2.jpg ..."""

    def make(count: int, *, below: Path | None = None, stem: str = "IMG_") -> list[Path]:
        place = below or folder
        place.mkdir(parents=True, exist_ok=True)
        kinds = list(jpegs.values())
        paths = [place / f"{stem}{number}.jpg" for number in range(1, count + 1)]
        for number, path in enumerate(paths):
            # Data after the end of a JPEG changes its fingerprint, so that no photo is a duplicate.
            path.write_bytes(kinds[number % len(kinds)] + os.fsencode(path))
        return paths

    return make


@pytest.fixture
def cat(folder: Path, jpegs: dict[str, bytes]) -> Path:
    path = folder / "cat.jpg"
    path.write_bytes(jpegs["chelsea"])
    return path


@pytest.fixture
def open_app(qtbot: QtBot, model_folder: Path) -> Iterator[Callable[..., App]]:
    """Return a function that opens a window as `gui.app.main` does. All are closed at the end, with their threads."""
    opened: list[MainWindow] = []

    def open_(model: Path | None = None, settings: Settings | None = None, *, single_keys: bool = True) -> App:
        # On by default: most tests press single keys. `test_name_search.py` tests the other way.
        chosen = replace(settings or Settings(), single_keys=single_keys)
        window = MainWindow(model or model_folder, chosen, settings_file())
        opened.append(window)
        window.show()
        window.session.start()
        qtbot.waitExposed(window)
        return App(window, qtbot)

    yield open_
    for window in opened:
        window.close()
        window.deleteLater()
    QGuiApplication.clipboard().clear()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, WAIT_MS)
    # Linux lists a thread for a moment after it was joined.
    qtbot.waitUntil(lambda: app_threads() == [], timeout=WAIT_MS)


@pytest.fixture
def app(open_app: Callable[..., App]) -> App:
    """Return an open window whose model is loaded."""
    opened = open_app()
    opened.wait_for(lambda: opened.window.session.model is not None)
    return opened
