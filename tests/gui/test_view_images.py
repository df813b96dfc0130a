"""Photos decoded for the viewer: which are kept, which are not decoded, and how large a part may be."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, QSize
from pytestqt.qtbot import QtBot

from catdog_desktop.decoding.camera_info import CameraInfo, read_camera_info
from catdog_desktop.gui.task_queue import TaskQueue
from catdog_desktop.gui.viewer import view_images
from catdog_desktop.gui.viewer.view_images import MOST_DETAIL, ViewImages, Wanted, detail_part


def _raise(error: Exception) -> None:
    raise error


@pytest.fixture
def images(qtbot: QtBot) -> Iterator[ViewImages]:
    queues = [TaskQueue(_raise), TaskQueue(_raise)]
    yield ViewImages(*queues)
    for queue in queues:
        queue.close()


def _decoder(decoded: list[Path], gate: threading.Event | None = None) -> Callable[[Path, int], NDArray[np.uint8]]:
    def decode(path: Path, _edge: int) -> NDArray[np.uint8]:
        decoded.append(path)
        if gate is not None:
            gate.wait()
        return np.zeros((100, 100, 3), np.uint8)

    return decode


def test_photos_beyond_the_limit_are_dropped_oldest_first(
    images: ViewImages, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(view_images, "decode_for_view", _decoder([]))
    monkeypatch.setattr(view_images, "KEPT_BYTES", 3 * 30_000)
    paths = [Path(f"/photos/{number}.jpg") for number in range(6)]
    for path in paths:
        with qtbot.waitSignal(images.ready):
            images.want([Wanted(path, "", 100)], [])
    assert images.kept_bytes <= 3 * 30_000
    assert images.image(paths[0], "") is None
    assert images.image(paths[-1], "") is not None


def test_photo_that_is_no_longer_wanted_is_not_decoded(
    images: ViewImages, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: list[Path] = []
    gate = threading.Event()
    monkeypatch.setattr(view_images, "decode_for_view", _decoder(decoded, gate))
    first, passed, last = (Wanted(Path(f"/photos/{name}.jpg"), "", 100) for name in ("first", "passed", "last"))
    images.want([first], [])
    qtbot.waitUntil(lambda: decoded == [first.path])
    images.want([passed], [])
    images.want([last], [])
    with qtbot.waitSignal(images.ready, check_params_cb=lambda path: path == last.path):
        gate.set()
    assert decoded == [first.path, last.path]


def test_changed_file_is_decoded_again(images: ViewImages, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[Path] = []
    monkeypatch.setattr(view_images, "decode_for_view", _decoder(decoded))
    path = Path("/photos/a.jpg")
    for fingerprint in ("", "aa", "bb"):
        images.want([Wanted(path, fingerprint, 100)], [])
        qtbot.waitUntil(lambda fingerprint=fingerprint: images.image(path, fingerprint) is not None)
    assert len(decoded) == 2, "a fingerprint that only arrives later changes nothing"


@pytest.mark.parametrize("density", [0.3, 1.0, 4.0])
@pytest.mark.parametrize("visible", [QRectF(0.4, 0.4, 0.05, 0.05), QRectF(0, 0, 1, 1), QRectF(0.9, 0, 0.1, 1)])
def test_part_covers_the_view_and_stays_within_the_limit(visible: QRectF, density: float) -> None:
    photo = QSize(12_000, 9_000)
    part, size = detail_part(visible, photo, density)
    tolerance = 1 / 9_000
    assert part.adjusted(-tolerance, -tolerance, tolerance, tolerance).contains(visible)
    assert QRectF(0, 0, 1, 1).adjusted(0, 0, 1e-9, 1e-9).contains(part)
    assert size.width() * size.height() <= MOST_DETAIL * 1.01
    assert size.width() <= part.width() * photo.width() + 1, "never more pixels than the photo has"


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_camera_of_damaged_data_is_unknown(tmp_path: Path) -> None:
    path = tmp_path / "odd.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe1\x00\x10Exif\0\0MM\0*" + b"\xff" * 40)
    assert read_camera_info(path) == CameraInfo()
    assert read_camera_info(tmp_path / "missing.jpg") == CameraInfo()
