"""Heat maps by occlusion: computed for the photo shown, cancelled with it, cached."""

import hashlib
import json
import threading
from pathlib import Path

import numpy as np
import pytest
from driving import WAIT_MS
from PIL import Image
from PySide6.QtCore import QThread
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot
from tiny_models import tiny_description, tiny_flatbuffer

from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.theme import colours
from catdog_desktop.gui.viewer import occlusion_heat
from catdog_desktop.gui.viewer.occlusion_heat import OcclusionHeatMaps
from catdog_desktop.gui.widgets.labels import SecondaryLabel
from catdog_desktop.inference.model_file import ModelFile, load_model_file


@pytest.fixture
def tiny(tmp_path: Path) -> ModelFile:
    flatbuffer = tiny_flatbuffer()
    (tmp_path / "model.tflite").write_bytes(flatbuffer)
    description = tiny_description(hashlib.sha256(flatbuffer).hexdigest())
    (tmp_path / "model.json").write_text(json.dumps(description))
    return load_model_file(tmp_path)


@pytest.fixture
def photos(tmp_path: Path) -> list[Path]:
    """Return two dark photos, with a red area on the left and on the right."""
    paths = []
    for number, left in enumerate((4, 40)):
        photo = Image.new("RGB", (64, 64))
        photo.paste((255, 0, 0), (left, 16, left + 16, 48))
        paths.append(tmp_path / f"{number}.png")
        photo.save(paths[-1])
    return paths


@pytest.fixture
def heat(qtbot: QtBot, tiny: ModelFile) -> OcclusionHeatMaps:
    errors: list[Exception] = []
    tasks = TaskQueue(errors.append)
    heat = OcclusionHeatMaps(tasks)
    heat.use_model(tiny)
    yield heat  # type: ignore[misc]
    heat.request(None)
    tasks.close()
    assert errors == []


def test_request_emits_maps_that_show_the_object(heat: OcclusionHeatMaps, photos: list[Path], qtbot: QtBot) -> None:
    for path, on_the_left in zip(photos, (True, False), strict=True):
        with qtbot.waitSignal(heat.maps_ready, timeout=WAIT_MS, check_params_cb=lambda *given: given[2]) as ready:
            heat.request(path, "content")
        assert ready.args[0] == path
        left, right = np.array_split(ready.args[1][..., 1].astype(float), 2, axis=1)
        assert bool(left.sum() > right.sum()) is on_the_left


def test_second_request_uses_the_cached_maps(
    heat: OcclusionHeatMaps, photos: list[Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(heat.maps_ready, timeout=WAIT_MS, check_params_cb=lambda *given: given[2]) as ready:
        heat.request(photos[0], "content")
    first = ready.args[1]
    heat.request(None)
    monkeypatch.setattr(occlusion_heat, "occlusion_maps", lambda *_: pytest.fail("computed twice"))
    emitted: list[object] = []
    heat.maps_ready.connect(lambda path, maps, complete: emitted.append((path, maps, complete)))
    heat.request(photos[0], "content")
    assert emitted == [(photos[0], first, True)], "at once"


def test_request_for_another_photo_cancels_the_first(
    heat: OcclusionHeatMaps, photos: list[Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, resumed = threading.Event(), threading.Event()
    asked: list[bool] = []

    def slowly(path: Path, model: ModelFile, classifier: object, cancelled: object) -> object:
        if path == photos[0]:
            started.set()
            assert resumed.wait(10)
            asked.append(cancelled())  # type: ignore[operator]
            assert QThread.currentThread() is not heat.thread(), "never in the GUI thread"
        yield np.zeros((24, 24, 2), np.uint8)

    monkeypatch.setattr(occlusion_heat, "occlusion_maps", slowly)
    emitted: list[Path] = []
    heat.maps_ready.connect(lambda path, *_: emitted.append(path))
    heat.request(photos[0], "one")
    assert started.wait(10)
    heat.request(photos[1], "two")
    resumed.set()
    qtbot.waitUntil(lambda: photos[1] in emitted, timeout=WAIT_MS)
    assert asked == [True]
    assert photos[0] not in emitted


def test_request_for_a_deleted_photo_emits_nothing(heat: OcclusionHeatMaps, photos: list[Path], qtbot: QtBot) -> None:
    photos[0].unlink()
    heat.request(photos[0], "one")
    with qtbot.waitSignal(heat.maps_ready, timeout=WAIT_MS, check_params_cb=lambda path, *_: path == photos[1]):
        heat.request(photos[1], "two")


def test_secondary_label_follows_the_palette_of_its_parent(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    label = SecondaryLabel("text", parent)
    for window, text in (("black", "white"), ("white", "black")):
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Window, window)
        palette.setColor(QPalette.ColorRole.WindowText, text)
        parent.setPalette(palette)
        assert label.palette().color(QPalette.ColorRole.WindowText) == colours(palette).hint
