"""Self-test of the frozen app, which no test can import.

With `CATDOG_SELF_TEST=OUT.json` in the environment, the photos in the arguments are dropped on the window by a drop
event. When all are classified and the visible ones have thumbnails, results and times are written to OUT.json and the
app exits.
"""

import contextlib
import json
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QMimeData, QModelIndex, QObject, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QApplication

from catdog_desktop.gallery.photo_row import Row, State
from catdog_desktop.gui.gallery.gallery_model import ROW_ROLE, THUMBNAIL_ROLE
from catdog_desktop.gui.main_window import MainWindow

_THUMBNAILS_MS: Final = 5_000
"""How long to wait for the visible thumbnails after the last result: some cannot be made."""


class SelfTest(QObject):
    """Drops photos on `window`, waits until they are classified, writes the report and quits."""

    def __init__(self, window: MainWindow, photos: list[Path], report: Path) -> None:
        super().__init__(window)
        self._window = window
        self._photos = photos
        self._report = report
        self._window_ms = 0.0
        self._first_ms = 0.0
        self._dropped_ms = 0.0
        self._all_ms = 0.0
        self._finished = False
        self._lateness = Lateness(self)
        window.session.rows_changed.connect(self._on_rows)
        window.session.job_ended.connect(lambda _: self._on_end())
        window.session.gallery.dataChanged.connect(lambda *_: self._finish_if_shown())
        # After the first events, when the window has been painted.
        QTimer.singleShot(0, self._drop)

    def _drop(self) -> None:
        self._window.repaint()
        self._window_ms = _since_process_start() * 1000
        self._lateness.start()
        self._dropped_ms = _since_process_start() * 1000
        drop_on(self._window, self._photos)

    def _on_rows(self, rows: list[Row]) -> None:
        if not self._first_ms and any(row.verdict is not None for row in rows):
            self._window.repaint()
            self._first_ms = _since_process_start() * 1000

    def _on_end(self) -> None:
        if not self._all_ms:
            self._all_ms = _since_process_start() * 1000
            QTimer.singleShot(_THUMBNAILS_MS, self._finish)
            self._finish_if_shown()

    def _finish_if_shown(self) -> None:
        if self._all_ms and all(_is_shown(index) for index in self._in_sight()):
            # Not from within the signal, which Qt may still pass on to other receivers.
            QTimer.singleShot(0, self._finish)

    def _in_sight(self) -> list[QModelIndex]:
        return [self._window.session.gallery.index(number) for number in self._window.gallery.visible_rows()]

    def _finish(self) -> None:
        if self._finished:
            return
        self._finished = True
        self._window.repaint()
        shown_ms = _since_process_start() * 1000
        late_ms, latest_ms = self._lateness.stop()
        gallery = self._window.session.gallery
        rows = gallery.rows_in(State.DONE) + gallery.rows_in(State.FAILED)
        content = {
            "rows": [_describe(row) for row in rows],
            "window_ms": round(self._window_ms),
            "first_verdict_ms": round(self._first_ms),
            "all_after_drop_ms": round(self._all_ms - self._dropped_ms),
            "shown_after_drop_ms": round(shown_ms - self._dropped_ms),
            "thumbnails_in_sight": sum(index.data(THUMBNAIL_ROLE) is not None for index in self._in_sight()),
            "late_ms": round(late_ms, 1),
            "latest_ms": round(latest_ms, 1),
            "rss_mb": _memory_mb(),
            "platform": QGuiApplication.platformName(),
        }
        self._report.write_text(json.dumps(content, indent=2), encoding="utf-8")
        self._window.close()


class Lateness(QObject):
    """Measures by how much the GUI thread delays a timer of 5 ms, which the user notices as stutter."""

    EVERY_MS = 5

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._late_ms: list[float] = []
        self._last = 0.0
        self._timer = QTimer(self, interval=self.EVERY_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Start measuring."""
        self._last = time.perf_counter()
        self._timer.start()

    def stop(self) -> tuple[float, float]:
        """Stop measuring. Return the 99.9th percentile and the maximum of the delay, in ms."""
        self._timer.stop()
        late = sorted(self._late_ms) or [0.0]
        return late[int(0.999 * (len(late) - 1))], late[-1]

    def _tick(self) -> None:
        now = time.perf_counter()
        self._late_ms.append(max(0.0, (now - self._last) * 1000 - self.EVERY_MS))
        self._last = now


def drop_on(window: MainWindow, paths: Iterable[Path]) -> None:
    """Drop files on `window` as a file manager does: Qt delivers a drop only after a drag has entered the window."""
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path.absolute())) for path in paths])
    where = window.rect().center()
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(where, Qt.DropAction.CopyAction, mime, buttons, keys))
    QApplication.sendEvent(window, QDropEvent(QPointF(where), Qt.DropAction.CopyAction, mime, buttons, keys))


def _is_shown(index: QModelIndex) -> bool:
    """Whether the photo at `index` has its thumbnail, or cannot have one."""
    row: Row = index.data(ROW_ROLE)
    return row.state is not State.DONE or index.data(THUMBNAIL_ROLE) is not None


def _describe(row: Row) -> dict[str, object]:
    scores = row.result.scores if row.result is not None else None
    return {
        "path": str(row.path),
        "verdict": row.verdict.value if row.verdict is not None else None,
        "cat": scores.cat if scores is not None else None,
        "dog": scores.dog if scores is not None else None,
        "error": row.result.error if row.result is not None else None,
    }


def _since_process_start() -> float:
    """Return seconds since the process started, or without /proc since the interpreter's clock started."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        # Field 22 of proc(5), in clock ticks since boot. The first two are cut off above.
        started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    return time.perf_counter()


def _memory_mb() -> float | None:
    """Return the peak memory of this process in MB, or None if the system does not report it."""
    if sys.platform == "win32":
        return None
    with contextlib.suppress(OSError, IndexError, ValueError):
        # Unlike getrusage below, this does not include the memory of the parent process at the fork.
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        return round(int(status.split("VmHWM:")[1].split()[0]) / 1024, 1)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)
