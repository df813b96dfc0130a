"""How quickly the viewer shows the next photo: `python -m benchmarks.viewer [PHOTOS] [--folder FOLDER]`.

The real window on real files, made photos of 12 megapixels or those below FOLDER, stepped through by key presses.
Measured is the time from
the key to the painted photo, in the resolution of the view, when the app is idle and while it classifies. The last
column is the processor time of the GUI thread, which does not depend on what else the machine does. The memory is that
of the app with its decoder processes.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image, ImageFilter
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from catdog_desktop.gui.main_window import MainWindow
from catdog_desktop.paths import default_model
from catdog_desktop.settings import Settings

PAUSE = 0.3
"""Seconds that somebody looks at a photo before the next key."""
SIZE = (1366, 768)
"""Size of the window in points."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="?", type=int, default=60, help="how many photos to step through")
    parser.add_argument("--folder", type=Path, help="open the photos of this folder instead of made ones")
    arguments = parser.parse_args()
    count: int = arguments.photos
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CATDOG_HOME"] = str(Path(folder, "home"))
        photos: Path = arguments.folder or Path(folder, "photos")
        if arguments.folder is None:
            photos.mkdir()
            _write_photos(photos, count)
        app = QApplication([])
        window = MainWindow(default_model(), Settings(tour_seen=True), Path(folder, "settings.json"))
        window.resize(*SIZE)
        window.show()
        window.session.start()
        ended: list[object] = []
        window.session.job_ended.connect(ended.append)
        window.add([photos])
        _wait(lambda: ended)
        total = window.session.gallery.total
        print(f"{total:,} photos; milliseconds from the key to the photo: median, 95%, longest; GUI thread")
        print(f"{'memory with the gallery':<40}{_memory_mb():10.0f} MB")
        window.gallery.set_current_position(0)
        window.gallery.setFocus()
        QTest.keyClick(window.gallery, Qt.Key.Key_Return)
        _wait(lambda: window.viewing.viewer.pane.has_photo)
        _table("idle", _steps(window, count - 1, PAUSE))
        _table("idle, as fast as it shows them", _steps(window, count - 1, 0.0, Qt.Key.Key_PageUp))
        window.session.rescan(everything=True)
        _table("while classifying", _steps(window, count - 1, PAUSE))
        print(f"{'memory with the viewer open':<40}{_memory_mb():10.0f} MB")
        print(f"{'decoded photos in it':<40}{window.viewing.viewer.kept_bytes / 1e6:10.0f} MB")
        window.close()
        app.processEvents()


def _steps(
    window: MainWindow, count: int, pause: float, key: Qt.Key = Qt.Key.Key_PageDown
) -> list[tuple[float, float]]:
    """Return for each of `count` keys the milliseconds until the photo is painted, and those of the GUI thread."""
    times, viewer = [], window.viewing.viewer
    for _ in range(count):
        until = time.monotonic() + pause
        _wait(lambda until=until: time.monotonic() >= until)
        before = viewer.row
        began, worked = time.perf_counter(), time.thread_time()
        QTest.keyClick(viewer, key)
        _wait(lambda before=before: viewer.row is not before and viewer.pane.has_photo)
        viewer.pane.repaint()
        times.append(((time.perf_counter() - began) * 1000, (time.thread_time() - worked) * 1000))
    return times


def _wait(condition: Callable[[], bool]) -> None:
    while not condition():
        QApplication.processEvents()
        time.sleep(0.001)


def _table(what: str, times: list[tuple[float, float]]) -> None:
    waited, worked = zip(*times, strict=True)
    late, busy = statistics.quantiles(waited, n=20)[-1], statistics.median(worked)
    print(f"{what:<40}{statistics.median(waited):10.1f}{late:10.1f}{max(waited):10.1f}{busy:10.1f}")


def _memory_mb() -> float:
    """Return what this process and its decoder processes hold, in MB; shared pages count once (PSS, Linux)."""
    processes, found = [os.getpid()], []
    while processes:
        process = processes.pop()
        found.append(process)
        for task in Path(f"/proc/{process}/task").iterdir():
            processes += [int(child) for child in (task / "children").read_text(encoding="ascii").split()]
    lines = [line for each in found for line in Path(f"/proc/{each}/smaps_rollup").read_text("ascii").splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) * 1024 / 1e6


def _write_photos(folder: Path, count: int) -> None:
    """Write JPEGs of 4032 x 3024 pixels with the detail of photos: noise, blurred."""
    random = np.random.default_rng(0)
    coarse = Image.fromarray(random.integers(0, 255, (378, 504, 3), np.uint8)).resize(
        (4032, 3024), Image.Resampling.BICUBIC
    )
    base = coarse.filter(ImageFilter.GaussianBlur(1))
    base.save(folder / "IMG_0.jpg", quality=90)
    jpeg = (folder / "IMG_0.jpg").read_bytes()
    for number in range(1, count):
        # Data after the end of a JPEG changes its content, so that no photo is a duplicate.
        (folder / f"IMG_{number}.jpg").write_bytes(jpeg + str(number).encode())


if __name__ == "__main__":
    main()
