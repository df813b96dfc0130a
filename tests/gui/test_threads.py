"""The GUI thread never decodes, classifies, walks folders or writes files: what does is asked in which thread it is."""

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
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.inference.model_file import load_model_file
from catdog_desktop.inference.runtime import Classifier
from catdog_desktop.settings import save_settings
from catdog_desktop.store.fingerprint import fingerprint_and_signature
from catdog_desktop.store.store import Store
from catdog_desktop.store.store_file import StoreFile
from catdog_desktop.store.thumbnail_store import make_thumbnail
from catdog_desktop.verdict import Verdict

SLOW = (decode_photo, decode_for_view, load_model_file, save_settings, fingerprint_and_signature, make_thumbnail)


def _users_of(function: Callable[..., Any]) -> list[ModuleType]:
    """Return the app's modules that know `function` by name, wherever it was moved to."""
    assert MainWindow.__module__ in sys.modules
    modules = [module for name, module in sys.modules.items() if name.startswith("catdog_desktop")]
    return [module for module in modules if getattr(module, function.__name__, None) is function]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[threading.Thread]]:
    """Return in which threads each slow thing was done."""
    threads: dict[str, set[threading.Thread]] = {}

    def listen(function: Callable[..., Any], places: list[Any]) -> None:
        seen = threads[function.__name__] = set()

        def do(*args: Any, **kwargs: Any) -> Any:
            seen.add(threading.current_thread())
            return function(*args, **kwargs)

        for place in places:
            monkeypatch.setattr(place, function.__name__, do)

    for function in SLOW:
        listen(function, _users_of(function))
    listen(Classifier.classify, [Classifier])
    for touch in (StoreFile.read, StoreFile.write, StoreFile.close):
        listen(touch, [StoreFile])
    listen(Image.open, [Image])  # thumbnails too
    listen(QImage.save, [QImage])  # pasted photos
    walkers = threads["find_photos"] = set()

    def find(given: Iterable[Path]) -> Iterator[Any]:
        # A generator: what counts is who asks it for the next photo.
        for photo in find_photos(given):
            walkers.add(threading.current_thread())
            yield photo

    for module in _users_of(find_photos):
        monkeypatch.setattr(module, "find_photos", find)
    return threads


def test_the_gui_thread_does_nothing_slow(
    asked: dict[str, set[threading.Thread]],
    open_app: Callable[..., App],
    make_photos: Callable[..., list[Path]],
    folder: Path,
    model_folder: Path,
) -> None:
    paths = make_photos(30)
    with Store.open() as store:
        # One is known, and its thumbnail is not.
        store.keep([scored(paths[0], 0.9, 0.1)], load_model_file(model_folder).sha256)
    for threads in asked.values():
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
    app.wait_for(lambda: asked["save_settings"])
    app.window.close()
    idle = [name for name, threads in asked.items() if not threads]
    assert idle == [], "the test listens at the wrong doors"
    on_gui = [name for name, threads in asked.items() if threading.main_thread() in threads]
    assert on_gui == []


def test_errands_answer_in_the_thread_that_asked(app: App) -> None:
    done: list[tuple[str, threading.Thread]] = []
    problems: list[BaseException] = []
    errands = TaskQueue(problems.append, app.window)
    main = threading.main_thread()

    def fail() -> None:
        raise OSError("no")

    for number in range(5):
        errands.run(
            lambda number=number: (number, threading.current_thread()),
            lambda answer: done.append((*answer, threading.current_thread())),
        )
    errands.run(fail)
    app.wait_for(lambda: len(done) == 5 and problems)
    assert [number for number, _, _ in done] == list(range(5)), "one after the other"
    assert all(there is not main and here is main for _, there, here in done)
    assert [str(problem) for problem in problems] == ["no"]
    errands.close()
