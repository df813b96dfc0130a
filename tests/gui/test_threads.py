"""The GUI thread never decodes, classifies, walks folders or writes files: each such function records its thread."""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from driving import App, pixels, scored
from PIL import Image
from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QImage

from catdog_desktop.decoding.decode import decode_for_view, decode_photo
from catdog_desktop.discovery.walk import find_photos
from catdog_desktop.gui.main_window import MainWindow
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.settings import save_settings
from catdog_desktop.store.fingerprint import fingerprint_and_signature
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_file import StoreFile
from catdog_desktop.store.thumbnail_store import make_thumbnail
from catdog_desktop.verdict import Verdict

SLOW = (decode_photo, decode_for_view, load_model_file, save_settings, fingerprint_and_signature, make_thumbnail)


def _modules_with(function: Callable[..., Any]) -> list[ModuleType]:
    """Return the modules of the app that have imported `function`."""
    assert MainWindow.__module__ in sys.modules
    modules = [module for name, module in sys.modules.items() if name.startswith("catdog_desktop")]
    return [module for module in modules if getattr(module, function.__name__, None) is function]


@pytest.fixture
def threads_of(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[threading.Thread]]:
    """Return the threads in which each slow function is called, by its name."""
    threads: dict[str, set[threading.Thread]] = {}

    def record(function: Callable[..., Any], owners: list[Any]) -> None:
        seen = threads[function.__name__] = set()

        def do(*args: Any, **kwargs: Any) -> Any:
            seen.add(threading.current_thread())
            return function(*args, **kwargs)

        for owner in owners:
            monkeypatch.setattr(owner, function.__name__, do)

    for function in SLOW:
        record(function, _modules_with(function))
    record(Classifier.classify, [Classifier])
    for touch in (StoreFile.read, StoreFile.write, StoreFile.close):
        record(touch, [StoreFile])
    record(Image.open, [Image])  # thumbnails too
    record(QImage.save, [QImage])  # pasted photos
    walkers = threads["find_photos"] = set()

    def find(paths: Iterable[Path], *rules: Any) -> Iterator[Any]:
        # A generator: the thread that matters is the one that takes the next photo.
        for photo in find_photos(paths, *rules):
            walkers.add(threading.current_thread())
            yield photo

    for module in _modules_with(find_photos):
        monkeypatch.setattr(module, "find_photos", find)
    return threads


def test_gui_thread_calls_no_slow_function(
    threads_of: dict[str, set[threading.Thread]],
    open_app: Callable[..., App],
    make_photos: Callable[..., list[Path]],
    folder: Path,
    model_folder: Path,
) -> None:
    paths = make_photos(30)
    with Store.open() as store:
        # One photo has a result in the store but no thumbnail.
        store.keep([scored(paths[0], 0.9, 0.1)], load_model_file(model_folder).identity)
    for threads in threads_of.values():
        threads.clear()
    app = open_app()
    app.add(folder)
    app.window.session.correct(paths[:3], Verdict.BOTH)
    app.wait_for(lambda: app.window.session.correction_can_be_undone)
    app.window.session.undo_correction()
    app.window.session.rescan(everything=False)
    app.select([paths[0]])
    for _ in range(29):
        app.key(Qt.Key.Key_Right)
    app.wait_for(lambda: app.window.preview.view.has_photo)
    mime = QMimeData()
    mime.setImageData(pixels())
    app.drop(mime)
    app.wait_done(31)
    app.run("view.list")
    app.run("view.sort.name")
    app.key(Qt.Key.Key_Space)
    app.wait_for(lambda: threads_of["save_settings"])
    app.window.close()
    idle = [name for name, threads in threads_of.items() if not threads]
    assert idle == [], "some function was never called where the test records it"
    on_gui = [name for name, threads in threads_of.items() if threading.main_thread() in threads]
    assert on_gui == []
