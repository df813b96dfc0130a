"""Heat maps by occlusion: for the photo that is looked at, given up with it, kept for when it is looked at again."""

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
    """Dark photos with something red on the left, and on the right."""
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
    errands = TaskQueue(errors.append)
    made = OcclusionHeatMaps(errands)
    made.use_model(tiny)
    yield made  # type: ignore[misc]
    made.want(None)
    errands.close()
    assert errors == []


def test_the_maps_of_a_photo(heat: OcclusionHeatMaps, photos: list[Path], qtbot: QtBot) -> None:
    for path, on_the_left in zip(photos, (True, False), strict=True):
        with qtbot.waitSignal(heat.maps_ready, timeout=WAIT_MS, check_params_cb=lambda *given: given[2]) as ready:
            heat.want(path, "content")
        assert ready.args[0] == path
        left, right = np.array_split(ready.args[1][..., 1].astype(float), 2, axis=1)
        assert bool(left.sum() > right.sum()) is on_the_left


def test_what_was_made_is_kept(
    heat: OcclusionHeatMaps, photos: list[Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    with qtbot.waitSignal(heat.maps_ready, timeout=WAIT_MS, check_params_cb=lambda *given: given[2]) as ready:
        heat.want(photos[0], "content")
    first = ready.args[1]
    heat.want(None)
    monkeypatch.setattr(occlusion_heat, "occlusion_maps", lambda *_: pytest.fail("made twice"))
    told: list[object] = []
    heat.maps_ready.connect(lambda path, maps, complete: told.append((path, maps, complete)))
    heat.want(photos[0], "content")
    assert told == [(photos[0], first, True)], "at once"


def test_a_photo_that_nobody_looks_at_is_given_up(
    heat: OcclusionHeatMaps, photos: list[Path], qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, gone_on = threading.Event(), threading.Event()
    asked: list[bool] = []

    def slowly(path: Path, model: ModelFile, classifier: object, cancelled: object) -> object:
        if path == photos[0]:
            begun.set()
            assert gone_on.wait(10)
            asked.append(cancelled())  # type: ignore[operator]
            assert QThread.currentThread() is not heat.thread(), "never in the GUI thread"
        yield np.zeros((24, 24, 2), np.uint8)

    monkeypatch.setattr(occlusion_heat, "occlusion_maps", slowly)
    told: list[Path] = []
    heat.maps_ready.connect(lambda path, *_: told.append(path))
    heat.want(photos[0], "one")
    assert begun.wait(10)
    heat.want(photos[1], "two")
    gone_on.set()
    qtbot.waitUntil(lambda: photos[1] in told, timeout=WAIT_MS)
    assert asked == [True]
    assert photos[0] not in told


def test_a_photo_that_is_gone_says_nothing(heat: OcclusionHeatMaps, photos: list[Path], qtbot: QtBot) -> None:
    photos[0].unlink()
    heat.want(photos[0], "one")
    with qtbot.waitSignal(heat.maps_ready, timeout=WAIT_MS, check_params_cb=lambda path, *_: path == photos[1]):
        heat.want(photos[1], "two")


def test_hints_follow_the_theme(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    hint = SecondaryLabel("so", parent)
    for window, words in (("black", "white"), ("white", "black")):
        palette = QPalette()
        palette.setColor(QPalette.ColorRole.Window, window)
        palette.setColor(QPalette.ColorRole.WindowText, words)
        parent.setPalette(palette)
        assert hint.palette().color(QPalette.ColorRole.WindowText) == colours(palette).hint
